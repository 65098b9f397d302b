/** Commands to copy: real shells take them as they were meant. */
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { command } from '../../src/resize/shell';
import { often } from './often';

/** The words that a shell makes of a line. */
function wordsIn(shell: string, line: string): string[] {
  const out = execFileSync(shell, ['-c', `printf '%s\\0' ${line}`], {
    env: { LC_ALL: 'C.UTF-8' },
    // From a socket bash would read what it takes for the settings of a remote shell.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return out.toString().split('\0').slice(0, -1);
}

const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

it('leaves plain words as they are', () => {
  expect(command('openstack', 'server', 'show', '4f0c2f3e-8a53', '--os-cloud', 'prod_1', 'm1.large')).toBe(
    'openstack server show 4f0c2f3e-8a53 --os-cloud prod_1 m1.large',
  );
});

it.each([
  ['', "''"],
  ["bob's", `'bob'\\''s'`],
  ['$(reboot)', "'$(reboot)'"],
  ['a; rm -rf ~', "'a; rm -rf ~'"],
  ['~', "'~'"],
  ['A=b', "'A=b'"],
  ['grün', "'grün'"],
  ['a\u001b[2J\n1', "$'a\\033[2J\\0121'"],
  ['\u202egpj', "$'\\342\\200\\256gpj'"],
])('writes %j as %s', (word, written) => {
  expect(command(word)).toBe(written);
});

it('is taken by sh word for word, whatever the words are', () => {
  const shown = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((word) => !UNSHOWN.test(word));
  fc.assert(
    fc.property(fc.array(shown, { minLength: 1, maxLength: 30 }), (words) => {
      expect(wordsIn('sh', command(...words))).toEqual(words);
    }),
    often(15),
  );
});

it('is taken by bash word for word and shows nothing that a terminal acts on, whatever the words are', () => {
  const any = fc.string({ unit: 'binary', maxLength: 20 }).map((word) => word.replaceAll('\0', ''));
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 30 }), (words) => {
      const line = command(...words);
      expect(line).not.toMatch(UNSHOWN);
      expect(wordsIn('bash', line)).toEqual(words.map((word) => word.replaceAll(/\p{Cs}/gu, '\ufffd')));
    }),
    often(15),
  );
});
