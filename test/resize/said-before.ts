/** What people are told of a request, a server or a vote that cannot be, and of what an operator has to see. */
import { explain, type IssueFacts, type OperatorIssue } from '../../src/resize/advice';
import { refusalOfDecisionTime } from '../../src/resize/auto-confirm';
import { emptyLedger, judge, readOperatorWord, type Standing } from '../../src/resize/decision';
import type { TroubleKind } from '../../src/resize/failure';
import { UNKNOWN_FLAVOR, type ServerSeen } from '../../src/resize/observation';
import type { Advice } from '../../src/resize/outcome';
import { adoptableIn, refusalOf } from '../../src/resize/precondition';
import { checkInspect, checkOrphans, checkRequest, InvalidRequest, readDuration } from '../../src/resize/request';
import { action, server, TO } from './looks';

/** A sentence, and below it what each reader can do. */
export function lines({ message, advice }: { message: string; advice?: Advice | undefined }): string {
  const administrator = advice?.administrator === undefined ? [] : [`administrator: ${advice.administrator}`];
  return [message, ...(advice === undefined ? [] : [`you: ${advice.you}`]), ...administrator].join('\n');
}

type Said = Record<string, () => string>;

const saidOf = <T>(about: string, cases: Readonly<Record<string, T>>, say: (one: T) => string): Said =>
  Object.fromEntries(Object.entries(cases).map(([name, one]) => [`${about}: ${name}`, () => say(one)]));

const least: IssueFacts = { server: 'SERVER', cloud: 'lab', sees: 'the server shows X', doing: 'confirm' };
const most: IssueFacts = {
  ...least,
  fault: 'disk is gone',
  requestId: 'req-7',
  trouble: { kind: 'locked', tried: 'confirm', message: 'Instance is locked', advice: 'Unlock it.' },
  unreachableSince: '2026-01-01T12:00:00.000Z',
};
const ISSUES: readonly OperatorIssue[] = [
  'error',
  'two-resizes',
  'lost-answer',
  'other-request-id',
  'stranger-failed',
  'our-action-failed',
  'not-ours',
  'unclear',
  'stuck',
  'rejected',
  'lost-twice',
  'no-worker',
];
const REMEDIED: readonly TroubleKind[] = ['host-unavailable', 'quota', 'not-authenticated', 'forbidden', 'conflict'];

const named = <T extends string>(names: readonly T[]) =>
  Object.fromEntries(names.map((name) => [name, name])) as Record<T, T>;

const operators: Said = {
  ...saidOf('an operator is called, little is known', named(ISSUES), (issue) => lines(explain(issue, least))),
  ...saidOf('an operator is called, all is known', named(ISSUES), (issue) => lines(explain(issue, most))),
  ...saidOf('an operator is called, the cloud refuses', named(REMEDIED), (kind) =>
    lines(explain('rejected', { ...least, trouble: { kind, tried: 'confirm', message: 'the cloud says no' } })),
  ),
};

const healthy = server('ACTIVE active - f1');
const where = { project: 'project', region: 'region' };
const outcome = (found: object | undefined) =>
  found === undefined || !('message' in found) ? 'no refusal' : lines(found as Parameters<typeof lines>[0]);

const servers: Said = {
  ...saidOf<ServerSeen>(
    'refused before it is asked for',
    {
      'in ERROR': { ...server('ERROR error - f1'), fault: { message: 'disk is gone' } },
      'in ERROR without a fault': server('ERROR error - f1'),
      'in VERIFY_RESIZE': server('VERIFY_RESIZE resized - f1'),
      'a task runs': server('REBOOT active rebooting f1'),
      paused: server('PAUSED paused - f1'),
      locked: { ...healthy, locked: true },
      'paid by year or month': { ...healthy, billing: 'prepaid' },
      'a spot server': { ...healthy, billing: 'spot' },
      'no flavor is shown': { ...healthy, flavor: UNKNOWN_FLAVOR },
      'it has the flavor': server('ACTIVE active - f2'),
    },
    (seen) => outcome(refusalOf(seen, 'f2', TO, where)),
  ),
  ...saidOf(
    'refused before it is asked for',
    {
      'no such flavor': () => refusalOf(healthy, 'm9', undefined, where),
      'another project': () => refusalOf(healthy, 'f2', TO, where, { project: 'p2' }),
      'another region': () => refusalOf(healthy, 'f2', TO, where, { region: 'r2' }),
      'no region': () => refusalOf(healthy, 'f2', TO, { project: 'project' }, { region: 'r2' }),
    },
    (refusal) => outcome(refusal()),
  ),
  ...saidOf(
    'not taken over',
    {
      'it does not wait': { seen: healthy },
      'a task runs': { seen: server('VERIFY_RESIZE resized powering-off f2') },
      'no flavor is shown': { seen: { ...server('VERIFY_RESIZE resized - f2'), flavor: UNKNOWN_FLAVOR } },
      'it waits with another flavor': { seen: server('VERIFY_RESIZE resized - f3') },
      'its log cannot be read': { seen: server('VERIFY_RESIZE resized - f2'), last: 'unreadable' as const },
      'its log shows nothing': { seen: server('VERIFY_RESIZE resized - f2') },
      'it was migrated': {
        seen: server('VERIFY_RESIZE resized - f2'),
        last: { action: action('migrate admin success') },
      },
    },
    ({ seen, last = 'none' as const }: { seen: ServerSeen; last?: Parameters<typeof adoptableIn>[3] }) =>
      outcome(adoptableIn(seen, 'f2', TO, last)),
  ),
};

