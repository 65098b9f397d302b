/** The course of one resize, put so that each promise is a few lines: what was asked, what was answered, what was seen. */
import { comparable, requiredApprovals, whyNotAllowed, type Approvals } from '../resize/approvals';
import type { Finding } from '../resize/checks';
import type { Decision } from '../resize/decision';
import type { Effect } from '../resize/effect';
import { present } from '../resize/present';
import { isDeadlineSummary } from '../resize/summaries';
import { knownOf, REQUESTS } from './activity-texts';
import { field, listIn, textIn, type HistoryEvent, type RunHistory } from './history';
import { shownBy, shownIn, type Shown } from './shown';
import { decisionsIn, voteIn, votesWithDecisions, type VoteCame } from './votes';

/** An event, its run, and its place in the whole resize. */
export interface Step {
  run: RunHistory;
  event: HistoryEvent;
  place: number;
}

/** An activity that has ended. */
export interface Answer {
  activity: string;
  input: unknown;
  /** The step that asked for it, and the one that says how it ended. */
  asked: Step;
  step: Step;
  known: unknown;
  wasBegun: boolean;
}

/** One request to the cloud, and what became of it. */
export interface Request {
  effect: Effect;
  asked: Step;
  /** Absent while it is on its way. */
  ended?: Step;
  became: 'accepted' | 'refused' | 'not-sent' | 'lost';
}

/** What a resize told of itself. */
export interface Told {
  step: Step;
  status: unknown;
}

export class Course {
  readonly steps: readonly Step[];
  readonly answers: readonly Answer[];
  readonly requests: readonly Request[];
  readonly told: readonly Told[];
  readonly votes: readonly (VoteCame & { place: number; decision?: Decision })[];
  /** What the runs before the first one here knew, where their histories are not here. */
  readonly carried: unknown;
  readonly request: unknown;
  readonly prepared: unknown;

  /** @param chain the runs of one resize, oldest first */
  constructor(readonly chain: readonly RunHistory[]) {
    const all = chain.flatMap((run) => run.events.map((event) => ({ run, event })));
    this.steps = all.map((step, place) => ({ ...step, place }));
    this.carried = chain[0]?.carried;
    this.request = chain[0]?.request;
    this.answers = answersIn(this.steps);
    this.requests = requestsIn(this.steps, this.answers);
    this.told = this.steps.flatMap((step) => toldIn(step));
    const decisions = votesWithDecisions(chain);
    this.votes = this.steps.flatMap(({ run, event, place }) => {
      const vote = voteIn(run.runId, event);
      return vote === undefined ? [] : [{ ...vote, place, ...present({ decision: decisions.get(event) }) }];
    });
    const read = this.answers.findLast(
      ({ activity, step }) => activity === 'prepareResize' && step.event.is === 'answered',
    );
    this.prepared = read?.known ?? field(this.carried, 'prepared');
  }

  /** A rule of the request, as a policy has left it. */
  rule(name: string): unknown {
    return field(this.prepared, 'resolved', name) ?? field(this.request, name);
  }

  get isProven(): boolean {
    return textIn(this.prepared, 'deciders') === 'proven';
  }

  /** What servers showed, in order; the first may be what was carried on. */
  get seen(): readonly { shown: Shown; place: number; answer?: Answer }[] {
    const carried = shownIn(field(this.carried, 'observed'));
    const seen = this.answers.flatMap((answer) => {
      const shown = shownBy(answer.activity, answer.known);
      return shown === undefined ? [] : [{ shown, place: answer.step.place, answer }];
    });
    return carried === undefined ? seen : [{ shown: carried, place: -1 }, ...seen];
  }

  /** What a check found, by its name; before a place in the resize. */
  findings(check: string, before = Infinity): { when: string; verdict: string }[] {
    const answers = this.answers.filter(
      ({ activity, input, step }) =>
        activity === 'checkHealth' && step.place < before && textIn(input, 'check', 'name') === check,
    );
    return [
      ...this.#carriedFindings(check),
      ...answers.map(({ input, step, known }) => ({
        when: textIn(input, 'when') ?? '',
        // That nobody could run it is a finding, too.
        verdict: step.event.is === 'answered' ? (textIn(known, 'verdict') ?? '') : 'inconclusive',
      })),
    ];
  }

  get checks(): string[] {
    const checks = listIn(this.rule('checks'), 'checks');
    return checks.flatMap((check) => textIn(check, 'name') ?? []);
  }

