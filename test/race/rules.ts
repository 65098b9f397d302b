/** What has to be true of a race, by what the cloud, the history and those who were answered say. */
import type { Decision } from '../../src/resize/decision';
import type { Answer, Evidence } from './play';
import { possibleWins, type Win } from './referee';
import type { Move } from './scenarios';

const TIME = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
const VOIDED = ['proof failed', 'the watch failed', 'the proof was inconclusive; decide again'];

/** The winner as the status tells it. */
function winOf({ status: { outcome, cause, decisions, approvals } }: Evidence): Win | undefined {
  if (outcome !== 'confirmed' && outcome !== 'reverted') return undefined;
  const counted = (choice: Decision['decision']) =>
    decisions.filter((one) => one.counted && one.decision === choice && one.via !== 'cancel');
  switch (cause) {
    case 'approved': {
      const last = counted('approve')[(approvals?.required ?? 1) - 1];
      return { outcome, cause, ...(last && { by: last.by }) };
    }
    case 'rejected': {
      const reject = counted('reject').at(-1);
      return { outcome, cause, ...(reject && { by: reject.by }) };
    }
    case 'cancelled':
    case 'decision-timeout':
    case 'unhealthy':
    case 'policy':
      return { outcome, cause };
    default:
      return undefined;
  }
}

const isSame = (one: Win, other: Win) =>
  one.outcome === other.outcome && one.cause === other.cause && one.by === other.by;

/** The workflow task in which the run took its decision: it says so in the same one. */
const decidedIn = ({ tasks }: Evidence): number | undefined =>
  tasks.find(({ phases }) => phases.some((phase) => ['confirming', 'reverting', 'closed'].includes(phase)))?.id;

/** Did something else that could decide come in the very same workflow task? */
export function isDecidedTogether(evidence: Evidence): boolean {
  const decided = decidedIn(evidence);
  const { inputs = [] } = evidence.tasks.find(({ id }) => id === decided) ?? {};
  return inputs.filter(({ is }) => is !== 'extend').length > 1;
}

/** Who won and when, as it is said to who is late. */
function sentence({ cause, by }: Win, required: number): RegExp {
  const text = {
    approved: required > 1 ? `${required} people approved, the last of them ${by} at ` : `${by} approved at `,
    rejected: `${by} rejected at `,
    cancelled: 'it was cancelled at ',
    'decision-timeout': 'the decision time ran out at ',
    unhealthy: 'check web failed at ',
    policy: 'its checks had passed for long enough at ',
  }[cause];
  return new RegExp(text + TIME);
}

/** What becomes of the server, as it is said to who is late. */
const became = ({ outcome }: Win) =>
  new RegExp(`the server is being ${outcome}|(the resize ended: |this resize has ended as )${outcome}`);

const isVote = (move: Move): move is Extract<Move, { is: 'approve' | 'reject' }> =>
  move.is === 'approve' || move.is === 'reject';

const records = ({ status }: Evidence, move: Extract<Move, { is: 'approve' | 'reject' }>) =>
  status.decisions.filter(({ decision, by }) => decision === move.is && by === move.by);

function isAnswerTrue(evidence: Evidence, win: Win, move: Move, answer: Answer): boolean {
  const { approvals } = evidence.scenario.input;
  switch (answer.is) {
    case 'counted':
      if (!isVote(move))
        return (evidence.status.extensions ?? []).some(({ by }) => move.is === 'extend' && by === move.by);
      return records(evidence, move).some(({ counted, why }) => counted || VOIDED.includes(why ?? ''));
    case 'kept':
      return !isVote(move) || records(evidence, move).length > 0;
    case 'refused': {
      const { code, message } = answer;
      switch (code) {
        case 'TooLate':
          // The deadline of a run that holds decides nothing.
          if (move.is === 'extend' && /it is held until somebody decides$/.test(message)) return true;
          return sentence(win, approvals?.required ?? 1).test(message) && became(win).test(message);
        case 'NotAnApprover':
          return 'by' in move && approvals?.approvers?.includes(move.by) === false;
        case 'RequesterMayNotApprove':
          return move.is === 'approve' && move.by === 'ana' && approvals !== undefined;
        case 'InvalidDecision':
          // While the proof is out there is no deadline to put off.
          return move.is === 'extend' && evidence.scenario.around === 'proof' && message.includes('no deadline');
        case 'NotAnswered':
          return move.is === 'extend';
        case 'WorkflowNotFoundError':
          // A bare signal to a run that is over.
          return isVote(move) && move.way === 'signal';
        default:
          return false;
      }
    }
  }
}

type Rule = (evidence: Evidence, win: Win) => boolean;

const RULES: Readonly<Record<string, Rule>> = {
  'one resize, and never both a confirm and a revert': ({ truth }, { outcome }) =>
    truth['resize'] === 1 &&
    truth['confirm'] === (outcome === 'confirmed' ? 1 : 0) &&
    truth['revert'] === (outcome === 'reverted' ? 1 : 0),
  'the server has the flavor that the outcome says': ({ truth }, { outcome }) =>
    truth['status'] === 'ACTIVE' &&
    truth['taskState'] === null &&
    truth['flavor'] === (outcome === 'confirmed' ? 'f2' : 'f1'),
  'the first in the order of the rules wins, and at once': (evidence, win) => {
    const task = decidedIn(evidence);
    return possibleWins(evidence.scenario, evidence.tasks).some((each) => each.task === task && isSame(each.win, win));
  },
  'the end says who won, and when': ({ status, scenario }, win) =>
    sentence(win, scenario.input.approvals?.required ?? 1).test(status.message),
  'whoever was answered was told what is true': (evidence, win) =>
    evidence.answers.every(({ move, answer }) => isAnswerTrue(evidence, win, move, answer)),
  'no vote that Temporal took is lost': (evidence) =>
    evidence.tasks
      .flatMap(({ inputs }) => inputs)
      .every(
        (input) =>
          input.is !== 'vote' ||
          evidence.status.decisions.some(({ decision, by }) => decision === input.decision && by === input.by),
      ),
};

/** The rules that this race broke. */
export function brokenBy(evidence: Evidence): string[] {
  if (!evidence.ended) return ['it ends'];
  const win = winOf(evidence);
  if (win === undefined) return ['its outcome and its cause are explained'];
  return Object.entries(RULES)
    .filter(([, holds]) => !holds(evidence, win))
    .map(([rule]) => rule);
}
