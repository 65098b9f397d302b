/** Queries for resizes, in the SQL of Temporal's visibility store. */
import { RESIZE_SERVER, type SEARCH_ATTRIBUTES } from '../workflows/messages';

export const RUNNING = "ExecutionStatus = 'Running'";
/** Of a chain of runs the last: it records the whole resize. */
export const LAST_RUNS = "ExecutionStatus != 'ContinuedAsNew'";

/** A condition on a search attribute: one of ours, or two of Temporal's. */
export const equals = (attribute: keyof typeof SEARCH_ATTRIBUTES | 'TaskQueue' | 'WorkflowId', value: string): string =>
  `${attribute} = '${value.replaceAll("'", "''")}'`;

/** The resizes that meet all conditions. */
export const resizesQuery = (...conditions: readonly string[]): string =>
  [`WorkflowType = '${RESIZE_SERVER}'`, ...conditions].join(' AND ');
