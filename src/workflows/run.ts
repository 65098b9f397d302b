/** One run of the story, and how it waits. */
import { condition, workflowInfo } from '@temporalio/workflow';
import { LOOKS_PER_RUN } from '../resize/polling';
import type { Door } from './door';
import type { Report } from './report';
import type { RunState } from './run-state';

/** What the story works with. */
export interface Run {
  state: RunState;
  door: Door;
  report: Report;
  /** Looks of earlier runs of this resize. */
  looksBefore: number;
}

/** Waits for the next look, or for somebody who asks for one. */
export async function pause({ state, door }: Run, delay: number, until: () => boolean = () => false): Promise<void> {
  // "Deleted" takes two 404s at least 30 s apart.
  const spared = Math.max(delay, (state.slow?.until ?? 0) - Date.now());
  const longest = state.missingSince === undefined ? spared : Math.min(spared, 31_000);
  await condition(() => door.lookNow || state.abandonedBy !== undefined || until(), longest, {
    summary: 'until the next look',
  });
  door.lookNow = false;
}

/** Is the history long enough to continue as new? */
export function isDue({ state, looksBefore }: Run): boolean {
  return workflowInfo().continueAsNewSuggested || state.looks - looksBefore >= LOOKS_PER_RUN;
}
