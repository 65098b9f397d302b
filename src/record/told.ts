/** Is all that a resize told of itself what an activity answered, or a message said? */
import { decisionsIn, isOf } from './votes';
import type { Course, Told } from './course';
import { field, listIn, textIn } from './history';
import { breach, type Breach } from './breach';
import { reasonsAgainst, reasonsFor } from './reasons';
import type { Shown } from './shown';

export function toldBreaches(course: Course): Breach[] {
  return course.told.flatMap((told) =>
    [
      requestTold(course, told),
      serverTold(course, told),
      ...checksTold(course, told),
      ...votesTold(course, told),
      ...outcomeTold(course, told),
    ]
      .filter((sentence) => sentence !== undefined)
      .map((sentence) => breach('as-answered', told.step, sentence)),
  );
}

/** The request id of the resize: from an answer, from the cloud's log, or of a resize that was taken over. */
function requestTold(course: Course, { step, status }: Told): string | undefined {
  const told = textIn(status, 'requestId');
  if (told === undefined) return undefined;
  const known = course.answers
    .filter((answer) => answer.step.place < step.place)
    .flatMap(({ known: result }) => [
      field(result, 'requestId'),
      field(result, 'adopted'),
      ...[result, field(result, 'observation')].flatMap((one) =>
        listIn(one, 'actions').map((action) => field(action, 'requestId')),
      ),
    ]);
  const carried = [
    field(course.carried, 'sent', 'resize', 'requestId'),
    field(course.carried, 'resizeAction', 'requestId'),
  ];
  return [...known, ...carried].includes(told) ? undefined : `tells the request id ${told}, which no activity answered`;
}

function serverTold(course: Course, { step, status }: Told): string | undefined {
  const told = field(status, 'observed');
  const shown = textIn(told, 'status');
  if (shown === undefined) return undefined;
  const isSeen = course.seen.some(({ shown: seen, place }) => place < step.place && isSame(seen, told));
  return isSeen
    ? undefined
    : `tells that the server shows ${shown} with flavor ${textIn(told, 'flavor') ?? 'unknown'}, which no activity saw`;
}

/** The times may differ: some are the run's, others the worker's. */
const isSame = (seen: Shown, told: unknown) =>
  (['status', 'vmState', 'taskState', 'flavor'] as const).every(
    (key) => (seen[key] ?? '') === (textIn(told, key) ?? ''),
  );

function checksTold(course: Course, { step, status }: Told): string[] {
  return listIn(status, 'checks').flatMap((check) => {
    const name = textIn(check, 'name') ?? '';
    const found = course.findings(name, step.place);
    return ['baseline', 'proof', 'watch'].flatMap((when) => {
      const verdict = textIn(check, when);
      if (verdict === undefined || mayBeTold(found, when, verdict)) return [];
      return [`tells the verdict ${verdict} of check ${name} (${when}), which no activity found`];
    });
  });
}

function mayBeTold(found: readonly { when: string; verdict: string }[], when: string, verdict: string): boolean {
  // The round before a confirm is news of the watch.
  const times = when === 'watch' ? ['watch', 'last-round'] : [when];
  if (found.some((one) => times.includes(one.when) && one.verdict === verdict)) return true;
  // What was red before the resize proves nothing after it.
  const wasRed = found.some((one) => one.when === 'baseline' && one.verdict === 'fail');
  return when === 'proof' && verdict === 'inconclusive' && wasRed;
}

function votesTold(course: Course, { step, status }: Told): string[] {
  const came = course.votes.filter((vote) => vote.place < step.place);
  const carried = decisionsIn(field(course.carried, 'ledger'));
  return decisionsIn(status).flatMap((decision) => {
    const isKnown =
      came.some((vote) => isOf(decision, vote)) ||
      carried.some((one) => one.at === decision.at && one.decision === decision.decision);
    return isKnown ? [] : [`tells ${decision.decision} by ${decision.by}, and nobody sent that`];
  });
}

function outcomeTold(course: Course, { step, status }: Told): string[] {
  const outcome = textIn(status, 'outcome');
  if (outcome === undefined) return [];
  const before = step.place;
  const sent = (effect: string) =>
    course.requests.some(
      (one) =>
        one.effect === effect && one.asked.place < before && (one.became === 'accepted' || one.became === 'lost'),
    ) || Number(field(course.carried, 'sent', effect, 'posts') ?? 0) > 0;
  const last = course.seen.findLast(({ place }) => place < before)?.shown;
  const none = (what: string) => [`tells the outcome ${outcome}, and ${what}`];
  switch (outcome) {
    case 'confirmed':
    case 'reverted': {
      const effect = outcome === 'confirmed' ? 'confirm' : 'revert';
      if (!sent(effect)) return none(`no ${effect} was accepted, or may have been`);
      if (last === undefined || last.status === 'VERIFY_RESIZE')
        return none('the server was last seen in VERIFY_RESIZE');
      const shows = flavorTold(course, outcome);
      if (!isLogged(course, `${effect}Resize`, before) && !shows(last)) {
        return none(`no activity saw the ${effect} in the log, or the server with its flavor`);
      }
      return causeTold(course, status, before);
    }
    case 'rolled-back-by-cloud':
      if (!sent('resize')) return none('no resize was accepted, or may have been');
      return last?.status === 'VERIFY_RESIZE' ? none('the server was last seen in VERIFY_RESIZE') : [];
    case 'refused':
      return sent('confirm') || sent('revert') || sent('resize')
        ? none('a request was accepted, or may have been')
        : [];
    case 'cancelled':
      return sent('confirm') || sent('revert')
        ? none('a confirm or revert was accepted, or may have been')
        : causeTold(course, status, before);
    case 'needs-operator': {
      const abandoned = course.steps.some(
        ({ event, place }) => place < before && event.is === 'update' && event.name === 'abandon',
      );
      return abandoned || field(course.carried, 'abandoned') !== undefined ? [] : none('no operator gave it up');
    }
    default:
      return [];
  }
}

/** Of a resize that was taken over the old flavor is not known: any but the new one is. */
function flavorTold({ prepared }: Course, outcome: 'confirmed' | 'reverted'): (shown: Shown) => boolean {
  const to = textIn(prepared, 'to', 'name');
  const from = textIn(prepared, 'adopted') === undefined ? textIn(prepared, 'server', 'flavor', 'name') : undefined;
  return ({ flavor }) => {
    if (flavor === undefined || flavor === 'unknown') return true;
    if (outcome === 'confirmed') return flavor === to;
    return from === undefined ? flavor !== to : flavor === from;
  };
}

const isLogged = ({ answers }: Course, action: string, before: number): boolean =>
  answers.some(
    ({ known, step }) =>
      step.place < before &&
      [known, field(known, 'observation')].some((one) =>
        listIn(one, 'actions').some(
          (entry) => field(entry, 'action') === action && field(entry, 'result') === 'success',
        ),
      ),
  );

function causeTold(course: Course, status: unknown, before: number): string[] {
  const cause = textIn(status, 'cause');
  if (cause === undefined) return [];
  const reasons: string[] =
    textIn(status, 'outcome') === 'confirmed' ? reasonsFor(course, before) : reasonsAgainst(course, before);
  return reasons.includes(cause) ? [] : [`tells the cause ${cause}, and nothing before it is that`];
}
