/** Has the decisions of a run written to the audit log, beside the run: nothing waits for it but the end, and that briefly. */
import { ActivityFailure, condition, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { AuditRecord } from '../resize/audit';
import { queueOf } from './cloud-activities';
import type { Run } from './run';

/** Records that one activity writes: one event holds them all. */
const WRITTEN_AT_ONCE = 20;

/** What a run that has ended still waits. What is not written by then is lost to the audit log, and in the history. */
const LAST_TRY = '15s';

export class AuditTrail {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Writes what there is to write, for as long as the run goes on. To be run beside its main loop; it never returns. A local
   * activity would cost five events less a record, but would keep the workflow task open, and with it the confirm.
   */
  async write(): Promise<never> {
    for (;;) {
      await condition(() => this.#pending.length > 0);
      const records = this.#pending.slice(0, WRITTEN_AT_ONCE);
      if (await this.#isWritten(records)) {
        this.#run.apply({ is: 'recorded', upTo: records.at(-1)?.sequence ?? 0 });
      }
    }
  }

  /** Waits until everything is written, though not for ever. */
  async settled(): Promise<void> {
    if (this.#pending.length === 0 || (await condition(() => this.#pending.length === 0, LAST_TRY))) return;
    log.error('records of this run are missing in the audit log', { records: this.#pending.length });
  }

  get #pending(): readonly AuditRecord[] {
    return this.#run.state.audit?.pending ?? [];
  }

  async #isWritten(records: AuditRecord[]): Promise<boolean> {
    const { writeAudit } = proxyActivities<Activities>({
      taskQueue: queueOf(this.#run.state.request.cloud),
      startToCloseTimeout: '20s',
      // Longer than any repair of a disk; then the run asks once more.
      scheduleToCloseTimeout: '1 day',
      retry: { initialInterval: '1s', maximumInterval: '1 minute' },
      summary:
        records.length === 1 ? 'write a record to the audit log' : `write ${records.length} records to the audit log`,
    });
    try {
      await writeAudit(records);
      return true;
    } catch (error) {
      if (error instanceof ActivityFailure) return false;
      throw error;
    }
  }
}
