import type { Secret } from './secret';

/** Shorter texts are left alone: taking every "a" out of a message would hide the message, not the secret. */
const SHORTEST = 4;

/** Shorter texts are not searched for in base64 and hexadecimal, where their few sure characters occur in other words. */
const SHORTEST_ENCODED = 6;

/**
 * Longer texts are searched for in parts of about this many characters: V8 refuses a large regular expression, and its
 * message quotes it. Signed tokens have 20,000 characters and more. Three bytes are four characters of base64.
 */
const LONGEST_PART = 600;

/**
 * Upper bound on tokens. They are kept while they can be valid, and one is usually renewed shortly before it ends, so
 * this many are alive only where a cloud refuses each token at once.
 */
const MOST_TOKENS = 1_000;

/** A signature of access keys is as good as a token for its one request, for a quarter of an hour. */
const SIGNATURE = /\b(Signature=)[0-9a-f]{16,}/gi;

/** How every Fernet token begins: its version byte and the first three bytes of a time stamp (Fernet specification). */
const FERNET = /\bgAAAAA[\w-]{20,}={0,2}/g;

/**
 * The secrets of one cloud, which are taken out of what comes from outside: debug pages and some gateways repeat the
 * request in their answers. Secrets of the profile are never forgotten; tokens are known while they can be valid.
 */
export class KnownSecrets {
  readonly #lasting = new Map<string, readonly RegExp[]>();
  readonly #tokens = new Map<string, { patterns: readonly RegExp[]; until: number }>();

  /** Remembers a secret of the profile, for good. */
  keep(secret: Secret): void {
    const text = secret.reveal();
    if (text.length >= SHORTEST) this.#lasting.set(text, patternsOf(text));
  }

  /** Remembers a token. @param until epoch ms, when it can no longer be valid */
  keepUntil(secret: Secret, until: number): void {
    const text = secret.reveal();
    if (text.length < SHORTEST) return;
    const known = this.#tokens.get(text);
    this.#tokens.set(text, {
      patterns: known?.patterns ?? patternsOf(text),
      until: Math.max(until, known?.until ?? 0),
    });
    for (const [token, { until: end }] of this.#tokens) if (end < Date.now()) this.#tokens.delete(token);
    if (this.#tokens.size <= MOST_TOKENS) return;
    const [first] = [...this.#tokens].reduce((one, other) => (other[1].until < one[1].until ? other : one));
    this.#tokens.delete(first);
  }

  /** The text with `[hidden]` in place of each known secret, of signatures, and of what can only be a token. */
  redact(text: string): string {
    const tokens = [...this.#tokens].map(([token, { patterns }]) => [token, patterns] as const);
    // The longest first: one secret may be the beginning of another one.
    const longestFirst = [...this.#lasting, ...tokens].sort(([one], [other]) => other.length - one.length);
    return longestFirst
      .reduce((clean, [, patterns]) => hide(clean, patterns), text)
      .replace(SIGNATURE, '$1[hidden]')
      .replace(FERNET, '[hidden]');
  }
}

/** The patterns of a text's parts, which are of nearly the same length: a short one would be found in other words. */
function patternsOf(text: string): RegExp[] {
  const characters = Array.from(text);
  const parts = Math.ceil(characters.length / LONGEST_PART);
  const size = Math.ceil(characters.length / parts / 3) * 3;
  return Array.from({ length: parts }, (_, at) => patternOf(characters.slice(at * size, (at + 1) * size).join('')));
}

/** Takes out the parts of one secret, with the ends of base64 that are left between two of them. */
function hide(text: string, patterns: readonly RegExp[]): string {
  const clean = patterns.reduce((rest, pattern) => rest.replace(pattern, '[hidden]'), text);
  return patterns.length === 1 ? clean : clean.replace(/\[hidden\](?:[\w+/%-]{0,6}\[hidden\])+/g, '[hidden]');
}

/** Finds a text however it is written: as it is, in JSON, a URL, a form, HTML, Python's notation, base64, hexadecimal. */
function patternOf(text: string): RegExp {
  const forms = [text, ...(text.length < SHORTEST_ENCODED ? [] : [...base64Forms(text), ...hexForms(text)])];
  // A run of backslashes is one piece: piece by piece it could be matched in more ways than there is time for.
  const pieces = forms.map((form) => form.match(/\\+|[^\\]/gu) ?? []);
  const patterns = pieces.map((each) => each.map((piece, n) => formsOf(piece, each[n - 1])).join(''));
  return new RegExp(patterns.join('|'), 'g');
}

/**
 * One character, or a run of backslashes, in each way that it may be written; letters, digits and the like have one. No
 * text is matched in two ways: a text that nearly is the secret would be tried in 2^n.
 * @param before the piece before it; a run of backslashes takes all that follow
 */
function formsOf(piece: string, before = ''): string {
  if (/^[\w.~-]$/.test(piece)) return escape(piece);
  const afterRun = before.startsWith('\\');
  const slashes = afterRun ? '' : '\\\\+';
  const code = piece.codePointAt(0) ?? 0;
  const character = String.fromCodePoint(code);
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at).toString(16));
  const ascii = units.map((unit, n) => `${n === 0 ? slashes : '\\\\+'}u${anyCase(unit.padStart(4, '0'))}`).join('');
  const url = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const entities = [`&#${code};`, `&#x${code.toString(16)};`, ...(ENTITIES[character] ?? [])];
  const others = [ascii, ...[url, ...entities].map(anyCase), ...(character === ' ' ? ['\\+'] : [])].join('|');
  if (character === '\\') return `(?:\\\\{${piece.length},}|(?:${others}){${piece.length}})`;
  // JSON writes a line break as a letter behind a backslash; JSON within JSON has more backslashes.
  const letter = JSON.stringify(character).slice(1, -1).replace(/^\\/, '');
  const inJson = letter === character ? '' : `${slashes}${escape(letter)}|`;
  return `(?:${afterRun ? '' : '\\\\*'}${escape(character)}|${inJson}${others})`;
}

const ENTITIES: Readonly<Record<string, string[]>> = {
  '"': ['&quot;'],
  "'": ['&apos;'],
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
};

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Hexadecimal digits and entities are written in capitals or not. */
const anyCase = (text: string) =>
  escape(text).replace(/(?<!\\)[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** A text in base64, wherever in the encoded bytes it begins; without the ends, in which its neighbours have a part. */
function base64Forms(text: string): string[] {
  return ([0, 1, 2] as const).flatMap((before) => {
    const bytes = Buffer.from('\0'.repeat(before) + text);
    const sure: [number, number] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return [...new Set([bytes.toString('base64').slice(...sure), bytes.toString('base64url').slice(...sure)])];
  });
}

function hexForms(text: string): string[] {
  const digits = Buffer.from(text).toString('hex');
  return [digits, digits.toUpperCase()];
}
