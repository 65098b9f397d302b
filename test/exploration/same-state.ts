/**
 * Which worlds are the same: those that differ in texts, in time stamps and in how much of a span has gone by, but not
 * in what any comparison of the code says now.
 */
import { hash } from 'node:crypto';
import { bakeEnds } from '../../src/resize/health';
import { isActing, type RunState } from '../../src/resize/run-state';
import type { World } from './world';

/** A short name of the world: the same for all that are the same. Of a million worlds no two share it by chance. */
export function nameOf(world: World): string {
  return hash('md5', JSON.stringify(abstract(world)), 'base64').slice(0, 14);
}

export function abstract({ run, cloud, activity, late, now, fired, carried, left, record }: World): unknown {
  return [
    runAs(run, now),
    { ...cloud, taken: undefined },
    activity && [activity.is, activity.at, activity.expected?.settled, activity.server, activity.answer],
    // How a request that waits for a worker was scheduled matters only through what it expects.
    activity?.expected && [activity.expected.resize, activity.expected.confirm, activity.expected.revert],
    late.map(({ post }) => post),
    fired === true,
    carried && runAs(carried, now),
    Object.values(left),
    record,
  ];
}

function runAs(run: RunState, now: number): unknown {
  const { stage, ledger, rejected, pause, missingSince, unreachableSince, request, issue, prepared, observed } = run;
  const passed = (time: number | undefined) => (time === undefined ? undefined : now >= time);
  const late = (time: number | undefined) => time !== undefined && now - time > request.lateGrace;
  const sent = Object.values(run.sent).map(({ lost, accepted, requestId }) => [Math.min(lost, 3), accepted, requestId]);
  const away = unreachableSince === undefined ? undefined : now - Date.parse(unreachableSince);
  return [
    stage.is,
    isActing(stage) && [stage.ready, passed(stage.until), now > stage.since + request.settleWithin],
    stage.is === 'window' && [stage.overdueSince !== undefined, stage.lateHold !== undefined, stage.proofOut],
    stage.is === 'window' && [
      passed(bakeEnds(run)),
      stage.lastRound,
      stage.bakeMissed !== undefined,
      late(bakeEnds(run)),
    ],
    run.findings?.map((found) => Object.values(found).map(({ verdict }) => verdict)),
    run.findings?.map((found) => Object.keys(found)),
    'ending' in stage && [stage.ending.outcome, stage.ending.cause],
    prepared && [prepared.baseline, prepared.server.vmState, prepared.server.flavor.name],
    sent,
    run.inFlight,
    passed(run.settledAt),
    rejected && [rejected.trouble.kind, Math.min(rejected.times, 3), passed(rejected.notBefore)],
    passed(run.deadline),
    run.deadline !== undefined && now - run.deadline > request.lateGrace,
    ledger.terminal && [ledger.terminal.decision, ledger.terminal.via],
    ledger.decisions.filter(({ counted }) => counted).map(({ decision, by }) => [decision, by]),
    run.abandoned !== undefined,
    run.retryGranted,
    observed && [observed.server.vmState, observed.server.status, observed.server.updated],
    away === undefined ? undefined : away >= request.settleWithin,
    passed(pause?.until),
    missingSince === undefined ? undefined : now - missingSince >= 30_000,
    run.errorSeen,
    run.observeOnly,
    issue?.is,
    run.observeNow,
  ];
}
