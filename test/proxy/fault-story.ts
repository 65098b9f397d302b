/** One resize with one fault in its way, told to its end. */
import { ResizeError, type ResizeRun, type ResizeStatus } from '../../src';
import { until } from '../nova/wait';
import { truth, usual, type Rig } from '../story/rig';
import type { Cell, Expected } from './expectations';
import type { FaultProxy, RequestKind } from './fault-proxy';

/** What became of it, by the run, by the cloud itself and by the proxy. */
export interface Told {
  outcome: string;
  meanwhile?: Expected['meanwhile'];
  goesOn?: Expected['goesOn'];
  /** The run's last words; absent when nothing was started. */
  status?: ResizeStatus;
  truth: Record<string, unknown>;
  /** The request id of the resize in the cloud's log. */
  requestId?: string | undefined;
  sent: Record<RequestKind, number>;
  forwarded: Record<RequestKind, number>;
}

const WITHIN = 120_000;
/** Several at a time: looks need not come faster than they are waited for. */
const polling = { initial: 200, maximum: 800, backoff: 1.3 };

export async function tell(rig: Rig, proxy: FaultProxy, server: string, cell: Cell): Promise<Told> {
  const { row, fault, lasts, expected } = cell;
  const arm = () =>
    proxy.arm({
      server,
      request: row === 'GET before' ? 'GET' : row,
      fault,
      times: lasts === 'once' ? 1 : Infinity,
    });
  // The window opens late enough for looks to run into the fault.
  if (row === 'GET') await rig.lab.control({ delay: { finish_migration: { [server]: 2 } } });
  else arm();
  let run: ResizeRun;
  try {
    run = await rig.resizes.start({
      ...usual,
      server,
      polling,
      ...(expected.settleWithin && { settleWithin: expected.settleWithin }),
    });
  } catch (error) {
    if (!(error instanceof ResizeError)) throw error;
    proxy.clear(server);
    return { outcome: 'not started', ...(await seenBy(rig, proxy, server)) };
  }
  if (row === 'GET') {
    await until('the resize to be accepted', () =>
      Promise.resolve(proxy.passages(server, 'resize')[0]?.status === 202 ? true : undefined),
    );
    arm();
  }
  const story = new Story(run, proxy, server, cell);
  const status = await story.toItsEnd();
  const { meanwhile } = story;
  return {
    outcome: status.outcome ?? 'none',
    ...(lasts === 'lasting' && meanwhile && { meanwhile, goesOn: expected.goesOn }),
    status,
    ...(await seenBy(rig, proxy, server)),
  };
}

class Story {
  meanwhile: Expected['meanwhile'];
  private decided = false;

  constructor(
    private readonly run: ResizeRun,
    private readonly proxy: FaultProxy,
    private readonly server: string,
    private readonly cell: Cell,
  ) {}

  /** Decides when it is asked to, ends the fault when it has shown, and waits for the end. */
  async toItsEnd(): Promise<ResizeStatus> {
    for (;;) {
      const status = await this.next();
      if (status.phase === 'closed') return status;
      if (status.phase === 'awaiting-decision') await this.decide();
      else await this.endFault(status);
    }
  }

  private async decide(): Promise<void> {
    this.decided = true;
    await this.run[this.cell.row === 'revertResize' ? 'reject' : 'approve']({ by: 'bob' });
  }

  /** Waits for the next thing to react to. */
  private async next(): Promise<ResizeStatus> {
    let last: ResizeStatus | undefined;
    return until(
      `${this.cell.row} ${this.cell.fault} (${this.cell.lasts}) to go on`,
      async () => {
        last = await this.run.recorded();
        if (last.phase === 'closed' || (last.phase === 'awaiting-decision' && !this.decided)) return last;
        return this.shows(last) ? last : undefined;
      },
      { within: WITHIN, seen: () => `${last?.phase ?? ''}: ${last?.message ?? ''}` },
    );
  }

  /** Has a lasting fault led to what there is to see of it? */
  private shows(status: ResizeStatus): boolean {
    if (this.cell.lasts === 'once' || this.meanwhile !== undefined) return false;
    if (status.phase === 'needs-operator') this.meanwhile = 'needs-operator';
    else if (this.cell.row === 'GET' && status.unreachableSince !== undefined) this.meanwhile = 'unreachable';
    else if (this.cell.expected.meanwhile === 'asked again' && this.sentOf() >= 3) this.meanwhile = 'asked again';
    return this.meanwhile !== undefined;
  }

  private async endFault(status: ResizeStatus): Promise<void> {
    if (status.phase === 'needs-operator') {
      expect(status.advice?.you).toBeTruthy();
      expect(status.message).toMatch(/^needs an operator: /);
    }
    // Deciding goes on without the cloud.
    if (this.cell.row === 'GET') await this.decide();
    this.proxy.clear(this.server);
    if (this.cell.expected.goesOn !== 'on retry') return;
    // Looking again and again is not enough to send a third request.
    const [sent, looks] = [this.sentOf(), this.proxy.passages(this.server, 'GET').length];
    await until('three more looks', () =>
      Promise.resolve(this.proxy.passages(this.server, 'GET').length >= looks + 6 ? true : undefined),
    );
    expect(this.sentOf()).toBe(sent);
    expect((await this.run.recorded()).phase).toBe('needs-operator');
    await this.run.retry({ by: 'ana' });
  }

  private sentOf(): number {
    const { row } = this.cell;
    return row === 'GET before' ? 0 : this.proxy.passages(this.server, row).length;
  }
}

async function seenBy(
  rig: Rig,
  proxy: FaultProxy,
  server: string,
): Promise<Pick<Told, 'truth' | 'requestId' | 'sent' | 'forwarded'>> {
  const count = (request: RequestKind, forwardedOnly: boolean) =>
    proxy.passages(server, request).filter(({ forwarded }) => forwarded || !forwardedOnly).length;
  const counts = (forwardedOnly: boolean) => ({
    GET: count('GET', forwardedOnly),
    resize: count('resize', forwardedOnly),
    confirmResize: count('confirmResize', forwardedOnly),
    revertResize: count('revertResize', forwardedOnly),
  });
  const log = await rig.lab.actions(server);
  return {
    truth: await truth(rig.lab, server),
    requestId: log.find(({ action }) => action === 'resize')?.requestId,
    sent: counts(false),
    forwarded: counts(true),
  };
}
