/** What a run has to record in the audit log of its worker. Pure; a run whose worker keeps none records nothing. */
import type { Choice, Decision, Terminal } from './decision';
import type { Ending, RunState } from './run-state';
import type { Cause, Outcome } from './outcome';
import { policyId, type PolicyId } from './policy';
import { present } from './present';

/** Of which resize, and where it stands in what is recorded of it. */
interface Place {
  /** The run id that the resize began with. */
  run: string;
  /** From 1, without gaps unless lines were lost. */
  sequence: number;
  /** ISO 8601 UTC, workflow time. */
  at: string;
  cloud: string;
  server: { id: string; name?: string };
  /** The policy that the resize is under. */
  policy?: PolicyId;
  /** What the server showed when it was last looked at. */
  seen?: { status: string; vmState: string; flavor: string; at: string };
}

/** What is recorded. */
export type AuditFact =
  /** A vote, counted or not; once more when it no longer counts. */
  | ({ kind: 'decision' } & Decision)
  | { kind: 'extension'; by: string; reason?: string; deadline: string }
  | { kind: 'operator'; word: 'retry' | 'abandon'; by: string; reason?: string }
  /** What decided, where it was no person: a check with what it found, the deadline, the request's own rule. */
  | { kind: 'check' | 'deadline' | 'rule'; decision: Choice; by: string; why?: string }
  | { kind: 'outcome'; outcome: Outcome; cause?: Cause; message: string };

export type AuditRecord = Place & AuditFact;

/** What waits to be written. Plain JSON: it is carried through continue-as-new. */
export interface AuditState {
  /** Of the newest record. */
  sequence: number;
  pending: AuditRecord[];
}

/** The most that wait: the state of a run has a limit. The numbers show that older ones were lost. */
const MOST_PENDING = 100;

/** The state with what has to be recorded of the step from one to the other. */
export function withAudit(before: RunState, after: RunState, now: number): RunState {
  if (after.prepared?.audits !== true) return after;
  // What came before it was known whether the worker keeps an audit log is recorded then.
  const known = before.prepared === undefined ? undefined : before;
  const facts = factsBetween(known, after);
  if (facts.length === 0) return after;
  const { sequence, pending } = after.audit ?? { sequence: 0, pending: [] };
  const place = placeOf(after, now);
  const records = facts.map((fact, n): AuditRecord => ({ ...place, sequence: sequence + n + 1, ...fact }));
  return {
    ...after,
    audit: { sequence: sequence + records.length, pending: [...pending, ...records].slice(-MOST_PENDING) },
  };
}

/** The state when these, and all before them, are written. */
export function withoutWritten(state: RunState, upTo: number): RunState {
  const { audit } = state;
  return audit === undefined
    ? state
    : { ...state, audit: { ...audit, pending: audit.pending.filter(({ sequence }) => sequence > upTo) } };
}

function factsBetween(before: RunState | undefined, after: RunState): AuditFact[] {
  const isNew = <T>(list: readonly T[] | undefined) => {
    const known = new Set(list);
    return (one: T) => !known.has(one);
  };
  const { ledger, extensions = [], operatorWords } = after;
  const ending = endingOf(after);
  return [
    ...ledger.decisions.filter(isNew(before?.ledger.decisions)).map(decisionFact),
    ...extensions.filter(isNew(before?.extensions)).map(extensionFact),
    ...operatorWords.filter(isNew(before?.operatorWords)).map(wordFact),
    ...(ledger.terminal !== undefined && before?.ledger.terminal === undefined ? terminalFacts(ledger.terminal) : []),
    ...(ending !== undefined && (before === undefined || endingOf(before) === undefined) ? [outcomeFact(ending)] : []),
  ];
}

/** With the time at which the vote came. */
const decisionFact = (decision: Decision): AuditFact => ({ kind: 'decision', ...decision });

const extensionFact = ({ by, reason, deadline }: NonNullable<RunState['extensions']>[number]): AuditFact => ({
  kind: 'extension',
  by,
  ...present({ reason }),
  deadline,
});

const wordFact = ({ word, by, reason }: RunState['operatorWords'][number]): AuditFact => ({
  kind: 'operator',
  word,
  by,
  ...present({ reason }),
});

const KINDS = { check: 'check', 'decision-timeout': 'deadline', policy: 'rule' } as const;

/** A decision of people is recorded with their votes. */
function terminalFacts({ via, decision, by, why }: Terminal): AuditFact[] {
  if (via === 'signal' || via === 'update' || via === 'cancel') return [];
  return [{ kind: KINDS[via], decision, by, ...present({ why }) }];
}

const endingOf = ({ stage }: RunState): Ending | undefined => (stage.is === 'closed' ? stage.ending : undefined);

const outcomeFact = ({ outcome, cause, message }: Ending): AuditFact => ({
  kind: 'outcome',
  outcome,
  ...present({ cause }),
  message,
});

function placeOf({ request, prepared, runs, observed }: RunState, now: number): Omit<Place, 'sequence'> {
  const server = observed?.server;
  return {
    run: runs[0] ?? '',
    at: new Date(now).toISOString(),
    cloud: request.cloud,
    server: present({ id: request.server, name: prepared?.server.name }),
    ...present({ policy: prepared?.policy && policyId(prepared.policy) }),
    ...(server !== undefined &&
      observed !== undefined && {
        seen: { status: server.status, vmState: server.vmState, flavor: server.flavor.name, at: observed.at },
      }),
  };
}
