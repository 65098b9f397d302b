/** What is sent of a resize: the same question as a CloudEvent and as a message of Slack. */
import { messageFor } from '../../src/notify';
import type { Notice } from '../../src/resize/notices';
import type { ResizeInput } from '../../src/resize/request';
import { statusOf } from '../../src/resize/status';
import { shows } from '../resize/looks';
import { Played } from '../resize/played';

const notice: Notice = { id: 'run-1-question-1', event: 'question', at: '2026-01-01T12:00:00.000Z' };
const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const check = { name: 'web', tcp: { host: '{address}', port: 22 } };

function statusAs(input: Partial<ResizeInput> = {}) {
  const run = new Played({ checks: { checks: [check] }, ...input }).prepared();
  run.checked('baseline', 'pass').accepted('resize').observed(WINDOW).checked('proof', 'pass');
  return statusOf(run.state, { workflowId: 'resize-1', runId: 'run-1' });
}

interface Post {
  text: string;
  blocks: { type: string; text: { type: string; text: string } }[];
}
const posted = (input?: Partial<ResizeInput>) => JSON.parse(messageFor('slack', notice, statusAs(input)).body) as Post;

it('a webhook gets a CloudEvent with the question in words, the commands and the status', () => {
  const { contentType, body } = messageFor('webhook', notice, statusAs());
  expect(contentType).toBe('application/cloudevents+json');
  const event = JSON.parse(body) as { data: { question: string; status: unknown } };
  expect(event).toEqual({
    specversion: '1.0',
    id: 'run-1-question-1',
    source: '/durable-resize/lab',
    type: 'durable-resize.question',
    subject: '11111111-2222-4333-8444-555555555555',
    time: '2026-01-01T12:00:00.000Z',
    datacontenttype: 'application/json',
    data: {
      title: 'Decide: web-07, f1 -> f2',
      question: event.data.question,
      commands: [
        'durable-resize approve 11111111-2222-4333-8444-555555555555 --run run-1 --by YOU',
        'durable-resize reject 11111111-2222-4333-8444-555555555555 --run run-1 --by YOU',
        'durable-resize extend 11111111-2222-4333-8444-555555555555 30m --by YOU',
      ],
      status: JSON.parse(JSON.stringify(statusAs())) as unknown,
    },
  });
  expect(event.data.question).toContain('- decide until 2026-01-01T12:30:00.000Z; if nobody does, it is reverted');
  expect(event.data.question).toMatch(/^- web.*tcp.* \| pass \| pass \| .*\| pass in 12 ms at 12:00:00$/m);
  expect(event.data.question).not.toMatch(/\*\*|More Actions|```/);
});

it('Slack gets it in blocks: a title, what is known, checks in columns, and the commands', () => {
  const { text, blocks } = posted();
  expect(text).toMatch(/^Decide: web-07, f1 -&gt; f2: web-07 has flavor f2/);
  expect(blocks[0]).toEqual({
    type: 'header',
    text: { type: 'plain_text', text: 'Decide: web-07, f1 -> f2', emoji: false },
  });
  const shown = blocks.slice(1).map((block) => block.text.text);
  expect(shown[0]).toMatch(/^\*awaiting-decision\*: web-07 has flavor f2/);
  const table = shown.find((each) => each.startsWith('```\ncheck'))?.split('\n') ?? [];
  expect(table).toHaveLength(4);
  expect(table[2]).toMatch(/^web .*pass +pass +pass in 12 ms at 12:00:00$/);
  // The columns are of equal width.
  expect(table[1]?.indexOf('figure')).toBe(table[2]?.indexOf('pass in'));
  expect(shown.at(-1)).toMatch(
    /^```\ndurable-resize approve .*\ndurable-resize reject .*\ndurable-resize extend .*\n```$/,
  );
});

it('a check that fails is no bold word in code', () => {
  const run = new Played({ checks: { checks: [check] } }).prepared().checked('baseline', 'pass').accepted('resize');
  run.observed(WINDOW).checked('proof', 'pass').checked('watch', 'fail');
  const { body } = messageFor('slack', notice, statusOf(run.state, { workflowId: 'resize-1', runId: 'run-1' }));
  expect(body).toContain('fail in 12 ms');
  expect(body).not.toContain('*fail*');
});

it('what people wrote mentions nobody, links nowhere, and ends no code', () => {
  const { text, blocks } = posted({ reason: '<!channel> <https://evil.example|ok> & ```', requestedBy: '<@U1>' });
  const all = [text, ...blocks.slice(1).map((block) => block.text.text)].join('\n');
  expect(all).not.toMatch(/<[!@#h]/);
  expect(all).toContain('&lt;!channel&gt; &lt;https://evil.example|ok&gt; &amp;');
});

it('a long text stays within what Slack takes', () => {
  const { text, blocks } = posted({ reason: '&'.repeat(2000), requestedBy: 'x'.repeat(200) });
  expect(text.length).toBeLessThanOrEqual(3000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) expect(block.text.text.length).toBeLessThanOrEqual(3000);
  expect(blocks.map((block) => block.text.text).join('')).not.toMatch(/&(?!amp;|lt;|gt;)/);
});
