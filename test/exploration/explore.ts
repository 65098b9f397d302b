/** Breadth first through everything that can happen, so that the first counterexample is a shortest one. */
import { phaseOf } from '../../src/resize/run-state';
import { optionsIn, type Option } from './choices';
import { brokenBy } from './rules';
import { nameOf } from './same-state';
import { begin, type Setup, type World } from './world';

export interface Counterexample {
  broken: string[];
  /** What happened, in order: `replay` plays it again. */
  story: string[];
}

export interface Explored {
  states: number;
  transitions: number;
  /** Everything that can happen within the allowance was seen. */
  complete: boolean;
  counterexample?: Counterexample;
}

/** @param most how many states are looked at */
export function explore(setup: Setup, most: number): Explored {
  const told: { says: string; before: number }[] = [];
  const story = (of: number): string[] => {
    const lines: string[] = [];
    for (let at = of; at > 0; at = told[at]?.before ?? 0) lines.unshift(told[at]?.says ?? '');
    return lines;
  };
  const seen = new Set<string>();
  const resting = new Set<string>();
  let transitions = 0;
  const found = (broken: string[], lines: string[]): Explored => ({
    states: seen.size,
    transitions,
    complete: false,
    counterexample: { broken, story: lines },
  });

  const first = begin(setup);
  seen.add(nameOf(first));
  told.push({ says: '', before: 0 });
  let frontier: { world: World; at: number }[] = [{ world: first, at: 0 }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { world, at } of frontier) {
      // What is carried from one run to the next is plain JSON: every state is.
      const plain: World = { ...world, run: carried(world.run) };
      const options = optionsIn(plain);
      const good = options.find((option) => option.good);
      let leadsOn = false;
      for (const option of options) {
        transitions++;
        const lines = () => [...story(at), option.says];
        const after = attempt(option);
        if (typeof after === 'string') return found([after], lines());
        const name = nameOf(after);
        if (seen.has(name)) continue;
        const broken = brokenBy(after);
        if (broken.length > 0) return found(broken, lines());
        seen.add(name);
        if (option === good) leadsOn = true;
        told.push({ says: option.says, before: at });
        next.push({ world: after, at: told.length - 1 });
        if (seen.size >= most) return { states: seen.size, transitions, complete: false };
      }
      // A good day that leads to a new state is followed from there.
      const unrest = leadsOn ? undefined : withoutRest(plain, resting);
      if (unrest !== undefined) return found(['on good days it comes to rest'], [...story(at), ...unrest]);
    }
    frontier = next;
  }
  return { states: seen.size, transitions, complete: true };
}

/** States of runs as JSON carries them. What happens in the cloud alone leaves the state of the run as it is. */
const carriedStates = new WeakMap<World['run'], World['run']>();

function carried(run: World['run']): World['run'] {
  const known = carriedStates.get(run);
  if (known !== undefined) return known;
  const plain = JSON.parse(JSON.stringify(run)) as World['run'];
  carriedStates.set(run, plain);
  carriedStates.set(plain, plain);
  return plain;
}

/** The world after it, or what went wrong. */
function attempt(option: Option): World | string {
  try {
    return option.then();
  } catch (error) {
    return `nothing that happens is an exception: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** On good days a run comes to rest within this many steps. */
const REST_WITHIN = 120;

/**
 * Follows the good days from here until the run rests, or until where it is known to.
 * @returns what happens instead
 */
function withoutRest(from: World, known: Set<string>): string[] | undefined {
  const names: string[] = [];
  const lines: string[] = [];
  let world = from;
  for (let steps = 0; steps < REST_WITHIN; steps++) {
    const name = nameOf(world);
    if (rests(world) || known.has(name)) {
      for (const each of [...names, name]) known.add(each);
      return undefined;
    }
    names.push(name);
    const good = optionsIn(world).find((option) => option.good);
    if (good === undefined) return [...lines, '(nothing happens any more)'];
    lines.push(good.says);
    const after = attempt(good);
    if (typeof after === 'string') return [...lines, after];
    world = after;
  }
  return lines;
}

/** Closed, or waiting for people. */
function rests({ run }: World): boolean {
  if (run.stage.is === 'closed' || phaseOf(run) === 'needs-operator') return true;
  return run.stage.is === 'window' && run.ledger.terminal === undefined && run.inFlight === undefined;
}

/** Plays a story again. @returns the rules that it breaks, with the line at which it does */
export function replay(setup: Setup, story: readonly string[]): { world: World; broken: string[] } {
  let world = begin(setup);
  const broken: string[] = [];
  for (const [index, line] of story.entries()) {
    const option = optionsIn(world).find(({ says }) => says === line);
    if (option === undefined) {
      const could = optionsIn(world).map(({ says }) => says);
      throw new Error(`line ${index + 1}, "${line}", cannot happen here; what can: ${could.join('; ')}`);
    }
    const after = attempt(option);
    if (typeof after === 'string') return { world, broken: [...broken, after] };
    world = after;
    broken.push(...brokenBy(world).map((rule) => `line ${index + 1}: ${rule}`));
  }
  return { world, broken };
}

/** A counterexample as people read it, and as a test plays it. */
export function tell(setup: Setup, { broken, story }: Counterexample): string {
  const lines = story.map((line, index) => `${index + 1}. ${line}`);
  const played = `replay(${JSON.stringify(setup)}, ${JSON.stringify(story)})`;
  return [`Broken: ${broken.join('; ')}`, ...lines, '', played].join('\n');
}
