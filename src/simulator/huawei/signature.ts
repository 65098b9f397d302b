import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { demoKeys } from '../identity/users';

/** Signatures more than this off are refused, as the vendor's gateway does; ms. */
const CLOCK_SKEW = 15 * 60_000;

/**
 * Does this request carry a valid SDK-HMAC-SHA256 signature of demo's access keys? The signature is computed from what
 * arrived. Written from the vendor's signing guide, independent of the client's signer.
 * @param header by lower-case name
 */
export function isSigned(
  request: { method: string; path: string; query: string; body: string },
  header: (name: string) => string | undefined,
  now = Date.now(),
): boolean {
  const parts = /^SDK-HMAC-SHA256 Access=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    header('authorization') ?? '',
  );
  if (parts === null) return false;
  const [, accessKey, signedHeaders = '', signature = ''] = parts;
  const date = header('x-sdk-date') ?? '';
  const time = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (accessKey !== demoKeys.accessKey || !(Math.abs(now - time) <= CLOCK_SKEW)) return false;
  const names = signedHeaders.split(';');
  if (!names.includes('host') || !names.includes('x-sdk-date')) return false;
  const lines = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${header(name) ?? ''}`),
    '',
    signedHeaders,
    createHash('sha256').update(request.body).digest('hex'),
  ];
  const canonical = createHash('sha256').update(lines.join('\n')).digest('hex');
  const expected = createHmac('sha256', demoKeys.secretKey)
    .update(['SDK-HMAC-SHA256', date, canonical].join('\n'))
    .digest('hex');
  return timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
}

/** However it was escaped on the way: a client may leave ( and ) as they are, the guide escapes them. */
function canonicalPath(path: string): string {
  const canonical = path.split('/').map((part) => percentEncoded(decodeURIComponent(part)));
  return `${canonical.join('/').replace(/\/$/, '')}/`;
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map((pair) => pair.map(percentEncoded));
  pairs.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return pairs.map((pair) => pair.join('=')).join('&');
}

/** Every byte but letters, digits and -_.~ */
function percentEncoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      return /[\w.~-]/.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
