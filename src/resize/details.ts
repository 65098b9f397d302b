/** The status as one page, in Markdown for the Temporal UI or as messages write it: the question, readable in 30 seconds. */
import { deciders, missingText } from './approvals';
import type { CheckStatus } from './checks';
import { deciderText, type Decision } from './decision';
import { requesterText } from './proven';
import { REVERT_LOSES, type ResizeStatus } from './outcome';
import { command } from './shell';
import { THEN } from './status';

/** How a page is written. */
export interface Notation {
  /** People's texts are shown as they wrote them: they make no links, headings or mentions. */
  plain: (text: string) => string;
  bold: (text: string) => string;
  code: (text: string) => string;
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string[];
  block: (language: string, lines: readonly string[]) => string[];
}

/** People's texts are shown as they wrote them: they make no links or headings. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|!]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** The UI leaves no space between its columns; Markdown keeps one that does not break. */
const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => (cell === '---' ? cell : `${cell}\u00a0`)).join(' | ')} |`;

const MARKDOWN: Notation = {
  plain,
  bold: (text) => `**${text}**`,
  code: (text) => `\`${text}\``,
  table: (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)],
  block: (language, lines) => [`\`\`\`${language}`, ...lines, '```'],
};

/** The page of the Temporal UI: with the commands, and with what to send from there. */
export function detailsOf(status: ResizeStatus): string {
  const shell = commandsOf(status);
  const here = [
    '',
    'Here: **More Actions**, **Send a Signal**, `approve` or `reject`, with',
    '',
    ...MARKDOWN.block('json', [JSON.stringify({ by: 'YOU', run: status.runId })]),
  ];
  const commands = shell.length === 0 ? [] : [...MARKDOWN.block('sh', shell), ...(isAsking(status) ? here : [])];
  return [...pageOf(status, MARKDOWN), commands]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}

/** What is wrong or waits comes first, then who asks, what the checks say, and what each answer leads to; lines, block by block. */
export function pageOf(status: ResizeStatus, as: Notation): string[][] {
  const { advice, checks } = status;
  return [
    [`${as.bold(status.phase)}: ${as.plain(status.message)}`],
    subject(status, as),
    checks.length === 0 ? [] : checkTable(checks, as),
    [...question(status, as), ...history(status, as)],
    advice === undefined ? [] : [`${as.bold('What to do')}: ${advice.you}`],
    advice?.administrator === undefined ? [] : [`${as.bold('Administrator')}: ${advice.administrator}`],
  ].filter((block) => block.length > 0);
}

const because = (reason: string | undefined) => (reason === undefined ? '' : `: ${reason}`);

/** Who asks for what, and since when it is there. */
function subject(status: ResizeStatus, { plain, code }: Notation): string[] {
  const { server, from, to, verifiedAt, outageSeconds, reason } = status;
  const outage = outageSeconds === undefined ? '' : `; the resize took it away for at most ${outageSeconds} s`;
  return [
    `- server: ${server.name === undefined ? '' : `${plain(server.name)} `}${code(server.id)} in ${plain(status.cloud)}`,
    `- flavor: ${plain(from === undefined ? to.name : `${from.name} -> ${to.name}`)}`,
    `- requested by ${plain(requesterText(status))} at ${status.requestedAt}${plain(because(reason))}`,
    ...(verifiedAt === undefined ? [] : [`- resized: seen at ${verifiedAt}${outage}`]),
  ];
}

/** Each check before the resize, after it and while people decide; the figure is of the newest. */
function checkTable(checks: readonly CheckStatus[], { plain, bold, table }: Notation): string[] {
  const cells = ({ name, kind, baseline, proof, watch, figure, reason, at }: CheckStatus) => {
    const found = [figure, reason].filter((part) => part !== undefined).join(', ');
    const seen = at === undefined ? '' : ` at ${at.slice(11, 19)}`;
    const verdicts = [baseline, proof, watch].map((verdict) => (verdict === 'fail' ? bold(verdict) : (verdict ?? '')));
    return [plain(`${name} (${kind})`), ...verdicts, `${plain(found)}${seen}`];
  };
  return table(['check', 'before', 'after', 'now', 'figure'], checks.map(cells));
}

/** As long as there is something to decide: who decides, until when, and what each answer leads to. */
function question(status: ResizeStatus, { plain }: Notation): string[] {
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
function history({ decisions, extensions = [], operatorWords = [] }: ResizeStatus, as: Notation): string[] {
  const { plain } = as;
  return [
    ...decisions.map((each) => `- ${decisionLine(each, as)}`),
    ...extensions.map(({ by, reason, at, deadline }) =>
      plain(`- extended to ${deadline} by ${by} (claimed) at ${at}${because(reason)}`),
    ),
    ...operatorWords.map(({ word, by, reason, at }) =>
      plain(`- ${word} by ${by} (claimed) at ${at}${because(reason)}`),
    ),
  ];
}

function decisionLine(decision: Decision, { plain }: Notation): string {
  const { at, counted, why } = decision;
  return `${plain(deciderText(decision))} at ${at}${counted ? '' : ` — not counted: ${plain(why ?? '')}`}`;
}

const isAsking = ({ phase, votesMissing }: ResizeStatus) => phase === 'awaiting-decision' && votesMissing !== undefined;

/** To copy into a shell: they name the server by its id, and the run, so that they decide no other resize. */
export function commandsOf(status: ResizeStatus): string[] {
  const { phase, server, runId, overdue } = status;
  const call = (...words: string[]) => command('durable-resize', ...words, '--by', 'YOU');
  const { id } = server;
  if (phase === 'needs-operator') return [call('retry', id), call('abandon', id)];
  if (!isAsking(status)) return [];
  const decide = [call('approve', id, '--run', runId), call('reject', id, '--run', runId)];
  return [...decide, ...(overdue === true ? [] : [call('extend', id, '30m')])];
}
