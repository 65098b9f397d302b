/** The six resizes of the demo, as data: who asks, who decides, and how each must end. */
import type { Cause, Outcome } from '../resize/outcome';

export interface Story {
  title: string;
  server: string;
  to: string;
  /** Who says what when the window is open. */
  decision?: { choice: 'approve' | 'reject'; by: string; reason: string };
  /** Its service is checked before and after the resize; it may fail with the new flavor. */
  check?: 'passes' | 'fails';
  /** ms; short where nobody decides. */
  decideWithin: number;
  /** Kill -9 the worker while the cloud resizes this one. */
  kill?: true;
  ends: { outcome: Outcome; cause?: Cause; flavor: string };
}

/** What all servers have before. */
export const BEFORE = 'm1.small';

const MINUTE = 60_000;

export const STORIES: readonly Story[] = [
  {
    title: 'approved',
    server: 'web-07',
    to: 'm1.large',
    decision: { choice: 'approve', by: 'bob', reason: 'CHG-1234' },
    check: 'passes',
    decideWithin: 5 * MINUTE,
    ends: { outcome: 'confirmed', cause: 'approved', flavor: 'm1.large' },
  },
  {
    title: 'rejected',
    server: 'db-01',
    to: 'm1.large',
    decision: { choice: 'reject', by: 'carol', reason: 'it swaps' },
    decideWithin: 5 * MINUTE,
    ends: { outcome: 'reverted', cause: 'rejected', flavor: BEFORE },
  },
  {
    title: 'nobody answers',
    server: 'cache-02',
    to: 'm1.large',
    decideWithin: 12_000,
    ends: { outcome: 'reverted', cause: 'decision-timeout', flavor: BEFORE },
  },
  {
    title: 'unhealthy',
    server: 'api-04',
    to: 'm1.large',
    check: 'fails',
    decideWithin: 5 * MINUTE,
    ends: { outcome: 'reverted', cause: 'unhealthy', flavor: BEFORE },
  },
  {
    title: 'no capacity',
    server: 'batch-03',
    to: 'huge',
    decideWithin: 5 * MINUTE,
    ends: { outcome: 'rolled-back-by-cloud', flavor: BEFORE },
  },
  {
    title: 'killed -9',
    server: 'web-08',
    to: 'm1.xlarge',
    decision: { choice: 'approve', by: 'bob', reason: 'CHG-1235' },
    decideWithin: 5 * MINUTE,
    kill: true,
    ends: { outcome: 'confirmed', cause: 'approved', flavor: 'm1.xlarge' },
  },
];
