/** The audit log of real workers, and `history` and `audit` on real runs. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { verify } from '../../src/audit/chain';
import type { AuditRecord } from '../../src/resize/audit';
import { until } from '../nova/wait';
import { call as callWith } from '../cli/captured-terminal';
import { startLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig, type WorkerProcess } from './rig';

let rig: Rig;
let folder: string;
let worker: WorkerProcess;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-'));
  rig = await startRig(await startLab());
  worker = await rig.startWorker({ DURABLE_RESIZE_AUDIT: folder });
});
afterAll(async () => {
  await rig.stop();
  await rm(folder, { recursive: true, force: true });
});

const call = (line: string) => callWith(line, { connect: { client: rig.client } });
const files = async () => (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));

/** All records of a resize, whatever file they are in. */
async function recordsOf(run: string): Promise<AuditRecord[]> {
  const texts = await Promise.all((await files()).map((name) => readFile(path.join(folder, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as AuditRecord).filter((record) => record.run === run);
}

it('decisions and the outcome are in the log when the run has closed, and their hash is in its history', async () => {
  const run = await rig.start({ approvals: { required: 2 } });
  await untilPhase(run, 'awaiting-decision');
  await run.approve({ by: 'bob', reason: 'CHG-1' });
  await run.extend({ by: 'eve', for: '10m' });
  await run.approve({ by: 'eve' });
  await run.wait();
  expect(await recordsOf(run.runId)).toMatchObject([
    { sequence: 1, kind: 'decision', decision: 'approve', by: 'bob', reason: 'CHG-1', counted: true },
    { sequence: 2, kind: 'extension', by: 'eve' },
    { sequence: 3, kind: 'decision', by: 'eve', seen: { status: 'VERIFY_RESIZE', flavor: 'f2' } },
    { sequence: 4, kind: 'outcome', outcome: 'confirmed', cause: 'approved' },
  ]);
  const [file = ''] = await files();
  const { head } = verify(await readFile(path.join(folder, file)));
  const history = JSON.stringify(await rig.resizes.histories(run.server));
  expect(history).toContain(`"hash":"${head}"`);
  expect((await call(`audit verify ${path.join(folder, file)} --head ${head}`)).code).toBe(0);
  expect(await call(`audit history ${run.server}`)).toMatchObject({ code: 0, out: /keeps what is promised/ });
});

it('a worker that is killed loses no record, and the next one goes on with its file', async () => {
  const run = await rig.start();
  await untilPhase(run, 'awaiting-decision');
  await worker.kill();
  // Temporal keeps it until a worker is there.
  await rig.client.workflow.getHandle(run.workflowId).signal('reject', { by: 'carol' });
  worker = await rig.startWorker({ DURABLE_RESIZE_AUDIT: folder });
  await ended(run);
  await run.wait();
  expect(await recordsOf(run.runId)).toMatchObject([
    { sequence: 1, kind: 'decision', decision: 'reject', by: 'carol' },
    { sequence: 2, kind: 'outcome', outcome: 'reverted' },
  ]);
  expect(await files()).toHaveLength(1);
  expect(verify(await readFile(path.join(folder, (await files())[0] ?? '')))).toMatchObject({ whole: true });
});

it('an audit log that cannot be written changes no outcome and delays no decision', async () => {
  await worker.stop();
  // The device that is always full; a worker finds that out when it writes.
  const full = await mkdtemp(path.join(tmpdir(), 'audit-full-'));
  worker = await rig.startWorker({
    DURABLE_RESIZE_AUDIT: full,
    NODE_OPTIONS: `--require ${path.join(__dirname, 'full-disk.js')}`,
  });
  const run = await rig.start();
  await untilPhase(run, 'awaiting-decision');
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
  await until('the worker to say so', () =>
    Promise.resolve(worker.output().includes('the audit log was not written') ? true : undefined),
  );
  expect(await run.wait()).toMatchObject({ outcome: 'confirmed', execution: 'completed' });
  await worker.stop();
  worker = await rig.startWorker();
  await rm(full, { recursive: true, force: true });
});

it('history tells this run and the one before', async () => {
  const first = await rig.start();
  await untilPhase(first, 'awaiting-decision');
  await rig.client.workflow.getHandle(first.workflowId).signal('reject', { by: 'carol', reason: 'swaps' });
  await ended(first);
  await first.wait();
  const second = await rig.start({ server: first.server });
  await untilPhase(second, 'awaiting-decision');
  await until('both to be listed', async () => {
    const entries = await rig.resizes.history(first.server);
    return new Set(entries.map(({ resize }) => resize)).size === 2 ? true : undefined;
  });
  const { code, out } = await call(`history ${first.server}`);
  expect(code).toBe(0);
  expect(out).toMatch(/vote +carol \(claimed\) +VERIFY_RESIZE, f2 +reject by signal, counts; reason: swaps/);
  expect(out).toMatch(/ended +- +ACTIVE, f1 +reverted: /);
  expect(out.indexOf(first.runId)).toBeLessThan(out.indexOf(second.runId));
  await second.approve({ by: 'bob' });
  await ended(second);
});
