/** The commands below `audit`. */
import { auditHistoryCommand } from './audit-history';
import { auditVerifyCommand } from './audit-verify';
import type { Add, Does } from './program';

export function addAudit(add: Add, does: Does): void {
  const audit = add('audit', 'check what is recorded of resizes');
  add('verify', "check the chain of a file of a worker's audit log; exit 1 names the first bad line", audit)
    .argument('<file>', 'a file in the folder of DURABLE_RESIZE_AUDIT')
    .option('--head <hash>', 'the hash that the last line had, as printed before')
    .action(does((invocation, [file = ''], options) => Promise.resolve(auditVerifyCommand(invocation, file, options))));
  add(
    'history',
    'hold the histories of resizes in Temporal against what is promised; exit 1 if one does not keep it',
    audit,
  )
    .argument('<file|server>', 'a history that "temporal workflow show -o json" has written, or a server')
    .action(does((invocation, [of = '']) => auditHistoryCommand(invocation, of)));
}
