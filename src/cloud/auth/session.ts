import { CloudFailure } from '../http/cloud-failure';
import { findEndpoint, isDue, postponed, type Endpoint } from '../compute/endpoint';
import { authenticate, type Token } from './keystone';
import { RefusedLogin } from './refused-login';
import type { Profile } from '../profile/profile';
import { present } from '../../resize/present';
import type { Trouble } from '../../resize/failure';
import { troubleOf, type Reply } from '../http/reply';
import type { OneRequest, Transport } from '../http/transport';

/** A request to the compute API, before the endpoint and the token are known. */
export type ComputeRequest = Pick<OneRequest, 'tried' | 'method' | 'body'> & {
  /** Below the endpoint, with the slash: "/servers/4f...". */
  path: string;
  headers?: (endpoint: Endpoint) => Record<string, string>;
};

/** So many refused signatures in a row are sent before a pause. */
const FREE_SIGNATURES = 2;

/** Headers of this length are refused by many a server (Apache's LimitRequestFieldSize: 8190 bytes). */
const LONG_TOKEN = 8_000;

/** One login, shared by all requests of a cloud; whoever comes while it is being renewed waits for the same answer. */
export class Session {
  readonly #profile: Profile;
  readonly #transport: Transport;
  readonly #refusedLogin: RefusedLogin;
  #token: Token | undefined;
  #renewing: Promise<Token> | undefined;
  #endpoint: Promise<Endpoint> | undefined;

  constructor(profile: Profile, transport: Transport) {
    this.#profile = profile;
    this.#transport = transport;
    // A signature is refused for a clock that is wrong, too; five in a row lock the key.
    this.#refusedLogin = new RefusedLogin(profile.name, profile.login.method === 'aksk' ? FREE_SIGNATURES : 0);
  }

  /** Lets a log-in that was refused be tried again: somebody says that it works now. */
  forgetRefusedLogin(): void {
    this.#refusedLogin.forget();
  }

  /** A token with some life left. */
  async token(): Promise<Token> {
    this.#checkRefused();
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
        ...present({ body: request.body }),
        changes: method === 'POST',
      });
    };
    let reply = await attempt(token);
    if (isUnauthenticated(reply)) {
      moments.onUnauthenticated?.();
      if (!token.renewable) throw this.#noteRefusal(troubleOf(reply));
      const renewed = this.#token === token || this.#token === undefined ? await this.#renew() : this.#token;
      reply = await attempt(renewed);
      if (isUnauthenticated(reply)) {
        moments.onUnauthenticated?.();
        // Whoever comes next begins with a login, where a revoked credential shows.
        if (this.#token === renewed) this.#token = undefined;
      }
    }
    if (!token.renewable) this.#refusedLogin.forget();
    this.#checkLength(reply, token);
    // The version was taken away, by a downgrade for example: look anew next time.
    if (reply.status === 406) this.#endpoint = undefined;
    return reply;
  }

  async #find(): Promise<Endpoint> {
    const token = await this.token();
    try {
      return await findEndpoint(this.#transport, this.#profile, token);
    } catch (error) {
      if (!isOf(error, 'not-authenticated')) throw error;
      if (!token.renewable) throw this.#noteRefusal(error.trouble);
      if (this.#token === token) this.#token = undefined;
      throw error;
    }
  }

  #renew(): Promise<Token> {
    this.#checkRefused();
    this.#renewing ??= this.#logIn().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #logIn(): Promise<Token> {
    try {
      this.#token = await authenticate(this.#transport, this.#profile);
    } catch (error) {
      this.#token = undefined;
      // Both have to do with the credentials: sent again, they are refused again.
      if (isOf(error, 'not-authenticated', 'forbidden')) throw this.#noteRefusal(error.trouble);
      throw error;
    }
    if (this.#token.renewable) this.#refusedLogin.forget();
    return this.#token;
  }

  #noteRefusal(trouble: Trouble): CloudFailure {
    return this.#transport.failure(this.#refusedLogin.refused(trouble, Date.now()), false);
  }

  /** @throws CloudFailure for a log-in that was refused and is not to be sent again */
  #checkRefused(): void {
    const standing = this.#refusedLogin.standing(Date.now());
    if (standing !== undefined) throw this.#transport.failure(standing, false);
  }

  /** @throws CloudFailure configuration, when a server refuses a token for its length: no page of an error says that */
  #checkLength({ status, text, tried }: Reply, { length }: Token): void {
    const tooLong = status === 431 || (status === 400 && /header (field|or cookie)/i.test(text));
    if (!tooLong || length < LONG_TOKEN) return;
    const message = `The compute API takes no header as long as X-Auth-Token: the token has ${length} characters (HTTP ${status} to "${tried}").`;
    const advice = 'Have Keystone issue shorter tokens (Fernet), or raise the limit of headers at the compute API.';
    throw this.#transport.failure({ kind: 'configuration', tried, status, message, advice }, false);
  }
}

function isOf(error: unknown, ...kinds: Trouble['kind'][]): error is CloudFailure {
  return error instanceof CloudFailure && kinds.includes(error.trouble.kind);
}

/** By status, or by a provider's code under another status (Common.0013). */
function isUnauthenticated(reply: Reply): boolean {
  return reply.status === 401 || (reply.status >= 400 && troubleOf(reply).kind === 'not-authenticated');
}
