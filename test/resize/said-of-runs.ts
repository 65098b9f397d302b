/** What people are told of a run: its status at each stage, what a late vote is answered, and how it ended. */
import { detailsOf } from '../../src/resize/details';
import { RULE_NAMES } from '../../src/resize/situation';
import { statusOf } from '../../src/resize/status';
import { standingOf } from '../../src/resize/standing';
import { judge } from '../../src/resize/decision';
import { missing, shows, unlogged } from './looks';
import { found, HOUR, MINUTE, Played, SECOND, trouble } from './played';
import { lines } from './said-before';

const OURS = 'resize ours success';
const WINDOW = shows('VERIFY_RESIZE resized - f2', OURS);
const UNTOUCHED = shows('ACTIVE active - f1');
const STOPPED = shows('SHUTOFF stopped - f1');
const ERROR = shows('ERROR error - f1', 'resize ours error');
const BUSY = shows('RESIZE active resize_prep f1', 'resize ours running');

const prepared = () => new Played().prepared();
const resizing = () => prepared().accepted('resize');
const inWindow = () => new Played().inWindow();
const confirming = () => inWindow().vote('approve').accepted('confirmResize');
const reverting = () => inWindow().vote('reject').accepted('revertResize');
const noWorker = trouble('no-worker', { message: 'no worker took it up' });
const stopping = () =>
  new Played({ stopFirst: true })
    .prepared()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('wrong-state') });
const stopped = () => stopping().accepted('os-stop').observed(STOPPED);
const inWindowStopped = () => stopped().accepted('resize').observed(shows('VERIFY_RESIZE resized - f2', OURS));
const starting = () =>
  stopped()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('no-capacity') });
const adopted = () => new Played({ adopt: true }).prepared({ adopted: 'req-ours-resize' });

/** Under way. */
const UNDER_WAY: Readonly<Record<string, () => Played>> = {
  'before anything is known': () => new Played(),
  'no worker prepares it': () => new Played().event({ is: 'not-prepared', trouble: noWorker }),
  'no worker prepares it for long': () =>
    new Played()
      .event({ is: 'not-prepared', trouble: noWorker })
      .after(HOUR)
      .event({ is: 'not-prepared', trouble: noWorker }),
  'it is to be resized': prepared,
  'observe-only mode': () => new Played().prepared({ observeOnly: true }),
  'observe-only mode, found by the request': () =>
    prepared().requesting().answered({ answer: 'withheld', why: 'observe-only' }),
  'the cloud resizes': () => resizing().observed(BUSY),
  'the cloud asks to wait': () =>
    prepared()
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('rate-limited', { retryAfter: 30 * SECOND }) }),
  'the host is away': () =>
    prepared()
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('host-unavailable') }),
  'the request was not sent': () =>
    prepared()
      .requesting()
      .answered({ answer: 'withheld', why: 'unreadable', trouble: trouble('no-answer') }),
  'the request was not sent in its time': () =>
    prepared()
      .requesting()
      .answered({ answer: 'withheld', why: 'no-time', trouble: trouble('no-time') }),
  'the answer was lost': () =>
    prepared()
      .requesting()
      .answered({ answer: 'unknown', trouble: trouble('no-answer') }),
  'the answer was lost, nobody knows how': () => prepared().requesting().answered({ answer: 'unknown' }),
  'the run before was lost': () => resizing().event({ is: 'run-lost' }),
  'the cloud asks to slow down': () =>
    resizing().notObserved(trouble('rate-limited', { status: 429, retryAfter: 20 * SECOND })),
  'the cloud asks to be left alone for hours': () =>
    resizing().notObserved(trouble('rate-limited', { status: 429, retryAfter: 5 * HOUR })),
  'this program keeps away from the cloud': () =>
    resizing().notObserved(trouble('rate-limited', { message: 'this cloud is left alone', retryAfter: SECOND })),
  'the cloud cannot be asked': () => resizing().notObserved(trouble('no-answer')),
  'the cloud refuses to be read': () => resizing().notObserved(trouble('forbidden')),
  'the cloud cannot be asked for too long': () =>
    resizing()
      .after(3 * HOUR)
      .notObserved(trouble('no-answer')),
  'it takes too long': () =>
    resizing()
      .after(3 * HOUR)
      .observed(BUSY),
  'it is in ERROR': () => resizing().observed(ERROR).observed(ERROR),
  'it is stopped first': stopping,
  'people decide': inWindow,
  'people decide, or it is confirmed': () => new Played({ onTimeout: 'confirm' }).inWindow(),
  'people decide, or it is held': () => new Played({ onTimeout: 'hold' }).inWindow(),
  'people decide of a stopped server': inWindowStopped,
  'people decide, and the cloud cannot be asked': () => inWindow().notObserved(trouble('no-answer')),
  'people decide, and it is no longer what it was': () =>
    inWindow().observed(shows('VERIFY_RESIZE resized - f3', OURS)),
  'people decide, and what was seen has another request id': () =>
    inWindow().observed(shows('VERIFY_RESIZE resized - f2', 'resize we success')),
  'people decide, and our resize is reported as failed': () =>
    inWindow().observed(shows('VERIFY_RESIZE resized - f2', 'resize ours error')),
  'people decide, and it is in ERROR': () => inWindow().observed(ERROR).observed(ERROR),
  'people decide, and nobody knows what the lost run has asked for': () =>
    new Played()
      .prepared({ logReadable: false })
      .accepted('resize')
      .observed(unlogged('VERIFY_RESIZE resized - f2'))
      .event({ is: 'run-lost' })
      .after(HOUR)
      .observed(unlogged('VERIFY_RESIZE resized - f2')),
  'people decide, overdue': () => new Played({ onTimeout: 'hold' }).inWindow().deadline(),
  'the deadline was missed': () =>
    inWindow()
      .after(2 * HOUR)
      .deadline(),
  'people decide of what was taken over': () => adopted(),
  'it is confirmed': confirming,
  'it is confirmed by the clock': () => new Played({ onTimeout: 'confirm' }).inWindow().deadline(),
  'the confirm is refused': () =>
    inWindow()
      .vote('approve')
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('locked') }),
  'the confirm takes too long': () => confirming().after(HOUR).observed(WINDOW),
  'it is reverted': reverting,
  'it is reverted by the clock': () => inWindow().deadline(),
  'it is reverted since it was cancelled': () => inWindow().cancel(),
  'what was taken over is reverted': () => adopted().vote('reject'),
  'it is started again': starting,
};

