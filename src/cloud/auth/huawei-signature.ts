import { createHash, createHmac } from 'node:crypto';

/**
 * Huawei Cloud's request signature, `SDK-HMAC-SHA256` (vendor's "API Request Signing Guide"). Ours is small; a test
 * holds it against the signer of the vendor's own SDK, which brings 45 packages and a logger for it.
 */

const ALGORITHM = 'SDK-HMAC-SHA256';

/** What is signed of a request. */
export interface Signed {
  method: string;
  url: string;
  /** Of the request besides Host and X-Sdk-Date; all of them are signed. */
  headers: Readonly<Record<string, string>>;
  /** As it is sent; empty for none. */
  body: string;
}

/**
 * The headers that sign a request: Host, X-Sdk-Date, what was given, and Authorization.
 * @param now epoch ms; the cloud refuses what is more than 15 minutes off
 */
export function sign(
  { method, url, headers, body }: Signed,
  accessKey: string,
  secretKey: string,
  now: number,
): Record<string, string> {
  const { host, pathname, searchParams } = new URL(url);
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const all: Record<string, string> = { ...headers, Host: host, 'X-Sdk-Date': date };
  const names = Object.keys(all).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const signedNames = names.map((name) => name.toLowerCase()).join(';');
  const canonical = [
    method,
    canonicalPath(pathname),
    canonicalQuery(searchParams),
    ...names.map((name) => `${name.toLowerCase()}:${(all[name] ?? '').trim()}`),
    '',
    signedNames,
    sha256(body),
  ].join('\n');
  const signature = createHmac('sha256', secretKey)
    .update([ALGORITHM, date, sha256(canonical)].join('\n'))
    .digest('hex');
  return {
    ...all,
    Authorization: `${ALGORITHM} Access=${accessKey}, SignedHeaders=${signedNames}, Signature=${signature}`,
  };
}

/** Each segment escaped, and always a slash at the end, whatever the request has. */
function canonicalPath(pathname: string): string {
  const path = pathname
    .split('/')
    .map((segment) => escape(decodeURIComponent(segment)))
    .join('/');
  return path.endsWith('/') ? path : `${path}/`;
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([key, value]) => [escape(key), escape(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([key, value]) => `${key}=${value}`)
    .join('&');
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 3986, unlike encodeURIComponent, leaves only letters, digits and -_.~ as they are. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
