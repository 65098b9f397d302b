/** One try to send one message to one target: bounded in time, straight to its address, signed anew. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios from 'axios';
import { connectionFault } from '../checks/connection-fault';
import { proxyFor } from '../cloud/http/proxy';
import { readRetryAfter } from '../cloud/http/reply';
import type { Message } from './message';
import type { Target } from './targets';

/** For all of it, ms: Standard Webhooks advises 15 to 30 s, and a try is repeated. */
const TIMEOUT = 15_000;

/** What became of a try. No word of the target or of its address is in it. */
export type Delivery = { is: 'sent' } | { is: 'refused'; why: string } | { is: 'failed'; why: string; after?: number };

/**
 * @param id of the notice: the same for each try
 * @throws when the signal is aborted
 */
export async function send(target: Target, id: string, message: Message, stop: AbortSignal): Promise<Delivery> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  const address = target.url.reveal();
  const now = new Date();
  const headers = {
    'User-Agent': 'durable-resize',
    'Content-Type': message.contentType,
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    ...(target.signer && { 'webhook-signature': target.signer.sign(id, now, message.body) }),
  };
  const [httpAgent, httpsAgent] = [new HttpAgent(), new HttpsAgent()];
  try {
    const response = await axios.post<Readable>(address, message.body, {
      httpAgent,
      httpsAgent,
      headers,
      responseType: 'stream',
      validateStatus: () => true,
      transformRequest: (body: string) => body,
      maxRedirects: 0,
      proxy: proxyFor(address)?.config ?? false,
      signal: AbortSignal.any([timeout, stop]),
    });
    // The status says all; what else it answers may repeat what was sent.
    response.data.destroy();
    const retryAfter: unknown = response.headers['retry-after'];
    return deliveryOf(response.status, typeof retryAfter === 'string' ? retryAfter : undefined);
  } catch (error) {
    stop.throwIfAborted();
    const why = connectionFault(error, timeout.aborted ? TIMEOUT : undefined).reason;
    return { is: 'failed', why: why ?? 'the connection broke' };
  }
}

/** Standard Webhooks 1.0, "Deliverability and reliability": what is not 2xx has failed, 410 for good. */
function deliveryOf(status: number, retryAfter: string | undefined): Delivery {
  if (status >= 200 && status < 300) return { is: 'sent' };
  const why = `status ${status}`;
  if (status === 408 || status === 429 || status >= 500) {
    const after = readRetryAfter(retryAfter, Date.now());
    return { is: 'failed', why, ...(after !== undefined && { after }) };
  }
  return { is: 'refused', why: status < 400 ? `${why}: redirects are not followed` : why };
}
