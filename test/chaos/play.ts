/** Plays one story of a round against a cloud, and gathers what there is to be seen of it afterwards. */
import { isAxiosError } from 'axios';
import { ResizeError, type ResizeRun, type ResizeStatus } from '../../src';
import type { InstanceAction } from '../nova/nova-lab';
import { until } from '../nova/wait';
import type { FaultProxy, Passage } from '../proxy/fault-proxy';
import { usual, type Rig } from '../story/rig';
import type { Moment, Move, Story } from './round';

/** All that is known of a story in the end. */
export interface Evidence {
  story: Story;
  server: string;
  /** Absent when nothing was started. */
  status?: ResizeStatus;
  refusal?: string;
  /** Closed, waiting for a person, or never at rest within the time. */
  rests: boolean;
  /** As the cloud itself shows it; absent when it was deleted. */
  seen?: { status: string; flavor: string; taskState: string | null };
  /** Oldest first. */
  log: InstanceAction[];
  /** Our POSTs as the proxy saw them. */
  posts: Passage[];
  /** Votes that were sent, and whether somebody said that they had arrived. */
  votes: { choice: 'approve' | 'reject'; by: string; at: number; arrived: boolean }[];
  retries: number;
  /** What others did, and when the cloud had taken it; epoch ms. */
  strangers: { requestId: string; taken: number }[];
  /** When the server was read for the worker; epoch ms. */
  looks: number[];
}

/** A moment that has not come by then does not come. */
const MOMENT_WITHIN = 6_000;
/** Two lost answers take two settle times, and a crash of Temporal its own. */
const REST_WITHIN = 75_000;
/** A run that waits for people must go on doing so, unless it goes on by itself. */
const REST_FOR = 2_500;

export class Player {
  private run: ResizeRun | undefined;
  /** Why nothing was started. */
  private refusal: string | undefined;
  private over = false;
  private steps: Promise<unknown> = Promise.resolve();
  readonly votes: Evidence['votes'] = [];
  readonly strangers: Evidence['strangers'] = [];
  retries = 0;

  constructor(
    private readonly rig: Rig,
    private readonly proxy: FaultProxy,
    private readonly server: string,
    private readonly story: Story,
  ) {}

  /** Starts the resize, with everything that happens meanwhile. */
  async start(): Promise<void> {
    const { server, story } = this;
    this.steps = Promise.all(
      story.steps.map(async ({ at, after, move }) => {
        await this.moment(at);
        await new Promise((resolve) => setTimeout(resolve, after));
        await this.happen(move);
      }),
    );
    // Whoever awaits it is told.
    this.steps.catch(() => undefined);
    try {
      this.run = await this.rig.resizes.start({ ...usual, ...story.input, server });
    } catch (error) {
      if (!(error instanceof ResizeError)) throw error;
      this.refusal = `${error.code}: ${error.message}`;
    }
  }

  /** Until all has happened that happens to it. */
  async play(): Promise<void> {
    await this.steps;
    this.proxy.clear(this.server);
  }

  /** Waits until nothing more is to be expected of the run. */
  async rest(): Promise<Evidence> {
    let status: ResizeStatus | undefined;
    let rests = true;
    // A start whose answer was lost may have started a run all the same.
    this.run ??= await this.rig.resizes.get(this.server).catch(() => undefined);
    const { run } = this;
    if (run !== undefined) {
      let since = Date.now();
      rests = await until(
        'the run to rest',
        async () => {
          status = await run.status();
          if (!isAtRest(status)) since = Date.now();
          return status.phase === 'closed' || Date.now() - since > REST_FOR ? true : undefined;
        },
        { within: REST_WITHIN },
      ).catch(() => false);
    }
    // What is still on its way may do harm after the end too.
    const underWay = () =>
      this.proxy.passages(this.server).some(({ fault, status }) => fault === 'late' && status === undefined);
    await until('all that is late to have arrived', () => Promise.resolve(underWay() ? undefined : true));
    const seen = await this.look();
    return {
      story: this.story,
      server: this.server,
      ...(status && { status }),
      ...(this.refusal !== undefined && { refusal: this.refusal }),
      rests,
      ...(seen && { seen: { status: seen.status, flavor: seen.flavor, taskState: seen.taskState } }),
      log: (await this.rig.lab.actions(this.server)).reverse(),
      posts: this.proxy.passages(this.server).filter(({ request }) => request !== 'GET'),
      votes: this.votes,
      retries: this.retries,
      strangers: this.strangers,
      looks: this.proxy
        .passages(this.server, 'GET')
        .filter(({ what }) => what === 'GET server')
        .map(({ at }) => at),
    };
  }

