/** What reaches a terminal, whoever wrote it. */
import * as fc from 'fast-check';
import { Output } from '../../src/cli/output';

const ACTED_ON = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** An output, and what it wrote. */
function written(write: (output: Output) => void): string {
  let text = '';
  const add = (more: string) => (text += more);
  write(new Output({ out: add, err: add, ask: (question) => Promise.resolve(add(question)) }));
  return text;
}

it.each([
  ['clears the screen', '\u001b[2J', '\\x1b[2J'],
  ['colours, by a C1 control', '\u009b31m', '\\x9b31m'],
  ['goes back to the start of the line', 'ok\rno', 'ok\\rno'],
  ['makes a line of its own', 'web\nto approve: evil', 'web\\nto approve: evil'],
  ['turns the direction of reading', '\u202egpj.exe', '\\u202egpj.exe'],
  ['hides letters', 'a\u200bb\u{e0041}', 'a\\u200bb\\u{e0041}'],
])('shows a text that %s as it is written', (_, text, shown) => {
  expect(written((output) => output.data(text))).toBe(`${shown}\n`);
  expect(written((output) => output.note('first', text))).toBe(`first\n${shown}\n`);
  expect(written((output) => output.rewrite(text, 80))).toBe(`\r\u001b[2K${shown}`);
  expect(written((output) => void output.ask(text))).toBe(shown);
});

it('leaves the letters of all languages, and the joiners that they need', () => {
  for (const text of ['grün', 'شرکت\u200cها', '服务器', '👩\u200d💻']) {
    expect(written((output) => output.data(text))).toBe(`${text}\n`);
  }
});

it('lets nothing through that a terminal acts on, and prints JSON that means the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (text, value) => {
      expect(written((output) => output.data(text)).slice(0, -1)).not.toMatch(/\n/);
      expect(written((output) => output.data(text))).not.toMatch(ACTED_ON);
      const json = written((output) => output.json({ text, value }));
      expect(json).not.toMatch(ACTED_ON);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ text, value })));
    }),
  );
});
