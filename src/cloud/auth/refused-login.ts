import type { Trouble } from '../../resize/failure';

const MINUTE = 60_000;

/**
 * After each refusal, how long the same log-in is not sent again; after the last one it is not sent at all. Accounts
 * are locked after a few failures, Huawei's after five within 15 minutes, Keystone's after a number that counts for
 * ever (`lockout_failure_attempts`): four tries by themselves, hours apart, are for an account that was only locked or
 * a Keystone that had lost its directory.
 */
const PAUSES = [10 * MINUTE, 60 * MINUTE, 6 * 60 * MINUTE];

/** Remembers that a cloud refused a log-in, so that the same credentials are not sent to it again and again. */
export class RefusedLogin {
  readonly #cloud: string;
  readonly #free: number;
  #refusals = 0;
  #standing: { trouble: Trouble; until: number } | undefined;

  /** @param free how many refusals in a row go without a pause */
  constructor(cloud: string, free: number) {
    this.#cloud = cloud;
    this.#free = free;
  }

  /** The trouble for which a log-in is not to be sent now; undefined when it may be. */
  standing(now: number): Trouble | undefined {
    return this.#standing !== undefined && now < this.#standing.until ? this.#standing.trouble : undefined;
  }

  /** The log-in was refused. @returns the trouble, which says when it is sent again */
  refused(trouble: Trouble, now: number): Trouble {
    this.#refusals++;
    if (this.#refusals <= this.#free) return trouble;
    const pause = PAUSES[this.#refusals - this.#free - 1];
    const until = pause === undefined ? Infinity : now + pause;
    const again = pause === undefined ? 'not tried again' : `not tried again before ${iso(until)}`;
    const standing = {
      ...trouble,
      message: `The log-in to cloud ${this.#cloud} was refused at ${iso(now)} and is ${again}: ${trouble.message}`,
      advice:
        'Correct the credentials of this profile on the worker and restart it. If they are right (an account that was locked, a clock that was wrong), say retry. They are not sent again meanwhile, because a few failures lock an account.',
    };
    this.#standing = { trouble: standing, until };
    return standing;
  }

  /** The log-in worked, or somebody says that it may be tried. */
  forget(): void {
    this.#refusals = 0;
    this.#standing = undefined;
  }
}

const iso = (time: number) => new Date(time).toISOString().replace(/\.\d+/, '');
