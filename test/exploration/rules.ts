/** What has to be true in every state, each rule under its sentence. They are checked against the truth of the model. */
import { phaseOf, type RunState } from '../../src/resize/run-state';
import { statusOf } from '../../src/resize/status';
import type { Cloud, Logged } from './cloud-model';
import type { World } from './world';

const outcomeOf = ({ stage }: RunState) => (stage.is === 'closed' ? stage.ending.outcome : undefined);

/** Is this entry of the log ours? A resize that was taken over is. */
const isOurs = ({ run }: World, { by, id }: Logged) => by === 'us' || id === run.prepared?.adopted;

const ours = (world: World, action: Logged['action']) =>
  world.cloud.log.filter((entry) => entry.action === action && isOurs(world, entry));

const others = (world: World) =>
  world.cloud.wasReset === true || world.cloud.log.some((entry) => !isOurs(world, entry));

const UNDER_WAY: readonly Cloud['is'][] = [
  'migrating',
  'finishing',
  'waiting',
  'confirming',
  'reverting',
  'powering-off',
];

/** A request to a server that is gone has no effect. */
const mayStillArrive = ({ late, cloud }: World) => cloud.is !== 'deleted' && late.some(({ post }) => post === 'resize');

/** Does the cloud still have our resize in its hands? */
const isPending = ({ cloud, run }: World) =>
  UNDER_WAY.includes(cloud.is) &&
  cloud.log.some(({ id, by }) => id === cloud.move?.id && (by === 'us' || id === run.prepared?.adopted));

const status = ({ run }: World) => statusOf(run, { workflowId: 'resize', runId: 'run' });

/**
 * Where the log does not tell how actions ended, or cannot be read at all, what others do in the very moment is taken for
 * an effect of ours: the status then says that the ownership is unproven (docs/cloud-behaviour.md).
 */
const isHidden = (world: World) => world.setup.log !== 'whole' && others(world);

type Rule = (world: World) => boolean;

const RULES: Readonly<Record<string, Rule>> = {
  'nothing is done for which there is no reason': ({ record }) => record.wrong === undefined,
  'never both a confirm and a revert': ({ record: { sent } }) =>
    sent.confirm === undefined || sent.revert === undefined,
  'at most two requests of a kind that may have been carried out, but for an operator who asks for more': ({
    record,
  }) => (['resize', 'confirm', 'revert'] as const).every((kind) => record.open[kind] <= 2 + record.retries),
  'the cloud carries out at most one resize of ours': (world) => ours(world, 'resize').length <= 1,
  'the cloud takes one confirm or revert of ours, and no second one': (world) =>
    [...ours(world, 'confirmResize'), ...ours(world, 'revertResize')].length <= 1,
  'a confirm is sent only after an approve that counted, by a deadline that says so, or when the checks have held': ({
    record,
  }) =>
    record.sent.confirm === undefined ||
    record.timedOut === 'confirm' ||
    record.counted.includes('approve') ||
    record.held === true,
  'a confirm is sent only after as many people approved as the request asks for, all of them its approvers': ({
    record: { sent, timedOut, approvedBy },
    setup: { approvals },
  }) => {
    if (approvals === undefined || sent.confirm === undefined || timedOut === 'confirm') return true;
    return approvedBy.length >= approvals.required && approvedBy.every((name) => approvals.approvers.includes(name));
  },
  'a confirm is never sent after a reject that counted first': ({ record, run }) =>
    record.sent.confirm === undefined || run.ledger.terminal?.decision === 'approve',
  'a revert is sent only after a reject that counted, by a deadline that says so, or after a failed check': ({
    record,
  }) =>
    record.sent.revert === undefined ||
    record.timedOut === 'revert' ||
    record.counted.includes('reject') ||
    record.failed === true,
  'a revert is never sent after an approve that counted first': ({ record, run }) =>
    record.sent.revert === undefined || run.ledger.terminal?.decision === 'reject',
  'the deadline does not run before the proof is in': ({ run }) =>
    run.stage.is !== 'window' || run.stage.proofOut !== true || run.deadline === undefined,
  'unhealthy: a check failed that was not red before': ({ run, record }) =>
    run.stage.is !== 'closed' || run.stage.ending.cause !== 'unhealthy' || record.failed === true,
  'by policy: the checks held, nobody rejected, and the log shows whose resize it is': ({ run, record, setup }) =>
    run.ledger.terminal?.via !== 'policy' ||
    (record.held === true && !record.counted.includes('reject') && setup.log !== 'unreadable'),
  'where a check decides, no vote counts any more': ({ run: { ledger } }) =>
    ledger.terminal?.via !== 'check' || ledger.decisions.every(({ counted }) => !counted),
  'no run ends with our resize under way or in VERIFY_RESIZE, unless an operator gave it up': (world) => {
    const outcome = outcomeOf(world.run);
    if (outcome === undefined || outcome === 'needs-operator' || world.record.lostUnprepared === true) return true;
    return !isPending(world) && !mayStillArrive(world);
  },
  'needs-operator is an outcome only where an operator gave up': ({ run }) =>
    outcomeOf(run) !== 'needs-operator' || run.abandoned !== undefined,
  'what an operator gives up is closed at once, or with the answer that is awaited': ({ run }) =>
    run.abandoned === undefined || run.inFlight !== undefined || run.stage.is === 'closed',
  'confirmed: our confirm succeeded': (world) =>
    outcomeOf(world.run) !== 'confirmed' ||
    ours(world, 'confirmResize').some(({ result }) => result === 'success' || isHidden(world)),
  'reverted: our revert succeeded': (world) =>
    outcomeOf(world.run) !== 'reverted' ||
    ours(world, 'revertResize').some(({ result }) => result === 'success' || isHidden(world)),
  'rolled back by the cloud: our resize failed, and the server has its old flavor': (world) => {
    if (outcomeOf(world.run) !== 'rolled-back-by-cloud') return true;
    const failed = ours(world, 'resize').some(({ result }) => result === 'error' || isHidden(world));
    return failed && (world.cloud.flavor === 'small' || others(world));
  },
  'refused or cancelled: the cloud has taken no resize of ours, and will not': (world) => {
    const outcome = outcomeOf(world.run);
    if ((outcome !== 'refused' && outcome !== 'cancelled') || world.record.lostUnprepared === true) return true;
    const adopted = world.run.prepared?.adopted !== undefined;
    return !adopted && ours(world, 'resize').length === 0 && !mayStillArrive(world);
  },
  'changed from outside: somebody else did something': (world) =>
    outcomeOf(world.run) !== 'changed-outside' || others(world),
  'what was stopped for the resize runs again at the end': (world) => {
    const outcome = outcomeOf(world.run);
    if (outcome === undefined || outcome === 'changed-outside' || outcome === 'needs-operator') return true;
    return !(world.record.sent.stop === true && world.cloud.off && world.cloud.is === 'resting') || others(world);
  },
  'who has to do something is told what': (world) =>
    phaseOf(world.run) !== 'needs-operator' || status(world).advice !== undefined,
  'what the status says is a sentence': (world) => status(world).message !== '',
};

/** The rules that a world breaks. */
export function brokenBy(world: World): string[] {
  return Object.entries(RULES)
    .filter(([, holds]) => !holds(world))
    .map(([rule]) => rule);
}
