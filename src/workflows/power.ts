/**
 * Around a resize of a cloud that takes stopped servers only (Huawei: Ecs.0100): stop the server before, with the
 * user's leave, and start it again when the resize has ended, whichever way.
 */
import { delayBefore, paceOf } from '../resize/polling';
import { restsIn } from '../resize/situation';
import { look, switchPower, type Power } from './cloud';
import { abandoned } from './endings';
import { pause, type Run } from './run';
import type { Ending } from './run-state';
import { raise, weigh } from './weigh';

const GOAL = { stop: 'stopped', start: 'active' } as const;
const FROM = { stop: 'active', start: 'stopped' } as const;

/**
 * Stops the server.
 * @param breathe called where the run may continue as new
 * @returns an ending only when an operator gives up
 */
export async function stopServer(run: Run, breathe: () => Promise<void>): Promise<Ending | undefined> {
  const { state } = run;
  const ending = await bringTo(run, 'stop', breathe);
  if (ending !== undefined) return ending;
  state.power = 'stopped';
  delete state.rejected;
  return undefined;
}

/** Starts what we stopped. How the resize ended stays as it is; when the server does not come up, that is said too. */
export async function startAgain(run: Run, ending: Ending, breathe: () => Promise<void>): Promise<Ending> {
  const { state } = run;
  // What others changed, or a person took over, is not ours to start.
  if (ending.outcome === 'changed-outside' || ending.outcome === 'needs-operator') {
    return { ...ending, message: `${ending.message}; the server had been stopped for the resize` };
  }
  state.power = 'starting';
  const given = await bringTo(run, 'start', breathe);
  delete state.note;
  return given === undefined
    ? { ...ending, message: `${ending.message}; it was stopped for the resize and is started again` }
    : { ...given, message: `${ending.message}; but it was stopped for the resize and could not be started again` };
}

/**
 * Stopping a stopped server, or starting a running one, harms nobody (the cloud refuses it): so, other than for a
 * resize, a request whose answer was lost may be sent again as soon as a look shows no effect.
 */
async function bringTo(run: Run, power: Power, breathe: () => Promise<void>): Promise<Ending | undefined> {
  const { state, report } = run;
  const ends = Date.now() + state.request.settleWithin;
  for (let n = 0; ; n++) {
    await breathe();
    state.note = power === 'stop' ? 'this cloud wants it stopped first' : 'starting it again';
    report.publish();
    const given = abandoned(state);
    if (given !== undefined) return given;
    const result = await look(state);
    if ('seen' in result && result.seen.server === 'missing') {
      const { ending } = weigh(state, result, { doing: power });
      if (ending !== undefined) return ending;
    }
    const server = 'seen' in result && result.seen.server !== 'missing' ? result.seen.server : undefined;
    if (server !== undefined && restsIn(server, GOAL[power])) {
      delete state.concern;
      return undefined;
    }
    if (Date.now() >= ends) raise(state, 'stuck', power);
    if (server !== undefined && restsIn(server, FROM[power])) await switchPower(state, power);
    const pace = paceOf(state.concern === undefined && !state.brake ? 'settling' : 'operator', state.request.polling);
    await pause(run, delayBefore(n, pace, Math.random()));
  }
}
