/** The headers that the worker adds to the requests of checks: what a request must not hold. */
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { KnownSecrets, Secret } from '../cloud';
import { placeOf } from '../resize/wire-json';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const headersSchema = v.record(
  v.pipe(v.string(), v.check(isHost, 'is no host; write example.com, or example.com:8443 for another port')),
  v.record(
    v.pipe(v.string(), v.regex(NAME, 'is no name of a header')),
    v.pipe(
      v.string('must be a text'),
      v.check((value) => /^[\t\x20-\x7e]{1,8000}$/.test(value), 'must be one line of ASCII characters'),
    ),
    'must be a mapping of headers',
  ),
  'must be a mapping of hosts to their headers',
);

/** Headers by the host that they are for. Their values are secrets. */
export class HostHeaders {
  readonly #byHost = new Map<string, Readonly<Record<string, Secret>>>();
  readonly #secrets = new KnownSecrets();

  constructor(hosts: Readonly<Record<string, Readonly<Record<string, string>>>> = {}) {
    for (const [host, headers] of Object.entries(hosts)) {
      const values = Object.entries(headers).map(([name, value]) => [name, new Secret(value)] as const);
      this.#byHost.set(host.toLowerCase(), Object.fromEntries(values));
      for (const value of Object.values(headers))
        partsOf(value).forEach((part) => this.#secrets.keep(new Secret(part)));
    }
  }

  /** Those for the host and port of a URL. */
  for({ host }: URL): Record<string, string> {
    const headers = Object.entries(this.#byHost.get(host) ?? {});
    return Object.fromEntries(headers.map(([name, value]) => [name, value.reveal()]));
  }

  /** A text of a checked server, without the secrets that it may have sent back. */
  redact(text: string): string {
    return this.#secrets.redact(text);
  }
}

/**
 * Reads the file.
 * @throws TypeError with what is wrong and where; it quotes no value
 */
export function hostHeadersIn(text: string): HostHeaders {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new TypeError(`line ${error.linePos?.[0].line ?? 1} is no YAML (${error.code})`);
  const parsed = v.safeParse(headersSchema, document.toJS() as unknown);
  if (parsed.success) return new HostHeaders(parsed.output);
  const [{ path, message }] = parsed.issues;
  // What is wrong as a key may be a secret in the wrong place.
  const known = (path ?? []).filter(({ origin }) => origin !== 'key').map(({ key }) => String(key));
  const place = placeOf(known) || 'it';
  throw new TypeError(known.length === (path ?? []).length ? `${place} ${message}` : `a key of ${place} ${message}`);
}

function isHost(text: string): boolean {
  const url = `http://${text}/`;
  return (
    URL.canParse(url) &&
    /^[^/?#@\\]+$/.test(text) &&
    [text.toLowerCase(), `${text.toLowerCase()}:80`].includes(new URL(url).host)
  );
}

/** A value, and what is secret in it by itself: what follows the scheme, and the password of "Basic". */
function partsOf(value: string): string[] {
  const [, scheme = '', rest = ''] = /^(\w+) +(.+)$/.exec(value) ?? [];
  if (rest === '') return [value];
  const password = /^basic$/i.test(scheme) ? /:(.*)$/s.exec(Buffer.from(rest, 'base64').toString())?.[1] : undefined;
  return [value, rest, ...(password === undefined ? [] : [password])];
}
