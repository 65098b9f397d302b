/** Resizes under policies: what weakens one is refused through every door, and freezes hold. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { stringify } from 'yaml';
import { findTemporal } from '../../scripts/temporal-cli.js';
import type { ResizeInput, ResizeStatus } from '../../src';
import { workflowIdOf } from '../../src/resize/request';
import { RESIZE_SERVER, TASK_QUEUE } from '../../src/workflows/messages';
import { call } from '../cli/captured-terminal';
import { ended, startRig, truth, untilPhase, usual, type Lab, type Rig } from './rig';

const MINUTE = 60_000;

const STRICT = {
  version: 3,
  approvals: { required: 2, approvers: ['bob', 'eve', 'joe'], allowRequester: false },
  reason: 'required',
  decideWithin: { default: '30m', maximum: '1h' },
  onTimeout: { default: 'revert', allowed: ['revert', 'hold'] },
  autoConfirm: { allowed: false },
};

const check = { name: 'own', tcp: { host: '{address}', port: 22 } };

/** Each way to weaken it: as fields, as options, and the key that is named. */
const WEAKENINGS: [string, object, string[]][] = [
  ['approvals.required', { approvals: { required: 1 } }, ['--approvals', '1']],
  [
    'approvals.approvers',
    { approvals: { approvers: ['bob', 'mallory'] } },
    ['--approver', 'bob', '--approver', 'mallory'],
  ],
  ['approvals.allowRequester', { approvals: { allowRequester: true } }, ['--allow-requester']],
  ['reason', { reason: undefined }, []],
  ['decideWithin.maximum', { decideWithin: '2h' }, ['--decide-within', '2h']],
  ['onTimeout.allowed', { onTimeout: 'confirm' }, ['--on-timeout', 'confirm']],
  [
    'autoConfirm.allowed',
    { autoConfirm: true, bakeFor: '5m', checks: { checks: [check] } },
    ['--auto-confirm', '--bake-for', '5m', '--checks', 'CHECKS'],
  ],
];

