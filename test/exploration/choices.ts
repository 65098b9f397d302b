/** Everything that can happen next in a world, each in one sentence: the sentence is what a story is written in. */
import { judge, type Choice, type Decision } from '../../src/resize/decision';
import { VERDICTS, type Finding } from '../../src/resize/checks';
import { isLogNeeded, isNews, type Effect, type RequestAnswer } from '../../src/resize/effect';
import { judgeExtension } from '../../src/resize/extension';
import type { Trouble } from '../../src/resize/failure';
import { bakeEnds, checksWanted, isDoubtful } from '../../src/resize/health';
import { EFFECT_OF, expectationOf, isActing, phaseOf } from '../../src/resize/run-state';
import { standingOf } from '../../src/resize/standing';
import { apply } from '../../src/resize/transitions';
import { APART, isWatching } from '../../src/resize/waiting';
import { arrive, progress, show, showLog, stranger, type Reply } from './cloud-model';
import { noteFinding, noteLostRun, noteRefused, noteSent, noteVote } from './record';
import { answered, goOn, happens, lookEnds, SPANS, troubled, type Activity, type Allowance, type World } from './world';

/** One thing that can happen. On a good day the first good one of the list happens. */
export interface Option {
  says: string;
  good?: true;
  then: () => World;
}

export function optionsIn(world: World): Option[] {
  const all = [
    ...byTheCloud(world),
    ...byTheWorker(world),
    ...byChecks(world),
    ...byTime(world),
    ...byPeople(world),
    ...byStrangers(world),
    ...byTemporal(world),
  ];
  return all.map((option) => ({ ...option, then: () => goOn(option.then()) }));
}

/** The world with one less of what is allowed. */
const use = (world: World, what: keyof Allowance): World => ({
  ...world,
  left: { ...world.left, [what]: world.left[what] - 1 },
});

function byTheCloud(world: World): Option[] {
  return progress(world.cloud).flatMap(({ says, bad, cloud }): Option[] => {
    if (bad !== true) return [{ says, good: true, then: () => ({ ...world, cloud }) }];
    return world.left.disturbances > 0 ? [{ says, then: () => ({ ...use(world, 'disturbances'), cloud }) }] : [];
  });
}

function byTheWorker(world: World): Option[] {
  const late = world.late.map(({ post }, index): Option => ({
    says: `the late ${post} arrives`,
    then: () => {
      const rest = world.late.filter((_, each) => each !== index);
      return { ...world, late: rest, cloud: arrive(world.cloud, post, 'us').cloud };
    },
  }));
  const { activity } = world;
  if (activity === undefined) return late;
  const { is } = activity;
  return [
    ...(is === 'prepare' || is === 'observe' ? looking(world, activity, is) : acting(world, activity, is)),
    ...late,
  ];
}

function looking(world: World, activity: Activity, is: 'prepare' | 'observe'): Option[] {
  const name = is === 'prepare' ? 'preparation' : 'observation';
  if (activity.at !== 'scheduled') {
    return [
      { says: `the worker reads the log, and the ${name} ends`, good: true, then: () => lookEnds(world, activity) },
    ];
  }
  const fails = (says: string, trouble: Trouble): Option => ({
    says,
    then: () => {
      const event = { is: is === 'prepare' ? ('not-prepared' as const) : ('not-observed' as const), trouble };
      return { ...happens(use(world, 'disturbances'), event), activity: undefined };
    },
  });
  return [
    reads(world, activity, `the worker reads the server for the ${name}`),
    ...(world.left.disturbances > 0
      ? [
          fails(`no worker takes up the ${name}`, troubled('no-worker')),
          fails(`the ${name} fails without an answer`, troubled('no-answer')),
          fails(`the ${name} fails: the credentials are refused`, troubled('not-authenticated')),
          // Two of them, half a minute apart, mean that it is gone: that much the rules take for granted.
          ...(is === 'observe' && world.run.missingSince === undefined
            ? [
                {
                  says: 'the observation shows a 404 by mistake',
                  then: () => lookEnds(use(world, 'disturbances'), { ...activity, server: 'missing' as const }),
                },
              ]
            : []),
        ]
      : []),
  ];
}

const reads = (world: World, activity: Activity, says: string): Option => ({
  says,
  good: true,
  then: () => ({ ...world, activity: { ...activity, at: 'read-server', server: show(world.cloud) } }),
});

