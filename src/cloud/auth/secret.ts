import { inspect } from 'node:util';

/** A password, token or key. It prints, inspects and serialises as `[hidden]`; only `reveal()` gives the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself: for a request body or header, never for a message. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[hidden]';
  }

  toJSON(): string {
    return '[hidden]';
  }

  [inspect.custom](): string {
    return '[hidden]';
  }
}

/** Shorter texts are left alone: taking every "a" out of a message would hide the message, not the secret. */
const SHORTEST_REDACTED = 4;

/** A signature of access keys is as good as a token for its one request, for a quarter of an hour. */
const SIGNATURE = /\b(Signature=)[0-9a-f]{16,}/gi;

/**
 * Takes secrets out of a text that came from outside: debug pages and some gateways echo the request back.
 * The text is searched for each secret as it is, as JSON writes it and as a URL writes it; and for signatures.
 */
export function redact(text: string, secrets: Iterable<Secret>): string {
  let clean = text;
  for (const secret of secrets) {
    const plain = secret.reveal();
    if (plain.length < SHORTEST_REDACTED) continue;
    for (const form of new Set([plain, JSON.stringify(plain).slice(1, -1), encodeURIComponent(plain)])) {
      clean = clean.replaceAll(form, '[hidden]');
    }
  }
  return clean.replace(SIGNATURE, '$1[hidden]');
}
