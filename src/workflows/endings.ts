/** The endings of a resize, in words. */
import { winner } from '../resize/decision';
import type { Advice } from '../resize/outcome';
import type { Situation } from '../resize/situation';
import { fromName, preparedOf, type Ending, type RunState } from './run-state';

export function refused(message: string, advice?: Advice): Ending {
  return { outcome: 'refused', message: `refused, nothing was changed: ${message}`, ...(advice && { advice }) };
}

/** Rejected or cancelled before the cloud was asked: nothing to undo. */
export function stoppedBefore(state: RunState): Ending | undefined {
  const { terminal } = state.ledger;
  if (terminal?.decision !== 'reject') return undefined;
  return {
    outcome: 'cancelled',
    cause: terminal.via === 'cancel' ? 'cancelled' : 'rejected',
    message: `ended before the cloud was asked, nothing was changed: ${winner(terminal)}`,
  };
}

/** Given up by an operator; only in phase needs-operator. */
export function abandoned(state: RunState): Ending | undefined {
  const { abandonedBy, concern, seen } = state;
  if (abandonedBy === undefined) return undefined;
  const why = abandonedBy.reason === undefined ? '' : ` (${abandonedBy.reason})`;
  const last = seen === undefined ? '' : `; last seen: ${seen.server.status} with flavor ${seen.server.flavor.name}`;
  return {
    outcome: 'needs-operator',
    message: `given up by ${abandonedBy.by}${why}${last}; the server may still be in VERIFY_RESIZE`,
    ...(concern && { advice: concern.advice }),
  };
}

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
        cause: terminal?.via === 'decision-timeout' ? 'decision-timeout' : 'approved',
        message: `confirmed: ${name} runs with ${to.name}${because(state)}`,
      };
    case 'reverted':
      return {
        outcome: 'reverted',
        cause: { 'decision-timeout': 'decision-timeout', cancel: 'cancelled', signal: 'rejected', update: 'rejected' }[
          terminal?.via ?? 'signal'
        ] as NonNullable<Ending['cause']>,
        message: `reverted: ${name} is back on ${from}${because(state)}`,
      };
    case 'rolled-back': {
      const action = meaning.resize;
      const quote =
        action === undefined
          ? ''
          : ` (request ${action.requestId}${action.failedEvent ? `, ${action.failedEvent} failed` : ''})`;
      return {
        outcome: 'rolled-back-by-cloud',
        message: `the cloud rolled the resize back by itself${quote}: ${name} is on ${from} as before`,
        advice: {
          you: 'The cloud does not tell members why. Usual causes: no host with room for the flavor, a server group or zone that leaves no host, a smaller disk, extra specs that no host meets. Try another flavor, or ask.',
          administrator: `Look up the request in the scheduler's and conductor's logs${action === undefined ? '' : `: ${action.requestId}`}.`,
        },
      };
    }
    case 'changed-outside': {
      const who =
        meaning.cause === 'auto-confirmed'
          ? 'the cloud itself'
          : meaning.by === undefined
            ? 'somebody else'
            : `user ${meaning.by}`;
      const did = meaning.cause === 'reset' ? 'its state was reset' : `${meaning.cause} by ${who}`;
      return {
        outcome: 'changed-outside',
        cause: meaning.cause,
        message: `changed from outside: ${name} was ${did}, not by this run, which touched nothing more; ${meaning.sees}`,
      };
    }
    case 'busy':
    case 'untouched':
    case 'window':
    case 'missing':
    case 'operator':
      return undefined;
  }
}

function because(state: RunState): string {
  const { terminal } = state.ledger;
  return terminal === undefined ? '' : `; ${winner(terminal)}`;
}
