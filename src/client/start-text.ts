/** What the Temporal UI shows of a resize for as long as it is kept. */
import ms from 'ms';
import { deciders } from '../resize/approvals';
import { plain } from '../resize/details';
import { REVERT_LOSES } from '../resize/outcome';
import type { OnTimeout, ResizeRequest } from '../resize/request';
import type { Inspection } from '../workflows/messages';

/** What happens when nobody decides in time. */
export const ON_TIMEOUT: Readonly<Record<OnTimeout, string>> = {
  revert: 'the resize is reverted',
  confirm: 'the resize is confirmed',
  hold: 'nothing happens: it waits on, and is shown as overdue',
};

/** A duration in words, from ms. */
export const inWords = (duration: number): string => ms(duration, { long: true });

/** One line: who moves what where. */
export function staticSummary(request: ResizeRequest, inspection: Inspection): string {
  const to = inspection.to?.name ?? request.flavor;
  return `${inspection.server.name}: ${flavorsIn(inspection, to)} (${request.cloud}), requested by ${request.requestedBy}`;
}

/** Of a resize that is taken over the old flavor is not known. */
function flavorsIn({ from }: Inspection, to: string): string {
  return from === undefined ? `${to} (taken over)` : `${from.name} -> ${to}`;
}

/** Markdown: who, why, what happens when nobody decides, what a revert loses. */
export function staticDetails(request: ResizeRequest, inspection: Inspection): string {
  const rows = [
    `**${plain(inspection.server.name)}** (\`${inspection.server.id}\`) on cloud **${plain(request.cloud)}**`,
    // Without it the UI makes no list of the lines that follow.
    '',
    `- flavor: ${plain(flavorsIn(inspection, inspection.to?.name ?? request.flavor))}`,
    `- requested by: ${plain(request.requestedBy)} (claimed)`,
    ...(request.reason === undefined ? [] : [`- reason: ${plain(request.reason)}`]),
    `- who decides: ${plain(deciders(request))}`,
    `- nobody decides within ${inWords(request.decideWithin)}: ${ON_TIMEOUT[request.onTimeout]}`,
    `- a revert loses: ${REVERT_LOSES[inspection.revertLoses]}`,
  ];
  return rows.join('\n');
}
