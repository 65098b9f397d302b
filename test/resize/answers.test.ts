/** What each answer to a request means for a run. */
import type { TroubleKind } from '../../src/resize/failure';
import { phaseOf } from '../../src/resize/run-state';
import { server, shows } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND, trouble } from './played';

const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const UNTOUCHED = shows('ACTIVE active - f1');
const STOPPED = shows('SHUTOFF stopped - f1');
const asked = () => new Played().prepared().requesting();
const confirming = () => new Played().inWindow().vote('approve').requesting();
const stopping = () =>
  new Played({ stopFirst: true })
    .prepared()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('wrong-state') });
const rejected = (kind: TroubleKind, more = {}) => ({ answer: 'rejected', trouble: trouble(kind, more) }) as const;

/** All kinds: does a resize that is refused in this way end the run, or is it asked for again? */
const REFUSED: Readonly<Record<TroubleKind, 'ends' | 'asks again'>> = {
  'rate-limited': 'asks again',
  'host-unavailable': 'asks again',
  'no-answer': 'asks again',
  'server-error': 'asks again',
  garbage: 'asks again',
  'not-authenticated': 'ends',
  forbidden: 'ends',
  quota: 'ends',
  'not-found': 'ends',
  'flavor-not-found': 'ends',
  'same-flavor': 'ends',
  'bad-request': 'ends',
  'not-resized': 'ends',
  'no-capacity': 'ends',
  conflict: 'ends',
  'wrong-state': 'ends',
  locked: 'ends',
  'no-time': 'ends',
  'no-worker': 'ends',
  configuration: 'ends',
};
const kinds = Object.entries(REFUSED) as [TroubleKind, 'ends' | 'asks again'][];

/** After the resize was accepted: which refusals of a confirm call an operator at once? */
const FOR_PEOPLE: readonly TroubleKind[] = ['not-authenticated', 'forbidden', 'quota', 'locked', 'configuration'];

describe('a refusal', () => {
  it.each(kinds)('of the resize by %s: %s', (kind, what) => {
    const run = asked().answered(rejected(kind));
    expect(run.ending === undefined ? 'asks again' : 'ends').toBe(what);
    if (what === 'ends') expect(run.ending).toMatchObject({ outcome: 'refused' });
  });

  it('of a busy server ends the run, unless the cloud says when to ask again', () => {
    const run = asked().answered(rejected('conflict', { retryAfter: 5 * SECOND }));
    expect(run.ending).toBeUndefined();
    expect(run.state.rejected).toMatchObject({ times: 1, notBefore: NOON + 5 * SECOND });
  });

  it('that passes is borne for as long as a server may take to settle, and then ends the run', () => {
    const run = asked()
      .after(10 * MINUTE)
      .answered(rejected('host-unavailable'));
    expect(run.ending).toBeUndefined();
    const late = asked()
      .after(10 * MINUTE + 1)
      .answered(rejected('host-unavailable'));
    expect(late.ending).toMatchObject({ outcome: 'refused' });
  });

  it('hands on what the cloud advises', () => {
    expect(asked().answered(rejected('quota', { advice: 'Ask for more.' })).ending?.advice).toEqual({
      you: 'Ask for more.',
    });
    expect(asked().answered(rejected('quota')).ending).not.toHaveProperty('advice');
  });

  it.each(kinds.map(([kind]) => kind))('of the confirm ends no run: %s', (kind) => {
    const run = confirming().answered(rejected(kind));
    expect(run.ending).toBeUndefined();
    expect(phaseOf(run.state)).toBe(FOR_PEOPLE.includes(kind) ? 'needs-operator' : 'confirming');
  });

  it('of the confirm that comes for the third time calls an operator; a rate limit never does', () => {
    const phases = (kind: TroubleKind) => {
      const run = confirming();
      return [1, 2, 3, 4].map((n) => {
        if (n > 1) run.after(MINUTE).observed(WINDOW).requesting();
        return phaseOf(run.answered(rejected(kind)).state);
      });
    };
    expect(phases('host-unavailable')).toEqual(['confirming', 'confirming', 'needs-operator', 'needs-operator']);
    expect(phases('rate-limited')).toEqual(['confirming', 'confirming', 'confirming', 'confirming']);
  });

  it('is followed by a wait as the stage has it, or as an operator has it', () => {
    expect(asked().answered(rejected('no-answer')).state.rejected?.notBefore).toBe(NOON + 2 * SECOND);
    expect(confirming().answered(rejected('no-answer')).state.rejected?.notBefore).toBe(NOON + SECOND);
    expect(confirming().answered(rejected('locked')).state.rejected?.notBefore).toBe(NOON + 30 * SECOND);
    // What the cloud asks for counts where it is longer.
    expect(confirming().answered(rejected('locked', { retryAfter: 5 })).state.rejected?.notBefore).toBe(
      NOON + 30 * SECOND,
    );
    expect(confirming().answered(rejected('rate-limited', { retryAfter: HOUR })).state.rejected?.notBefore).toBe(
      NOON + HOUR,
    );
  });

  it('is forgotten when the request is accepted', () => {
    const run = confirming().answered(rejected('locked')).after(MINUTE).observed(WINDOW);
    run.accepted('confirmResize');
    expect(run.state.rejected).toBeUndefined();
    expect(phaseOf(run.state)).toBe('confirming');
    expect(run.state.next).toEqual({ at: run.now + 10 * MINUTE - MINUTE, waits: 0 });
  });
});

