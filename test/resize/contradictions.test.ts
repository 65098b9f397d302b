import { checkRequest, type ResizeInput } from '../../src/resize/request';
import { least, MINUTE } from './played';

const checks = { checks: [{ name: 'ssh', tcp: { host: '{address}', port: 22 } }] };
const itself: Partial<ResizeInput> = { checks, autoConfirm: true, bakeFor: '30m' };

it.each<[string, Partial<ResizeInput>, RegExp]>([
  ['checks of a server that is stopped first', { checks, stopFirst: true }, /^checks: a server that is stopped/],
  ['a time to pass that nothing follows', { checks, bakeFor: '30m' }, /^bakeFor: says after which time/],
  [
    'a confirm by checks that are not there',
    { autoConfirm: true, bakeFor: '30m' },
    /^autoConfirm: nothing is confirmed/,
  ],
  ['a confirm by checks after no time', { checks, autoConfirm: true }, /^autoConfirm: for how long/],
  [
    'a confirm by checks that do not run',
    { ...itself, checks: { ...checks, watchEvery: 0 } },
    /^autoConfirm: the checks/,
  ],
  [
    'checks that pass for longer than people have',
    { ...itself, decideWithin: '30m' },
    /^bakeFor: the decision time ends/,
  ],
])('%s is refused, with what to change', (_, input, sentence) => {
  expect(() => checkRequest({ ...least, ...input })).toThrow(sentence);
});

it('people have half an hour more than the checks, where the request does not say how long', () => {
  expect(checkRequest({ ...least, ...itself }).decideWithin).toBe(60 * MINUTE);
  expect(checkRequest({ ...least, ...itself, decideWithin: '31m' }).decideWithin).toBe(31 * MINUTE);
  expect(checkRequest(least).decideWithin).toBe(30 * MINUTE);
});
