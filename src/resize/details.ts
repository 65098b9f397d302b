/** The status in Markdown, for the Temporal UI: the question that people decide, readable in 30 seconds. */
import { deciders, missingText } from './approvals';
import type { CheckStatus } from './checks';
import { deciderText, type Decision } from './decision';
import { requesterText } from './proven';
import { REVERT_LOSES, type ResizeStatus } from './outcome';
import { command } from './shell';
import { THEN } from './status';

/** People's texts are shown as they wrote them: they make no links or headings. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|!]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** What is wrong or waits comes first, then who asks, what the checks say, what each answer leads to, and how to give it. */
export function detailsOf(status: ResizeStatus): string {
  const { advice, checks } = status;
  const blocks = [
    [`**${status.phase}**: ${plain(status.message)}`],
    subject(status),
    checks.length === 0 ? [] : checkTable(checks),
    [...question(status), ...history(status)],
    advice === undefined ? [] : [`**What to do**: ${advice.you}`],
    advice?.administrator === undefined ? [] : [`**Administrator**: ${advice.administrator}`],
    commands(status),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

const because = (reason: string | undefined) => (reason === undefined ? '' : `: ${reason}`);

/** Who asks for what, and since when it is there. */
function subject(status: ResizeStatus): string[] {
  const { server, from, to, verifiedAt, outageSeconds, reason } = status;
  const outage = outageSeconds === undefined ? '' : `; the resize took it away for at most ${outageSeconds} s`;
  return [
    `- server: ${server.name === undefined ? '' : `${plain(server.name)} `}\`${server.id}\` in ${plain(status.cloud)}`,
    `- flavor: ${plain(from === undefined ? to.name : `${from.name} -> ${to.name}`)}`,
    `- requested by ${plain(requesterText(status))} at ${status.requestedAt}${plain(because(reason))}`,
    ...(verifiedAt === undefined ? [] : [`- resized: seen at ${verifiedAt}${outage}`]),
  ];
}

/** Each check before the resize, after it and while people decide; the figure is of the newest. */
function checkTable(checks: readonly CheckStatus[]): string[] {
  const row = ({ name, kind, baseline, proof, watch, figure, reason, at }: CheckStatus) => {
    const found = [figure, reason].filter((part) => part !== undefined).join(', ');
    const seen = at === undefined ? '' : ` at ${at.slice(11, 19)}`;
    return rowOf(plain(`${name} (${kind})`), ...[baseline, proof, watch].map(verdictText), `${plain(found)}${seen}`);
  };
  return [
    rowOf('check', 'before', 'after', 'now', 'figure'),
    rowOf(...Array<string>(5).fill('---')),
    ...checks.map(row),
  ];
}

/** The UI leaves no space between its columns; Markdown keeps one that does not break. */
const rowOf = (...cells: string[]) =>
  `| ${cells.map((cell) => (cell === '---' ? cell : `${cell}\u00a0`)).join(' | ')} |`;

const verdictText = (verdict = '') => (verdict === 'fail' ? '**fail**' : verdict);

/** As long as there is something to decide: who decides, until when, and what each answer leads to. */
function question(status: ResizeStatus): string[] {
  const { votesMissing, approvals, decisionDeadline, revertLoses, onTimeout, overdueSince } = status;
  if (votesMissing === undefined) return [];
  const then = overdueSince === undefined ? THEN[onTimeout] : `it is asked again; overdue since ${overdueSince}`;
  return [
    ...(approvals === undefined ? [] : [`- who decides: ${plain(deciders(status))}; ${missingText(votesMissing)}`]),
    ...(decisionDeadline === undefined ? [] : [`- decide until ${decisionDeadline}; if nobody does, ${then}`]),
    ...(revertLoses === undefined ? [] : [`- a revert loses: ${REVERT_LOSES[revertLoses]}`]),
  ];
}

/** What people have said so far. */
function history({ decisions, extensions = [], operatorWords = [] }: ResizeStatus): string[] {
  return [
    ...decisions.map((each) => `- ${decisionLine(each)}`),
    ...extensions.map(({ by, reason, at, deadline }) =>
      plain(`- extended to ${deadline} by ${by} (claimed) at ${at}${because(reason)}`),
    ),
    ...operatorWords.map(({ word, by, reason, at }) =>
      plain(`- ${word} by ${by} (claimed) at ${at}${because(reason)}`),
    ),
  ];
}

function decisionLine(decision: Decision): string {
  const { at, counted, why } = decision;
  return `${plain(deciderText(decision))} at ${at}${counted ? '' : ` — not counted: ${plain(why ?? '')}`}`;
}

/** To copy: they name the server by its id, and the run, so that they decide no other resize. */
function commands({ phase, votesMissing, server: { id }, runId, overdue }: ResizeStatus): string[] {
  const call = (word: string, ...more: string[]) => command('durable-resize', word, id, ...more);
  const by = ['--by', 'YOU'];
  if (phase === 'needs-operator') return block('sh', call('retry', ...by), call('abandon', ...by));
  if (phase !== 'awaiting-decision' || votesMissing === undefined) return [];
  const decide = ['approve', 'reject'].map((word) => call(word, ...by, '--run', runId));
  return [
    ...block('sh', ...decide, ...(overdue === true ? [] : [call('extend', '30m', ...by)])),
    '',
    'Here: **More Actions**, **Send a Signal**, `approve` or `reject`, with',
    '',
    ...block('json', JSON.stringify({ by: 'YOU', run: runId })),
  ];
}

const block = (language: string, ...lines: string[]) => [`\`\`\`${language}`, ...lines, '```'];
