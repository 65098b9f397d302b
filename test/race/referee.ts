/**
 * Who has to win, by the rules of docs/decisions.md and the history alone; nothing of src decides here. People's votes
 * that Temporal delivered in a workflow task come before a check's verdict in it, and that before the deadline.
 */
import type { Verdict } from '../../src/resize/checks';
import type { Input, Task } from './history';
import type { Scenario } from './scenarios';

/** How a run has to end, and what decided it. */
export interface Win {
  outcome: 'confirmed' | 'reverted';
  cause: 'approved' | 'rejected' | 'cancelled' | 'decision-timeout' | 'unhealthy' | 'policy';
  /** Of a vote: who gave it; of several approvals the last that was needed. */
  by?: string;
}

export interface Possible {
  /** Event id of the end of the workflow task in which it was decided. */
  task: number;
  win: Win;
}

/**
 * @returns every end that the rules allow. Temporal orders signals among each other, and updates; which of both a run
 *   hears first in one task is not in the history, so that there may be several
 */
export function possibleWins(scenario: Scenario, tasks: readonly Task[]): Possible[] {
  const possible: Possible[] = [];
  let standings = [new Standing(scenario)];
  for (const { id, inputs } of tasks) {
    const next = standings.flatMap((standing) => ordersOf(inputs).map((ordered) => standing.after(ordered)));
    for (const { win } of next) if (win !== undefined) possible.push({ task: id, win });
    const open = next.filter(({ win }) => win === undefined);
    standings = open.filter((one, index) => open.findIndex((other) => other.key === one.key) === index);
  }
  return possible;
}

const RANK = { vote: 0, cancel: 0, extend: 0, verdict: 1, deadline: 2 } as const;

function ordersOf(inputs: readonly Input[]): Input[][] {
  const people = inputs.filter(({ is }) => RANK[is] === 0);
  const ways = [
    people.filter((one) => one.is === 'vote' && one.via === 'signal'),
    people.filter((one) => one.is === 'extend' || (one.is === 'vote' && one.via === 'update')),
    people.filter(({ is }) => is === 'cancel'),
  ].filter((way) => way.length > 0);
  const rest = inputs.filter(({ is }) => RANK[is] > 0).sort((one, other) => RANK[one.is] - RANK[other.is]);
  const putOff = people.some(({ is }) => is === 'extend');
  // An extension that is heard with the firing of the timer has put that off, unless even the new deadline has passed.
  const rests = putOff ? [rest, rest.filter(({ is }) => is !== 'deadline')] : [rest];
  return permutations(ways).flatMap((order) => rests.map((then) => [...order.flat(), ...then]));
}

const permutations = <T>(all: readonly T[]): T[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one, index) => permutations(all.filter((_, each) => each !== index)).map((rest) => [one, ...rest]));

const REQUESTER = 'ana';

/** What counts so far; plain JSON. */
interface Known {
  approvedBy: string[];
  /** A vote that is sent on two ways counts once, also when it was voided in between. */
  voteIds: string[];
  proofIn: boolean;
  now?: Verdict;
  redBefore: boolean;
  proofDoubtful: boolean;
  /** What a check begins to look for before this event is no longer asked for. */
  watchedFrom: number;
  lastRoundFrom: number;
}

class Standing {
  win: Win | undefined;
  #known: Known;

  constructor(
    private readonly scenario: Scenario,
    known?: Known,
  ) {
    const begun = { watchedFrom: 0, lastRoundFrom: 0, redBefore: false, proofDoubtful: false };
    this.#known = known ?? { ...begun, approvedBy: [], voteIds: [], proofIn: scenario.checks === undefined };
  }

  /** Standings of one key go on in the same way. */
  get key(): string {
    return JSON.stringify(this.#known);
  }

  after(inputs: readonly Input[]): Standing {
    const next = new Standing(this.scenario, structuredClone(this.#known));
    for (const input of inputs) next.win ??= next.#take(input);
    return next;
  }

  #take(input: Input): Win | undefined {
    const { approvals, onTimeout } = this.scenario.input;
    switch (input.is) {
      case 'vote':
        return this.#vote(input);
      case 'cancel':
        return approvals?.approvers === undefined ? { outcome: 'reverted', cause: 'cancelled' } : undefined;
      case 'extend':
        return undefined;
      case 'verdict':
        return this.#verdict(input);
      case 'deadline': {
        const { now = 'pass' } = this.#known;
        if (onTimeout === 'hold' || (onTimeout === 'confirm' && now !== 'pass')) return undefined;
        return { outcome: onTimeout === 'confirm' ? 'confirmed' : 'reverted', cause: 'decision-timeout' };
      }
    }
  }

  #vote({ decision, by, voteId }: Extract<Input, { is: 'vote' }>): Win | undefined {
    const { approvals } = this.scenario.input;
    const known = this.#known;
    if (voteId !== undefined && known.voteIds.includes(voteId)) return undefined;
    const named = approvals?.approvers === undefined || approvals.approvers.includes(by);
    if (decision === 'reject') {
      return named || by === REQUESTER ? { outcome: 'reverted', cause: 'rejected', by } : undefined;
    }
    if (!named || (approvals !== undefined && by === REQUESTER) || known.approvedBy.includes(by)) return undefined;
    known.approvedBy.push(by);
    if (voteId !== undefined) known.voteIds.push(voteId);
    return this.#counted();
  }

  /** Enough approvals, and the proof is in. */
  #counted(): Win | undefined {
    const last = this.#known.approvedBy[(this.scenario.input.approvals?.required ?? 1) - 1];
    return this.#known.proofIn && last !== undefined
      ? { outcome: 'confirmed', cause: 'approved', by: last }
      : undefined;
  }

  #verdict({ when, verdict, begun, id }: Extract<Input, { is: 'verdict' }>): Win | undefined {
    const known = this.#known;
    switch (when) {
      case 'baseline':
        known.redBefore = verdict === 'fail';
        return undefined;
      case 'proof':
        if (verdict === 'fail' && !known.redBefore) return UNHEALTHY;
        known.proofIn = true;
        known.now = verdict === 'fail' ? 'inconclusive' : verdict;
        known.proofDoubtful = known.now === 'inconclusive';
        if (!known.proofDoubtful) return this.#counted();
        known.approvedBy = [];
        return undefined;
      case 'last-round':
        if (begun < known.lastRoundFrom) return undefined;
        if (verdict === 'pass') return { outcome: 'confirmed', cause: 'policy' };
        known.watchedFrom = id;
        return this.#watched(verdict, id);
      case 'watch':
        return begun < known.watchedFrom ? undefined : this.#watched(verdict, id);
    }
  }

  #watched(verdict: Verdict, id: number): Win | undefined {
    const known = this.#known;
    known.now = verdict;
    if (verdict === 'pass') return undefined;
    known.lastRoundFrom = id;
    const reverts = verdict === 'fail' && !known.redBefore && !known.proofDoubtful;
    return reverts && this.scenario.checks?.onWatchFailure === 'revert' ? UNHEALTHY : undefined;
  }
}

const UNHEALTHY: Win = { outcome: 'reverted', cause: 'unhealthy' };
