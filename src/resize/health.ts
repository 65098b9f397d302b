/**
 * What the checks say about a resize: before it, after it, and while people decide. Pure. Which checks have to run is
 * {@link checksWanted}; what follows from what they found is {@link judgeHealth}.
 */
import { kindOf, type CheckStatus, type CheckTime, type Finding, type Verdict } from './checks';
import { checkFailed, confirmedByPolicy, proofArrived, proofInconclusive } from './end-of-voting';
import { frozen, withDeadline } from './freeze';
import { isAskingWho } from './proven';
import { present } from './present';
import { preparedOf, wasStopped, type RunState, type Stage } from './run-state';
import type { Moment } from './waiting';
import { iso } from './iso-time';

/** What one check found, at each of the times that it ran. */
export type Findings = Partial<Record<CheckTime, Finding>>;

/** A check that has to run now. */
export interface CheckWanted {
  /** Its place in the request. */
  check: number;
  when: CheckTime;
  /** Of a watch: what it found last; another verdict is news. */
  known?: Verdict;
}

type Window = Extract<Stage, { is: 'window' }>;

/** Power states in which a guest does not run. `none` and `unknown` say nothing. */
const NOT_RUNNING: readonly string[] = ['shutdown', 'crashed', 'paused', 'suspended'];

/** Is everything in that has to be known before the cloud is asked? A resize that is taken over has no "before". */
export function isBaselineIn({ findings, prepared }: RunState): boolean {
  return prepared?.adopted !== undefined || (findings ?? []).every(({ baseline }) => baseline !== undefined);
}

export function checksWanted(state: RunState): CheckWanted[] {
  const { stage, prepared, findings = [], ledger, request } = state;
  if (stage.is === 'preparing') {
    return prepared === undefined || isBaselineIn(state) ? [] : missing(findings, 'baseline');
  }
  if (stage.is !== 'window' || ledger.terminal !== undefined) return [];
  if (stage.proofOut === true) return missing(findings, 'proof');
  const watches = request.checks !== undefined && request.checks.watchEvery > 0;
  const watched = watches
    ? findings.map((found, check) => ({ check, when: 'watch' as const, ...present({ known: nowOf(found)?.verdict }) }))
    : [];
  return stage.lastRound === true ? [...watched, ...missing(findings, 'last-round')] : watched;
}

const missing = (findings: readonly Findings[], when: CheckTime): CheckWanted[] =>
  findings.flatMap((found, check) => (found[when] === undefined ? [{ check, when }] : []));

/** What a check said last of the resized server. */
const nowOf = ({ proof, watch }: Findings): Finding | undefined => watch ?? proof;

/** Keeps what a check found. */
export function withFinding(state: RunState, check: number, when: CheckTime, finding: Finding): RunState {
  const { findings = [] } = state;
  return { ...state, findings: findings.map((found, each) => (each === check ? add(found, when, finding) : found)) };
}

function add(found: Findings, when: CheckTime, finding: Finding): Findings {
  if (when === 'proof' && finding.verdict === 'fail' && found.baseline?.verdict === 'fail') {
    // What was red before is not the resize's fault, and says nothing about it either.
    const reason = `it failed before the resize, too${finding.reason === undefined ? '' : `; ${finding.reason}`}`;
    return { ...found, proof: { ...finding, verdict: 'inconclusive', reason } };
  }
  // The round before a confirm is news of now, like the watch.
  if (when === 'last-round' && !isSeenPass(finding)) return { ...found, watch: finding, 'last-round': finding };
  return { ...found, [when]: finding };
}

/** Something that is wrong with the resized server, or not known to be right. */
interface Problem {
  /** "check web", "the power check". */
  what: string;
  /** With the figure. */
  why: string;
}

/** A server that ran before the resize, and does not run now. What we stopped ourselves is no problem. */
function powerProblem(state: RunState): Problem | undefined {
  const { observed, stage } = state;
  if (stage.is !== 'window' || wasStopped(state) || preparedOf(state).server.powerState !== 'running') return undefined;
  const now = observed?.server.powerState;
  if (now === undefined || !NOT_RUNNING.includes(now)) return undefined;
  return { what: 'the power check', why: `its power state is ${now}, it was running before the resize` };
}

