/** What `history` tells of recorded runs. */
import { entriesOf } from '../../src/record/entries';
import { answerOf, askedFor, eventOf, PLAIN, recorded, set, type Change } from './recorded';

const told = (name: string, change?: Change) => entriesOf([recorded(name, change)]);
const kinds = (name: string) => told(name).map(({ kind }) => kind);

it('a resize that people approve, from its request to its end', () => {
  expect(kinds('approved.json')).toEqual([
    'requested',
    'prepared',
    'phase',
    'request',
    'answer',
    'phase',
    'vote',
    'phase',
    'request',
    'answer',
    'ended',
  ]);
  const entries = told('approved.json');
  expect(entries[0]).toMatchObject({
    by: 'ana',
    text: expect.stringMatching(/^resize server \S+ of cloud lab to f2$/) as unknown,
  });
  expect(entries.find(({ kind }) => kind === 'vote')).toMatchObject({
    by: 'bob',
    reason: 'CHG-1234',
    counted: true,
    text: 'approve by update, counts',
    seen: { status: 'VERIFY_RESIZE', vmState: 'resized', flavor: 'f2' },
  });
  expect(entries.at(-1)).toMatchObject({
    text: expect.stringMatching(/^confirmed: /) as unknown,
    seen: { status: 'ACTIVE' },
  });
});

it('two runs of one resize are one, with each entry in its run', () => {
  const [first, second] = [recorded('continued-as-new.json'), recorded('continued-as-new.2.json')];
  const entries = entriesOf([first, second]);
  expect(entries.filter(({ kind }) => kind === 'requested')).toHaveLength(1);
  expect(new Set(entries.map(({ resize }) => resize))).toEqual(new Set([first.runId]));
  expect([...new Set(entries.map(({ runId }) => runId))]).toEqual([first.runId, second.runId]);
  expect(entries.find(({ kind }) => kind === 'continued')?.text).toMatch(/^goes on in run /);
});

it('what was refused, what was lost, what was given up', () => {
  const texts = (name: string) => told(name).map(({ text }) => text);
  expect(texts('stopped-first.json')).toContainEqual(
    expect.stringMatching(/^the cloud refused the resize: .*Ecs\.0100/),
  );
  expect(texts('answer-lost.json')).toContainEqual(expect.stringMatching(/^the answer to the resize was lost: /));
  expect(told('needs-operator-abandoned.json')).toContainEqual(
    expect.objectContaining({
      kind: 'operator',
      by: 'ana',
      text: 'abandon: end the resize, the server stays as it is',
    }),
  );
  expect(kinds('timed-out.json')).toContain('deadline');
  expect(told('cancelled-in-the-window.json')).toContainEqual(
    expect.objectContaining({ kind: 'vote', text: 'cancel through Temporal, counts' }),
  );
});

it('the policy that applies, in its version', () => {
  const entries = told('approved.json', (events) =>
    set(
      answerOf(events, 'prepareResize'),
      ['activityTaskCompletedEventAttributes', 'result', 'payloads', 0, PLAIN, 'policy'],
      {
        name: 'strict',
        version: 3,
      },
    ),
  );
  expect(entries.find(({ kind }) => kind === 'prepared')?.text).toContain('; policy strict (version 3)');
});

it('a verdict of a check, with its figure', () => {
  const entries = told('approved.json', (events) => {
    set(
      askedFor(events, 'watchServer', 1),
      ['activityTaskScheduledEventAttributes', 'activityType', 'name'],
      'checkHealth',
    );
    set(askedFor(events, 'checkHealth'), ['activityTaskScheduledEventAttributes', 'input', 'payloads', 0, PLAIN], {
      check: { name: 'web' },
      when: 'proof',
    });
    set(answerOf(events, 'checkHealth'), ['activityTaskCompletedEventAttributes', 'result', 'payloads', 0, PLAIN], {
      verdict: 'pass',
      figure: '200 in 31 ms',
    });
  });
  expect(entries).toContainEqual(
    expect.objectContaining({
      kind: 'check',
      check: 'web',
      when: 'proof',
      verdict: 'pass',
      figure: '200 in 31 ms',
      text: 'check web after the resize: pass (200 in 31 ms)',
    }),
  );
});

it('a vote that no status tells of does not count, and one that came twice counts once', () => {
  const entries = told('rejected-by-signal.json', (events) => {
    const signal = eventOf(events, 'WORKFLOW_EXECUTION_SIGNALED');
    const again = JSON.parse(JSON.stringify(signal)) as typeof signal;
    const other = JSON.parse(JSON.stringify(signal).replace('carol', 'eve')) as typeof signal;
    events.splice(events.indexOf(signal) + 1, 0, again, other);
  });
  expect(entries.filter(({ kind }) => kind === 'vote').map(({ by, counted, why }) => [by, counted, why])).toEqual([
    ['carol', true, undefined],
    ['carol', false, 'the same vote once more: it counts once'],
    ['eve', false, expect.stringMatching(/^no status tells of it/)],
  ]);
});
