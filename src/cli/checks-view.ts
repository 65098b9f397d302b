/** How checks and what they found are shown to a person. */
import type { CheckStatus, Verdict } from '../resize/checks';
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
