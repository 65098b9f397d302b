import { mayHaveBeenCarriedOut, type TroubleKind } from '../../src/resize/failure';

/** All kinds: one that is added must be judged here. */
const CARRIED_OUT: Readonly<Record<TroubleKind, 'perhaps' | 'no'>> = {
  'not-authenticated': 'no',
  forbidden: 'no',
  quota: 'no',
  'not-found': 'no',
  'flavor-not-found': 'no',
  'same-flavor': 'no',
  'bad-request': 'no',
  'not-resized': 'no',
  'no-capacity': 'no',
  conflict: 'no',
  'wrong-state': 'no',
  locked: 'no',
  'host-unavailable': 'no',
  'rate-limited': 'no',
  'server-error': 'perhaps',
  'no-answer': 'perhaps',
  garbage: 'perhaps',
  'no-time': 'no',
  'no-worker': 'no',
  configuration: 'no',
};

it.each(Object.entries(CARRIED_OUT) as [TroubleKind, string][])(
  'a request that ended in %s was carried out: %s',
  (kind, answer) => {
    expect(mayHaveBeenCarriedOut({ kind, tried: 'x', message: 'x' }) ? 'perhaps' : 'no').toBe(answer);
  },
);
