/** What other services import. */
export { ResizeClient } from './client/resize-client';
export { ResizeRun, type Namesake } from './client/resize-run';
export { ResizeError, RESIZE_ERRORS, isResizeErrorCode, type ResizeErrorCode } from './client/resize-error';
export type { ConnectOptions, Timing } from './client/temporal-link';
export type { Execution, RunStatus } from './client/run-status';
export type { StartInput } from './client/start';
export type { ListFilter } from './client/find-run';
export type { VoteInput, VoteResult } from './client/messages-to-run';
export type { OnWaiting } from './client/short-workflow';
export type { EntryKind, HistoryEntry } from './record/entries';
export type { WaitOptions } from './client/wait-for-end';
export type {
  ExtensionInput,
  InspectInput,
  Inspection,
  OperatorWord,
  Orphan,
  OrphansInput,
} from './workflows/messages';
export type { DurationInput, OnTimeout, ResizeInput } from './resize/request';
export type { Approvals, ApprovalsStatus } from './resize/approvals';
export type { Choice, Decision } from './resize/decision';
export type { Extension } from './resize/extension';
export type { Flavor } from './resize/observation';
export {
  OUTCOMES,
  PHASES,
  type Advice,
  type Cause,
  type Outcome,
  type Ownership,
  type Phase,
  type ResizeStatus,
  type RevertLoses,
} from './resize/outcome';