function acting(world: World, activity: Activity, effect: Effect): Option[] {
  const withheld = (says: string, answer: RequestAnswer): Option => ({
    says,
    then: () => answered(use(world, 'disturbances'), effect, answer),
  });
  const troubles = world.left.disturbances > 0;
  switch (activity.at) {
    case 'scheduled':
      return [
        reads(world, activity, `a worker takes up the ${effect} and reads the server`),
        ...(troubles
          ? [
              withheld(`no worker takes up the ${effect}`, {
                answer: 'withheld',
                why: 'never-started',
                trouble: troubled('no-worker'),
              }),
            ]
          : []),
        ...(world.setup.observeOnly === true && troubles
          ? [
              withheld(`a worker in observe-only mode takes up the ${effect}`, {
                answer: 'withheld',
                why: 'observe-only',
              }),
            ]
          : []),
      ];
    case 'read-server':
      return [
        { says: `the worker reads the log before the ${effect}`, good: true, then: () => lookEnds(world, activity) },
        ...(troubles
          ? [
              withheld(`the log cannot be read before the ${effect}`, {
                answer: 'withheld',
                why: 'unreadable',
                trouble: troubled('no-answer'),
              }),
            ]
          : []),
      ];
    case 'looked':
      return sending(world, activity, effect);
    case 'sent': {
      const { answer } = activity;
      if (answer === undefined) throw new Error('what is sent is answered');
      return [
        { says: `the answer to the ${effect} arrives`, good: true, then: () => heard(world, effect, answer) },
        ...(world.left.disturbances > 0
          ? [{ says: `the answer to the ${effect} is lost`, then: () => lost(world, effect) }]
          : []),
      ];
    }
  }
}

/** The worker has looked: the request goes out now, or not at all. */
function sending(world: World, activity: Activity, effect: Effect): Option[] {
  const { left } = world;
  const posted: World = { ...world, record: noteSent(world.record, effect) };
  const refused = (kind: Trouble['kind']): Option => ({
    says: `the cloud refuses the ${effect}: ${kind}`,
    then: () => heard(use(posted, 'disturbances'), effect, { answer: 'rejected', trouble: troubled(kind) }),
  });
  return [
    {
      says: `the ${effect} reaches the cloud`,
      good: true,
      then: () => {
        const { cloud, reply } = arrive(world.cloud, effect, 'us');
        return { ...posted, cloud, activity: { ...activity, at: 'sent', answer: answerFor(reply) } };
      },
    },
    ...(left.disturbances > 0
      ? [
          { says: `the ${effect} is lost on its way, and the run hears nothing`, then: () => lost(posted, effect) },
          {
            says: `the ${effect} is late, and the run hears nothing`,
            then: () => {
              const after = lost(posted, effect);
              return { ...after, late: [...after.late, { post: effect, until: world.now + SPANS.settle }] };
            },
          },
        ]
      : []),
    ...(left.disturbances > 0 ? [refused('host-unavailable'), refused('quota')] : []),
    ...(left.disturbances > 0
      ? [
          {
            says: `too little time is left to send the ${effect}`,
            then: () =>
              answered(use(world, 'disturbances'), effect, {
                answer: 'withheld',
                why: 'no-time',
                trouble: troubled('no-time'),
              }),
          },
        ]
      : []),
  ];
}

function answerFor(reply: Reply): RequestAnswer {
  return reply.taken
    ? { answer: 'accepted', requestId: reply.id }
    : { answer: 'rejected', trouble: troubled(reply.kind) };
}

function heard(world: World, effect: Effect, answer: RequestAnswer): World {
  const record = answer.answer === 'rejected' ? noteRefused(world.record, effect) : world.record;
  return answered({ ...world, record }, effect, answer);
}

const lost = (world: World, effect: Effect): World =>
  answered(use(world, 'disturbances'), effect, { answer: 'unknown', trouble: troubled('no-answer') });

/** Each check that runs may say anything; a watch speaks only when it has changed its mind. */
function byChecks(world: World): Option[] {
  return checksWanted(world.run).flatMap(({ check, when, known }) =>
    VERDICTS.flatMap((verdict): Option[] => {
      const isNews = verdict !== known;
      const usual = verdict === (when === 'baseline' && world.setup.redBefore === true ? 'fail' : 'pass');
      if (!isNews || (!usual && world.left.disturbances <= 0)) return [];
      const finding: Finding = { verdict, at: new Date(world.now).toISOString() };
      const then = () => {
        const before = usual ? world : use(world, 'disturbances');
        const after = happens(before, { is: 'checked', check, when, finding });
        return { ...after, record: noteFinding(after.record, when, verdict, world.run, after.run) };
      };
      return [{ says: `the check says ${verdict} (${when})`, ...(usual && { good: true }), then }];
    }),
  );
}

