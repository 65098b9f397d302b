/** What of a text may reach a terminal. */

/**
 * Control characters (C0, DEL, C1), format characters (bidi overrides, zero-width ones, tags), line separators and half
 * surrogate pairs. The two joiners stay: Persian, Hindi and emoji are written with them, and they do no harm.
 */
const UNPRINTABLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text on one line that moves no cursor, colours nothing and reads in one direction: the rest is shown as `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xffff) return `\\u{${code.toString(16)}}`;
    return SHORT[character] ?? (code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`);
  });
}

/** One JSON document with the same meaning: outside of strings JSON has nothing that is escaped here but line ends. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(UNPRINTABLE, (character) =>
    character === '\n' ? character : [...unitsOf(character)].map((unit) => `\\u${hex(unit, 4)}`).join(''),
  );
}

function* unitsOf(character: string): Generator<number> {
  for (let index = 0; index < character.length; index++) yield character.charCodeAt(index);
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
