/** What the watcher of a cloud said last, as Temporal shows it: for the runs, and for whoever asks for a status. */
import { type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { WatchProgress } from '../workflows/messages';
import { pendingActivities } from './pending-activities';

/** A list that succeeded longer ago than this shows nothing of now, ms. */
const FRESH = 15_000;

/** `starting`: it may see changes in a moment; `off`: the cloud does not let it. */
export type WatcherState = 'watching' | 'starting' | 'off';

/** Does the watcher that says this see changes? @param progress undefined: it has said nothing yet */
export function watcherState(progress: WatchProgress | undefined): WatcherState {
  if (progress === undefined) return 'starting';
  if (progress.mode === 'off') return 'off';
  return progress.listedAgo !== undefined && progress.listedAgo < FRESH ? 'watching' : 'starting';
}

/** @returns undefined while no worker has it, or it has said nothing yet */
export async function watcherProgress(
  { workflow, options }: Client,
  workflowId: string,
): Promise<WatchProgress | 'not-there' | undefined> {
  const described = await unlessNotThere(workflow.getHandle(workflowId).describe());
  if (described?.status.name !== 'RUNNING') return 'not-there';
  const [activity] = pendingActivities(described);
  if (activity?.state !== 'STARTED') return undefined;
  const { payloadConverter, payloadCodecs } = options.loadedDataConverter;
  let payloads = activity.raw.heartbeatDetails?.payloads ?? [];
  for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
  const [last] = payloads;
  return last && payloadConverter.fromPayload<WatchProgress | undefined>(last);
}

async function unlessNotThere(
  described: Promise<WorkflowExecutionDescription>,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await described;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
