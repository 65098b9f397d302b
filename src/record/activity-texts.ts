/** What the activities of a resize were asked for and what they answered, in words. */
import { EFFECTS, type Effect } from '../resize/effect';
import { present } from '../resize/present';
import type { HistoryEntry } from './entries';
import { field, TAKEN_BACK, textIn, type HistoryEvent } from './history';

/** How an activity ended. */
export type Answered = Extract<HistoryEvent, { is: 'answered' | 'unanswered' }>;
/** What an entry says beside when and where it happened. */
export type Told = Omit<HistoryEntry, 'at' | 'workflowId' | 'resize' | 'runId' | 'eventId' | 'seen'>;

/** The activities that send a request, by their names on the wire. */
export const REQUESTS: Readonly<Record<string, Effect>> = {
  stopServer: 'stop',
  requestResize: 'resize',
  confirmResize: 'confirm',
  revertResize: 'revert',
  startServer: 'start',
};

/** @returns undefined for an activity that an observation alone came of */
export function answered(activity: string, input: unknown, event: Answered): Told | undefined {
  const effect = REQUESTS[activity];
  if (effect !== undefined) return { kind: 'answer', text: answerText(effect, event) };
  switch (activity) {
    case 'prepareResize':
      return { kind: 'prepared', text: preparedText(event) };
    case 'checkHealth':
      return checked(input, event);
    case 'whoSent':
      return { kind: 'sender', text: sendersText(event) };
    default:
      return undefined;
  }
}

function preparedText(event: Answered): string {
  if (event.is === 'unanswered') return `nothing was learnt: ${event.why}`;
  const { result } = event;
  const refusal = textIn(result, 'refusal', 'message');
  if (refusal !== undefined) return `refused: ${refusal}`;
  const from = textIn(result, 'server', 'flavor', 'name') ?? 'unknown';
  const to = textIn(result, 'to', 'name') ?? 'unknown';
  const adopted = textIn(result, 'adopted');
  const loses = textIn(result, 'revertLoses');
  const policy = textIn(result, 'policy', 'name');
  return [
    adopted === undefined ? `from ${from} to ${to}` : `to ${to}, taken over (${adopted})`,
    ...(loses === undefined ? [] : [`a revert loses: ${loses}`]),
    ...(policy === undefined ? [] : [`policy ${policy} (version ${String(field(result, 'policy', 'version'))})`]),
    ...(textIn(result, 'deciders') === 'proven' ? ['votes count for who sent them'] : []),
  ].join('; ');
}

const WITHHELD: Readonly<Record<string, string>> = {
  'observe-only': 'the worker is in observe-only mode',
  changed: 'the server did not show what it had to',
  unreadable: 'the server could not be read',
  'no-time': 'too little time was left to hear the answer',
  'never-started': 'no worker took it up, or it was taken back before',
};

function answerText(effect: Effect, event: Answered): string {
  const { name } = EFFECTS[effect];
  const answer = knownOf(event);
  const trouble = textIn(answer, 'trouble', 'message');
  const because = trouble === undefined ? '' : `: ${trouble}`;
  switch (textIn(answer, 'answer')) {
    case 'accepted': {
      const requestId = textIn(answer, 'requestId');
      return `the cloud accepted the ${name}${requestId === undefined ? '' : ` (${requestId})`}`;
    }
    case 'rejected':
      return `the cloud refused the ${name}${because}`;
    case 'withheld':
      return `the ${name} was not sent: ${WITHHELD[textIn(answer, 'why') ?? ''] ?? 'no reason given'}${because}`;
    case 'unknown':
      return `the answer to the ${name} was lost${because}`;
    default:
      if (event.is === 'answered') return `the answer to the ${name} cannot be read`;
      return `${event.begun ? `the answer to the ${name} was lost` : `the ${name} was not sent`}: ${event.why}`;
  }
}

const WHEN: Readonly<Record<string, string>> = {
  baseline: 'before the resize',
  proof: 'after the resize',
  watch: 'while people decide',
  'last-round': 'before it is confirmed',
};

/** @returns undefined for a check that was given up: it says nothing any more */
function checked(input: unknown, event: Answered): Told | undefined {
  if (event.is === 'unanswered' && event.why === TAKEN_BACK) return undefined;
  const result = event.is === 'answered' ? event.result : undefined;
  const check = textIn(input, 'check', 'name') ?? 'unknown';
  const when = textIn(input, 'when') ?? 'unknown';
  const verdict = textIn(result, 'verdict') ?? 'inconclusive';
  const figure = textIn(result, 'figure');
  const why = event.is === 'answered' ? textIn(result, 'reason') : `no worker could run it: ${event.why}`;
  const found = [figure, why].filter((part) => part !== undefined).join(', ');
  const text = `check ${check} ${WHEN[when] ?? when}: ${verdict}${found === '' ? '' : ` (${found})`}`;
  return { kind: 'check', text, check, when, verdict, ...present({ figure, why }) };
}

function sendersText(event: Answered): string {
  if (event.is === 'unanswered') return `who sent a vote could not be learnt: ${event.why}`;
  const answers = Array.isArray(event.result) ? (event.result as readonly unknown[]) : [];
  const names = answers.map((one) => textIn(one, 'name') ?? `nobody: ${textIn(one, 'none') ?? 'no reason given'}`);
  return `sent by ${names.join(', ')}, as Temporal says`;
}

/** What is known of how it ended: its result, or the last heartbeat of one that was lost. */
export const knownOf = (event: Answered): unknown => (event.is === 'answered' ? event.result : event.known);
