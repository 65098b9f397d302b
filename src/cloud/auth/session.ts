import { CloudFailure } from '../http/cloud-failure';
import { findEndpoint, isDue, postponed, type Endpoint } from '../compute/endpoint';
import { authenticate, type Token } from './keystone';
import type { Profile } from '../profile/profile';
import { troubleOf, type Reply } from '../http/reply';
import type { OneRequest, Transport } from '../http/transport';

/** A request to the compute API, before the endpoint and the token are known. */
export type ComputeRequest = Pick<OneRequest, 'tried' | 'method' | 'body'> & {
  /** Below the endpoint, with the slash: "/servers/4f...". */
  path: string;
  headers?: (endpoint: Endpoint) => Record<string, string>;
};

/** One login, shared by all requests of a cloud; whoever comes while it is being renewed waits for the same answer. */
export class Session {
  readonly #profile: Profile;
  readonly #transport: Transport;
  #token: Token | undefined;
  #renewing: Promise<Token> | undefined;
  #endpoint: Promise<Endpoint> | undefined;

  constructor(profile: Profile, transport: Transport) {
    this.#profile = profile;
    this.#transport = transport;
  }

  /** A token with some life left. */
  async token(): Promise<Token> {
    if (this.#token !== undefined && Date.now() < this.#token.renewAt) return this.#token;
    return this.#renew();
  }

  /** Where the compute API is; found once, kept while it works. */
  async endpoint(): Promise<Endpoint> {
    const finding = (this.#endpoint ??= this.#find());
    try {
      const found = await finding;
      if (!isDue(found)) return found;
      // It works without: a failure to learn the version must not stop what is to be done.
      if (this.#endpoint === finding) this.#endpoint = this.#find().catch(() => postponed(found));
    } catch (error) {
      if (this.#endpoint === finding) this.#endpoint = undefined;
      throw error;
    }
    return this.endpoint();
  }

  /**
   * Sends a request to the compute API and gives its answer back, whatever the status. An answer that the token is not
   * valid gets a new token, if there can be one, and one more try: such a request was not carried out.
   * @param moments.beforeSending called directly before each try, once token and endpoint are there; may throw to stop it
   * @param moments.onUnauthenticated called when a try was answered that the token is not valid
   */
  async send(
    request: ComputeRequest,
    moments: { beforeSending?: () => void; onUnauthenticated?: () => void } = {},
  ): Promise<Reply> {
    const endpoint = await this.endpoint();
    const token = await this.token();
    const attempt = ({ authorize }: Token) => {
      moments.beforeSending?.();
      const { method } = request;
      const url = `${endpoint.url}${request.path}`;
      const headers = request.headers?.(endpoint) ?? {};
      const body = request.body === undefined ? '' : JSON.stringify(request.body);
      return this.#transport.send({
        tried: request.tried,
        method,
        url,
        headers: { ...headers, ...authorize({ method, url, headers, body }) },
        ...(request.body === undefined ? {} : { body: request.body }),
        changes: method === 'POST',
      });
    };
    let reply = await attempt(token);
    if (isUnauthenticated(reply)) {
      moments.onUnauthenticated?.();
      if (!token.renewable) return reply;
      const renewed = this.#token === token || this.#token === undefined ? await this.#renew() : this.#token;
      reply = await attempt(renewed);
      if (isUnauthenticated(reply)) {
        moments.onUnauthenticated?.();
        // Whoever comes next begins with a login, where a revoked credential shows.
        if (this.#token === renewed) this.#token = undefined;
      }
    }
    // The version was taken away, by a downgrade for example: look anew next time.
    if (reply.status === 406) this.#endpoint = undefined;
    return reply;
  }

  async #find(): Promise<Endpoint> {
    const token = await this.token();
    try {
      return await findEndpoint(this.#transport, this.#profile, token);
    } catch (error) {
      const refused = error instanceof CloudFailure && error.trouble.kind === 'not-authenticated';
      if (refused && this.#token === token) this.#token = undefined;
      throw error;
    }
  }

  #renew(): Promise<Token> {
    this.#renewing ??= authenticate(this.#transport, this.#profile)
      .then((token) => (this.#token = token))
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }
}

/** By status, or by a provider's code under another status (Common.0013). */
function isUnauthenticated(reply: Reply): boolean {
  return reply.status === 401 || (reply.status >= 400 && troubleOf(reply).kind === 'not-authenticated');
}