export function policies(startLab: () => Promise<Lab>, { keepsLab = false, toTheEnd = false } = {}): void {
  let lab: Lab;
  let folder: string;
  beforeAll(async () => {
    lab = await startLab();
    folder = await mkdtemp(path.join(tmpdir(), 'policy-'));
    await mkdir(path.join(folder, 'policies'));
    await writeFile(path.join(folder, 'checks.json'), JSON.stringify({ checks: [check] }));
  });
  afterAll(async () => {
    if (!keepsLab) await lab.stop?.();
    await rm(folder, { recursive: true, force: true });
  });

  const write = (name: string, policy: object) =>
    writeFile(path.join(folder, 'policies', `${name}.yaml`), stringify(policy));
  const settings = () => ({ DURABLE_RESIZE_POLICIES: path.join(folder, 'policies') });

  describe('a policy that the profile of the cloud names', () => {
    let rig: Rig;
    let server: string;
    const raw = (change: object) =>
      JSON.parse(
        JSON.stringify({ ...usual, decideWithin: undefined, reason: 'CHG-1', server, ...change }),
      ) as ResizeInput;
    const options = (given: string[], reason = true) => [
      'start',
      server,
      'f2',
      '--cloud',
      'lab',
      '--requested-by',
      'ana',
      ...(reason ? ['--reason', 'CHG-1'] : []),
      ...given.map((word) => (word === 'CHECKS' ? path.join(folder, 'checks.json') : word)),
    ];
    beforeAll(async () => {
      await write('strict', STRICT);
      rig = await startRig(lab, { keepsLab: true, profile: { durable_resize: { policy: 'strict' } } });
      await rig.startWorker(settings());
      server = await lab.boot('under-policy');
    });
    afterAll(() => rig.stop());

    /** How a run ends that is started past all clients. */
    async function refusedStatus(input: ResizeInput): Promise<ResizeStatus> {
      const workflowId = workflowIdOf(server);
      const handle = await rig.client.workflow.start(RESIZE_SERVER, {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [input],
      });
      const failure: unknown = await handle.result().then(
        () => undefined,
        (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error),
      );
      if (!(failure instanceof ApplicationFailure)) throw new Error(`it was not refused: ${String(failure)}`);
      expect(failure.type).toBe('Refused');
      return failure.details?.[0] as ResizeStatus;
    }

    it.each(WEAKENINGS)(
      '%s cannot be weakened: by the library, the command line, or a start past both',
      async (key, change, given) => {
        const sentence = `policy strict (version 3), ${key}: `;
        const input = raw(change);
        await expect(rig.resizes.start(input)).rejects.toMatchObject({
          code: 'Refused',
          exitCode: 12,
          message: expect.stringContaining(sentence) as string,
        });
        for (const more of [[], ['--dry-run']]) {
          const { code, err } = await call([...options(given, key !== 'reason'), ...more], { env: rig.env });
          expect([code, err]).toEqual([12, expect.stringContaining(sentence)]);
        }
        const { outcome, message, policy } = await refusedStatus(input);
        expect([outcome, message]).toEqual(['refused', expect.stringContaining(sentence)]);
        expect(policy).toMatchObject({ name: 'strict', version: 3 });
      },
    );

    it('nor left out by the Temporal CLI, nor replaced', async () => {
      const cli = await findTemporal();
      const id = workflowIdOf(server);
      const args = ['workflow', 'execute', '--type', RESIZE_SERVER, '--workflow-id', id, '--task-queue', TASK_QUEUE];
      const input = ['--input', JSON.stringify(raw({ onTimeout: 'confirm' }))];
      await expect(
        promisify(execFile)(cli, [...args, ...input], { env: { ...process.env, ...rig.env } }),
      ).rejects.toThrow();
      expect(await (await rig.resizes.get(server)).recorded()).toMatchObject({
        outcome: 'refused',
        message: expect.stringContaining('policy strict (version 3), onTimeout.allowed') as string,
      });
      expect(await refusedStatus(raw({ policy: 'free' }))).toMatchObject({
        message: expect.stringContaining('policy free: resizes on this cloud are under policy strict') as string,
      });
      expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', resize: 0 });
    });

    it('makes the gate of a request that says nothing of it, and is in its record', async () => {
      const { code, out } = await call([...options([]), '--dry-run'], { env: rig.env });
      expect([code, out]).toEqual([0, expect.stringMatching(/policy +strict, version 3 \(SHA-256 [0-9a-f]{12}\)/)]);
      const run = await rig.resizes.start(raw({}));
      const status = await untilPhase(run, 'awaiting-decision');
      expect(status).toMatchObject({
        policy: { name: 'strict', version: 3, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
        votesMissing: 2,
        onTimeout: 'revert',
      });
      const left = Date.parse(status.decisionDeadline ?? '') - Date.parse(status.verifiedAt ?? '');
      expect(left).toBe(30 * MINUTE);
      await expect(run.approve({ by: 'mallory' })).rejects.toMatchObject({ code: 'NotAnApprover' });
      await run.approve({ by: 'bob' });
      await run.approve({ by: 'eve' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', policy: { name: 'strict', version: 3 } });
    });
  });

  describe('a freeze', () => {
    let rig: Rig;
    let servers: string[];
    let freezeEnd: number;
    /** `HH:MM` of a moment in UTC, and the name of its day. */
    const clock = (moment: number) => new Date(moment).toISOString().slice(11, 16);
    const day = (moment: number) => ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(moment).getUTCDay()];
    const freeze = (from: number, to: number) => [
      { days: [day(from)], from: clock(from), to: clock(to), zone: 'UTC', reason: 'month end' },
    ];
    beforeAll(async () => {
      servers = await Promise.all(['frozen', 'held'].map((name) => lab.boot(name)));
      const now = Date.now();
      // It begins when the worker is up and the resize has been asked for, and lasts a minute.
      const soon = Math.ceil((now + 30_000) / MINUTE) * MINUTE;
      freezeEnd = soon + MINUTE;
      await write('now', { version: 1, freeze: freeze(now - MINUTE, now + 30 * MINUTE) });
      await write('later', { version: 1, freeze: freeze(now + 2 * 60 * MINUTE, now + 4 * 60 * MINUTE) });
      await write('soon', { version: 2, freeze: freeze(soon, freezeEnd) });
      rig = await startRig(lab, { keepsLab: true });
      await rig.startWorker(settings());
    });
    afterAll(() => rig.stop());

    it('holds a deadline to its end; people may decide at any time', async () => {
      const [, server = ''] = servers;
      const decideWithin = freezeEnd - MINUTE + 15_000 - Date.now();
      const run = await rig.start({ server, policy: 'soon', decideWithin });
      const status = await untilPhase(run, 'awaiting-decision');
      expect(status).toMatchObject({
        decisionDeadline: new Date(freezeEnd).toISOString(),
        message: expect.stringContaining('the end of the freeze "month end"') as string,
      });
      if (!toTheEnd) {
        await run.approve({ by: 'bob' });
        expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
        return;
      }
      const end = await untilEnd(run, freezeEnd);
      expect(end).toMatchObject({ outcome: 'reverted', cause: 'decision-timeout' });
      expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', revert: 1, confirm: 0 });
    }, 300_000);

    it.each([
      ['now', /freeze: now \(.*Z\) is in the freeze "month end", .* UTC; ask again after .*Z/],
      [
        'later',
        /freeze: the decision time may last until .*Z \(now .*Z \+ resizeWithin 7200 s \+ decideWithin 300 s\)/,
      ],
    ])('refuses a resize: %s', async (policy, sentence) => {
      const [server = ''] = servers;
      await expect(rig.start({ server, policy })).rejects.toMatchObject({
        code: 'Refused',
        message: expect.stringMatching(sentence) as string,
      });
      expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', resize: 0 });
    });
  });
}

/** Until it is over, which nothing may bring about before this moment. */
async function untilEnd(run: Parameters<typeof ended>[0], moment: number): Promise<ResizeStatus> {
  const end = await run.wait();
  expect(Date.now()).toBeGreaterThanOrEqual(moment);
  return end;
}
