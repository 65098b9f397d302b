/** Recorded runs against the promises: as they are, and with one event changed each. */
import { breachesIn } from '../../src/record/promises';
import {
  answerOf,
  askedFor,
  eventOf,
  PLAIN,
  RECORDED,
  recorded,
  replaced,
  set,
  type Change,
  type RawEvent,
} from './recorded';

const told = (name: string, change?: Change) => breachesIn([recorded(name, change)]);

it.each(RECORDED)('the recorded run %s keeps all promises', (name) => {
  expect(told(name)).toEqual([]);
});

it('two runs of one resize keep them together', () => {
  expect(breachesIn([recorded('continued-as-new.json'), recorded('continued-as-new.2.json')])).toEqual([]);
});

const UPDATE = 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED';
const CLOSED = 'WORKFLOW_EXECUTION_COMPLETED';
const result = (key: string) => ['activityTaskCompletedEventAttributes', 'result', 'payloads', 0, PLAIN, key];
const request = (key: string) => ['workflowExecutionStartedEventAttributes', 'input', 'payloads', 0, PLAIN, key];
const closing = (...keys: (string | number)[]) => [
  'workflowExecutionCompletedEventAttributes',
  'result',
  'payloads',
  0,
  PLAIN,
  ...keys,
];
const nowAsks = (event: RawEvent, activity: string) =>
  set(event, ['activityTaskScheduledEventAttributes', 'activityType', 'name'], activity);

