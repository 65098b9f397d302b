/** Every way in which a call of this library can fail, and the exit code of the command line for each. One table. */
import { present } from '../resize/present';

/** What went wrong, by the name that scripts and callers tell it by, and what the command line exits with. */
export const RESIZE_ERRORS = {
  /** A field of the request is not valid: unknown, missing, or a bad duration. */
  InvalidRequest: 2,
  /** The command line itself is wrong: unknown command or option, missing argument. */
  Usage: 2,
  /** Known to the design, not built yet: refused, never ignored. */
  NotSupported: 2,
  /** A name that fits several servers or resizes; `details.servers` lists them. */
  AmbiguousName: 2,
  /** The vote is malformed. */
  InvalidDecision: 2,
  /** A resize of this server is running: `details` has its workflowId, runId and phase. */
  Conflict: 3,
  /** The vote names a run that is not a run of this resize. */
  WrongRun: 3,
  /** The cloud, or Temporal, does not accept the credentials. */
  NotAuthenticated: 4,
  NotAnApprover: 4,
  RequesterMayNotApprove: 4,
  /** No such server, or no resize of it. */
  NotFound: 6,
  /** It is decided or over; `details.status` says who won, when, and what became of the server. */
  TooLate: 7,
  /** The resize cannot work: unknown or equal flavor, busy, locked. Nothing was changed. */
  Refused: 12,
  /** Workers of the cloud are there, and have too much to do to take up the question; nothing was started. */
  Busy: 8,
  /** No worker polls the task queue of the cloud. */
  NoWorker: 1,
  /** A worker is there and knows no such cloud. */
  UnknownCloud: 1,
  CloudUnreachable: 1,
  /** Temporal cannot be reached, does not answer in time, or has no such namespace. */
  NoTemporal: 1,
  /** An update had no answer: a worker may still take it up. */
  NotAnswered: 1,
  /** The person at the terminal did not confirm: nothing was sent. */
  Declined: 1,
  /** Stopped by the caller while it waited; the resize goes on. */
  Interrupted: 130,
  /** Nothing that this program has a name for. */
  Unexpected: 1,
} as const satisfies Readonly<Record<string, number>>;

/** The name of a failure. */
export type ResizeErrorCode = keyof typeof RESIZE_ERRORS;

/** Is it one of the names in {@link RESIZE_ERRORS}? */
export function isResizeErrorCode(value: unknown): value is ResizeErrorCode {
  return typeof value === 'string' && Object.hasOwn(RESIZE_ERRORS, value);
}

/** The one error that this library throws. `message` is one sentence: what, where, what to do. */
export class ResizeError extends Error {
  override readonly name = 'ResizeError';

  /**
   * @param code which failure
   * @param message one sentence for a person
   * @param details what a program may want: ids, phases, candidates; plain JSON
   * @param options `cause`: the error below, for a debugger; it is not printed
   */
  constructor(
    readonly code: ResizeErrorCode,
    message: string,
    readonly details?: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** What the command line exits with. */
  get exitCode(): number {
    return RESIZE_ERRORS[this.code];
  }

  /** For `{ "error": ... }`. */
  toJSON(): { code: ResizeErrorCode; message: string; details?: Readonly<Record<string, unknown>> } {
    return present({ code: this.code, message: this.message, details: this.details });
  }
}
