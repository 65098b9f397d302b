/** What happened in a resize, entry by entry, as the histories of its runs tell it. Pure. */
import ms from 'ms';
import type { Decision } from '../resize/decision';
import { EFFECTS } from '../resize/effect';
import { present } from '../resize/present';
import { isDeadlineSummary } from '../resize/summaries';
import { answered, knownOf, REQUESTS, type Answered, type Told } from './activity-texts';
import { field, textIn, type HistoryEvent, type RunHistory } from './history';
import { shownBy, shownIn, type Shown } from './shown';
import { voteIn, votesWithDecisions, type VoteCame } from './votes';

/** What an entry is about. */
export type EntryKind =
  | 'requested'
  | 'prepared'
  | 'phase'
  | 'request'
  | 'answer'
  | 'check'
  | 'vote'
  | 'sender'
  | 'extension'
  | 'operator'
  | 'deadline'
  | 'continued'
  | 'ended';

/** One thing that happened. */
export interface HistoryEntry {
  /** ISO 8601, by the Temporal server's clock. */
  at: string;
  workflowId: string;
  /** The first run of the resize, and the run of this entry. */
  resize: string;
  runId: string;
  /** The event in the history of that run. */
  eventId: string;
  kind: EntryKind;
  /** One clause that a person understands. */
  text: string;
  /** Who: a person, as claimed, unless `proven` says more; absent where it was no person. */
  by?: string;
  reason?: string;
  /** Who sent it, as Temporal says. */
  proven?: { type: string; name: string };
  /** Of a vote: whether it counts in the end, and why not. */
  counted?: boolean;
  why?: string;
  /** Of a check. */
  check?: string;
  when?: string;
  verdict?: string;
  figure?: string;
  /** What the server showed when it was last looked at. */
  seen?: Shown;
}

/**
 * The entries of one resize.
 * @param chain its runs, oldest first
 */
export function entriesOf(chain: readonly RunHistory[]): HistoryEntry[] {
  const reader = new Reader(chain[0], votesWithDecisions(chain));
  return chain.flatMap((run) => run.events.flatMap((event) => reader.read(run, event)));
}

/** What has to be kept from one event to a later one. */
class Reader {
  readonly #scheduled = new Map<string, Extract<HistoryEvent, { is: 'scheduled' }>>();
  readonly #timers = new Map<string, string>();
  readonly #counted = new Set<string>();
  #seen: Shown | undefined;
  #phase = 'preparing';
  #message: string | undefined;

  constructor(
    readonly first: RunHistory | undefined,
    readonly decisions: ReadonlyMap<HistoryEvent, Decision | undefined>,
  ) {}

