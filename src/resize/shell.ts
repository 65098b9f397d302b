/** Commands to copy into a shell: whatever a name holds, it stays one word there and is not carried out. */

/** What no shell gives a meaning to. `~` and `=` have one only where a word begins, so they count as having one. */
const PLAIN = /^[\w@%+:,./-]+$/;

/** What a terminal acts on or does not show: control and format characters, line separators, half characters. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * A command of these words, each quoted where the shell needs it.
 * @example command('openstack', 'server', 'show', "bob's") // openstack server show 'bob'\''s'
 */
export function command(...words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!UNSHOWN.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  // POSIX.1-2024, 2.2.4 Dollar-Single-Quotes: what must not reach a terminal as it is can still be copied.
  const shown = word.replaceAll(/['\\]/g, '\\$&').replaceAll(/\p{Cs}/gu, '\ufffd');
  return `$'${shown.replaceAll(new RegExp(UNSHOWN, 'gu'), octal)}'`;
}

/** The bytes of a character in UTF-8, as `\NNN` each: three digits, so that a digit after it is not taken in. */
function octal(character: string): string {
  const bytes = encodeURIComponent(character).match(/%..|./g) ?? [];
  return bytes.map((byte) => `\\${valueOf(byte).toString(8).padStart(3, '0')}`).join('');
}

const valueOf = (byte: string) => (byte.startsWith('%') ? parseInt(byte.slice(1), 16) : byte.charCodeAt(0));
