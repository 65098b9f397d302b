/** What people are told of checks, of several approvals and of more time: the status, the Temporal UI, refusals, summaries. */
import { detailsOf } from '../../src/resize/details';
import { judgeExtension } from '../../src/resize/extension';
import type { ResizeInput } from '../../src/resize/request';
import { checkSummary, deadlineSummary, observeSummary, requestSummary, waitSummary } from '../../src/resize/summaries';
import { server, shows } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND } from './played';
import { of, status, told } from './said-of-runs';

const OURS = 'resize ours success';
const WINDOW = shows('VERIFY_RESIZE resized - f2', OURS);
const CHECKS: NonNullable<ResizeInput['checks']> = {
  checks: [
    { name: 'web', http: { url: 'http://{address}/health' } },
    { name: 'ssh', tcp: { host: '{address}', port: 22 } },
  ],
};
const AUTO: Partial<ResizeInput> = { autoConfirm: true, bakeFor: '10m' };
const off = { ...WINDOW, server: { ...server('VERIFY_RESIZE resized - f2'), powerState: 'shutdown' as const } };

const checking = (input: Partial<ResizeInput> = {}) => new Played({ checks: CHECKS, ...input }).prepared();
const verifying = (input: Partial<ResizeInput> = {}, baseline: 'pass' | 'fail' = 'pass') =>
  checking(input)
    .checked('baseline', baseline)
    .checked('baseline', 'pass', 1)
    .accepted('resize')
    .after(MINUTE)
    .observed(WINDOW);
const deciding = (input: Partial<ResizeInput> = {}) =>
  verifying(input).after(SECOND).checked('proof', 'pass').checked('proof', 'pass', 1);
const failing = (input: Partial<ResizeInput> = {}) =>
  deciding(input).after(MINUTE).checked('watch', 'fail', 0, { figure: '503 in 4 ms', reason: 'status 503 is not 200' });
const unhealthy = () =>
  verifying().after(SECOND).checked('proof', 'fail', 0, { figure: '503 in 4 ms', reason: 'status 503 is not 200' });
const reverted = (run: Played) =>
  run.accepted('revertResize').observed(shows('ACTIVE active - f1', 'revertResize ours success', OURS));
const lastRound = () =>
  deciding(AUTO)
    .after(10 * MINUTE)
    .event({ is: 'bake-ended' });
const inTwo = { approvals: { required: 2, approvers: ['bob', 'eve', 'joe'] } };
const extended = (run: Played, more: string) => {
  const judged = judgeExtension(run.state, { by: 'eve', for: more, reason: 'still testing' }, run.now);
  return 'extension' in judged ? run.event({ is: 'extended', extension: judged.extension }) : run;
};

const WITH_CHECKS: Readonly<Record<string, () => Played>> = {
  'the checks run before the resize': () => checking().checked('baseline', 'pass'),
  'the proof is out': verifying,
  'one of two checks is in': () => verifying().checked('proof', 'pass'),
  'all checks pass': deciding,
  'a check passes, and needs no other': () =>
    new Played({ checks: { checks: CHECKS.checks.slice(0, 1) } })
      .prepared()
      .checked('baseline', 'pass')
      .accepted('resize')
      .observed(WINDOW)
      .checked('proof', 'pass'),
  'a check is inconclusive': () =>
    verifying()
      .checked('proof', 'inconclusive', 0, { figure: '503 in 4 ms', reason: 'no verdict within 300 s' })
      .checked('proof', 'pass', 1),
  'a check failed before, too': () => verifying({}, 'fail').checked('proof', 'fail').checked('proof', 'pass', 1),
  'a check fails while people decide': failing,
  'a check fails, and passes again': () => failing().after(MINUTE).checked('watch', 'pass'),
  'the server is switched off while people decide': () => deciding().observed(off),
  'the proof failed': unhealthy,
  'the watch failed, and that reverts': () => failing({ checks: { ...CHECKS, onWatchFailure: 'revert' } }),
  'all checks pass, and it is confirmed by itself': () => deciding(AUTO),
  'a check fails, and it would have been confirmed by itself': () => failing(AUTO),
  'the last round is under way': lastRound,
  'the last round failed': () => lastRound().checked('last-round', 'fail'),
  'the end of the bake was missed': () => deciding(AUTO).after(HOUR).event({ is: 'bake-ended' }),
  'the request itself confirms': () => lastRound().checked('last-round', 'pass').checked('last-round', 'pass', 1),
  'two have to approve': () => deciding(inTwo),
  'one of two has approved': () => deciding(inTwo).vote('approve'),
  'somebody asked for more time': () => extended(deciding(), '2h'),
};

