/** The commands below `audit`. */
import { auditHistoryCommand } from './audit';
import type { Add, Does } from './program';

export function addAudit(add: Add, does: Does): void {
  const audit = add('audit', 'check what is recorded of resizes');
  add(
    'history',
    'hold the histories of resizes in Temporal against what is promised; exit 1 if one does not keep it',
    audit,
  )
    .argument('<file|server>', 'a history that "temporal workflow show -o json" has written, or a server')
    .action(does((invocation, [of = '']) => auditHistoryCommand(invocation, of)));
}