  read(run: RunHistory, event: HistoryEvent): HistoryEntry[] {
    if (event.is === 'started') this.#seen = shownIn(field(run.carried, 'observed')) ?? this.#seen;
    const told = this.#told(run, event);
    if (told === undefined) return [];
    const { workflowId, firstRunId, runId } = run;
    const place = { at: event.at, workflowId, resize: firstRunId, runId, eventId: String(event.id) };
    return [{ ...place, ...told, ...present({ seen: this.#seen }) }];
  }

  #told(run: RunHistory, event: HistoryEvent): Told | undefined {
    switch (event.is) {
      case 'started':
        return run === this.first ? requested(run, event) : undefined;
      case 'scheduled': {
        this.#scheduled.set(`${run.runId} ${event.id}`, event);
        const effect = REQUESTS[event.activity];
        return effect && { kind: 'request', text: `asks the cloud to ${EFFECTS[effect].name}` };
      }
      case 'answered':
      case 'unanswered':
        return this.#answer(run, event);
      case 'timer-started':
        this.#timers.set(`${run.runId} ${event.timer}`, event.summary);
        return undefined;
      case 'timer-fired':
        return isDeadlineSummary(this.#timers.get(`${run.runId} ${event.timer}`))
          ? { kind: 'deadline', text: 'the decision time ran out' }
          : undefined;
      case 'signaled':
      case 'cancel-requested':
      case 'update': {
        const vote = voteIn(run.runId, event);
        return vote === undefined ? wordIn(event) : this.#vote(vote);
      }
      case 'told':
        return this.#status(event.status);
      case 'continued':
        return { kind: 'continued', text: `goes on in run ${event.nextRunId}` };
      case 'closed':
        return ended(event, this.#message);
      case 'begun':
      case 'update-done':
        return undefined;
    }
  }

  #answer(run: RunHistory, event: Answered): Told | undefined {
    const asked = this.#scheduled.get(`${run.runId} ${event.of}`);
    if (asked === undefined) return undefined;
    this.#seen = shownBy(asked.activity, knownOf(event)) ?? this.#seen;
    return answered(asked.activity, asked.input, event);
  }

  #vote(vote: VoteCame): Told {
    const decision = this.decisions.get(vote.event);
    const key = `${vote.choice} ${vote.by ?? ''}`;
    const why = decision === undefined ? this.#whyUntold(key) : decision.why;
    const counted = decision?.counted ?? false;
    if (counted) this.#counted.add(key);
    const sent = vote.via === 'cancel' ? 'cancel through Temporal' : `${vote.choice} by ${vote.via}`;
    const remark = counted ? (why === undefined ? '' : ` (${why})`) : `: ${why ?? 'no reason given'}`;
    const proven = decision?.proven && { type: decision.proven.type, name: decision.proven.name };
    return {
      kind: 'vote',
      text: `${sent}, ${counted ? 'counts' : 'does not count'}${remark}`,
      counted,
      ...present({ by: proven?.name ?? vote.by, reason: vote.reason, proven, why }),
    };
  }

  #whyUntold(key: string): string {
    if (this.#counted.has(key)) return 'the same vote once more: it counts once';
    return 'no status tells of it: no worker has judged it yet, or the status has no room for it';
  }

  #status(status: unknown): Told | undefined {
    const phase = textIn(status, 'phase') ?? this.#phase;
    const isNew = phase !== this.#phase;
    this.#phase = phase;
    this.#message = textIn(status, 'message');
    // How it ended is told by the event that closes the run.
    if (!isNew || phase === 'closed') return undefined;
    return { kind: 'phase', text: `${phase}: ${this.#message ?? ''}` };
  }
}

function requested({ request }: RunHistory, { principal }: HistoryEvent): Told {
  const place = `server ${textIn(request, 'server') ?? 'unknown'} of cloud ${textIn(request, 'cloud') ?? 'unknown'}`;
  const by = textIn(request, 'requestedBy');
  const reason = textIn(request, 'reason');
  const proven = principal?.name ? principal : undefined;
  const text = `resize ${place} to ${textIn(request, 'flavor') ?? 'unknown'}`;
  return { kind: 'requested', text, ...present({ by, reason, proven }) };
}

/** What people say beside their votes. */
function wordIn(event: HistoryEvent): Told | undefined {
  if (event.is !== 'update') return undefined;
  const person = present({ by: textIn(event.payload, 'by'), reason: textIn(event.payload, 'reason') });
  switch (event.name) {
    case 'extend': {
      const more = field(event.payload, 'for');
      return {
        kind: 'extension',
        text: `${typeof more === 'number' ? ms(more) : String(more)} more to decide`,
        ...person,
      };
    }
    case 'retry':
      return { kind: 'operator', text: 'retry: observe at once and judge anew', ...person };
    case 'abandon':
      return { kind: 'operator', text: 'abandon: end the resize, the server stays as it is', ...person };
    default:
      return undefined;
  }
}

/** @param lastMessage of a run that was cancelled: its close carries no status */
function ended(event: Extract<HistoryEvent, { is: 'closed' }>, lastMessage: string | undefined): Told {
  const how = textIn(event.status, 'outcome') ?? event.how;
  const message =
    textIn(event.status, 'message') ?? event.message ?? (event.how === 'canceled' ? lastMessage : undefined);
  const unwatched = event.how === 'terminated' ? '; the server may be in VERIFY_RESIZE' : '';
  return {
    kind: 'ended',
    // The sentence of most outcomes begins with its name.
    text:
      message?.startsWith(how) === true ? message : `${how}${message === undefined ? '' : `: ${message}`}${unwatched}`,
    ...present({ by: event.by }),
  };
}
