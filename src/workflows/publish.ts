/** Writes the status where it is read without a worker: the memo, the search attributes, the details in the UI. */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { detailsOf } from '../resize/details';
import { memoOf } from '../resize/memo';
import type { ResizeStatus } from '../resize/outcome';
import type { RunState } from '../resize/run-state';
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
    // ask the cloud's administrator: they read it with what comes next.
    const message = state.issue?.is ?? status.outcome;
    const key = JSON.stringify({ ...memo, observed: undefined, server: undefined, requestId: undefined, message });
    if (key === this.#memo) return;
    this.#memo = key;
    upsertMemo({ [MEMO_STATUS]: memo });
    const changed = this.#changed(status, state.prepared?.searchAttributes ?? []);
    if (changed.length > 0) upsertSearchAttributes(changed);
  }

  /** @param known the names that the namespace has: an upsert of another one fails the workflow task for ever */
  #changed(status: ResizeStatus, known: readonly string[]): SearchAttributeUpdatePair[] {
    // A deadline counts while there is something to decide.
    const deadline = status.votesMissing === undefined ? undefined : status.decisionDeadline;
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

function pairOf(name: Name, value: string | undefined): SearchAttributeUpdatePair {
  if (SEARCH_ATTRIBUTES[name] === 'DATETIME') {
    const key = defineSearchAttributeKey(name, SearchAttributeType.DATETIME);
    return { key, value: value === undefined ? null : new Date(value) };
  }
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value: value ?? null };
}
