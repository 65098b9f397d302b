/** The votes in the histories of a resize, and what became of each by the status that the resize told. */
import { CANCELLER, NO_DECISION, type Choice, type Decision } from '../resize/decision';
import { present } from '../resize/present';
import { field, listIn, textIn, type HistoryEvent, type RunHistory } from './history';

/** A vote as it came, before anybody judged it. */
export interface VoteCame {
  runId: string;
  event: HistoryEvent;
  choice: Choice;
  via: Decision['via'];
  /** The name in it; a cancel has none. */
  by?: string;
  reason?: string;
  voteId?: string;
}

export const isChoice = (value: unknown): value is Choice => value === 'approve' || value === 'reject';

/** Is this event a vote? */
export function voteIn(runId: string, event: HistoryEvent): VoteCame | undefined {
  switch (event.is) {
    case 'signaled':
      return isChoice(event.name)
        ? { runId, event, choice: event.name, via: 'signal', ...fieldsOf(event.payload) }
        : undefined;
    case 'update': {
      const choice = field(event.payload, 'decision');
      if (event.name !== 'decide' || !isChoice(choice)) return undefined;
      return { runId, event, choice, via: 'update', ...fieldsOf(event.payload) };
    }
    case 'cancel-requested':
      return { runId, event, choice: 'reject', via: 'cancel' };
    default:
      return undefined;
  }
}

const fieldsOf = (payload: unknown) =>
  present({
    by: textIn(payload, 'by')?.trim(),
    reason: textIn(payload, 'reason')?.trim(),
    voteId: textIn(payload, 'voteId'),
  });

export function votesIn(chain: readonly RunHistory[]): VoteCame[] {
  return chain.flatMap(({ runId, events }) => events.flatMap((event) => voteIn(runId, event) ?? []));
}

/** The decisions as a status, or the state that a run carries on, has them. */
export function decisionsIn(status: unknown): Decision[] {
  const decisions = listIn(status, 'decisions');
  return decisions.filter(
    (one): one is Decision => isChoice(field(one, 'decision')) && textIn(one, 'by') !== undefined,
  );
}

/**
 * All decisions that the resize ever told, oldest first, each as it was told last: one that counted may be voided later.
 * A memo holds the newest alone and cuts their texts; an answer to an update, what is carried on and the result hold more.
 */
export function decisionsTold(chain: readonly RunHistory[]): Decision[] {
  const told = new Map<string, Decision>();
  const tell = (decisions: readonly Decision[], isCut: boolean) => {
    const copies = new Map<string, number>();
    for (const one of decisions) {
      const plain = [one.at, one.via, one.decision, one.voteId ?? one.claimed ?? one.by].join('\n');
      const copy = (copies.get(plain) ?? 0) + 1;
      copies.set(plain, copy);
      const key = `${plain}\n${copy}`;
      const before = told.get(key);
      // A text that is cut is not the newer one.
      const isSame = before?.counted === one.counted && before.pending === one.pending;
      if (before === undefined || !isCut || !isSame) told.set(key, one);
    }
  };
  for (const { carried, events } of chain) {
    tell(decisionsIn(field(carried, 'ledger')), false);
    for (const event of events) {
      if (event.is === 'told') tell(decisionsIn(event.status), true);
      if (event.is === 'update-done') tell(decisionsIn(event.result), false);
      if (event.is === 'continued') tell(decisionsIn(field(event.carried, 'ledger')), false);
      if (event.is === 'closed') tell(decisionsIn(event.status), false);
    }
  }
  return [...told.values()].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Each vote that came, with the decision that it became, if the resize told one. */
export function votesWithDecisions(chain: readonly RunHistory[]): Map<HistoryEvent, Decision | undefined> {
  const left = decisionsTold(chain);
  return new Map(
    votesIn(chain).map((vote) => {
      const index = left.findIndex((decision) => isOf(decision, vote));
      const [decision] = index < 0 ? [] : left.splice(index, 1);
      return [vote.event, decision];
    }),
  );
}

/** May this decision be what became of this vote? */
export function isOf(decision: Decision, { choice, via, by, voteId, event }: VoteCame): boolean {
  if (decision.decision !== choice || decision.via !== via) return false;
  const { proven } = decision;
  if (proven !== undefined) return proven.eventId === String(event.id);
  if (via === 'cancel') return decision.by === CANCELLER;
  // What is no decision is kept without its id.
  const isId = voteId === decision.voteId || decision.why?.startsWith(NO_DECISION) === true;
  // In a memo a long name is cut.
  const isName = by === undefined || decision.by === by.slice(0, 200) || decision.by.endsWith('…');
  return isId && isName;
}
