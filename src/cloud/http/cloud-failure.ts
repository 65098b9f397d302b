import type { Trouble } from '../../resize/failure';

/**
 * The only error that src/cloud throws for a failed request or an answer that is no success.
 *
 * It holds what was tried, the cloud's message and codes, its request id, and what an operator can do. It holds no
 * token, password, header or request body, and has no `cause`: the HTTP library's error holds all of these.
 */
export class CloudFailure extends Error {
  readonly trouble: Trouble;

  /**
   * False when the request that was asked for surely did not reach the cloud's API: authentication or discovery
   * failed before it, the connection was refused, or there was no time left to send it. Then nothing was carried out,
   * whatever `trouble.kind` says.
   */
  readonly sent: boolean;

  constructor(trouble: Trouble, sent = true) {
    super(trouble.message);
    this.name = 'CloudFailure';
    this.trouble = trouble;
    this.sent = sent;
  }
}
