/** The checks of a server's health, as a worker makes them: over the network, and within the bounds of its settings. */
import type { Try } from '../resize/check-verdict';
import type { Check } from '../resize/checks';
import { filledHost, filledUrl, NoAddress, type CheckTarget } from '../resize/placeholders';
import { HostHeaders } from './host-headers';
import { probeHttp } from './http';
import { HttpClient } from './http-client';
import { Networks, NotAllowed } from './networks';
import type { Asked, Surroundings } from './probe';
import { probePrometheus } from './prometheus';
import { probeTcp } from './tcp';
import { probeWebhook } from './webhook';

export { hostHeadersIn, HostHeaders } from './host-headers';
export { isNetwork, Networks } from './networks';
export type { Asked } from './probe';

/** Makes the tries of checks. */
export class Checker {
  readonly #surroundings: Surroundings;

  /** @param access what the worker's settings allow, and what they add */
  constructor({
    networks = new Networks(),
    headers = new HostHeaders(),
  }: { networks?: Networks; headers?: HostHeaders } = {}) {
    this.#surroundings = { networks, headers, http: new HttpClient(networks, headers) };
  }

  /** One try. It throws only when the signal is aborted, whatever the checked host does. */
  async try(check: Check, asked: Asked): Promise<Try> {
    try {
      return await this.#probe(check, asked);
    } catch (error) {
      if (error instanceof NoAddress) return { verdict: 'inconclusive', reason: error.message };
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_INVALID_URL') {
        return { verdict: 'inconclusive', reason: 'its URL is none for this server' };
      }
      throw error;
    }
  }

  /** Why a check of this server cannot be made, as far as that is seen without the network; undefined when it can. */
  refusalOf(check: Check, target: CheckTarget): string | undefined {
    try {
      this.#surroundings.networks.refuseLiteral(hostOf(check, target));
      return undefined;
    } catch (error) {
      if (error instanceof NoAddress || error instanceof NotAllowed) return error.message;
      return 'its URL is none for this server';
    }
  }

  #probe({ http, tcp, prometheus, webhook }: Check, asked: Asked): Promise<Try> {
    if (http !== undefined) return probeHttp(http, asked, this.#surroundings);
    if (tcp !== undefined) return probeTcp(tcp, asked, this.#surroundings);
    if (prometheus !== undefined) return probePrometheus(prometheus, asked, this.#surroundings);
    if (webhook !== undefined) return probeWebhook(webhook, asked, this.#surroundings);
    return Promise.resolve({ verdict: 'inconclusive', reason: 'this worker does not know its kind' });
  }
}

function hostOf({ http, tcp, prometheus, webhook }: Check, target: CheckTarget): string {
  if (tcp !== undefined) return filledHost(tcp.host, target);
  return new URL(filledUrl((http ?? prometheus ?? webhook)?.url ?? '', target)).hostname;
}
