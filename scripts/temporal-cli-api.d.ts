/**
 * What `scripts/temporal-cli.js` exports. It is a file of its own so that code under `src`, which is compiled without
 * looking into JavaScript, has the types too:
 *
 *     import type { TemporalCli } from '../../scripts/temporal-cli-api.js';
 *     const { startTemporal } = require('../../scripts/temporal-cli.js') as TemporalCli;
 */

export interface FindOptions {
  /** Variables and PATH to look at; default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Where programs that were fetched are kept; default: `.cache/temporal`. */
  cache?: string;
  /** Told what is going on when that takes time; default: nobody. */
  say?: (text: string) => void;
}

export interface StartOptions {
  /** gRPC port; default: a free one. */
  port?: number;
  /** With the web UI? Default: no. */
  ui?: boolean;
  /** Port of the web UI; default: a free one. */
  uiPort?: number;
  /** Keeps everything in this file across restarts; default: in memory. */
  dbFile?: string;
  /** Address to listen on; default: 127.0.0.1. */
  ip?: string;
  /** Register the project's search attributes? Default: yes. */
  searchAttributes?: boolean;
  /** Dynamic configuration of the server, values in JSON: `{ 'frontend.WorkflowTimeSkippingEnabled': 'true' }`. */
  dynamicConfig?: Record<string, string>;
  /** More arguments for `temporal server start-dev`. */
  extraArgs?: string[];
  /** Keep the server's own log to ourselves (its end is part of the error if it fails)? Default: yes. */
  quiet?: boolean;
  /** The program; default: what `findTemporal` finds. */
  executable?: string;
  /** How long the server may take to answer, in ms; default: 30,000. */
  readyWithin?: number;
}

export interface TemporalServer {
  /** For `Connection.connect({ address })` and TEMPORAL_ADDRESS. */
  address: string;
  port: number;
  namespace: 'default';
  /** Only with `ui: true`. */
  uiAddress?: string;
  /** Of the Temporal server itself, for SIGSTOP and the like. */
  pid: number;
  /** Resolves when the server is gone, however that came. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** What the server wrote last. */
  log: () => string;
  /** Ends it in order. May be called again. */
  stop: () => Promise<void>;
  /** kill -9. With a `dbFile`, a `startTemporal` with the same file and port goes on from there. */
  kill: () => Promise<void>;
}

export interface TemporalCli {
  /** Name to type, as `temporal server start-dev --search-attribute` takes them. */
  searchAttributes: Readonly<Record<string, 'Keyword' | 'Datetime'>>;
  /** Path of a Temporal CLI that runs here. Fetches one if need be; rejects with everything that was tried. */
  findTemporal: (options?: FindOptions) => Promise<string>;
  /**
   * A Temporal development server that answers. It ends with the process that started it, even if that is killed.
   */
  startTemporal: (options?: StartOptions) => Promise<TemporalServer>;
}
