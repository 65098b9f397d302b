/** A request under a policy: it may be stricter, never weaker. */
import fc from 'fast-check';
import { comparable } from '../../src/resize/approvals';
import { checkChecks } from '../../src/resize/checks';
import { isResolved, resolve, type Policy } from '../../src/resize/policy';
import { checkRequest, type Gate, type GateInput } from '../../src/resize/request';
import { often } from './often';
import { HOUR, MINUTE, SECOND } from './played';

const id = { name: 'strict', version: 3, digest: 'd1' };
const check = (name: string) => ({ name, tcp: { host: '{address}', port: 22 } });

const STRICT: Policy = {
  ...id,
  approvals: { required: 2, approvers: ['ana', 'bob', 'eve'], allowRequester: false },
  reason: 'required',
  decideWithin: { default: 30 * MINUTE, maximum: 4 * HOUR },
  onTimeout: { default: 'revert', allowed: ['revert', 'hold'] },
  autoConfirm: { allowed: false },
  checks: checkChecks({
    checks: [check('rule')],
    grace: '30s',
    proofWithin: '5m',
    watchEvery: '30s',
    onWatchFailure: 'revert',
  }),
};
/** What does not weaken it. */
const GOOD: GateInput = { reason: 'CHG-1', requestedBy: 'joe' };

function gate(asked: GateInput, policy: Policy = STRICT): Gate {
  const found = resolve(asked, policy);
  if (isResolved(found)) return found;
  throw new Error(found.message);
}
function refusal(asked: GateInput, policy: Policy = STRICT): string {
  const found = resolve(asked, policy);
  if (isResolved(found)) throw new Error('it was not refused');
  return found.message;
}

it('what the request does not say, the policy says; what neither says, the product says', () => {
  expect(gate(GOOD)).toMatchObject({
    approvals: { required: 2, approvers: ['ana', 'bob', 'eve'], allowRequester: false },
    decideWithin: 30 * MINUTE,
    onTimeout: 'revert',
    checks: { checks: [{ name: 'rule' }], grace: 30 * SECOND, watchEvery: 30 * SECOND },
  });
  expect(gate({}, { ...id, onTimeout: { default: 'hold', allowed: ['hold'] } })).toEqual({
    onTimeout: 'hold',
    decideWithin: 30 * MINUTE,
  });
});

it('a policy that says nothing leaves the request as it is', () => {
  const request = checkRequest({
    cloud: 'c',
    server: '1'.repeat(8) + '-2222-4333-8444-555555555555',
    flavor: 'f',
    requestedBy: 'a',
  });
  expect(gate({ decideWithin: '2h', onTimeout: 'confirm' }, id)).toEqual({
    decideWithin: 2 * HOUR,
    onTimeout: 'confirm',
  });
  expect(gate({}, id)).toEqual({ decideWithin: request.decideWithin, onTimeout: request.onTimeout });
});

it.each<[string, GateInput, object]>([
  ['more approvals', { approvals: { required: 3 } }, { approvals: { required: 3, approvers: ['ana', 'bob', 'eve'] } }],
  [
    'fewer approvers',
    { approvals: { approvers: ['EVE', 'bob'] } },
    { approvals: { required: 2, approvers: ['EVE', 'bob'] } },
  ],
  ['a shorter decision time', { decideWithin: '5m' }, { decideWithin: 5 * MINUTE }],
  ['a longer one, up to the maximum', { decideWithin: '4h' }, { decideWithin: 4 * HOUR }],
  ['another time-out that is allowed', { onTimeout: 'hold' }, { onTimeout: 'hold' }],
  [
    'checks of its own, which come first',
    { checks: { checks: [check('own')], grace: '10s', watchEvery: '10s' } },
    { checks: { checks: [{ name: 'own' }, { name: 'rule' }], grace: 10 * SECOND, watchEvery: 10 * SECOND } },
  ],
  [
    'checks that leave the rest to the policy',
    { checks: { checks: [check('own')] } },
    { checks: { grace: 30 * SECOND, proofWithin: 5 * MINUTE, watchEvery: 30 * SECOND, onWatchFailure: 'revert' } },
  ],
  [
    'a longer proof',
    { checks: { checks: [check('own')], proofWithin: '10m' } },
    { checks: { proofWithin: 10 * MINUTE } },
  ],
])('%s may be asked for', (_, asked, expected) => expect(gate({ ...GOOD, ...asked })).toMatchObject(expected));

