/** Lists of resizes, as Temporal's visibility store answers them: open runs first, then the last closed. */
import { isGrpcServiceError, ServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { resizesQuery } from '../temporal/resizes-query';
import type { SEARCH_ATTRIBUTES } from '../workflows/messages';
import type { TemporalLink } from './temporal-link';

/** Runs an answer holds; a run is about 1 kB. */
const PAGE = 200;

/** gRPC status codes that a query is refused with. */
const INVALID_ARGUMENT: readonly number[] = [3];

const SERVER_NAME: keyof typeof SEARCH_ATTRIBUTES = 'ResizeServerName';

/** The name of the server, where the run has it as a search attribute. */
export const serverNameOf = (info: WorkflowExecutionInfo): string | undefined =>
  info.typedSearchAttributes.get(defineSearchAttributeKey(SERVER_NAME, SearchAttributeType.KEYWORD));

/**
 * Can a query find this value? In the SQLite store of the development server a value with a quotation mark, a backslash
 * or a control character equals nothing, however it is escaped (measured with server 1.32).
 */
export const isSearchable = (value: string): boolean => !/["\\\p{Cc}]/u.test(value);

/** The resizes that meet all conditions, page by page as they are asked for. */
export async function* resizesWhere(
  link: TemporalLink,
  ...conditions: readonly string[]
): AsyncGenerator<WorkflowExecutionInfo> {
  const found = link.client.workflow
    .list({ query: resizesQuery(...conditions), pageSize: PAGE })
    [Symbol.asyncIterator]();
  for (;;) {
    // Each page has its own time: how many there are is no reason to fail.
    const next = await link.call('list the resizes', link.timing.call, () => found.next());
    if (next.done) return;
    yield next.value;
  }
}

/** Is a query refused because the namespace does not have a search attribute? */
export function isUnknownAttribute(error: unknown): boolean {
  const grpc = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(grpc) && INVALID_ARGUMENT.includes(grpc.code);
}
