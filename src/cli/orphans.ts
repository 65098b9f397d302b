/** `orphans`: servers that wait in VERIFY_RESIZE and that nobody looks after. */
import type { FoundOrphan } from '../client/resize-client';
import { EXIT } from './exit-codes';
import type { Invocation } from './invocation';
import { cloudOf, durationOf, type CloudOptions } from './settings';
import { listTable } from './text-table';
import { moment } from './times';

/** @returns the exit code */
export async function orphansCommand(
  invocation: Invocation,
  options: CloudOptions & { every?: string },
): Promise<number> {
  const cloud = cloudOf(options, invocation.terminal);
  const every = durationOf(options.every, '--every');
  const resizes = await invocation.client();
  const orphans = await resizes.orphans({ cloud });
  invocation.data(orphans, () => (orphans.length === 0 ? '' : view(orphans)));
  if (orphans.length === 0)
    invocation.note(`no server of cloud ${cloud} waits in VERIFY_RESIZE without a running resize`);
  for (const { id, flavor } of orphans) {
    invocation.note(`to hold its gate: ${invocation.program} start ${id} ${flavor.name} --adopt --cloud ${cloud}`);
  }
  if (every !== undefined) {
    const schedule = await resizes.scheduleOrphans({ cloud }, every);
    invocation.note(`looked for again every ${options.every ?? ''}, by the Temporal schedule ${schedule}`);
  }
  return EXIT.ok;
}

function view(orphans: readonly FoundOrphan[]): string {
  return listTable(
    ['SERVER', 'SERVER ID', 'FLAVOR', 'BY', 'WAITS SINCE', 'OUR LAST RUN'],
    orphans.map(({ id, name, flavor, action, lastRun }) => [
      name,
      id,
      flavor.name,
      action === undefined ? '-' : `${action.name} of user ${action.userId ?? '(none)'}`,
      action?.finishTime === undefined ? '-' : moment(action.finishTime),
      lastRun === undefined ? 'none' : (lastRun.outcome ?? lastRun.closed),
    ]),
  );
}
