/** The status in Markdown, for the Temporal UI. */
import { deciders, missingText } from './approvals';
import { deciderText, type Decision } from './decision';
import { requesterText } from './proven';
import { REVERT_LOSES, type ResizeStatus } from './outcome';

/** People's texts are shown as they wrote them: they make no links or headings. */
export function plain(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|!]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

export function detailsOf(status: ResizeStatus): string {
  const { server, from, to, decisionDeadline, revertLoses, advice, operatorWords = [] } = status;
  // Both are of use as long as there is something to decide.
  const waits = status.votesMissing !== undefined;
  const lines: (string | undefined)[] = [
    `**${status.phase}**: ${plain(status.message)}`,
    '',
    `- server: ${server.name === undefined ? '' : `${plain(server.name)} `}\`${server.id}\` in ${plain(status.cloud)}`,
    `- flavor: ${plain(from === undefined ? to.name : `${from.name} -> ${to.name}`)}`,
    `- requested by ${plain(requesterText(status))} at ${status.requestedAt}`,
    waits && status.approvals !== undefined
      ? `- who decides: ${plain(deciders(status))}; ${missingText(status.votesMissing ?? 0)}`
      : undefined,
    waits && decisionDeadline !== undefined ? `- decision deadline: ${decisionDeadline}` : undefined,
    waits && revertLoses !== undefined ? `- a revert loses: ${REVERT_LOSES[revertLoses]}` : undefined,
    ...status.decisions.map((each) => `- ${decisionLine(each)}`),
    ...operatorWords.map(({ word, by, reason, at }) =>
      plain(`- ${word} by ${by} (claimed) at ${at}${reason === undefined ? '' : `: ${reason}`}`),
    ),
    ...(advice === undefined ? [] : ['', `**What to do**: ${advice.you}`]),
    ...(advice?.administrator === undefined ? [] : ['', `**Administrator**: ${advice.administrator}`]),
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function decisionLine(decision: Decision): string {
  const { at, counted, why } = decision;
  return `${plain(deciderText(decision))} at ${at}${counted ? '' : ` — not counted: ${plain(why ?? '')}`}`;
}