/** As long as it takes, ms. */
const YEAR = 365 * 24 * 60 * 60_000;

/** As src/activities/watch-server.ts does it. */
function hasNews({ run, now, cloud, setup }: World): boolean {
  if (!isWatching(run, now)) return false;
  const { stage, prepared } = run;
  const seen = run.observed?.server;
  const expected = expectationOf(run, now);
  const effect = isActing(stage) ? EFFECT_OF[stage.is] : undefined;
  const server = show(cloud);
  if (server !== 'missing' && !isLogNeeded(effect, server, expected, seen)) return false;
  const actions = showLog(cloud, setup.log, prepared?.baseline);
  return isNews(effect, { at: new Date(now).toISOString(), server, actions }, expected, seen);
}

/** Time passes while nothing else is under way, or while an observation of the window is. */
function byTime(world: World): Option[] {
  const { run, now, activity, left } = world;
  const until = (at: number): World => ({ ...world, now: at, late: world.late.filter((each) => each.until > at) });
  const { stage, deadline } = run;
  if (stage.is === 'closed') return [];
  const idle = activity === undefined;
  const watching = idle || (activity.is === 'observe' && stage.is === 'window');
  const held = bakeEnds(run);
  const due = stage.is === 'window' && deadline !== undefined && now >= deadline && world.fired !== true;
  // A watching run hears of what is new; its next own observation is far away.
  const tick: Option = hasNews(world)
    ? {
        says: 'time passes until the next observation',
        good: true,
        then: () => happens(until(Math.max(now, (run.watchedAnewAt ?? 0) + APART)), { is: 'observation-wanted' }),
      }
    : {
        says: 'time passes until the next observation',
        good: true,
        then: () => until(Math.min(run.next.at, now + YEAR)),
      };
  const fires: Option = {
    says: 'the timer of the deadline fires',
    good: true,
    then: () => {
      const inTime = now - (deadline ?? now) <= SPANS.lateGrace;
      const { record } = world;
      const { onTimeout, log } = world.setup;
      const doubtful =
        onTimeout === 'confirm' && (log === 'unreadable' || (record.now ?? 'pass') !== 'pass' || isDoubtful(run));
      const does = onTimeout === 'hold' || doubtful || !inTime ? undefined : onTimeout;
      return { ...world, fired: true, record: { ...record, timedOut: does ?? record.timedOut } };
    },
  };
  const leap = (says: string, at: number | undefined, when: boolean): Option[] =>
    when && at !== undefined && at > now ? [{ says, then: () => until(at) }] : [];
  const badLuck = (says: string, at: number | undefined, when: boolean): Option[] =>
    leap(says, at, when && left.disturbances > 0).map((option) => ({
      ...option,
      then: () => use(option.then(), 'disturbances'),
    }));
  return [
    ...(due && watching ? [fires] : []),
    ...(idle ? [tick] : []),
    ...leap('time passes until no lost request can arrive any more', run.settledAt, idle),
    ...badLuck('time passes until the stage has taken too long', isActing(stage) ? stage.until : undefined, idle),
    ...leap('time passes until the check has held for long enough', held, watching),
    ...badLuck(
      'the worker is away until long after the check has held for long enough',
      held === undefined ? undefined : held + SPANS.lateGrace + 1,
      watching,
    ),
    ...leap('time passes until the cloud may be asked again', run.rejected?.notBefore, idle),
    ...leap('time passes until the deadline', deadline, stage.is === 'window' && watching),
    ...badLuck(
      'the worker is away until long after the deadline',
      deadline === undefined ? undefined : deadline + SPANS.lateGrace + 1,
      stage.is === 'window' && watching,
    ),
  ];
}