/** The first check whose last verdict is one of these. */
function checkProblem(state: RunState, verdicts: readonly Verdict[]): Problem | undefined {
  const { findings = [], request } = state;
  for (const [index, found] of findings.entries()) {
    const last = nowOf(found);
    if (last === undefined || !verdicts.includes(last.verdict)) continue;
    return { what: `check ${request.checks?.checks[index]?.name ?? index + 1}`, why: findingText(last) };
  }
  return undefined;
}

/** What a check measured, and why it says what it says. */
const findingText = ({ figure, reason, verdict }: Finding): string =>
  [figure, reason].filter((part) => part !== undefined).join(', ') || verdict;

/** What is wrong now, the worst first. */
export function problemNow(state: RunState): Problem | undefined {
  return powerProblem(state) ?? checkProblem(state, ['fail']);
}

const neverReverts = ({ baseline, proof }: Findings): boolean =>
  baseline?.verdict === 'fail' || proof?.verdict === 'inconclusive';

/** What is wrong and reverts by itself where the request says so. */
function revertingProblem(state: RunState): Problem | undefined {
  const { findings = [] } = state;
  const blamed = findings.map((found) => (neverReverts(found) ? {} : found));
  return powerProblem(state) ?? checkProblem({ ...state, findings: blamed }, ['fail']);
}

/** Which check could not say that the server is well, and why. */
export const doubtNow = (state: RunState): Problem | undefined => checkProblem(state, ['inconclusive']);

/** A pass that was seen: that no verdict counts as one (`inconclusive: pass`) is enough for people, not for a confirm. */
const isSeenPass = (finding: Finding | undefined) => finding?.verdict === 'pass' && finding.assumed !== true;

/** Has every check passed, the last time it said anything? */
function allPass({ findings = [] }: RunState): boolean {
  return findings.length > 0 && findings.every((found) => isSeenPass(nowOf(found)));
}

/** What follows from what the checks found and from the power state, while nothing else has been decided. */
export function judgeHealth(state: RunState, moment: Moment): RunState {
  const { stage, ledger, request } = state;
  if (stage.is !== 'window' || ledger.terminal !== undefined || request.checks === undefined) return state;
  return stage.proofOut === true ? judgeProof(state, moment) : judgeWatch(state, stage, moment);
}

function judgeProof(state: RunState, { now }: Moment): RunState {
  const { findings = [], ledger } = state;
  const problem = problemNow(state);
  if (problem !== undefined) return { ...state, ledger: checkFailed(ledger, 'proof', problem, iso(now)) };
  if (findings.some(({ proof }) => proof === undefined)) return state;
  return proofIn(state, now);
}

/** The decision clock starts. @param now workflow time, ms */
export function proofIn(state: RunState, now: number): RunState {
  const { ledger, request } = state;
  const doubt = doubtNow(state);
  const known = {
    ...withDeadline(state, now + request.decideWithin),
    ledger: doubt === undefined ? proofArrived(ledger, request) : proofInconclusive(ledger),
  };
  return { ...known, stage: bake(known, { is: 'window', askedAt: now }, now) };
}

function judgeWatch(state: RunState, before: Window, { now }: Moment): RunState {
  // People's votes come first: one that came before and whose sender is not known yet may be a reject.
  if (isAskingWho(state)) return state;
  const { ledger, request } = state;
  const problem = request.checks?.onWatchFailure === 'revert' ? revertingProblem(state) : undefined;
  const stage = withFreeze(before, problem !== undefined, frozen(state, now) !== undefined);
  if (problem !== undefined && stage.lateHold === undefined && stage.failedInFreeze === undefined) {
    return { ...state, ledger: checkFailed(ledger, 'watch', problem, iso(now)) };
  }
  const baking = bake(state, stage, now);
  const { findings = [] } = state;
  const roundIsIn = baking.lastRound === true && findings.every((found) => isSeenPass(found['last-round']));
  if (roundIsIn) return { ...state, stage: baking, ledger: confirmedByPolicy(ledger, iso(now)) };
  return baking === before ? state : { ...state, stage: baking };
}