/** At their end. */
const ENDED: Readonly<Record<string, () => Played>> = {
  'not started': () => new Played().event({ is: 'not-started', reason: 'the input cannot be read' }),
  'the run before was lost while it prepared': () => new Played().event({ is: 'run-lost' }),
  'it could not be prepared': () => new Played().event({ is: 'not-prepared', trouble: trouble('not-found') }),
  'it must not be resized': () =>
    new Played().prepared({ refusal: { message: 'server web-07 is locked', advice: { you: 'Unlock it.' } } }),
  'there is no such flavor': () => {
    const withoutFlavor = { ...found };
    delete withoutFlavor.to;
    return new Played().event({ is: 'prepared', found: withoutFlavor });
  },
  'it was rejected before': () => new Played().event({ is: 'observing' }).vote('reject'),
  'it was cancelled before': () => prepared().cancel(),
  'the cloud refuses it': () =>
    prepared()
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('quota', { advice: 'Ask for more.' }) }),
  'the cloud refuses it, after a stop': () => starting().accepted('os-start').observed(shows('ACTIVE active - f1')),
  'the server changed before the request': () =>
    prepared().requesting().answered({ answer: 'withheld', why: 'changed' }),
  'the answer was lost, and it was rejected': () =>
    prepared()
      .requesting()
      .answered({ answer: 'unknown' })
      .vote('reject')
      .after(10 * MINUTE)
      .observed(UNTOUCHED),
  'it was cancelled while it was stopped': () =>
    stopping().accepted('os-stop').cancel().after(HOUR).observed(UNTOUCHED),
  'rolled back': () =>
    resizing().observed({
      ...shows('ACTIVE active - f1', 'resize ours error'),
      actions: [
        {
          action: 'resize',
          requestId: 'req-ours-resize',
          projectId: 'project',
          userId: 'us',
          result: 'error',
          failedEvent: 'conductor_migrate_server',
        },
      ],
    }),
  'rolled back, which event failed is not shown': () =>
    resizing().observed(shows('ACTIVE active - f1', 'resize ours error')),
  'rolled back, and no log': () =>
    new Played().prepared({ logReadable: false }).accepted('resize').observed(unlogged('ACTIVE active - f1')),
  confirmed: () => confirming().observed(shows('ACTIVE active - f2', 'confirmResize ours success', OURS)),
  'confirmed by the clock': () =>
    new Played({ onTimeout: 'confirm' })
      .inWindow()
      .deadline()
      .accepted('confirmResize')
      .observed(shows('ACTIVE active - f2', 'confirmResize ours success', OURS)),
  'confirmed, and started again': () =>
    inWindowStopped()
      .vote('approve')
      .accepted('confirmResize')
      .observed(shows('SHUTOFF stopped - f2', 'confirmResize ours success', OURS))
      .accepted('os-start')
      .observed(shows('ACTIVE active - f2', 'confirmResize ours success', OURS)),
  reverted: () => reverting().observed(shows('ACTIVE active - f1', 'revertResize ours success', OURS)),
  'reverted by the clock': () =>
    inWindow()
      .deadline()
      .accepted('revertResize')
      .observed(shows('ACTIVE active - f1', 'revertResize ours success', OURS)),
  'reverted since it was cancelled': () =>
    inWindow()
      .cancel()
      .accepted('revertResize')
      .observed(shows('ACTIVE active - f1', 'revertResize ours success', OURS)),
  'taken over and reverted': () =>
    adopted()
      .vote('reject')
      .accepted('revertResize')
      .observed(shows('ACTIVE active - f1', 'revertResize ours success', OURS)),
  'somebody confirmed': () => inWindow().observed(shows('ACTIVE active - f2', 'confirmResize ann success', OURS)),
  'the cloud confirmed': () => inWindow().observed(shows('ACTIVE active - f2', 'confirmResize cloud success', OURS)),
  'somebody reset the state': () => inWindow().observed(shows('ACTIVE active - f2', OURS)),
  'somebody reverted, and no log': () =>
    new Played()
      .prepared({ logReadable: false })
      .accepted('resize')
      .observed(unlogged('VERIFY_RESIZE resized - f2'))
      .observed(unlogged('ACTIVE active - f1')),
  'somebody deleted it': () => inWindow().observed(missing('delete ann success', OURS)),
  'it is gone': () =>
    inWindow()
      .observed(missing())
      .after(31 * SECOND)
      .observed(missing()),
  'somebody changed what was stopped': () =>
    inWindowStopped().observed(shows('SHUTOFF stopped - f2', 'confirmResize ann success', OURS)),
  'it was deleted before it was started': () => starting().observed(missing('delete ann success')),
  'an operator gave up': () => resizing().observed(ERROR).observed(ERROR).operator('abandon'),
  'an operator gave up, and says why': () =>
    resizing()
      .observed(ERROR)
      .observed(ERROR)
      .event({
        is: 'operator-said',
        word: { word: 'abandon', by: 'eve', reason: 'by hand', at: '2026-01-01T12:00:00.000Z' },
      }),
  'an operator gave up what nobody saw': () =>
    new Played()
      .event({ is: 'not-prepared', trouble: noWorker })
      .after(HOUR)
      .event({ is: 'not-prepared', trouble: noWorker })
      .operator('abandon'),
  'an operator gave up to start it': () => starting().operator('abandon'),
  'an operator gave up what was stopped': () => inWindowStopped().operator('abandon'),
};

