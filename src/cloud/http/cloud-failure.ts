import type { Trouble } from '../../resize/failure';

/**
 * The one error that leaves this folder for anything that went wrong on the way to a cloud or came back from it.
 *
 * On it: what was tried, the cloud's own words and codes, its request id, and what an operator can do.
 * Not on it: tokens, passwords, headers, request bodies, and the HTTP library's error (which holds all of these);
 * it has no `cause` for that reason.
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
