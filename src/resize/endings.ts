/** The endings of a resize, in words. */
import { winner } from './decision';
import { present } from './present';
import type { Advice } from './outcome';
import type { Situation } from './situation';
import { fromName, mayBeResized, preparedOf, wasStopped, type Ending, type RunState } from './run-state';

/**
 * A resize that is not carried out. Only for a run that cannot have resized anything: what may have been carried out is
 * never called refused.
 */
export function refused(state: RunState, message: string, advice?: Advice): Ending {
  if (mayBeResized(state)) throw new Error('a run that may have resized its server cannot end as refused');
  const changed = wasStopped(state) ? 'refused' : 'refused, nothing was changed';
  return { outcome: 'refused', message: `${changed}: ${message}`, ...(advice && { advice }) };
}

/** Rejected or cancelled before the cloud was asked: nothing to undo. */
export function stoppedBefore(state: RunState): Ending | undefined {
  if (mayBeResized(state) || state.request.adopt === true) return undefined;
  return rejectedUndone(state, 'the cloud was asked');
}

/** Rejected or cancelled, and nothing was carried out. */
function rejectedUndone(state: RunState, before: 'the cloud was asked' | 'a resize arrived'): Ending | undefined {
  const { terminal } = state.ledger;
  if (terminal?.decision !== 'reject') return undefined;
  const resize = before === 'the cloud was asked' ? ' to resize' : '';
  const said = wasStopped(state) ? `ended before ${before}${resize}` : `ended before ${before}, nothing was changed`;
  return {
    outcome: 'cancelled',
    cause: terminal.via === 'cancel' ? 'cancelled' : 'rejected',
    message: `${said}: ${winner(terminal)}`,
  };
}

/** Given up by an operator. What an issue advises holds as long as the run goes on, so only the administrator's part is kept. */
export function abandonedEnding(state: RunState): Ending | undefined {
  const { abandoned, issue, observed, request, stage } = state;
  if (abandoned === undefined) return undefined;
  const why = abandoned.reason === undefined ? '' : ` (${abandoned.reason})`;
  const last =
    observed === undefined
      ? ''
      : `; last seen: ${observed.server.status} with flavor ${observed.server.flavor.name} at ${observed.at}`;
  const waits = mayBeResized(state) && stage.is !== 'starting' ? '; the server may still be in VERIFY_RESIZE' : '';
  return {
    outcome: 'needs-operator',
    message: `given up by ${abandoned.by}${why}${last}${waits}`,
    advice: {
      you: `Nothing looks after the server from now on. See how it is: openstack server show ${request.server}. In VERIFY_RESIZE: openstack server resize confirm|revert ${request.server}, or start again with --adopt.`,
      ...present({ administrator: issue?.advice.administrator }),
    },
  };
}

/** What is added to an ending of a run that stopped its server. */
export function afterStop(
  ending: Ending,
  what: 'started again' | 'not started again' | 'deleted before it was started',
): Ending {
  const clause = {
    'started again': 'it was stopped for the resize and is started again',
    'not started again': 'the server had been stopped for the resize',
    'deleted before it was started': 'it was stopped for the resize, and deleted before it was started again',
  }[what];
  return { ...ending, message: `${ending.message}; ${clause}` };
}

const REVERTED_BY = {
  'decision-timeout': 'decision-timeout',
  cancel: 'cancelled',
  signal: 'rejected',
  update: 'rejected',
  check: 'unhealthy',
  policy: 'policy',
} as const;

/** The ending that an observation means, if it means one. */
export function endingOf(state: RunState, meaning: Situation): Ending | undefined {
  const { server, to } = preparedOf(state);
  const name = server.name;
  const from = fromName(state);
  const { terminal } = state.ledger;
  switch (meaning.is) {
    case 'confirmed':
      return {
        outcome: 'confirmed',
        cause: terminal?.via === 'decision-timeout' || terminal?.via === 'policy' ? terminal.via : 'approved',
        message: `confirmed: ${name} has flavor ${to.name}${because(state)}`,
      };
    case 'reverted':
      return {
        outcome: 'reverted',
        cause: REVERTED_BY[terminal?.via ?? 'signal'],
        message: `reverted: ${name} is back on ${from}${because(state)}`,
      };
    case 'rolled-back':
      return rolledBack(name, from, meaning.resize);
    case 'changed-outside': {
      // A reset of the state is in no log (measured): nobody is named for it.
      const did = meaning.cause === 'reset' ? 'had its state reset' : `was ${meaning.cause} by ${whoIn(meaning)}`;
      return {
        outcome: 'changed-outside',
        cause: meaning.cause,
        message: `changed from outside: ${name} ${did}, not by this run, which touched nothing more; ${meaning.sees}`,
      };
    }
    case 'untouched':
      // The answer was lost, and by now the request can no longer arrive: there is nothing left to revert.
      return state.stage.is === 'resizing' || state.stage.is === 'stopping'
        ? rejectedUndone(state, 'a resize arrived')
        : undefined;
    case 'busy':
    case 'window':
    case 'missing':
    case 'operator':
      return undefined;
  }
}

function rolledBack(name: string, from: string, action: Extract<Situation, { is: 'rolled-back' }>['resize']): Ending {
  const failed = action?.failedEvent === undefined ? '' : `, ${action.failedEvent} failed`;
  const quote = action === undefined ? '' : ` (request ${action.requestId}${failed})`;
  const lookUp = action === undefined ? '' : `: ${action.requestId}`;
  return {
    outcome: 'rolled-back-by-cloud',
    message: `the cloud rolled the resize back by itself${quote}: ${name} is on ${from} as before`,
    advice: {
      you: 'The cloud does not tell members why. Usual causes: no host with room for the flavor, a server group or zone that leaves no host, a smaller disk, extra specs that no host meets. Try another flavor, or ask.',
      administrator: `Look up the request in the scheduler's and conductor's logs${lookUp}.`,
    },
  };
}

function whoIn({ cause, by }: Extract<Situation, { is: 'changed-outside' }>): string {
  if (cause === 'auto-confirmed') return 'the cloud itself';
  return by === undefined ? 'somebody else' : `user ${by}`;
}

function because({ ledger: { terminal } }: RunState): string {
  return terminal === undefined ? '' : `; ${winner(terminal)}`;
}
