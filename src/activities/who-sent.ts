/** Who sent a message to a run, and who started it, as the Temporal server recorded it in the history. */
import { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { whyNobody, type MessagePlace, type Principal, type SenderAnswer, type VoteMessage } from '../resize/proven';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const { EventType } = temporal.api.enums.v1;
/** gRPC status codes of a run that Temporal has no more: NOT_FOUND. */
const GONE: readonly number[] = [5];

/** The messages that are asked about. */
export interface WhoSentInput {
  places: MessagePlace[];
}

/** Who sent these messages to the resize that asks, in their order. Reads each run up to the last of them. */
export async function whoSent({ places }: WhoSentInput): Promise<SenderAnswer[]> {
  const found = new Map<MessagePlace, SenderAnswer>();
  for (const runId of new Set(places.map((place) => place.runId))) {
    const ofRun = places.filter((place) => place.runId === runId);
    for (const [place, answer] of await sendersIn(runId, ofRun)) found.set(place, answer);
  }
  return places.map((place) => found.get(place) ?? { none: 'its history has no such message' });
}

async function sendersIn(runId: string, places: readonly MessagePlace[]): Promise<Map<MessagePlace, SenderAnswer>> {
  const events = new Map<MessagePlace, HistoryEvent>();
  const workers: Principal[] = [];
  const came: Record<VoteMessage, number> = { approve: 0, reject: 0, cancel: 0 };
  for await (const event of eventsOf(runId)) {
    if (event.eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) workers.push(principalOf(event));
    const message = messageOf(event);
    if (message !== undefined) {
      const nth = ++came[message];
      const place = places.find((one) => one.message === message && one.nth === nth);
      if (place !== undefined) events.set(place, event);
    }
    // A worker has answered at least once before it asked.
    if (events.size === places.length && workers.length > 0) break;
  }
  const answers = new Map<MessagePlace, SenderAnswer>();
  for (const [place, event] of events) answers.set(place, await senderOf(place, event, workers));
  return answers;
}

async function senderOf(
  place: MessagePlace,
  event: HistoryEvent,
  workers: readonly Principal[],
): Promise<SenderAnswer> {
  if (place.message !== 'cancel' && (await voteIdOf(event)) !== place.voteId) {
    return { none: 'the message in its history is another one' };
  }
  const principal = principalOf(event);
  const nobody = whyNobody(principal);
  if (nobody !== undefined) return { none: nobody };
  // Whatever runs on a worker's machine sends with its log-in.
  if (workers.some(({ type, name }) => type === principal.type && name === principal.name)) {
    return { none: `it was sent with the log-in of a worker (${principal.name}), which proves no person` };
  }
  return { ...principal, eventId: String(event.eventId), runId: place.runId };
}

/** Who started the run that asks: of a chain, who started the first one. */
export async function whoStarted(): Promise<Principal | { none: string }> {
  const { runId } = Context.current().info.workflowExecution ?? {};
  const started = runId === undefined ? undefined : await startOf(runId);
  const attributes = started?.workflowExecutionStartedEventAttributes;
  const first = attributes?.continuedExecutionRunId ? attributes.firstExecutionRunId : undefined;
  const event = first ? await startOf(first) : started;
  const principal = event && principalOf(event);
  const nobody = whyNobody(principal);
  return nobody === undefined && principal !== undefined ? principal : { none: nobody ?? '' };
}

async function startOf(runId: string): Promise<HistoryEvent | undefined> {
  for await (const event of eventsOf(runId, 1)) return event;
  return undefined;
}

/** The history of a run of the workflow that asks, from its beginning; none when Temporal has it no more. */
async function* eventsOf(runId: string, maximumPageSize = 0): AsyncGenerator<HistoryEvent> {
  const { client, info } = Context.current();
  const { namespace } = client.options;
  const execution = { workflowId: info.workflowExecution?.workflowId ?? null, runId };
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService
      .getWorkflowExecutionHistory({
        namespace,
        execution,
        maximumPageSize,
        ...(nextPageToken !== undefined && { nextPageToken }),
      })
      .catch((error: unknown) => {
        if (isGrpcServiceError(error) && GONE.includes(error.code)) return undefined;
        throw error;
      });
    yield* page?.history?.events ?? [];
    nextPageToken = page?.nextPageToken;
  } while (nextPageToken !== undefined && nextPageToken.length > 0);
}

function principalOf({ principal }: HistoryEvent): Principal {
  return { type: principal?.type ?? '', name: principal?.name ?? '' };
}

function messageOf(event: HistoryEvent): VoteMessage | undefined {
  if (event.eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED) return 'cancel';
  const name = event.workflowExecutionSignaledEventAttributes?.signalName;
  return name === 'approve' || name === 'reject' ? name : undefined;
}

async function voteIdOf(event: HistoryEvent): Promise<string | undefined> {
  const { payloadConverter, payloadCodecs } = Context.current().client.options.loadedDataConverter;
  let payloads = event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? [];
  for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  const vote: unknown = payload && payloadConverter.fromPayload(payload);
  const voteId: unknown = typeof vote === 'object' && vote !== null && 'voteId' in vote ? vote.voteId : undefined;
  return typeof voteId === 'string' ? voteId : undefined;
}