function byPeople(world: World): Option[] {
  const { run, left, record } = world;
  const options: Option[] = [];
  if (left.votes > 0 && run.stage.is !== 'closed') {
    const first = left.votes === world.setup.allowed.votes;
    for (const by of votersIn(world, first)) {
      for (const choice of ['approve', 'reject'] as const) {
        options.push({ says: `${by} says ${choice}`, then: () => votes(world, choice, by, 'signal') });
      }
    }
    options.push({
      says: 'the run is cancelled',
      then: () => votes(world, 'reject', 'Temporal cancel request', 'cancel'),
    });
  }
  const more = left.words > 0 ? judgeExtension(run, { by: 'ana', for: SPANS.decideWithin }, world.now) : undefined;
  if (more !== undefined && 'extension' in more) {
    const extended = { is: 'extended' as const, extension: more.extension };
    options.push({ says: 'ana puts the decision off', then: () => happens(use(world, 'words'), extended) });
  }
  if (left.words > 0 && phaseOf(run) === 'needs-operator') {
    for (const word of ['retry', 'abandon'] as const) {
      options.push({
        says: `an operator says ${word}`,
        then: () => {
          const said = {
            is: 'operator-said' as const,
            word: { word, by: 'ana', at: new Date(world.now).toISOString() },
          };
          const retries = record.retries + (word === 'retry' ? 1 : 0);
          return { ...happens(use(world, 'words'), said), record: { ...record, retries } };
        },
      });
    }
  }
  return options;
}

function votes(world: World, choice: Choice, by: string, via: Decision['via']): World {
  const { run, now, record } = world;
  const judgement = judge(run.ledger, choice, { by }, via, standingOf(run, 'run-1', now));
  const counted = judgement.is === 'counted' ? noteVote(record, choice, by.trim().toLowerCase()) : record;
  return { ...happens(use(world, 'votes'), { is: 'voted', judgement }), record: counted };
}

/** Where anyone may vote, all are alike and the first one is bob. Else also who asked, a stranger, and bob in another form. */
function votersIn({ setup }: World, first: boolean): string[] {
  if (setup.approvals !== undefined) return ['bob', ' BOB', 'eve', 'ana', 'mallory'];
  return first ? ['bob'] : ['bob', 'eve'];
}

function byStrangers(world: World): Option[] {
  if (world.left.disturbances <= 0 || world.run.stage.is === 'closed') return [];
  return world.setup.strange.flatMap((does): Option[] => {
    const cloud = stranger(world.cloud, does);
    return cloud === undefined
      ? []
      : [{ says: `somebody else ${does}`, then: () => ({ ...use(world, 'disturbances'), cloud }) }];
  });
}

/** What Temporal does to a run. A kill of a worker is a lost answer, or a failed observation, and no more. */
function byTemporal(world: World): Option[] {
  const { run, activity, carried, left } = world;
  if (left.disturbances <= 0 || run.stage.is === 'closed') return [];
  const options: Option[] = [];
  if (activity === undefined || activity.at === 'scheduled') {
    const state = activity?.before ?? run;
    options.push({
      says: 'the run continues as new',
      then: () => {
        const plain = JSON.parse(JSON.stringify(state)) as typeof state;
        const next = apply(
          plain,
          { is: 'continued', runId: `run-${plain.runs.length + 1}` },
          { now: world.now, chance: 0.5 },
        );
        return {
          ...use(world, 'disturbances'),
          run: next,
          carried: plain,
          activity: undefined,
          timerFor: undefined,
          fired: undefined,
        };
      },
    });
  }
  if (carried !== undefined) {
    options.push({
      says: 'the run is lost, and begins again with what it was carried on with',
      then: () => runLost(world, carried),
    });
  }
  return options;
}

/** What a worker has begun for the lost run it may still send. */
function runLost(world: World, carried: World['run']): World {
  const { activity, now, record } = world;
  const begun =
    activity !== undefined && activity.is !== 'prepare' && activity.is !== 'observe' && activity.at === 'looked';
  const late = begun ? [...world.late, { post: activity.is as Effect, until: now + SPANS.settle }] : world.late;
  const moment = { now, chance: 0.5 };
  const continued = apply(carried, { is: 'continued', runId: 'run-9' }, moment);
  const run = apply(continued, { is: 'run-lost' }, moment);
  const sent = begun ? noteSent(record, activity.is as Effect) : record;
  return {
    ...use(world, 'disturbances'),
    run,
    late,
    record: noteLostRun(sent, carried.prepared === undefined),
    activity: undefined,
    timerFor: undefined,
    fired: undefined,
  };
}
