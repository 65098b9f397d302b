import { log, metricMeter } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Written } from '../audit/audit-log';
import type { AuditRecord } from '../resize/audit';
import type { Surroundings } from '.';

/**
 * Records what was decided. An attempt that fails is a metric and a log line, and is tried again: the run goes on without it.
 * @returns the last line of these, with its hash: it stands in the history of the run, too
 */
export async function writeAudit({ audit, cloud }: Surroundings, records: AuditRecord[]): Promise<Written> {
  try {
    if (audit === undefined)
      throw new Error('this worker keeps no audit log (DURABLE_RESIZE_AUDIT); all of a cloud must');
    return await audit.write(records);
  } catch (error) {
    const message = `the audit log was not written: ${error instanceof Error ? error.message : 'unknown reason'}`;
    metricMeter
      .createCounter('durable_resize_audit_failures', 'writes', 'writes to the audit log that failed')
      .add(1, { cloud: cloud.name });
    log.error(message, { records: records.length, runs: [...new Set(records.map(({ run }) => run))] });
    throw ApplicationFailure.create({ type: 'AuditNotWritten', message });
  }
}