const HOUR = 3_600_000;
const times: Said = saidOf(
  'a cloud that confirms by itself after an hour',
  {
    'too long': () => refusalOfDecisionTime({ decideWithin: 2 * HOUR }, HOUR),
    held: () => refusalOfDecisionTime({ decideWithin: 60_000, onTimeout: 'hold' }, HOUR),
    'too long for what is left': () => refusalOfDecisionTime({ decideWithin: HOUR }, HOUR, 1_800_000),
    'nothing is left': () => refusalOfDecisionTime({ decideWithin: 1000 }, HOUR, HOUR),
    'nothing was ever left': () => refusalOfDecisionTime({ decideWithin: 1000 }, 20_000),
  },
  (refusal) => outcome(refusal()),
);

const input = { cloud: 'lab', server: '11111111-2222-4333-8444-555555555555', flavor: 'f2', requestedBy: 'ana' };
function thrown(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (error instanceof InvalidRequest) return error.message;
    throw error;
  }
  return 'no refusal';
}
const inputs: Said = {
  ...saidOf<Record<string, unknown>>(
    'an input that cannot be meant',
    {
      'no cloud': { cloud: undefined },
      'an empty cloud': { cloud: ' ' },
      'a long cloud': { cloud: 'c'.repeat(101) },
      'a number for a cloud': { cloud: 7 },
      'a name for a server': { server: 'web-07' },
      'a long server': { server: 's'.repeat(201) },
      'a long quotation': { server: 's'.repeat(200) },
      'a long flavor': { flavor: 'f'.repeat(1001) },
      'a long name': { requestedBy: 'n'.repeat(201) },
      'a long reason': { reason: 'r'.repeat(2001) },
      'a long key': { key: 'k'.repeat(201) },
      'an unknown field': { flavour: 'f2' },
      'an unknown expectation': { expect: { zone: 'z' } },
      'a bare number in a text': { decideWithin: '30' },
      'an empty duration': { decideWithin: '' },
      'no duration': { decideWithin: 'soon' },
      'a duration below zero': { decideWithin: -1 },
      'more than a year': { decideWithin: '366d' },
      'polling of a millisecond': { polling: { initial: 1 } },
      'a backoff below one': { polling: { backoff: 0.5 } },
      'another time-out': { onTimeout: 'ask' },
      'a newer version': { version: 2 },
      'half a version': { version: 0.5 },
      'a text for a flag': { adopt: 'yes' },
      'no approvals needed': { approvals: { required: 0 } },
      'more approvals than are kept': { approvals: { required: 51 } },
      'no approvers': { approvals: { approvers: [] } },
      'an approver twice': { approvals: { approvers: ['Bob', ' bob'] } },
      'more approvals than approvers': { approvals: { required: 3, approvers: ['bob', 'eve'] } },
      'more approvals than approvers besides the requester': { approvals: { required: 2, approvers: ['bob', 'Ana'] } },
      checks: { checks: [] },
      autoConfirm: { autoConfirm: true },
      bakeFor: { bakeFor: '1h' },
      at: { at: '18:00' },
      policy: { policy: '' },
    },
    (change) => thrown(() => checkRequest({ ...input, ...change })),
  ),
  ...saidOf(
    'an input that cannot be meant',
    {
      nothing: () => checkRequest(undefined),
      'a list': () => checkRequest([input]),
      'a date': () => checkRequest(new Date(0)),
      'an inspection without a flavor': () => checkInspect({ cloud: 'lab', server: 'web-07' }),
      'orphans of no cloud': () => checkOrphans({}),
      'orphans with an unknown field': () => checkOrphans({ cloud: 'lab', flavor: 'f2' }),
      'a duration of the command line': () => readDuration('soon', '--decide-within'),
    },
    thrown,
  ),
};

const standing: Standing = {
  gate: { requestedBy: 'ana' },
  cloudAsked: true,
  runs: ['run-1'],
  proofIn: true,
  now: '2026-01-01T12:00:00.000Z',
  pastDeadline: false,
};
const words: Said = {
  ...saidOf<unknown>(
    'a vote that is none',
    {
      'no name': {},
      'an empty name': { by: '' },
      'a long name': { by: 'n'.repeat(201) },
      'a long reason': { by: 'ann', reason: 'r'.repeat(2001) },
      'a long run': { by: 'ann', run: 'r'.repeat(101) },
      'an empty vote id': { by: 'ann', voteId: '' },
      'an unknown field': { by: 'ann', reson: 'typo' },
      'the other decision inside': { by: 'ann', decision: 'reject' },
      'a text': 'yes',
      'another run': { by: 'ann', run: 'run-9' },
    },
    (payload) => {
      const judgement = judge(emptyLedger(), 'approve', payload, 'signal', standing);
      return judgement.is === 'refused' ? `${judgement.type}: ${judgement.message}` : judgement.is;
    },
  ),
  ...saidOf<unknown>(
    'an operator’s word that is none',
    { nothing: undefined, 'no name': {}, 'a reason that is no text': { by: 'eve', reason: {} } },
    (payload) => JSON.stringify(readOperatorWord('retry', payload)),
  ),
};

export const beforeItRuns: Said = { ...operators, ...servers, ...times, ...inputs, ...words };