/** What fails in a freeze asks people, also after its end: nobody is reverted for it at a moment that nobody knows. */
function withFreeze(stage: Window, isFailing: boolean, isFrozen: boolean): Window {
  if (isFailing) return isFrozen && stage.failedInFreeze === undefined ? { ...stage, failedInFreeze: true } : stage;
  return stage.failedInFreeze === undefined ? stage : { ...stage, failedInFreeze: undefined };
}

/** The time that the checks have to hold begins when all pass, and ends when one does not, or when a person has to decide. */
function bake(state: RunState, stage: Window, now: number): Window {
  const holds = mayConfirmItself(state, stage) && allPass(state) && powerProblem(state) === undefined;
  if (holds) return stage.bakingSince === undefined ? { ...stage, bakingSince: now } : stage;
  return stage.bakingSince === undefined ? stage : { ...stage, bakingSince: undefined, lastRound: undefined };
}

/** Where it cannot be told whose resize this is, or somebody may have used the server unwatched, a person decides. */
function mayConfirmItself({ request, prepared }: RunState, { lateHold, bakeMissed }: Window): boolean {
  return request.autoConfirm === true && prepared?.logReadable === true && (lateHold ?? bakeMissed) === undefined;
}

/** When the checks have held for long enough; workflow time, ms. Undefined while they do not. */
export function bakeEnds({ stage, request, ledger }: RunState): number | undefined {
  if (stage.is !== 'window' || stage.bakingSince === undefined || ledger.terminal !== undefined) return undefined;
  return stage.bakingSince + (request.bakeFor ?? 0);
}

/** The checks have held: one more round of all of them is asked for, unless that comes too late. */
export function bakeEnded(state: RunState, { now }: Moment): RunState {
  const { stage, findings = [], request } = state;
  const end = bakeEnds(state);
  if (stage.is !== 'window' || end === undefined || now < end || stage.lastRound === true) return state;
  if (now - end > request.lateGrace) {
    const bakeMissed = `the worker or Temporal was away at ${iso(end)}, when it was to be confirmed; decide`;
    return { ...state, stage: { ...stage, bakingSince: undefined, bakeMissed } };
  }
  const fresh = findings.map(({ baseline, proof, watch }): Findings => present({ baseline, proof, watch }));
  return { ...state, findings: fresh, stage: { ...stage, lastRound: true } };
}

/** Would a confirm by the deadline alone go against what is known of the server's health? */
export const isDoubtful = (state: RunState): boolean => (problemNow(state) ?? doubtNow(state)) !== undefined;

/** The checks as people read them. */
export function checkStatuses({ request, findings = [] }: RunState): CheckStatus[] {
  return (request.checks?.checks ?? []).map((check, index) => {
    const { baseline, proof, watch } = findings[index] ?? {};
    const last = watch ?? proof ?? baseline;
    return present({
      name: check.name,
      kind: kindOf(check),
      baseline: baseline?.verdict,
      proof: proof?.verdict,
      watch: watch?.verdict,
      reason: last?.reason,
      figure: last?.figure,
      at: last?.at,
    });
  });
}

/** What the question says of the server's health. */
export function healthText(state: RunState): string {
  const { request, findings = [], stage } = state;
  if (request.checks === undefined) return 'no checks requested';
  const running =
    stage.is === 'preparing' ? 'baseline' : stage.is === 'window' && stage.proofOut === true ? 'proof' : undefined;
  if (running !== undefined) {
    const inSoFar = findings.filter((found) => found[running] !== undefined).length;
    return `${inSoFar} of ${findings.length} checks are in`;
  }
  const doubt = doubtNow(state);
  if (doubt !== undefined) return `${doubt.what} is inconclusive: ${doubt.why}`;
  return findings.length === 1 ? 'its check passed' : `its ${findings.length} checks passed`;
}
