/** What is sent: a CloudEvent, or a message as Slack takes it. The same question in both. */
import { commandsOf, pageOf, type Notation } from '../resize/details';
import { NOTICE_TITLES, type Notice } from '../resize/notices';
import type { ResizeStatus } from '../resize/outcome';
import type { Target } from './targets';

export interface Message {
  contentType: string;
  body: string;
}

export function messageFor(kind: Target['kind'], notice: Notice, status: ResizeStatus): Message {
  return kind === 'slack'
    ? { contentType: 'application/json', body: JSON.stringify(slackMessage(notice, status)) }
    : { contentType: 'application/cloudevents+json', body: JSON.stringify(cloudEvent(notice, status)) };
}

/** In words, for where nothing is marked up. */
const WORDS: Notation = {
  plain: (text) => text.replaceAll(/\s+/g, ' '),
  bold: (text) => text,
  code: (text) => text,
  table: (head, rows) => [head, ...rows].map((cells) => `- ${cells.join(' | ')}`),
  block: (_, lines) => [...lines],
};

/** CloudEvents 1.0.2, JSON format 3.1: structured mode. */
function cloudEvent({ id, event, at }: Notice, status: ResizeStatus) {
  return {
    specversion: '1.0',
    id,
    source: `/durable-resize/${encodeURIComponent(status.cloud)}`,
    type: `durable-resize.${event}`,
    subject: status.server.id,
    time: at,
    datacontenttype: 'application/json',
    data: {
      title: titleOf(event, status),
      question: pageOf(status, WORDS)
        .map((block) => block.join('\n'))
        .join('\n\n'),
      commands: commandsOf(status),
      status,
    },
  };
}

function titleOf(event: Notice['event'], { server, from, to, outcome }: ResizeStatus): string {
  const change = from === undefined ? to.name : `${from.name} -> ${to.name}`;
  const what = event === 'decided' ? ` (${outcome ?? 'no outcome'})` : '';
  return WORDS.plain(`${NOTICE_TITLES[event]}${what}: ${server.name ?? server.id}, ${change}`);
}

/** Slack, "Formatting text for app surfaces": these three are all that is escaped, and they begin links and mentions. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A backtick would end the code that a text is shown as. */
const inCode = (text: string) => escaped(text).replaceAll('`', "'");

const MRKDWN: Notation = {
  plain: (text) => escaped(WORDS.plain(text)),
  bold: (text) => `*${text}*`,
  code: (text) => `\`${inCode(text)}\``,
  // There are no tables: columns of equal width, in code, where nothing is bold.
  table: (head, rows) => {
    const all = [head, ...rows].map((cells) => cells.map((cell) => cell.replace(/^\*(.*)\*$/, '$1')));
    const widths = head.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)));
    const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return ['```', ...all.map((cells) => line(cells).trimEnd().replaceAll('`', "'")), '```'];
  },
  block: (_, lines) => ['```', ...lines.map(inCode), '```'],
};

/** Block Kit: a header has 150 characters, a section 3000, a message 50 blocks. */
const LONGEST = { header: 150, section: 3000, text: 3000 };

function slackMessage({ event }: Notice, status: ResizeStatus) {
  const title = titleOf(event, status);
  const commands = commandsOf(status);
  const page = [...pageOf(status, MRKDWN), commands.length === 0 ? [] : MRKDWN.block('sh', commands)];
  const sections = page.filter((block) => block.length > 0).flatMap((block) => sectionsOf(block));
  return {
    // For notifications, and for what knows no blocks.
    text: cut(escaped(`${title}: ${WORDS.plain(status.message)}`), LONGEST.text),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, LONGEST.header), emoji: false } },
      ...sections.slice(0, 49).map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } })),
    ],
  };
}

/** The lines of a block in as few sections as hold them. */
function sectionsOf(lines: readonly string[]): string[] {
  const [fence] = lines;
  const isCode = fence === '```';
  const sections: string[] = [];
  let open = '';
  const close = () => {
    if (open !== '') sections.push(isCode ? `\`\`\`\n${open}\n\`\`\`` : open);
    open = '';
  };
  for (const line of isCode ? lines.slice(1, -1) : lines) {
    const short = cut(line, LONGEST.section - 10);
    if (open.length + short.length + 1 > LONGEST.section - 10) close();
    open += open === '' ? short : `\n${short}`;
  }
  close();
  return sections;
}

const cut = (text: string, longest: number) =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/&\w{0,3}$|\p{Cs}$/u, '')}…`;
