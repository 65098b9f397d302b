/** `history`: what happened in the resizes of a server. */
import type { HistoryEntry } from '../record/entries';
import { EXIT } from './exit-codes';
import type { Invocation } from './invocation';
import { listTable } from './text-table';
import { moment } from './times';

/** @returns the exit code */
export async function historyCommand(invocation: Invocation, server: string): Promise<number> {
  const entries = await (await invocation.client()).history(server);
  invocation.data(entries, () => historyView(entries));
  return EXIT.ok;
}

/** A table for each resize, oldest first. */
export function historyView(entries: readonly HistoryEntry[]): string[] {
  const resizes = [...new Set(entries.map(({ resize }) => resize))];
  return resizes.flatMap((resize, index) => {
    const own = entries.filter((entry) => entry.resize === resize);
    const heading = `${own[0]?.workflowId ?? ''}, run ${resize}`;
    return [...(index === 0 ? [] : ['']), heading, ...tableOf(own)];
  });
}

const tableOf = (entries: readonly HistoryEntry[]) =>
  listTable(
    ['WHEN', 'WHAT', 'WHO', 'THE SERVER SHOWED', 'WHAT HAPPENED'],
    entries.map((entry) => [moment(entry.at), entry.kind, whoText(entry), seenText(entry), whatText(entry)]),
  );

/** A name is what the sender claims, unless Temporal says it. */
function whoText({ by, proven }: HistoryEntry): string {
  if (proven !== undefined) {
    return `${proven.name} (proven${by === undefined || by === proven.name ? '' : `; claimed ${by}`})`;
  }
  return by === undefined ? '-' : `${by} (claimed)`;
}

const whatText = ({ text, reason }: HistoryEntry) => (reason === undefined ? text : `${text}; reason: ${reason}`);

function seenText({ seen }: HistoryEntry): string {
  if (seen === undefined) return '-';
  const { status, taskState, flavor } = seen;
  const task = taskState === undefined ? '' : `, task ${taskState}`;
  return `${status}${task}${flavor === undefined ? '' : `, ${flavor}`}`;
}
