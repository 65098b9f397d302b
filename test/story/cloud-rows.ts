import { send } from '../contract/raw';
import type { HttpFault, NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';

/** Rows of docs/cloud-behaviour.md that are about the whole: refusals in every phase, logins that end, no log, visitors. */
export function cloudRows(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  let lab: NovaLab;
  let failingRevert: ReturnType<typeof revertFailsTwice>;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    lab = rig.lab;
    await rig.startWorker();
    failingRevert = revertFailsTwice();
    failingRevert.catch(() => undefined); // the test that awaits it fails
  });
  afterAll(() => rig.stop());

  const confirmed = { flavor: 'f2', status: 'ACTIVE', taskState: null, resize: 1, confirm: 1, revert: 0 };
  const reverted = { flavor: 'f1', status: 'ACTIVE', taskState: null, resize: 1, confirm: 0, revert: 1 };

  const answer = (server: string, match: string, status: number, more: Partial<HttpFault> = {}) =>
    lab.control({ http: [{ server, match, fault: `status:${status}`, ...more }] });

  /** Most of this story is waiting for requests that can still arrive, so it runs beside the others. */
  const revertFailsTwice = async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    await answer(run.server, 'revertResize', 500, { times: 2 });
    await run.reject({ by: 'bob' });
    const waiting = await untilPhase(run, 'needs-operator');
    await run.retry({ by: 'ana' });
    return { waiting, end: await ended(run), seen: await truth(lab, run.server) };
  };

  describe('before the cloud has taken the resize', () => {
    it.concurrent.each([400, 401, 403, 404, 409])(
      '%i to the resize is final, and nothing was changed',
      async (status) => {
        const server = await lab.boot(`resize-${status}`);
        // A token that is refused is renewed once.
        await answer(server, 'resize', status, { times: status === 401 ? 2 : 1 });
        const run = await rig.start({ server });
        const end = await ended(run);
        expect(end).toMatchObject({ outcome: 'refused', message: /HTTP/ });
        expect(end.message).toContain(String(status));
        expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', resize: 0 });
        expect((await lab.counters(server))['POST resize']).toBe(status === 401 ? 2 : 1);
      },
    );

    it.concurrent.each([413, 429])('%i to the resize is waited out as long as the cloud says', async (status) => {
      const server = await lab.boot(`limited-${status}`);
      await answer(server, 'resize', status, { headers: { 'Retry-After': '1' } });
      const began = Date.now();
      const run = await rig.start({ server });
      await untilPhase(run, 'awaiting-decision');
      expect(Date.now() - began).toBeGreaterThan(1_000);
      await run.approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
      expect(await truth(lab, server)).toEqual(confirmed);
      expect((await lab.counters(server))['POST resize']).toBe(2);
    });
  });

  describe('after the cloud has taken the resize no answer is final', () => {
    it.concurrent.each([
      ['confirmResize', 'approve', 'confirmed', confirmed],
      ['revertResize', 'reject', 'reverted', reverted],
    ] as const)(
      'to a %s it says 400, 401, 403, 404 and 409: an operator is asked, and it is asked again by itself',
      async (match, decision, outcome, effect) => {
        const run = await rig.start();
        await untilPhase(run, 'awaiting-decision');
        for (const status of [400, 401, 401, 403, 404, 409, 409, 409]) await answer(run.server, match, status);
        await run[decision]({ by: 'bob' });
        const waiting = await untilPhase(run, 'needs-operator');
        expect(waiting.message).toMatch(/refused our (confirm|revert)/);
        expect(waiting.advice?.you).toBeTruthy();
        expect(await ended(run)).toMatchObject({ outcome });
        expect(await truth(lab, run.server)).toEqual(effect);
      },
    );

    it.concurrent(
      'to a confirm it says 429: nobody is called, and it is asked again as late as the cloud says',
      async () => {
        const run = await rig.start();
        await untilPhase(run, 'awaiting-decision');
        await answer(run.server, 'confirmResize', 429, { headers: { 'Retry-After': '1' }, times: 2 });
        const began = Date.now();
        await run.approve({ by: 'bob' });
        const phases = new Set<string>();
        const end = await until('the end', async () => {
          const status = await run.recorded();
          phases.add(status.phase);
          return status.phase === 'closed' ? status : undefined;
        });
        expect(end).toMatchObject({ outcome: 'confirmed' });
        expect(Date.now() - began).toBeGreaterThan(2_000);
        expect([...phases]).not.toContain('needs-operator');
        expect(await truth(lab, run.server)).toEqual(confirmed);
      },
    );

    it.concurrent(
      'a revert that is answered 500 twice and not carried out: an operator is asked, a retry asks once more',
      async () => {
        const { waiting, end, seen } = await failingRevert;
        expect(waiting.message).toMatch(/revert was sent twice/);
        expect(end).toMatchObject({ outcome: 'reverted' });
        expect(seen).toEqual(reverted);
      },
    );
  });

  describe('a token that is refused', () => {
    it.concurrent.each([
      ['approve', 'confirmResize', confirmed],
      ['reject', 'revertResize', reverted],
    ] as const)('once in each kind of request (%s) is renewed and not noticed', async (decision, action, effect) => {
      const server = await lab.boot(`expired-${decision}`);
      for (const match of ['GET server', 'resize', 'GET instance-actions', action]) await answer(server, match, 401);
      const run = await rig.start({ server });
      await untilPhase(run, 'awaiting-decision');
      for (const match of ['GET server', 'GET instance-actions']) await answer(server, match, 401);
      await run[decision]({ by: 'bob' });
      expect(await ended(run)).not.toHaveProperty('advice');
      expect(await truth(lab, server)).toEqual(effect);
      const { [`POST ${action}`]: decided, 'POST resize': resized } = await lab.counters(server);
      expect([resized, decided]).toEqual([2, 2]);
    });
  });

  describe('a credential that is revoked', () => {
    const revoke = async (server: string) => {
      for (const match of ['GET', 'POST']) await answer(server, match, 401, { times: 10_000 });
    };
    const called = /credentials/;

    it.concurrent('before the start: it is refused, and nothing is touched', async () => {
      const server = await lab.boot('revoked-before');
      await revoke(server);
      await expect(rig.start({ server })).rejects.toMatchObject({ code: 'NotAuthenticated' });
      await lab.clearControl(server);
      expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', resize: 0 });
    });

    it.concurrent.each([
      ['while the cloud resizes', 'resizing', 'finish_migration', undefined],
      ['while people decide', 'awaiting-decision', undefined, undefined],
      ['while it is confirmed', 'confirming', 'confirm_migration', 'approve'],
      ['while it is reverted', 'reverting', 'finish_revert_migration', 'reject'],
    ] as const)('%s: an operator is asked, and with a new one it goes on by itself', async (_, phase, call, early) => {
      const server = await lab.boot(`revoked-${phase}`);
      if (call !== undefined) await lab.control({ delay: { [call]: { [server]: 2 } } });
      const run = await rig.start({ server });
      if (early !== undefined) {
        await untilPhase(run, 'awaiting-decision');
        await run[early]({ by: 'bob' });
        await untilPosted(server, early === 'approve' ? 'confirmResize' : 'revertResize');
      } else if (phase === 'resizing') await untilPosted(server, 'resize');
      else await untilPhase(run, phase);
      await revoke(server);
      const waiting = await untilPhase(run, 'needs-operator');
      expect(waiting).toMatchObject({ message: /HTTP 401/, unreachableSince: /T/ });
      expect(waiting.advice?.you).toMatch(called);
      await lab.clearControl(server);
      if (early === undefined) {
        await untilPhase(run, 'awaiting-decision');
        await run.approve({ by: 'bob' });
      }
      await ended(run);
      expect(await truth(lab, server)).toEqual(early === 'reject' ? reverted : confirmed);
    });

    const untilPosted = (server: string, action: string) =>
      until(`the ${action} to be sent`, async () =>
        (await lab.counters(server))[`POST ${action}`] === 1 ? true : undefined,
      );
  });

  describe('a cloud that does not let its action log be read', () => {
    const closed = async (name: string) => {
      const server = await lab.boot(name);
      await answer(server, 'GET instance-actions', 403, { times: 10_000 });
      return server;
    };
    const opened = async (server: string) => {
      await lab.clearControl(server);
      return truth(lab, server);
    };

    it.concurrent.each([
      ['approve', 'confirmed', confirmed],
      ['reject', 'reverted', reverted],
    ] as const)(
      '%s: the status says that ownership is unproven, and rests on the answers',
      async (decision, outcome, effect) => {
        const server = await closed(`no-log-${decision}`);
        const run = await rig.start({ server });
        expect(await untilPhase(run, 'awaiting-decision')).toMatchObject({ ownership: 'unproven' });
        await run[decision]({ by: 'bob' });
        expect(await ended(run)).toMatchObject({ outcome, ownership: 'unproven' });
        expect(await opened(server)).toEqual(effect);
      },
    );

    it.concurrent('a lost answer to the resize is for an operator: nobody can say whose it is', async () => {
      const server = await closed('no-log-lost');
      await lab.control({ http: [{ server, match: 'resize', fault: 'drop-after' }] });
      const run = await rig.start({ server });
      expect((await untilPhase(run, 'needs-operator')).message).toMatch(
        /was lost, and what the cloud shows does not tell/,
      );
      await run.abandon({ by: 'ana' });
      await ended(run);
      expect(await opened(server)).toMatchObject({ resize: 1, confirm: 0, revert: 0 });
    });

    it.concurrent('nothing is confirmed without a person, though the request says so', async () => {
      const server = await closed('no-log-timeout');
      const run = await rig.start({ server, decideWithin: '1s', onTimeout: 'confirm' });
      await until('the run to be overdue', async () => ((await run.recorded()).overdue ? true : undefined));
      await run.reject({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
      expect(await opened(server)).toEqual(reverted);
    });
  });

  describe('visitors in the window', () => {
    it.concurrent('a rename, a lock and an unlock, and all that the cloud refuses, leave it ours', async () => {
      const run = await rig.start();
      await untilPhase(run, 'awaiting-decision');
      const renamed = { body: { server: { name: 'another-name' } } };
      expect((await send(lab, 'other', 'PUT', `/servers/${run.server}`, renamed)).status).toBe(200);
      await lab.lock(run.server);
      await lab.unlock(run.server);
      const rebuild = { rebuild: { imageRef: '155d900f-4e14-4e4c-a73d-069cbf4541e6' } };
      for (const body of [{ shelve: null }, rebuild, { 'os-stop': null }, { migrate: null }]) {
        expect((await lab.act(run.server, body, 'admin')).status).toBe(409);
      }
      await run.approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', ownership: 'proven' });
      expect(await truth(lab, run.server)).toEqual(confirmed);
    });

    it.concurrent(
      'a cold migration after somebody’s confirm waits in VERIFY_RESIZE with our flavor, and is not ours',
      async () => {
        // Nobody looks while it happens.
        const run = await rig.start({ polling: { initial: 150, maximum: 60_000, backoff: 10 } });
        await untilPhase(run, 'awaiting-decision');
        await lab.act(run.server, { confirmResize: null }, 'admin');
        await lab.waitFor(run.server, 'ACTIVE');
        await lab.act(run.server, { migrate: null }, 'admin');
        await lab.waitFor(run.server, 'VERIFY_RESIZE');
        // Whether a look comes before the reject is chance; what is theirs is not reverted either way.
        await run.reject({ by: 'bob' }).catch((error: unknown) => expect(error).toMatchObject({ code: 'TooLate' }));
        expect(await ended(run)).toMatchObject({ outcome: 'changed-outside', cause: 'confirmed' });
        expect(await truth(lab, run.server)).toMatchObject({ flavor: 'f2', status: 'VERIFY_RESIZE', revert: 0 });
      },
    );
  });
}