/** Each row: what is changed, in which recorded run, how, and what is said of it. */
const CHANGES: readonly (readonly [string, string, Change, RegExp])[] = [
  [
    'an event is taken out',
    'approved.json',
    (events) => void events.splice(events.indexOf(eventOf(events, UPDATE)), 1),
    /^event \d+ is missing, or not in its place$/,
  ],
  [
    'two events change places',
    'approved.json',
    (events) => events.splice(10, 2, ...[events[11], events[10]].filter((event) => event !== undefined)),
    /^event \d+ is missing, or not in its place$/,
  ],
  [
    'an answer answers another event',
    'approved.json',
    (events) =>
      set(answerOf(events, 'confirmResize'), ['activityTaskCompletedEventAttributes', 'scheduledEventId'], '1'),
    /^event \d+: answers event 1, which asked for no activity$/,
  ],
  [
    'the approval is a reject',
    'approved.json',
    (events) => replaced(eventOf(events, UPDATE), '"decision":"approve"', '"decision":"reject"'),
    /^event \d+: asks the cloud to confirm, and before it 0 of 1 people approved/,
  ],
  [
    'the approval is for another run',
    'approved.json',
    (events) => replaced(eventOf(events, UPDATE), '"run":"', '"run":"other-'),
    /^event \d+: asks the cloud to confirm, and before it 0 of 1 people approved/,
  ],
  [
    'the request asks for two approvals',
    'approved.json',
    ([started]) => set(started, request('approvals'), { required: 2 }),
    /^event \d+: asks the cloud to confirm, and before it 1 of 2 people approved/,
  ],
  [
    'the one who approved is the requester, who may not',
    'approved.json',
    ([started]) => {
      set(started, request('approvals'), { required: 1 });
      set(started, request('requestedBy'), 'BOB');
    },
    /^event \d+: asks the cloud to confirm, and before it 0 of 1 people approved/,
  ],
  [
    'the one who approved is none of the approvers',
    'approved.json',
    ([started]) => set(started, request('approvals'), { required: 1, approvers: ['eve'] }),
    /^event \d+: asks the cloud to confirm, and before it 0 of 1 people approved/,
  ],
  [
    'the reject is an approval',
    'rejected-by-signal.json',
    (events) =>
      replaced(eventOf(events, 'WORKFLOW_EXECUTION_SIGNALED'), '"signalName":"reject"', '"signalName":"approve"'),
    /asks the cloud to revert, and before it nobody rejected, no deadline had passed, and no check had failed$/,
  ],
  [
    'the cancel is another message',
    'cancelled-in-the-window.json',
    (events) => {
      const cancel = eventOf(events, 'WORKFLOW_EXECUTION_CANCEL_REQUESTED');
      cancel.eventType = 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED';
      delete cancel['workflowExecutionCancelRequestedEventAttributes'];
      cancel['workflowExecutionSignaledEventAttributes'] = { signalName: 'observeNow' };
    },
    /asks the cloud to revert, and before it nobody rejected/,
  ],
  [
    'the timer that fired is another one',
    'timed-out.json',
    (events) => set(eventOf(events, 'TIMER_FIRED'), ['timerFiredEventAttributes', 'timerId'], '1'),
    /asks the cloud to revert, and before it nobody rejected, no deadline had passed/,
  ],
  [
    'the request says what the deadline does not do',
    'timed-out.json',
    ([started]) => set(started, request('onTimeout'), 'hold'),
    /asks the cloud to revert, and before it nobody rejected, no deadline had passed/,
  ],
  [
    'a look is a revert',
    'approved.json',
    (events) => {
      nowAsks(askedFor(events, 'watchServer', 1), 'revertResize');
      set(answerOf(events, 'revertResize'), result('answer'), 'accepted');
    },
    /asks the cloud to confirm, though it was asked to revert the same resize$/,
  ],
  [
    'a look is a second resize, at once after a lost answer',
    'answer-lost.json',
    (events) => {
      nowAsks(askedFor(events, 'observeServer'), 'requestResize');
      set(answerOf(events, 'requestResize', 1), result('answer'), 'accepted');
    },
    /^event \d+: asks the cloud to resize once more \d+ ms after an answer was lost; the settle time is 12500 ms$/,
  ],
  [
    'a refusal is a lost answer',
    'stopped-first.json',
    (events) => set(answerOf(events, 'requestResize'), result('answer'), 'unknown'),
    /asks the cloud to resize once more \d+ ms after an answer was lost/,
  ],
  [
    'looks are a second and a third resize',
    'approved.json',
    (events) => {
      for (const nth of [1, 2]) {
        nowAsks(askedFor(events, 'watchServer'), 'requestResize');
        set(answerOf(events, 'requestResize', nth), result('answer'), 'accepted');
      }
    },
    /asks the cloud to resize a third time, though each time before may have been carried out$/,
  ],
  [
    'the confirm was refused',
    'approved.json',
    (events) => set(answerOf(events, 'confirmResize'), result('answer'), 'rejected'),
    /^event \d+: tells the outcome confirmed, and no confirm was accepted, or may have been$/,
  ],
  [
    'the server still waits at the end',
    'timed-out.json',
    (events) => replaced(answerOf(events, 'revertResize'), '"status":"ACTIVE"', '"status":"VERIFY_RESIZE"'),
    /tells the outcome reverted, and the server was last seen in VERIFY_RESIZE$/,
  ],
  [
    'the cloud did not roll it back',
    'rolled-back-by-cloud.json',
    (events) => replaced(answerOf(events, 'watchServer'), '"status":"ACTIVE"', '"status":"VERIFY_RESIZE"'),
    /tells the outcome rolled-back-by-cloud, and the server was last seen in VERIFY_RESIZE$/,
  ],
  [
    'nobody gave it up',
    'needs-operator-abandoned.json',
    (events) => replaced(eventOf(events, UPDATE), '"name":"abandon"', '"name":"retry"'),
    /tells the outcome needs-operator, and no operator gave it up$/,
  ],
  [
    'it is called refused',
    'approved.json',
    (events) => set(eventOf(events, CLOSED), closing('outcome'), 'refused'),
    /^event \d+: tells the outcome refused, and a request was accepted, or may have been$/,
  ],
  [
    'another cause is told',
    'approved.json',
    (events) => set(eventOf(events, CLOSED), closing('cause'), 'policy'),
    /^event \d+: tells the cause policy, and nothing before it is that$/,
  ],
  [
    'another server state is told',
    'approved.json',
    (events) => set(eventOf(events, CLOSED), closing('observed', 'flavor'), 'f9'),
    /^event \d+: tells that the server shows ACTIVE with flavor f9, which no activity saw$/,
  ],
  [
    'another request id is told',
    'approved.json',
    (events) => set(eventOf(events, CLOSED), closing('requestId'), 'req-0'),
    /^event \d+: tells the request id req-0, which no activity answered$/,
  ],
  [
    'a verdict is told of a check that never ran',
    'approved.json',
    (events) => set(eventOf(events, CLOSED), closing('checks'), [{ name: 'web', kind: 'http', proof: 'pass' }]),
    /^event \d+: tells the verdict pass of check web \(proof\), which no activity found$/,
  ],
  [
    'another person is told',
    'approved.json',
    (events) => set(eventOf(events, CLOSED), closing('decisions', 0, 'by'), 'eve'),
    /^event \d+: tells approve by eve, and nobody sent that$/,
  ],
];

