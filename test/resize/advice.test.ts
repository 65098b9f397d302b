import { explain, type OperatorIssue, type IssueFacts } from '../../src/resize/advice';

/** All of them: a concern that is added must be added here. */
const CONCERNS: Readonly<Record<OperatorIssue, RegExp>> = {
  error: /ended in ERROR/,
  'two-resizes': /more than one new resize/,
  'lost-answer': /lost, and what the cloud shows does not tell/,
  'other-request-id': /under another request id/,
  'stranger-failed': /somebody else tried to end this resize and failed/,
  'our-action-failed': /accepted our confirm and reports it as failed/,
  'not-ours': /not what our resize leads to/,
  unclear: /no rule covers what is seen/,
  stuck: /takes longer than allowed/,
  rejected: /refused our confirm/,
  'lost-twice': /sent twice and both answers were lost/,
  'no-worker': /no worker has taken up work for cloud lab/,
};

const least: IssueFacts = { server: 'SERVER', cloud: 'lab', sees: 'the server shows X', doing: 'confirm' };
const most: IssueFacts = {
  ...least,
  fault: 'disk is gone',
  requestId: 'req-7',
  trouble: { kind: 'locked', tried: 'confirm', message: 'Instance is locked', advice: 'Unlock it.' },
};

it.each([
  ['locked', /openstack server unlock SERVER/, /openstack server unlock SERVER/],
  ['quota', /openstack quota show/, /openstack quota set/],
  ['host-unavailable', /slowly/, /source host.*migration list/],
  ['not-authenticated', /clouds\.yaml/, /SERVER/],
] as const)(
  'a refusal that people have to mend (%s) comes with the command that mends it',
  (kind, you, administrator) => {
    const { advice } = explain('rejected', { ...least, trouble: { kind, tried: 'confirm', message: 'no' } });
    expect(advice.you).toMatch(you);
    expect(advice.administrator).toMatch(administrator);
  },
);

describe.each(Object.entries(CONCERNS) as [OperatorIssue, RegExp][])(
  'an operator who is called because of: %s',
  (concern, about) => {
    it.each([
      ['as little as can be', least],
      ['all', most],
    ])('is told in one sentence what is seen and what it means, and what to do, with %s known', (_, facts) => {
      const { message, advice } = explain(concern, facts);
      expect(message).toMatch(/^needs an operator: /);
      expect(message).toMatch(about);
      expect(message).toContain('the server shows X');
      expect(message).not.toMatch(/\n/);
      expect(advice.you.trim()).not.toBe('');
      expect(advice.administrator).toContain('SERVER');
      expect(`${message} ${advice.you} ${advice.administrator ?? ''}`).not.toMatch(/undefined|\[object|\bnull\b| {2}/);
    });

    it('has the request id to quote, where there is one', () => {
      const { advice } = explain(concern, most);
      expect(advice.administrator).toContain('req-7');
    });
  },
);

describe('what the cloud itself said', () => {
  it('is passed on: a fault', () => expect(explain('error', most).message).toContain('(disk is gone)'));
  it('is passed on: a refusal, with what helps', () => {
    const { message, advice } = explain('rejected', most);
    expect(message).toContain('Instance is locked');
    expect(advice.you).toMatch(/^Unlock it\./);
  });
});

it('nobody is told to reset a server in VERIFY_RESIZE', () => {
  for (const concern of ['our-action-failed', 'stuck'] as const) {
    expect(JSON.stringify(explain(concern, least))).toContain('Do not reset the state of a server in VERIFY_RESIZE');
  }
});
