/** Placeholders in the texts of a check: `{address}`, `{address:NETWORK}`, `{name}`, `{id}`. */

/** What placeholders stand for. */
export interface CheckTarget {
  id: string;
  name: string;
  /** By network; in each, the fixed ones first. */
  addresses: Record<string, string[]>;
}

/** Thrown where a placeholder stands for nothing: the server has no such address. */
export class NoAddress extends Error {
  override readonly name = 'NoAddress';
}

const KNOWN = /\{(?:(name|id|address)|address:([^{}]+))\}/g;
/** Braces around a lone name. PromQL has none: a label in braces is followed by what it must be. */
const LIKE_A_PLACEHOLDER = /\{\s*[A-Za-z_][\w-]*(?::[^{}"'=!~]*)?\s*\}/;

/** @returns the first placeholder that is not known */
export function unknownPlaceholder(text: string): string | undefined {
  return LIKE_A_PLACEHOLDER.exec(text.replaceAll(KNOWN, ''))?.[0];
}

/** The text with something in the place of each placeholder, to see whether its form is right. */
export const withSamples = (text: string): string =>
  text.replaceAll(KNOWN, (_, name) => (name === undefined || name === 'address' ? '192.0.2.1' : String(name)));

/** @throws NoAddress */
export function filledUrl(url: string, target: CheckTarget): string {
  return filled(url, target, (value, before) =>
    /^https?:\/\/$/i.test(before) && value.includes(':') ? `[${value}]` : encodeURIComponent(value),
  );
}

/** @throws NoAddress */
export const filledHost = (host: string, target: CheckTarget): string => filled(host, target, (value) => value);

/** Within a string of PromQL. Its escapes by code are valid in both kinds of quotes. @throws NoAddress */
export const filledQuery = (query: string, target: CheckTarget): string =>
  filled(query, target, (value) => value.replaceAll(/[\\"'`\p{Cc}]/gu, escapedByCode));

const escapedByCode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function filled(text: string, target: CheckTarget, escape: (value: string, before: string) => string): string {
  return text.replaceAll(KNOWN, (_, name: string | undefined, network: string | undefined, offset: number) => {
    const value = name === 'name' || name === 'id' ? target[name] : addressOf(target, network);
    return escape(value, text.slice(0, offset));
  });
}

function addressOf({ name, addresses }: CheckTarget, network: string | undefined): string {
  const networks = Object.keys(addresses);
  const [address] = network === undefined ? Object.values(addresses).flat() : (addresses[network] ?? []);
  if (address !== undefined) return address;
  if (network === undefined) throw new NoAddress(`server ${name} has no address`);
  const known = networks.length === 0 ? 'none' : networks.join(', ');
  throw new NoAddress(`server ${name} has no address in network ${network} (it has: ${known})`);
}
