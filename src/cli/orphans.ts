/** `orphans`: servers that wait in VERIFY_RESIZE while no resize of ours runs. */
import type { Orphan } from '../client/inspect';
import { EXIT } from './exit-codes';
import type { Invocation } from './invocation';
import { cloudOf, durationIn, type CloudOptions } from './settings';
import { listTable } from './text-table';
import { moment } from './times';

/** @returns the exit code */
export async function orphansCommand(
  invocation: Invocation,
  options: CloudOptions & { every?: string },
): Promise<number> {
  const cloud = cloudOf(options, invocation.terminal);
  const every = durationIn(options.every, '--every');
  const resizes = await invocation.client();
  invocation.onInterrupt = 'interrupted; the search goes on at the worker for 15 minutes at most, and changes nothing';
  const orphans = await resizes.orphans({ cloud }, (message) => invocation.note(message));
  invocation.data(orphans, () => (orphans.length === 0 ? [] : view(orphans)));
  if (orphans.length === 0) {
    invocation.note(`no server of cloud ${cloud} waits in VERIFY_RESIZE without a running resize`);
  }
  for (const { id, name, flavor } of orphans) {
    invocation.note(`to take over ${name}: ${invocation.command('start', [id, flavor.name], { adopt: true, cloud })}`);
  }
  if (every !== undefined) {
    const schedule = await resizes.scheduleOrphans({ cloud }, every);
    invocation.note(`from now on every ${options.every ?? ''}, by the Temporal schedule ${schedule}`);
  }
  return EXIT.ok;
}

function view(orphans: readonly Orphan[]): string[] {
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
