/** The project's own failures: what was tried, what the cloud answered, and what an operator can do. */

/** What kind of trouble it is. Each kind has one meaning for a run; the cloud's words are kept beside it. */
export type TroubleKind =
  /** 401: wrong or revoked credentials, after one renewal of the token. */
  | 'not-authenticated'
  /** 403 by policy. */
  | 'forbidden'
  /** 403 "Quota exceeded". */
  | 'quota'
  /** 404: the server, as this project sees it. */
  | 'not-found'
  /** 400 "Flavor X could not be found". */
  | 'flavor-not-found'
  /** 400 "must change flavor". */
  | 'same-flavor'
  /** 400 with another text: the request cannot work. */
  | 'bad-request'
  /** 400 "Instance has not been resized": also a second confirm or revert right after the first was accepted (measured). */
  | 'not-resized'
  /** 400 "No valid host was found" (old clouds answer it at once). */
  | 'no-capacity'
  /** 409 "Cannot 'x' instance while it is in ...". */
  | 'conflict'
  /** Ecs.0100: some clouds resize stopped servers only. */
  | 'wrong-state'
  /** 409 "Instance is locked". */
  | 'locked'
  /** 409 "Service is unavailable at this time": a compute host is down. */
  | 'host-unavailable'
  /** 413, 429, 503 with a flow-control code: not carried out, ask again later. */
  | 'rate-limited'
  /** 500, 502, 503, 504: the request may have been carried out (measured). */
  | 'server-error'
  /** No answer: reset, time-out, DNS, TLS. */
  | 'no-answer'
  /** An answer that is not the API's: HTML, cut, wrong content type, a redirect, too large. */
  | 'garbage'
  /** Not sent: less than one HTTP time-out was left of the time the activity has. */
  | 'no-time'
  /** No worker took the work up in its time: nothing was tried. */
  | 'no-worker'
  /** Profile, catalog or microversion: the worker's own set-up. */
  | 'configuration';

/** One trouble, as plain data. It never holds a token, a password, a header or a request body. */
export interface Trouble {
  kind: TroubleKind;
  /** What was tried, for example "resize server 4f..." or "read server 4f...". */
  tried: string;
  /** One sentence that a person understands, with the cloud's own words. */
  message: string;
  /** HTTP status, when there was an answer. */
  status?: number;
  /** The provider's own code, for example Ecs.0100. */
  code?: string;
  /** The cloud's request id, to quote to its administrator. */
  requestId?: string;
  /** Milliseconds the cloud asked to wait. */
  retryAfter?: number;
  /** What the operator can do. */
  advice?: string;
}

/**
 * May a POST that was sent and ended in this trouble have been carried out by the cloud?
 * Only a clear answer of the API itself says no; whatever came from, or got lost in, the path between says nothing
 * (measured: a gateway's 503 and a 500 after a race both came with the effect done).
 */
export function mayHaveBeenCarriedOut(trouble: Trouble): boolean {
  return trouble.kind === 'server-error' || trouble.kind === 'no-answer' || trouble.kind === 'garbage';
}