  #carriedFindings(check: string): { when: string; verdict: string }[] {
    const found = listIn(this.carried, 'findings')[this.checks.indexOf(check)] as
      Partial<Record<string, Finding>> | undefined;
    return Object.entries(found ?? {}).flatMap(([when, finding]) =>
      finding === undefined ? [] : [{ when, verdict: finding.verdict }],
    );
  }

  /** Has the last timer of the decision time fired before this place? Those before it were put off. */
  isDeadlineOver(before: number): boolean {
    const timers = this.steps.filter(
      ({ event, place }) => place < before && event.is === 'timer-started' && isDeadlineSummary(event.summary),
    );
    const last = timers.at(-1);
    if (last?.event.is !== 'timer-started') return false;
    const { timer } = last.event;
    return this.steps.some(
      ({ run, event, place }) =>
        place > last.place && place < before && run === last.run && event.is === 'timer-fired' && event.timer === timer,
    );
  }

  /** The people who approved before this place, each once, as far as their approvals may count. */
  approvers(before: number): string[] {
    const approvals = this.rule('approvals') as Approvals | undefined;
    const requestedBy = textIn(this.prepared, 'requester', 'name') ?? textIn(this.request, 'requestedBy') ?? '';
    const gate = { requestedBy, ...present({ approvals: approvals ?? undefined }) };
    const carried = decisionsIn(field(this.carried, 'ledger')).filter(
      (one) => one.counted && one.decision === 'approve',
    );
    const names = this.votes
      .filter((vote) => vote.choice === 'approve' && vote.place < before && this.isForThis(vote))
      .flatMap((vote) => (this.isProven ? vote.event.principal?.name : vote.by) ?? []);
    const allowed = names.filter((name) => whyNotAllowed(gate, 'approve', name) === undefined);
    const people = [...carried.map(({ by }) => by), ...allowed].map(this.isProven ? String : comparable);
    return [...new Set(people)];
  }

  get approvalsNeeded(): number {
    const approvals = this.rule('approvals') as Approvals | undefined;
    return requiredApprovals(present({ approvals: approvals ?? undefined }));
  }

  /** A vote may name the run that it is for. */
  isForThis({ event }: VoteCame): boolean {
    const payload = event.is === 'signaled' || event.is === 'update' ? event.payload : undefined;
    const run = textIn(payload, 'run');
    const runs = [
      ...listIn(this.carried, 'runs'),
      ...this.chain.flatMap(({ runId, firstRunId }) => [runId, firstRunId]),
    ];
    return run === undefined || runs.includes(run);
  }
}

function answersIn(steps: readonly Step[]): Answer[] {
  const asked = new Map<string, Step>();
  const begun = new Set<string>();
  return steps.flatMap((step) => {
    const { run, event } = step;
    if (event.is === 'scheduled') asked.set(`${run.runId} ${event.id}`, step);
    if (event.is === 'begun') begun.add(`${run.runId} ${event.of}`);
    if (event.is !== 'answered' && event.is !== 'unanswered') return [];
    const key = `${run.runId} ${event.of}`;
    const scheduled = asked.get(key);
    if (scheduled?.event.is !== 'scheduled') return [];
    const { activity, input } = scheduled.event;
    const wasBegun = event.is === 'answered' || event.begun || begun.has(key);
    return [{ activity, input, asked: scheduled, step, known: knownOf(event), wasBegun }];
  });
}

function requestsIn(steps: readonly Step[], answers: readonly Answer[]): Request[] {
  return steps.flatMap((asked): Request[] => {
    if (asked.event.is !== 'scheduled') return [];
    const effect = REQUESTS[asked.event.activity];
    if (effect === undefined) return [];
    const answer = answers.find((one) => one.asked === asked);
    if (answer === undefined) return [{ effect, asked, became: 'lost' }];
    return [{ effect, asked, ended: answer.step, became: becameOf(answer) }];
  });
}

function becameOf({ known, wasBegun }: Answer): Request['became'] {
  switch (textIn(known, 'answer')) {
    case 'accepted':
      return 'accepted';
    case 'rejected':
      return 'refused';
    case 'withheld':
      return 'not-sent';
    default:
      return wasBegun ? 'lost' : 'not-sent';
  }
}

function toldIn(step: Step): Told[] {
  const { event } = step;
  if (event.is === 'told') return [{ step, status: event.status }];
  if (event.is === 'update-done' && event.result !== undefined) return [{ step, status: event.result }];
  if (event.is === 'closed' && event.status !== undefined) return [{ step, status: event.status }];
  return [];
}
