import type { Try } from '../resize/check-verdict';
import type { ResizeStatus } from '../resize/outcome';
import type { CheckTarget } from '../resize/placeholders';
import type { HostHeaders } from './host-headers';
import type { HttpClient } from './http-client';
import type { Networks } from './networks';

/** What a try works with. */
export interface Surroundings {
  networks: Networks;
  headers: HostHeaders;
  http: HttpClient;
}

/** One try of a check. */
export interface Asked {
  target: CheckTarget;
  /** ms. */
  timeout: number;
  /** Between two tries, ms. */
  interval: number;
  /** Epoch ms, by this worker's clock: what was measured before does not count. Absent: everything does. */
  since?: number;
  /** What a webhook is sent. */
  status?: ResizeStatus;
  /** The worker shuts down. */
  signal: AbortSignal;
}

/** Makes one try. It throws only when the signal is aborted. */
export type Probe<Options> = (options: Options, asked: Asked, surroundings: Surroundings) => Promise<Try>;