it.each(CHANGES)('%s (%s): it says so', (_, name, change, sentence) => {
  expect(told(name, change).map((each) => each.sentence)).toContainEqual(expect.stringMatching(sentence));
});

it('a run that does not go on with what the run before it knew is told', () => {
  const later = recorded('continued-as-new.2.json', ([started]) =>
    set(started, ['workflowExecutionStartedEventAttributes', 'input', 'payloads', 1, PLAIN, 'observations'], 0),
  );
  expect(breachesIn([recorded('continued-as-new.json'), later])).toEqual([
    expect.objectContaining({
      promise: 'whole',
      sentence: `run ${later.runId} does not go on with what the run before it knew`,
    }),
  ]);
});

describe('where the deciders are proven', () => {
  const NAME = 'rejected-by-signal.json';
  /** The recorded run as it would be on a server that says who sends. */
  const proven = (events: RawEvent[]) => {
    const signal = eventOf(events, 'WORKFLOW_EXECUTION_SIGNALED');
    const run = recorded(NAME).runId;
    signal.principal = { type: 'jwt', name: 'carol' };
    set(answerOf(events, 'prepareResize'), result('deciders'), 'proven');
    const evidence = { type: 'jwt', name: 'carol', eventId: signal.eventId, runId: run };
    for (const event of events) {
      if (event === signal || !JSON.stringify(event).includes('"by":"carol"')) continue;
      replaced(event, '"by":"carol"', `"by":"carol","proven":${JSON.stringify(evidence)}`);
    }
    return signal;
  };

  it('a vote that counts for who sent it is all right', () => {
    expect(told(NAME, (events) => void proven(events))).toEqual([]);
  });

  it.each<[string, (signal: RawEvent, events: RawEvent[]) => void, RegExp]>([
    [
      'somebody else sent it',
      (signal) => void (signal.principal = { type: 'jwt', name: 'eve' }),
      /counts reject by carol, and event \d+ was sent by eve$/,
    ],
    [
      'nobody logged in',
      (signal) => {
        delete signal.principal;
      },
      /was sent by nobody that Temporal knows$/,
    ],
    [
      'it stands on another event',
      (signal, events) => replaced(eventOf(events, CLOSED), `"eventId":"${signal.eventId}"`, '"eventId":"7"'),
      /counts reject by carol, and event 7 is no such message$/,
    ],
    [
      'nothing says who sent it',
      (_, events) => set(eventOf(events, CLOSED), closing('decisions', 0, 'proven'), undefined),
      /counts reject by carol, and nothing says who sent it$/,
    ],
    [
      'another name counts',
      (_, events) => set(eventOf(events, CLOSED), closing('decisions', 0, 'by'), 'ana'),
      /counts reject by ana, and it was sent by carol$/,
    ],
    [
      'another requester is told',
      (_, events) => set(eventOf(events, CLOSED), closing('requester'), { type: 'jwt', name: 'ana' }),
      /tells that ana started it, and Temporal recorded nobody$/,
    ],
  ])('%s: it says so', (_, change, sentence) => {
    const breaches = told(NAME, (events) => change(proven(events), events));
    expect(breaches.map((each) => each.sentence)).toContainEqual(expect.stringMatching(sentence));
  });
});