const ENDED: Readonly<Record<string, () => Played>> = {
  'the proof failed': () => reverted(unhealthy()),
  'the watch failed': () => reverted(failing({ checks: { ...CHECKS, onWatchFailure: 'revert' } })),
  'an early approve, and the proof failed': () =>
    reverted(
      verifying()
        .vote('approve')
        .checked('proof', 'fail', 0, { figure: '503 in 4 ms', reason: 'status 503 is not 200' }),
    ),
  'the request itself confirmed': () =>
    lastRound()
      .checked('last-round', 'pass')
      .checked('last-round', 'pass', 1)
      .accepted('confirmResize')
      .observed(shows('ACTIVE active - f2', 'confirmResize ours success', OURS)),
};

const EXTENSIONS: Readonly<Record<string, [() => Played, unknown]>> = {
  'before anybody is asked': [verifying, { by: 'eve', for: '1h' }],
  'without a name': [deciding, { for: '1h' }],
  'by no duration': [deciding, { by: 'eve', for: 'a while' }],
  'with an unknown field': [deciding, { by: 'eve', for: '1h', until: 'noon' }],
  'for longer than a day': [deciding, { by: 'eve', for: '25h' }],
  'for longer than the cloud waits': [
    () => {
      const run = deciding();
      run.state = { ...run.state, prepared: run.state.prepared && { ...run.state.prepared, autoConfirmWindow: HOUR } };
      return run;
    },
    { by: 'eve', for: '1h' },
  ],
  'when it is overdue': [() => deciding({ onTimeout: 'hold' }).deadline(), { by: 'eve', for: '1h' }],
  'when it is decided': [() => deciding().vote('reject'), { by: 'eve', for: '1h' }],
};

function refused(name: string): string {
  const [play, payload] = EXTENSIONS[name] ?? [deciding, {}];
  const run = play();
  const judged = judgeExtension(run.state, payload, run.now);
  return 'extension' in judged ? `extended to ${judged.extension.deadline}` : `${judged.type}: ${judged.message}`;
}

const [check] = new Played({ checks: CHECKS }).state.request.checks?.checks ?? [];

const SUMMARIES: Readonly<Record<string, () => string>> = {
  'the resize is asked for': () => requestSummary(checking().state, 'resize'),
  'the confirm is asked for': () => requestSummary(deciding().state, 'confirm'),
  'the revert is asked for': () => requestSummary(deciding().state, 'revert'),
  'the stop is asked for': () => requestSummary(checking().state, 'stop'),
  'the start is asked for': () => requestSummary(checking().state, 'start'),
  'the revert of what was taken over is asked for': () =>
    requestSummary(new Played({ adopt: true }).prepared({ adopted: 'req-ours-resize' }).state, 'revert'),
  'the server is observed while the cloud resizes': () =>
    observeSummary(new Played().prepared().accepted('resize').state),
  'the server is observed while people decide': () => observeSummary(deciding().state),
  'a check runs before the resize': () => (check ? checkSummary(check, 'baseline') : ''),
  'a check runs after the resize': () => (check ? checkSummary(check, 'proof') : ''),
  'a check runs while people decide': () => (check ? checkSummary(check, 'watch') : ''),
  'a check runs before it is confirmed': () => (check ? checkSummary(check, 'last-round') : ''),
  'a check runs for a dry run': () => (check ? checkSummary(check) : ''),
  'people decide, or it is reverted': () => deadlineSummary(deciding().state),
  'people decide, or it is confirmed': () => deadlineSummary(deciding({ onTimeout: 'confirm' }).state),
  'people decide, or it is held': () => deadlineSummary(deciding({ onTimeout: 'hold' }).state),
  'it is held': () => deadlineSummary(deciding({ onTimeout: 'hold' }).deadline().state),
  'the checks have to go on passing': () => waitSummary(deciding(AUTO).state, NOON + 11 * MINUTE + SECOND, NOON),
  'the cloud resizes': () => {
    const { state } = new Played().prepared().accepted('resize');
    return waitSummary(state, NOON + 2 * HOUR, NOON);
  },
  'something has to pass': () => waitSummary(deciding().state, NOON, NOON),
};

export const ofChecks: Record<string, () => string> = {
  ...of('with checks', WITH_CHECKS, told),
  ...of('ended, with checks', ENDED, told),
  ...of(
    'in the Temporal UI, with checks',
    {
      'before the resize': () => checking(),
      'the proof is out': () => verifying().checked('proof', 'pass'),
      'a check fails, and one of two has approved': () =>
        extended(failing({ ...inTwo, reason: 'CHG-1234' }).vote('approve'), '2h'),
      'what a check says is no table of its own': () =>
        deciding().checked('watch', 'fail', 0, { reason: '| a | [b](c) |\n| --- |' }),
      'it is overdue': () => deciding({ onTimeout: 'hold' }).deadline(),
      'it ended': () => reverted(unhealthy()),
    },
    (play) => detailsOf(status(play)),
  ),
  ...Object.fromEntries(
    Object.keys(EXTENSIONS).map((name) => [`eve asks for more time: ${name}`, () => refused(name)]),
  ),
  ...Object.fromEntries(Object.entries(SUMMARIES).map(([name, say]) => [`summary: ${name}`, say])),
};