  /** Nothing of the story goes on. */
  async end(): Promise<void> {
    this.over = true;
    if (this.run === undefined) return;
    await this.rig.client.workflow
      .getHandle(this.run.workflowId)
      .terminate('the round is over')
      .catch(() => undefined);
  }

  private async moment(at: Moment): Promise<void> {
    const come = async (): Promise<boolean> => {
      const sent = (kinds: readonly string[]) =>
        this.proxy.passages(this.server).some(({ request }) => kinds.includes(request));
      switch (at) {
        case 'start':
          return true;
        case 'asked':
          return sent(['resize']);
        case 'window':
          return (await this.look())?.status === 'VERIFY_RESIZE';
        case 'decided':
          return sent(['confirmResize', 'revertResize']);
      }
    };
    await until(at, async () => ((await come()) ? true : undefined), { within: MOMENT_WITHIN }).catch(() => undefined);
  }

  private async look() {
    try {
      return await this.rig.lab.server(this.server);
    } catch (error) {
      if (error instanceof Error && error.message.includes(': 404 ')) return undefined;
      throw error;
    }
  }

  private async happen(move: Move): Promise<void> {
    const { lab } = this.rig;
    const { server } = this;
    switch (move.is) {
      case 'fault':
        this.proxy.arm({ server, ...move });
        return;
      case 'fail':
        return lab.control({ fail: { [move.call]: [server] } });
      case 'delay':
        return lab.control({ delay: { [move.call]: { [server]: move.seconds } } });
      case 'stranger':
        return this.byOthers({ [move.does]: move.does === 'resize' ? { flavorRef: move.flavor } : null }, 'other');
      case 'lock':
      case 'unlock':
        return this.byOthers({ [move.is]: null }, 'admin');
      case 'reset':
        return this.byOthers({ 'os-resetState': { state: move.state } }, 'admin');
      case 'delete':
        return this.delete();
      case 'cancel':
        return this.said((run) => run.cancel());
      case 'retry':
        this.retries++;
        return this.said((run) => run.retry({ by: 'ana' }));
      case 'vote':
        return this.vote(move);
    }
  }

  /** Whether the cloud takes it is the cloud's to say. */
  private async byOthers(body: object, user: 'other' | 'admin'): Promise<void> {
    try {
      const { requestId } = await this.rig.lab.act(this.server, body, user);
      if (requestId !== undefined) this.strangers.push({ requestId, taken: Date.now() });
    } catch (error) {
      unlessGone(error);
    }
  }

  /** An administrator's reset may cut a deletion off: it is not waited for long. */
  private async delete(): Promise<void> {
    void this.rig.lab.delete(this.server).catch(() => undefined);
    const gone = async () => ((await this.look()) === undefined ? true : undefined);
    await until('the server to be gone', gone, { within: 2_000 }).catch(() => undefined);
  }

  private async vote({ choice, by, via, run: another }: Extract<Move, { is: 'vote' }>): Promise<void> {
    const counts = another === undefined;
    const sent = { choice, by, at: Date.now(), arrived: false };
    if (counts) this.votes.push(sent);
    await this.said(async (run) => {
      sent.at = Date.now();
      const wrong = counts ? {} : { run: '00000000-0000-4000-8000-000000000000' };
      if (via === 'library') await run[choice]({ by, ...wrong });
      else await this.rig.client.workflow.getHandle(run.workflowId).signal(choice, { by, ...wrong });
      sent.arrived = true;
    });
  }

  /** To whom it is said may be over, away or not there yet; then it is not said. */
  private async said(word: (run: ResizeRun) => Promise<unknown>): Promise<void> {
    const run = await until('the run to be there', () => Promise.resolve(this.run), { within: MOMENT_WITHIN }).catch(
      () => undefined,
    );
    if (run === undefined || this.over) return;
    await word(run).catch(() => undefined);
  }
}

/** Over, or waiting for a person and nothing else. */
function isAtRest(status: ResizeStatus): boolean {
  if (status.phase === 'closed' || status.phase === 'needs-operator') return true;
  if (status.phase !== 'awaiting-decision') return false;
  const left = Date.parse(status.decisionDeadline ?? '') - Date.now();
  return status.overdue === true || left > 60_000;
}

function unlessGone(error: unknown): void {
  if (isAxiosError(error) || (error instanceof Error && /: (404|409|500) /.test(error.message))) return;
  throw error;
}
