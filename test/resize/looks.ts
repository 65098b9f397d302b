/** Looks and expectations in one line each, so that a table of them can be read. */
import type { ActionSeen, Flavor, Observation, ServerSeen } from '../../src/resize/observation';
import type { Situation } from '../../src/resize/situation';
import { nothingSent, type Expectation, type Sent } from '../../src/resize/situation-facts';

export const FROM: Flavor = { name: 'f1', id: '1' };
export const TO: Flavor = { name: 'f2', id: '2' };
const FLAVORS: Readonly<Record<string, Flavor>> = { f1: FROM, f2: TO, f3: { name: 'f3', id: '3' } };

/** `STATUS vm_state task flavor`, with `-` for no task. */
export function server(text: string): ServerSeen {
  const [status = '', vmState = '', task = '-', flavor = ''] = text.split(' ');
  return {
    id: '11111111-2222-4333-8444-555555555555',
    name: 'web-07',
    status,
    vmState,
    taskState: task === '-' ? null : task,
    powerState: 'running',
    flavor: FLAVORS[flavor] ?? { name: flavor },
    project: 'project',
  };
}

/**
 * `kind who result`. Who: `ours` has the request id of our answer; `we` is our user under another request id; `cloud`
 * has no user; anybody else is a user of that name.
 */
export function action(text: string): ActionSeen {
  const [kind = '', who = '', result = ''] = text.split(' ');
  const userId = who === 'ours' || who === 'we' ? 'us' : who;
  return {
    action: kind,
    requestId: `req-${who}-${kind}`,
    projectId: 'project',
    ...(who === 'cloud' ? {} : { userId }),
    result: result as ActionSeen['result'],
  };
}

/** A look at a server and its log, newest action first. */
export function shows(what: string, ...log: string[]): Observation {
  return { at: '2026-01-01T00:00:00.000Z', server: server(what), actions: log.map(action) };
}

/** The same where the log cannot be read. */
export function unlogged(what: string): Observation {
  return { ...shows(what), actions: 'unreadable' };
}

/** A 404, with what the log shows. */
export function missing(...log: string[]): Observation {
  return { ...shows('- - - -', ...log), server: 'missing' };
}

export const accepted = (kind: string): Sent => ({
  posts: 1,
  lost: 0,
  accepted: true,
  requestId: `req-ours-${kind}`,
});
export const acceptedWithoutId: Sent = { posts: 1, lost: 0, accepted: true };
export const lost: Sent = { posts: 1, lost: 1, accepted: false };
export const lostTwice: Sent = { posts: 2, lost: 2, accepted: false };
export const rejected: Sent = { posts: 1, lost: 0, accepted: false };

export const asked: Expectation = {
  stage: 'resizing',
  from: FROM,
  to: TO,
  project: 'project',
  userId: 'us',
  resize: nothingSent(),
  confirm: nothingSent(),
  revert: nothingSent(),
  settled: true,
};
export const resizing: Expectation = { ...asked, resize: accepted('resize') };
export const window: Expectation = { ...resizing, stage: 'window' };
export const confirming: Expectation = { ...window, stage: 'confirming', confirm: accepted('confirmResize') };
export const reverting: Expectation = { ...window, stage: 'reverting', revert: accepted('revertResize') };

/** The answer to our resize, confirm or revert was lost; and for a while its request may still arrive. */
export const resizeLost: Expectation = { ...asked, resize: lost };
export const confirmLost: Expectation = { ...confirming, confirm: lost };
export const revertLost: Expectation = { ...reverting, revert: lost };
export const unsettled = (expected: Expectation): Expectation => ({ ...expected, settled: false });

/** A meaning in one line: `operator error`, `changed-outside confirmed by ann`. */
export function inWords(meaning: Situation): string {
  switch (meaning.is) {
    case 'operator':
      return `operator ${meaning.why}`;
    case 'changed-outside':
      return `changed-outside ${meaning.cause}${meaning.by === undefined ? '' : ` by ${meaning.by}`}`;
    case 'busy':
    case 'untouched':
    case 'window':
    case 'rolled-back':
    case 'confirmed':
    case 'reverted':
    case 'missing':
      return meaning.is;
  }
}
