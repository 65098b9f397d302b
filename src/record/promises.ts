/** Holds the histories of one resize against what this program promises. Pure: nothing of the workflow's rules is run. */
import { EFFECTS, type Effect } from '../resize/effect';
import { breach, type Breach } from './breach';
import { Course, type Request } from './course';
import { field, type RunHistory } from './history';
import { reasonsFor, reasonsAgainst } from './reasons';
import { toldBreaches } from './told';
import { provenBreaches } from './proven-senders';

/**
 * What the histories of one resize say against the promises; nothing, where all are kept.
 * @param chain its runs, oldest first; the first may continue one that is not here
 */
export function breachesIn(chain: readonly RunHistory[]): Breach[] {
  const course = new Course(chain);
  return [
    ...wholeBreaches(course),
    ...oneEffectBreaches(course),
    ...neverBothBreaches(course),
    ...decidedBreaches(course),
    ...toldBreaches(course),
    ...provenBreaches(course),
  ];
}

function wholeBreaches({ chain, steps }: Course): Breach[] {
  const at = (run: RunHistory, eventId: string, sentence: string): Breach => ({
    promise: 'whole',
    sentence,
    runId: run.runId,
    eventId,
  });
  const gaps = chain.flatMap((run) =>
    run.missing.map((id) => at(run, String(id), `event ${id} is missing, or not in its place`)),
  );
  const answered = steps.flatMap((step) => {
    const { run, event } = step;
    if (event.is !== 'answered' && event.is !== 'unanswered') return [];
    const asked = run.events.some((one) => one.is === 'scheduled' && one.id === event.of && one.id < event.id);
    return asked ? [] : [breach('whole', step, `answers event ${event.of}, which asked for no activity`)];
  });
  const links = chain.slice(1).flatMap((run, n) => {
    const last = chain[n]?.events.findLast((event) => event.is === 'continued');
    const follows = last?.is === 'continued' && (last.nextRunId === run.runId || run.runId === run.firstRunId);
    const isCarried = last?.is === 'continued' && JSON.stringify(last.carried) === JSON.stringify(run.carried);
    return follows && isCarried
      ? []
      : [at(run, '1', `run ${run.runId} does not go on with what the run before it knew`)];
  });
  return [...gaps, ...answered, ...links];
}

const mayBeCarriedOut = ({ became }: Request) => became === 'accepted' || became === 'lost';

/** An operator who says `retry` allows one more. */
function oneEffectBreaches(course: Course): Breach[] {
  const { steps, requests, prepared, carried } = course;
  const settle = Number(field(prepared, 'timing', 'settle') ?? 0);
  return (Object.keys(EFFECTS) as Effect[]).flatMap((effect) => {
    const sent = requests.filter((one) => one.effect === effect && mayBeCarriedOut(one));
    const before =
      Number(field(carried, 'sent', effect, 'lost') ?? 0) +
      (field(carried, 'sent', effect, 'accepted') === true ? 1 : 0);
    return sent.flatMap((one, n) => {
      const retries = steps.filter(
        ({ event, place }) => event.is === 'update' && event.name === 'retry' && place < one.asked.place,
      ).length;
      if (before + n + 1 > 2 + retries) {
        return [
          breach(
            'one-effect',
            one.asked,
            `asks the cloud to ${EFFECTS[effect].name} a ${ordinal(before + n + 1)} time, though each time before may have been carried out`,
          ),
        ];
      }
      const last = sent[n - 1];
      const waited = last?.ended && Date.parse(one.asked.event.at) - Date.parse(last.ended.event.at);
      if (last?.became !== 'lost' || waited === undefined || waited >= settle) return [];
      return [
        breach(
          'one-effect',
          one.asked,
          `asks the cloud to ${EFFECTS[effect].name} once more ${waited} ms after an answer was lost; the settle time is ${settle} ms`,
        ),
      ];
    });
  });
}

const ordinal = (n: number) => ['first', 'second', 'third', 'fourth', 'fifth'][n - 1] ?? `${n}th`;

function neverBothBreaches({ requests, carried }: Course): Breach[] {
  const sent = (effect: Effect) => requests.filter((one) => one.effect === effect && one.became !== 'not-sent');
  const before = (effect: Effect) => Number(field(carried, 'sent', effect, 'posts') ?? 0) > 0;
  const [confirm] = sent('confirm');
  const [revert] = sent('revert');
  const both = (later: Request, what: string, other: string) => [
    breach('never-both', later.asked, `asks the cloud to ${what}, though it was asked to ${other} the same resize`),
  ];
  if (confirm !== undefined && (revert !== undefined || before('revert'))) {
    const isLater = revert === undefined || confirm.asked.place > revert.asked.place;
    return isLater ? both(confirm, 'confirm', 'revert') : both(revert, 'revert', 'confirm');
  }
  return revert !== undefined && before('confirm') ? both(revert, 'revert', 'confirm') : [];
}

function decidedBreaches(course: Course): Breach[] {
  return course.requests.flatMap(({ effect, asked }) => {
    if (effect === 'confirm' && reasonsFor(course, asked.place).length === 0) {
      const people = course.approvers(asked.place).length;
      const needed = course.approvalsNeeded;
      return [
        breach(
          'decided',
          asked,
          `asks the cloud to confirm, and before it ${people} of ${needed} people approved, no deadline that confirms had passed, and no rule of the request allowed it`,
        ),
      ];
    }
    if (effect === 'revert' && reasonsAgainst(course, asked.place).length === 0) {
      return [
        breach(
          'decided',
          asked,
          'asks the cloud to revert, and before it nobody rejected, no deadline had passed, and no check had failed',
        ),
      ];
    }
    return [];
  });
}

/** What a run that is not here knew is taken as it is. */
export const continuesUnseen = (chain: readonly RunHistory[]): boolean => chain[0]?.carried !== undefined;