/** Every key of a policy, and every way to weaken it. */
const WEAKENINGS: [string, string, object][] = [
  ['fewer approvals', 'approvals.required', { approvals: { required: 1 } }],
  ['another approver', 'approvals.approvers', { approvals: { approvers: ['bob', 'mallory'] } }],
  ['more approvers', 'approvals.approvers', { approvals: { approvers: ['ana', 'bob', 'eve', 'mallory'] } }],
  ['the requester as an approver', 'approvals.allowRequester', { approvals: { allowRequester: true } }],
  ['no reason', 'reason', { reason: undefined }],
  ['a longer decision time', 'decideWithin.maximum', { decideWithin: 4 * HOUR + 1 }],
  ['a time-out that is not allowed', 'onTimeout.allowed', { onTimeout: 'confirm' }],
  ['a confirm without people', 'autoConfirm.allowed', { autoConfirm: true, bakeFor: '5m' }],
  ['a check in the place of its own', 'checks', { checks: { checks: [check(' rule ')] } }],
  ['no check while it is stopped', 'checks', { stopFirst: true }],
  ['a longer grace', 'checks.grace', { checks: { checks: [check('own')], grace: '31s' } }],
  ['a shorter proof', 'checks.proofWithin', { checks: { checks: [check('own')], proofWithin: '4m' } }],
  ['a rarer watch', 'checks.watchEvery', { checks: { checks: [check('own')], watchEvery: '31s' } }],
  ['no watch', 'checks.watchEvery', { checks: { checks: [check('own')], watchEvery: 0 } }],
  [
    'a watch that does not revert',
    'checks.onWatchFailure',
    { checks: { checks: [check('own')], onWatchFailure: 'ask' } },
  ],
];

