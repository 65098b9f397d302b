/** Nova's name of a fault, by HTTP status. */
const names: Record<number, string> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** An answer of the compute API that is an error: `{"<name>": {"code": n, "message": "..."}}`. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  body(): Record<string, unknown> {
    const details = { code: this.code, message: this.message };
    return { [names[this.code] ?? 'computeFault']: this.code === 429 ? { ...details, retryAfter: '1' } : details };
  }
}

/** 500, in Nova's words. Also what the loser of a race gets, although the winner's request was carried out. */
export function unexpected(what: string): ApiFault {
  return new ApiFault(
    500,
    'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if ' +
      `possible.\n<class '${what}'>`,
  );
}

/** 403 for what only an administrator may do. */
export function forbidden(rule: string): ApiFault {
  return new ApiFault(403, `Policy doesn't allow ${rule} to be performed.`);
}
