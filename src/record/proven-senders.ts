/** Where the deciders are proven: does each vote that counts stand on the event of who sent it? */
import type { Course, Told } from './course';
import type { HistoryEvent } from './history';
import { textIn } from './history';
import { breach, type Breach } from './breach';
import { decisionsIn } from './votes';
import type { Decision } from '../resize/decision';

export function provenBreaches(course: Course): Breach[] {
  if (!course.isProven) return [];
  return course.told.flatMap((told) => [
    ...requesterBreach(course, told),
    ...decisionsIn(told.status)
      .filter(({ counted }) => counted)
      .flatMap((decision) => {
        const why = whyNotProven(course, decision);
        return why === undefined
          ? []
          : [breach('proven', told.step, `counts ${decision.decision} by ${decision.by}, and ${why}`)];
      }),
  ]);
}

function whyNotProven({ chain, carried }: Course, { decision, by, via, proven }: Decision): string | undefined {
  if (proven === undefined) return 'nothing says who sent it';
  const run = chain.find(({ runId }) => runId === proven.runId);
  // The history of an earlier run is not here.
  if (run === undefined) return carried === undefined ? `run ${proven.runId} is none of this resize` : undefined;
  const event = run.events.find(({ id }) => String(id) === proven.eventId);
  if (event === undefined || !isMessage(event, decision, via)) return `event ${proven.eventId} is no such message`;
  const { type = '', name = '' } = event.principal ?? {};
  if (type !== proven.type || name !== proven.name) {
    return `event ${proven.eventId} was sent by ${name === '' ? 'nobody that Temporal knows' : name}`;
  }
  return by === proven.name ? undefined : `it was sent by ${proven.name}`;
}

const isMessage = (event: HistoryEvent, choice: Decision['decision'], via: Decision['via']) =>
  via === 'cancel' ? event.is === 'cancel-requested' : event.is === 'signaled' && event.name === choice;

function requesterBreach({ chain, carried }: Course, { step, status }: Told): Breach[] {
  const told = textIn(status, 'requester', 'name');
  const started = chain[0]?.events[0]?.principal?.name;
  if (told === undefined || carried !== undefined || told === started) return [];
  return [breach('proven', step, `tells that ${told} started it, and Temporal recorded ${started ?? 'nobody'}`)];
}
