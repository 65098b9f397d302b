/** How checks and what they found are shown to a person. */
import { inWords } from '../client/start-text';
import { kindOf, type Checks, type CheckStatus, type Verdict } from '../resize/checks';
import { moment } from './times';

/** A row for each check: `http web` and `baseline pass, proof pass: 200 in 31 ms (12:00:01)`. */
export function checkRows(checks: readonly CheckStatus[]): [string, string][] {
  return checks.map((check, index) => [index === 0 ? 'checks' : '', checkText(check)]);
}

function checkText({ name, kind, baseline, proof, watch, figure, reason, at }: CheckStatus): string {
  const found: [string, Verdict | undefined][] = [
    ['baseline', baseline],
    ['proof', proof],
    ['watch', watch],
  ];
  const verdicts = found.flatMap(([when, verdict]) => (verdict === undefined ? [] : [`${when} ${verdict}`]));
  const newest = [figure, reason].filter((part) => part !== undefined).join(', ');
  const details = newest === '' ? '' : `: ${newest}`;
  const seen = at === undefined ? '' : ` (${moment(at)})`;
  return `${name} (${kind}): ${verdicts.length === 0 ? 'not run yet' : verdicts.join(', ')}${details}${seen}`;
}

/** Which checks run when, and what follows from them: for the plan of a resize. */
export function checksPlan({ checks, proofWithin, watchEvery, onWatchFailure }: Checks): string {
  const names = checks.map((check) => `${check.name} (${kindOf(check)})`).join(', ');
  const watch =
    watchEvery === 0
      ? 'not while people decide'
      : `each ${inWords(watchEvery)} while people decide: a failure then ${onWatchFailure === 'revert' ? 'reverts too' : 'is part of the question'}`;
  return `${names}; before the resize; after it, within ${inWords(proofWithin)}: a failure reverts without asking, unless it failed before; ${watch}`;
}

/** `web pass (200 in 31 ms), ssh …`: what the checks have said so far, before the resize or of the resized server. */
export function verdictsText(checks: readonly CheckStatus[], isBefore: boolean): string {
  return checks
    .map(({ name, baseline, proof, watch, figure }) => {
      const verdict = isBefore ? baseline : (watch ?? proof);
      if (verdict === undefined) return `${name} …`;
      return `${name} ${verdict}${figure === undefined ? '' : ` (${figure})`}`;
    })
    .join(', ');
}

/** The names of the checks that fail now. */
export const failingNow = (checks: readonly CheckStatus[]): string[] =>
  checks.filter(({ proof, watch }) => (watch ?? proof) === 'fail').map(({ name }) => name);