const ids = { workflowId: 'resize-1', runId: 'run-1' };

export const status = (play: () => Played) => statusOf(play().state, ids);

export function told(play: () => Played): string {
  const { phase, outcome, cause, message, advice } = status(play);
  const result = outcome === undefined ? [] : [`${outcome}${cause === undefined ? '' : ` (${cause})`}`];
  return [[phase, ...result].join(': '), lines({ message, advice })].join('\n');
}

function lateVote(play: () => Played): string {
  const run = play();
  const judgement = judge(
    run.state.ledger,
    'approve',
    { by: 'zoe' },
    'signal',
    standingOf(run.state, 'run-1', run.now),
  );
  return judgement.is === 'refused' ? `${judgement.type}: ${judgement.message}` : judgement.is;
}

export const of = (about: string, plays: Readonly<Record<string, () => Played>>, say: (play: () => Played) => string) =>
  Object.fromEntries(Object.entries(plays).map(([name, play]) => [`${about}: ${name}`, () => say(play)]));

export const ofRuns: Record<string, () => string> = {
  ...of('under way', UNDER_WAY, told),
  ...of('ended', ENDED, told),
  ...of(
    'zoe approves',
    {
      'while people decide': inWindow,
      'after the deadline, which nobody has handled yet': () => inWindow().after(HOUR),
      'what was rejected while the cloud resizes': () => resizing().vote('reject'),
      'what is confirmed': confirming,
      'what is reverted': reverting,
      'what is reverted by the clock': () => inWindow().deadline(),
      'what was cancelled': () => inWindow().cancel(),
      'what is started again': starting,
      'what was rolled back': () => resizing().observed(shows('ACTIVE active - f1', 'resize ours error')),
    },
    lateVote,
  ),
  ...of(
    'in the Temporal UI',
    {
      'people decide': () => inWindow().vote('approve', { by: 'ann', run: 'run-9' }),
      'an operator is called': () => resizing().observed(ERROR).observed(ERROR).operator('retry'),
      'what was taken over': adopted,
      'what nobody knows yet': () => new Played({ flavor: '[f2](x)', reason: 'two\nlines' }),
      'it ended': () => confirming().observed(shows('ACTIVE active - f2', 'confirmResize ours success', OURS)),
      'it was cancelled': () => inWindow().cancel(),
    },
    (play) => detailsOf(status(play)),
  ),
  'the rules that observations are judged by': () => RULE_NAMES.join('\n'),
};