describe('a cloud that wants the server stopped first', () => {
  it('has it stopped, if the request allows that', () => {
    expect(stopping().state.stage.is).toBe('stopping');
    expect(asked().answered(rejected('wrong-state')).ending).toMatchObject({ outcome: 'refused' });
  });

  it('is not obeyed for another reason, nor for a server that is off, nor twice', () => {
    const first = () => new Played({ stopFirst: true }).prepared();
    expect(first().requesting().answered(rejected('quota')).ending).toMatchObject({ outcome: 'refused' });
    const off = new Played({ stopFirst: true }).prepared({ server: server('SHUTOFF stopped - f1') }).requesting();
    expect(off.answered(rejected('wrong-state')).ending).toMatchObject({ outcome: 'refused' });
    const again = stopping().accepted('os-stop').observed(STOPPED).requesting();
    expect(again.answered(rejected('wrong-state')).state.stage).toMatchObject({
      is: 'starting',
      ending: { outcome: 'refused' },
    });
  });

  it('and then refuses to stop it ends the run, with nothing changed', () => {
    const run = stopping().requesting().answered(rejected('forbidden'));
    expect(run.ending?.message).toBe('refused, nothing was changed: it is forbidden');
  });

  it('and loses the answer to the stop has the server started again in the end', () => {
    const run = stopping().requesting().answered({ answer: 'unknown' }).cancel();
    expect(run.state.stage).toMatchObject({ is: 'starting', ending: { outcome: 'cancelled' } });
  });

  it('is given the time to settle, not the time of a resize', () => {
    expect(stopping().state.stage).toMatchObject({ since: NOON, until: NOON + 10 * MINUTE, ready: true });
    const stopped = stopping().accepted('os-stop').after(MINUTE).observed(STOPPED);
    expect(stopped.state.stage).toMatchObject({ is: 'resizing', since: NOON + MINUTE, until: NOON + 121 * MINUTE });
  });
});

