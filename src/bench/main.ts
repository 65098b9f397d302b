/** `npm run bench`: measures, and prints what was found beside the goals. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Bench } from './bench';
import { describeCommit, describeMachine, load, root } from './machine';
import { measureCost } from './measure-cost';
import { measureCrowd } from './measure-crowd';
import { measureKill } from './measure-kill';
import { measureLag } from './measure-lag';
import { measureLengths } from './measure-lengths';
import { measureMany } from './measure-many';
import { measureTenThousand } from './measure-ten-thousand';
import { readOptions, type Options } from './options';
import { pageOf, tableOf } from './report';
import { chartsOf } from './charts';
import { SECTIONS, type Result, type Section, type SectionName } from './result';
import { sample } from './sample';

type Measured = Pick<Section, 'about' | 'figures' | 'curves' | 'failed'>;

const MEASUREMENTS: Record<SectionName, { title: string; measure: (bench: Bench) => Promise<Measured> }> = {
  cost: { title: 'CPU of a resize', measure: measureCost },
  lag: { title: 'Lag', measure: measureLag },
  many: { title: '200 at once', measure: measureMany },
  crowd: { title: 'A thousand in flight', measure: crowd },
  kill: { title: 'A worker that is killed', measure: measureKill },
  lengths: { title: 'Events and API calls by length', measure: measureLengths },
};

async function crowd(bench: Bench): Promise<Measured> {
  const found = await measureCrowd(bench);
  return bench.full ? { ...found, figures: [...found.figures, ...(await measureTenThousand(bench))] } : found;
}

async function main(): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
  );
  if (typeof options === 'number') return options;
  if (options.sample) return (await sample((text) => process.stdout.write(`${text}\n`))) ? 0 : 1;
  const earlier = options.compare === undefined ? undefined : read(options.compare);
  const result = options.report === undefined ? await measureAll(options) : read(options.report);
  write(options.out, JSON.stringify(result, undefined, 2));
  process.stdout.write(`${tableOf(result, earlier)}\n`);
  if (options.write) {
    write('docs/performance.md', pageOf(result, earlier));
    write('docs/performance.json', JSON.stringify(result, undefined, 2));
    for (const [name, svg] of Object.entries(chartsOf(result))) write(`docs/${name}.svg`, svg);
  }
  return result.sections.some(({ failed }) => failed !== undefined) ? 1 : 0;
}

/** A load average from which on times say little. */
const BUSY = 1;

async function measureAll({ only, rounds, runs, full = false }: Options): Promise<Result> {
  const began = Date.now();
  const before = load();
  if (before > BUSY) {
    process.stderr.write(`the machine has other work (load average ${before}): what is measured is that as well\n`);
  }
  const elapsed = () =>
    `${Math.floor((Date.now() - began) / 60_000)}:${String(Math.floor((Date.now() - began) / 1000) % 60).padStart(2, '0')}`;
  const one = async (name: SectionName): Promise<Section> => {
    const { title, measure } = MEASUREMENTS[name];
    const say = (text: string) => void process.stderr.write(`${elapsed()} ${name}: ${text}\n`);
    const start = Date.now();
    say('begins');
    const found = await measure({ say, rounds, runs, full }).catch((error: unknown): Measured => {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return { about: [], figures: [], failed: error instanceof Error ? error.message : String(error) };
    });
    return { name, title, ...found, took: Math.round((Date.now() - start) / 1000) };
  };
  // It waits most of its time, and so goes on beside the others.
  const beside = only.includes('lengths') ? one('lengths') : undefined;
  const sections: Section[] = [];
  for (const name of SECTIONS) if (name !== 'lengths' && only.includes(name)) sections.push(await one(name));
  if (beside !== undefined) sections.push(await beside);
  return {
    at: new Date(began).toISOString(),
    ...describeCommit(),
    machine: await describeMachine(before),
    options: { rounds, runs, full, sections: only },
    took: Math.round((Date.now() - began) / 1000),
    sections,
  };
}

const inProject = (file: string) => path.resolve(root, file);

function read(file: string): Result {
  try {
    return JSON.parse(readFileSync(inProject(file), 'utf8')) as Result;
  } catch (error) {
    throw new TypeError(
      `${file} is no result of this program: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(inProject(file)), { recursive: true });
  writeFileSync(inProject(file), text.endsWith('\n') ? text : `${text}\n`);
}

// What was started ends when this process does (processes.ts), however it is told to end.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code));
}
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const sentence = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `bench: ${error instanceof Error && !(error instanceof TypeError) ? (error.stack ?? sentence) : sentence}\n`,
    );
    process.exit(1);
  },
);
