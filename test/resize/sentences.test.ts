/**
 * What people are told, word for word: sentences.txt is to be read, for it says what this program claims.
 * After a change that is meant, `DURABLE_RESIZE_RECORD=1 npx jest test/resize/sentences` writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeItRuns } from './said-before';
import { ofChecks } from './said-of-checks';
import { ofRuns } from './said-of-runs';

const file = path.join(__dirname, 'sentences.txt');
const said = Object.entries({ ...beforeItRuns, ...ofRuns, ...ofChecks });

if (process.env['DURABLE_RESIZE_RECORD']) {
  writeFileSync(file, said.map(([title, say]) => `# ${title}\n${say()}\n`).join('\n'));
}

const written = new Map(
  readFileSync(file, 'utf8')
    .split(/^# /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.trimEnd().split('\n');
      return [title, lines.join('\n')] as const;
    }),
);

it.each(said)('%s', (title, say) => expect(say()).toBe(written.get(title)));

it('no other sentence is written down', () => expect([...written.keys()]).toEqual(said.map(([title]) => title)));