describe('a request that was not sent', () => {
  const withheld = (why: 'changed' | 'unreadable' | 'no-time' | 'observe-only', kind?: TroubleKind) =>
    ({ answer: 'withheld', why, ...(kind && { trouble: trouble(kind) }) }) as const;

  it('since the server changed ends a run that has resized nothing; a confirm is judged by the next observation', () => {
    expect(asked().answered(withheld('changed')).ending).toMatchObject({ outcome: 'refused' });
    const run = confirming().answered(withheld('changed'));
    expect(run.ending).toBeUndefined();
    expect(run.state.note).toBeUndefined();
  });

  it('since the server could not be read ends it where no waiting helps', () => {
    expect(asked().answered(withheld('unreadable', 'not-found')).ending).toMatchObject({ outcome: 'refused' });
    expect(asked().answered(withheld('unreadable', 'no-answer')).ending).toBeUndefined();
    expect(confirming().answered(withheld('unreadable', 'not-found')).ending).toBeUndefined();
  });

  it('since its time ran short is sent later, but not for ever', () => {
    expect(asked().answered(withheld('no-time', 'no-time')).ending).toBeUndefined();
    const late = asked()
      .after(10 * MINUTE + 1)
      .answered(withheld('no-time', 'no-time'));
    expect(late.ending).toMatchObject({ outcome: 'refused' });
    expect(
      asked()
        .after(10 * MINUTE + 1)
        .answered(withheld('unreadable')).ending,
    ).toBeUndefined();
  });

  it('counts since when the cloud could not be read', () => {
    const run = confirming().answered(withheld('unreadable', 'no-answer'));
    expect(run.state.unreachableSince).toBe('2026-01-01T12:00:00.000Z');
    run.after(MINUTE).observed(WINDOW).requesting().answered(withheld('no-time', 'no-time'));
    expect(run.state.unreachableSince).toBeUndefined();
    run.after(MINUTE).notObserved(trouble('no-answer')).after(MINUTE).observed(WINDOW);
    expect(run.state.unreachableSince).toBeUndefined();
  });

  it('is no request: nothing is lost, and nothing was posted', () => {
    const run = confirming().answered(withheld('unreadable', 'no-answer'));
    expect(run.state.sent.confirm).toEqual({ posts: 0, lost: 0, accepted: false });
  });

  it('and was withdrawn changes nothing but that it is no longer on its way', () => {
    const run = confirming();
    const { inFlight, ...before } = run.state;
    expect(inFlight).toBe('confirm');
    run.answered({ answer: 'withheld', why: 'never-started' });
    expect(JSON.parse(JSON.stringify(run.state))).toEqual(JSON.parse(JSON.stringify(before)));
  });

  it('by a worker in observe-only mode is sent when a worker that may send takes it up', () => {
    const run = confirming().answered(withheld('observe-only'));
    expect(run.state.observeOnly).toBe(true);
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 30 * SECOND });
    run
      .after(30 * SECOND)
      .observed(WINDOW)
      .requesting();
    expect(run.answered(rejected('no-answer')).state.observeOnly).toBeUndefined();
  });
});

describe('an answer', () => {
  it('that was lost may take effect for as long as the settings say', () => {
    const run = asked().answered({ answer: 'unknown' });
    expect(run.state.settledAt).toBe(NOON + 150 * SECOND);
    expect(run.state.sent.resize).toEqual({ posts: 1, lost: 1, accepted: false });
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 2 * SECOND });
  });

  it('names our action by the id of the request, where the answer has one', () => {
    expect(asked().answered({ answer: 'accepted' }).state.sent.resize).toEqual({ posts: 1, lost: 0, accepted: true });
    expect(asked().answered({ answer: 'accepted', requestId: 'req-1' }).state.sent.resize.requestId).toBe('req-1');
  });

  it('uses up what a retry granted', () => {
    const run = confirming().answered(rejected('locked')).operator('retry').observed(WINDOW);
    expect(run.state.retryGranted).toBe(true);
    expect(run.requesting().answered(rejected('locked')).state.retryGranted).toBeUndefined();
  });

  it('starts the waits anew when it was accepted or lost', () => {
    for (const answer of [{ answer: 'accepted' }, { answer: 'unknown' }] as const) {
      const run = asked().answered(rejected('no-answer'));
      run
        .after(10 * SECOND)
        .observed(UNTOUCHED)
        .requesting()
        .answered(answer);
      expect(run.state.next.waits).toBe(answer.answer === 'accepted' ? 0 : 1);
    }
  });
});
