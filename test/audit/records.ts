import type { AuditRecord } from '../../src/resize/audit';

/** A vote on a resize, as a run has it recorded. */
export const record = (change: { run?: string; sequence?: number } = {}): AuditRecord => ({
  run: 'run-1',
  sequence: 1,
  at: '2026-01-02T03:04:05.000Z',
  cloud: 'prod',
  server: { id: '4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10', name: 'web-07' },
  kind: 'decision',
  decision: 'approve',
  by: 'bob',
  via: 'update',
  counted: true,
  ...change,
});
