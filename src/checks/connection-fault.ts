import type { Try } from '../resize/check-verdict';
import { NotAllowed } from './networks';

/** Node has several codes for it, by the place of the certificate in its chain. */
const UNTRUSTED: Try = { verdict: 'fail', reason: 'its certificate comes from an authority that is not trusted' };

/** What a failure to connect says about the server, by its code. */
const FAULTS: Readonly<Record<string, Try>> = {
  ECONNREFUSED: { verdict: 'fail', reason: 'the connection was refused' },
  ECONNRESET: { verdict: 'fail', reason: 'the connection was closed' },
  EPIPE: { verdict: 'fail', reason: 'the connection was closed' },
  ETIMEDOUT: { verdict: 'fail', reason: 'the connection timed out' },
  EHOSTUNREACH: { verdict: 'fail', reason: 'there is no route to the host' },
  EHOSTDOWN: { verdict: 'fail', reason: 'the host is down' },
  CERT_HAS_EXPIRED: { verdict: 'fail', reason: 'its certificate has expired' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { verdict: 'fail', reason: 'its certificate is self-signed and not trusted' },
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: { verdict: 'fail', reason: 'its certificate is for another host name' },
  // These say something about the network of the worker, and nothing about the server.
  ENETUNREACH: { verdict: 'inconclusive', reason: 'the worker has no route to its network' },
  EADDRNOTAVAIL: { verdict: 'inconclusive', reason: 'the worker has no address to connect from' },
  EMFILE: { verdict: 'inconclusive', reason: 'the worker has too many files open' },
  ENOTFOUND: { verdict: 'inconclusive', reason: 'its host name is not known' },
  EAI_AGAIN: { verdict: 'inconclusive', reason: 'its host name could not be looked up' },
};

/**
 * What a failed connection says. No words of the failure are kept: they may quote what was sent.
 * @param timedOut after how many ms the try was given up
 */
export function connectionFault(error: unknown, timedOut: number | undefined): Try {
  if (timedOut !== undefined) return { verdict: 'fail', reason: `no answer within ${timedOut / 1000} s` };
  const cause = causeOf(error);
  if (cause instanceof NotAllowed) return { verdict: 'inconclusive', reason: cause.message };
  const code = codeOf(cause);
  return (
    FAULTS[code] ?? { verdict: 'fail', reason: code === '' ? 'the connection broke' : `the connection broke (${code})` }
  );
}

/** Of several addresses that were tried, the first one; below an error of the HTTP client, its cause. */
function causeOf(error: unknown): unknown {
  const { errors, cause } = fieldsOf(error);
  const below: unknown = Array.isArray(errors) ? errors[0] : cause;
  return below === undefined ? error : causeOf(below);
}

function codeOf(error: unknown): string {
  const { code } = fieldsOf(error);
  return typeof code === 'string' ? code : '';
}

/** Errors of Node itself and of libraries differ in class. */
const fieldsOf = (error: unknown): { errors?: unknown; cause?: unknown; code?: unknown } =>
  typeof error === 'object' && error !== null ? error : {};
