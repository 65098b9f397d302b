/** Writes the status where it is read without a worker: the memo, the search attributes, the details in the UI. */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { detailsOf } from '../resize/details';
import { doubtNow, problemNow } from '../resize/health';
import { memoOf } from '../resize/memo';
import type { ResizeStatus } from '../resize/outcome';
import { EFFECT_OF, type RunState } from '../resize/run-state';
import { statusOf } from '../resize/status';
import { MEMO_STATUS, SEARCH_ATTRIBUTES } from './messages';

type Name = keyof typeof SEARCH_ATTRIBUTES;

/** Each write is an event in the history, so only what a reader acts on, and only what has changed, is written. */
export class Publisher {
  #memo = '';
  readonly #attributes = new Map<Name, string | undefined>();

  publish(state: RunState): void {
    const status = statusOf(state, workflowInfo());
    setCurrentDetails(detailsOf(status));
    const memo = memoOf(status);
    // What was observed, and when, changes with every observation; the query has it live. The request id is for those who
    // ask the cloud's administrator: they read it with what comes next. Of the checks people act on what is wrong now.
    const message = state.issue?.is ?? status.outcome;
    const seen = { observed: undefined, server: undefined, requestId: undefined, checks: undefined };
    const wrong = [problemNow(state)?.what, doubtNow(state)?.what];
    const key = JSON.stringify({ ...memo, ...seen, message, wrong });
    const first = this.#memo === '';
    if (key !== this.#memo && !(first && isAsStarted(state))) upsertMemo({ [MEMO_STATUS]: memo });
    this.#memo = key;
    if (isPassing(state)) return;
    const changed = this.#changed(status, state.prepared?.searchAttributes ?? []);
    if (changed.length > 0) upsertSearchAttributes(changed);
  }

  /** @param known the names that the namespace has: an upsert of another one fails the workflow task for ever */
  #changed(status: ResizeStatus, known: readonly string[]): SearchAttributeUpdatePair[] {
    // A deadline counts while there is something to decide. One that has passed stays, so that a list finds what is overdue.
    const deadline = status.votesMissing === undefined ? undefined : (status.overdueSince ?? status.decisionDeadline);
    const values: Record<Name, string | undefined> = {
      ResizePhase: status.phase,
      ResizeOutcome: status.outcome,
      ResizeCloud: status.cloud,
      ResizeServerName: status.server.name,
      ResizeDecisionDeadline: deadline,
    };
    const changed = (Object.keys(values) as Name[]).filter(
      (name) => known.includes(name) && values[name] !== this.#attributes.get(name),
    );
    for (const name of changed) this.#attributes.set(name, values[name]);
    return changed.map((name) => pairOf(name, values[name]));
  }
}

/** Has nothing happened yet, and does the memo that `start` wrote say as much, or more? */
function isAsStarted({ stage, issue, unreachableSince, ledger, operatorWords }: RunState): boolean {
  const started: unknown = workflowInfo().memo?.[MEMO_STATUS];
  const hasMemo = typeof started === 'object' && started !== null && 'phase' in started;
  const isNew = stage.is === 'preparing' && issue === undefined && unreachableSince === undefined;
  return hasMemo && started.phase === 'preparing' && isNew && ledger.decisions.length + operatorWords.length === 0;
}

/**
 * Is a first confirm or revert on its way? That mostly ends within seconds and closes the run. The memo has it at once, for
 * whoever reads without a worker; lists may find it a moment later.
 */
function isPassing({ stage, sent, inFlight }: RunState): boolean {
  if (stage.is !== 'confirming' && stage.is !== 'reverting') return false;
  return sent[EFFECT_OF[stage.is]].posts === 0 && (stage.ready || inFlight !== undefined);
}

function pairOf(name: Name, value: string | undefined): SearchAttributeUpdatePair {
  if (SEARCH_ATTRIBUTES[name] === 'DATETIME') {
    const key = defineSearchAttributeKey(name, SearchAttributeType.DATETIME);
    return { key, value: value === undefined ? null : new Date(value) };
  }
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value: value ?? null };
}