it.each(WEAKENINGS)('%s is refused, with the name, the version and the key %s', (_, key, asked) => {
  const message = refusal({ ...GOOD, ...asked });
  expect(message.startsWith(`policy strict (version 3), ${key}: `)).toBe(true);
  expect(message).not.toMatch(/undefined|\[object/);
});

it('every key of a policy is in that table', () => {
  const keys = new Set(WEAKENINGS.map(([, key]) => key.split('.')[0]));
  expect(Object.keys(STRICT).filter((key) => !(key in id))).toEqual([...keys]);
});

it.each<[string, GateInput, Policy, RegExp]>([
  [
    'a confirm without people, where that is not allowed',
    { autoConfirm: true, bakeFor: '5m', checks: { checks: [check('own')] } },
    { ...id, autoConfirm: { allowed: false } },
    /, autoConfirm\.allowed: nothing is confirmed/,
  ],
  [
    'a confirm without people, where they decide',
    { autoConfirm: true, bakeFor: '5m', checks: { checks: [check('own')] } },
    { ...id, approvals: { required: 2 } },
    /, approvals: people decide, and autoConfirm/,
  ],
  [
    'a rarer watch than that which the checks of the policy have without saying so',
    { checks: { checks: [check('own')], watchEvery: 0 } },
    { ...id, checks: checkChecks({ checks: [check('rule')] }) },
    /, checks\.watchEvery: is 30 s/,
  ],
  [
    'a confirm by the deadline, where people decide and nothing else is said',
    { onTimeout: 'confirm' },
    { ...id, approvals: { required: 2 } },
    /, approvals: people decide, and onTimeout confirm/,
  ],
  [
    'more approvals than there are approvers',
    { ...GOOD, approvals: { required: 4 } },
    STRICT,
    /, with it: approvals\.required: is 4, but only 3 of the named approvers may approve/,
  ],
  [
    'approvers without the requester who are too few',
    { ...GOOD, requestedBy: 'ANA', approvals: { approvers: ['ana', 'bob'] } },
    STRICT,
    /, with it: approvals\.required: is 2, but only 1/,
  ],
  [
    'a time to pass that is longer than the decision time of the policy',
    { autoConfirm: true, bakeFor: '30m', checks: { checks: [check('own')] } },
    { ...id, decideWithin: { default: 30 * MINUTE, maximum: HOUR } },
    /, with it: bakeFor: the decision time ends/,
  ],
])('%s is refused', (_, asked, policy, sentence) => expect(refusal(asked, policy)).toMatch(sentence));

it('a confirm by checks may rest on the checks of the policy alone', () => {
  const policy: Policy = { ...id, autoConfirm: { allowed: true }, checks: checkChecks({ checks: [check('rule')] }) };
  expect(gate({ autoConfirm: true, bakeFor: '10m' }, policy)).toMatchObject({
    autoConfirm: true,
    decideWithin: 40 * MINUTE,
    checks: { checks: [{ name: 'rule' }] },
  });
});

describe('whatever a policy and a request say', () => {
  const people = fc.uniqueArray(fc.constantFrom('ana', 'Bob', 'eve', 'joe'), { minLength: 1, selector: comparable });
  const opt = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const approvals = fc.record(
    { required: fc.integer({ min: 1, max: 4 }), approvers: people, allowRequester: fc.boolean() },
    { requiredKeys: [] },
  );
  const checks = (...names: string[]) =>
    fc.record(
      {
        checks: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }).map((all) => all.map(check)),
        grace: fc.constantFrom('1s', '20s', '40s'),
        proofWithin: fc.constantFrom('2m', '5m', 600_000),
        watchEvery: fc.constantFrom(0, '10s', '1m'),
        onWatchFailure: fc.constantFrom('ask' as const, 'revert' as const),
      },
      { requiredKeys: ['checks'] },
    );
  const time = fc.constantFrom(MINUTE, 30 * MINUTE, HOUR, 5 * HOUR);
  const word = fc.constantFrom('revert' as const, 'confirm' as const, 'hold' as const);
  const policy: fc.Arbitrary<Policy> = fc
    .record({
      approvals: opt(approvals.map((all) => ({ required: 1, ...all }))),
      reason: opt(fc.constant('required' as const)),
      decideWithin: opt(fc.tuple(time, time).map(([a, b]) => ({ default: Math.min(a, b), maximum: Math.max(a, b) }))),
      onTimeout: opt(
        fc.uniqueArray(word, { minLength: 1 }).map((allowed) => ({ default: allowed[0] ?? 'revert', allowed })),
      ),
      autoConfirm: opt(fc.boolean().map((allowed) => ({ allowed }))),
      checks: opt(checks('rule', 'both').map(checkChecks)),
    })
    .map((all) => ({ ...id, ...withoutUndefined(all) }));
  const asked: fc.Arbitrary<GateInput> = fc
    .record({
      requestedBy: fc.constantFrom('ana', 'zoe'),
      approvals: opt(approvals),
      reason: opt(fc.constant('why')),
      decideWithin: opt(time),
      onTimeout: opt(word),
      autoConfirm: opt(fc.boolean()),
      bakeFor: opt(fc.constant(MINUTE)),
      checks: opt(checks('own', 'both')),
      stopFirst: opt(fc.boolean()),
    })
    .map(withoutUndefined);

  it('what is resolved is never weaker than the policy', () => {
    let resolved = 0;
    fc.assert(
      fc.property(asked, policy, (request, rules) => {
        const found = resolve(request, rules);
        if (!isResolved(found)) return;
        resolved++;
        if (rules.approvals) {
          expect(found.approvals?.required).toBeGreaterThanOrEqual(rules.approvals.required);
          if (rules.approvals.allowRequester !== true) expect(found.approvals?.allowRequester).not.toBe(true);
          const allowed = rules.approvals.approvers?.map(comparable);
          if (allowed)
            expect(allowed).toEqual(expect.arrayContaining((found.approvals?.approvers ?? ['none']).map(comparable)));
          expect(found.autoConfirm).not.toBe(true);
        }
        if (rules.reason) expect(found.reason).toBeDefined();
        if (rules.decideWithin) expect(found.decideWithin).toBeLessThanOrEqual(rules.decideWithin.maximum);
        if (rules.onTimeout) expect(rules.onTimeout.allowed).toContain(found.onTimeout);
        if (rules.autoConfirm?.allowed === false) expect(found.autoConfirm).not.toBe(true);
        const names = (all: { checks: { name: string }[] } | undefined) => (all?.checks ?? []).map(({ name }) => name);
        expect(names(found.checks)).toEqual([...names(request.checks), ...names(rules.checks)]);
        if (rules.checks && found.checks) {
          if (rules.checks.onWatchFailure === 'revert') expect(found.checks.onWatchFailure).toBe('revert');
          if (rules.checks.watchEvery > 0) {
            expect(found.checks.watchEvery).toBeGreaterThan(0);
            expect(found.checks.watchEvery).toBeLessThanOrEqual(rules.checks.watchEvery);
          }
          expect(found.checks.grace).toBeLessThanOrEqual(rules.checks.grace);
          expect(found.checks.proofWithin).toBeGreaterThanOrEqual(rules.checks.proofWithin);
        }
      }),
      often(3000),
    );
    expect(resolved).toBeGreaterThan(10);
  });

  it('it is the same however often it is resolved, and a resolved request is never refused', () => {
    fc.assert(
      fc.property(asked, policy, (request, rules) => {
        const found = resolve(request, rules);
        if (!isResolved(found)) return;
        // The checks of the policy are added again.
        const again = withoutUndefined({ ...found, checks: request.checks, requestedBy: request.requestedBy });
        expect(resolve(again, rules)).toEqual(found);
      }),
      often(1000),
    );
  });
});

function withoutUndefined<T extends object>(all: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never;
}
