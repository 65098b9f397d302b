/** How a run enters its stages. */
import { afterStop } from './endings';
import { proofIn } from './health';
import { isActing, wasStopped, type ActingStage, type Ending, type RunState, type Stage } from './run-state';
import { waited, type Moment } from './waiting';

/** What belongs to one stage alone ends with it. */
function enter(state: RunState, stage: Stage, { now }: Moment): RunState {
  return {
    ...state,
    stage,
    issue: undefined,
    rejected: undefined,
    note: undefined,
    retryGranted: undefined,
    next: { at: now, waits: 0 },
  };
}

/** The activity reads the server itself, directly before it writes: the first request needs no observation before. */
const actingFrom = (state: RunState, now: number, within: number) => ({
  since: now,
  until: now + within,
  ready: state.observeOnly !== true,
});

/** Asks for one effect. */
export function enterActing(state: RunState, is: Exclude<ActingStage['is'], 'starting'>, moment: Moment): RunState {
  const { resizeWithin, settleWithin } = state.request;
  const within = is === 'resizing' ? resizeWithin : settleWithin;
  const entered = enter(state, { is, ...actingFrom(state, moment.now, within) }, moment);
  return is === 'stopping' ? { ...entered, note: 'this cloud wants it stopped first' } : entered;
}

/** The server waits in VERIFY_RESIZE by our resize: once its proof is in, people may decide. */
export function openWindow(state: RunState, moment: Moment): RunState {
  const verifiedAt = new Date(moment.now).toISOString();
  const opened = { ...enter(state, { is: 'window' }, moment), verifiedAt };
  // Without checks the proof is in at once; it says "no checks requested", never "healthy".
  if (state.request.checks === undefined) return waited(proofIn(opened, moment.now), moment);
  return waited({ ...opened, stage: { is: 'window', proofOut: true } }, moment);
}

/** Ends the run; what we stopped is started again first. */
export function finish(state: RunState, ending: Ending, moment: Moment): RunState {
  const { stage } = state;
  const close = (last: Ending) => enter(state, { is: 'closed', ending: last }, moment);
  if (stage.is === 'starting') {
    if (ending.outcome !== 'needs-operator') return close(ending);
    const { message } = stage.ending;
    return close({
      ...ending,
      message: `${message}; it was stopped for the resize and could not be started again: ${ending.message}`,
    });
  }
  if (!wasStopped(state)) return close(ending);
  // What others changed, or an operator takes over, is not ours to start.
  if (ending.outcome === 'changed-outside' || ending.outcome === 'needs-operator') {
    return close(afterStop(ending, 'not started again'));
  }
  const acting = actingFrom(state, moment.now, state.request.settleWithin);
  return { ...enter(state, { is: 'starting', ...acting, ending }, moment), note: 'starting it again' };
}

/** What is in the log already is waited for, not asked for. */
function resizeAfterStop(state: RunState, moment: Moment): RunState {
  const resizing = enterActing(state, 'resizing', moment);
  if (!state.sent.resize.accepted || !isActing(resizing.stage)) return resizing;
  return waited({ ...resizing, stage: { ...resizing.stage, ready: false } }, moment);
}

/** The effect that the stage is about is seen. Those of a confirm and a revert are endings. */
export function afterEffect(state: RunState, moment: Moment): RunState {
  const { stage } = state;
  switch (stage.is) {
    case 'stopping':
      return resizeAfterStop(state, moment);
    case 'resizing':
      return openWindow(state, moment);
    case 'starting':
      return finish(state, afterStop(stage.ending, 'started again'), moment);
    case 'preparing':
    case 'window':
    case 'confirming':
    case 'reverting':
    case 'closed':
      return state;
  }
}
