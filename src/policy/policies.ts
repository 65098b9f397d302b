/** The policies of a worker: one folder, read once, at its start. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Refusal } from '../resize/precondition';
import { FileFault } from '../yaml/yaml-file';
import { readPolicyFile, type PolicyFile } from './policy-file';

/** What may be the name of a policy. */
const NAME = /^[\w.-]{1,64}$/;

export class Policies {
  readonly #known: ReadonlyMap<string, PolicyFile>;

  private constructor(known: readonly PolicyFile[]) {
    this.#known = new Map(known.map((policy) => [policy.name, policy]));
  }

  /** @returns those of a worker that has no folder of them */
  static none(): Policies {
    return new Policies([]);
  }

  /**
   * Reads all policies of a folder. One that cannot be judged is told, not left out: a worker without it would be weaker.
   * @throws FileFault for the first thing that is wrong
   */
  static in(folder: string): Policies {
    if (!existsSync(folder)) throw new FileFault(`${folder}: is not there`);
    let files: string[];
    try {
      files = readdirSync(folder).filter((name) => !name.startsWith('.'));
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no reason';
      throw new FileFault(`${folder}: cannot be read (${code})`);
    }
    const wrong = files.find((name) => /\.(yml|json)$/i.test(name));
    if (wrong !== undefined) throw new FileFault(`${join(folder, wrong)}: name it ${wrong.replace(/\.\w+$/, '')}.yaml`);
    const names = files.filter((name) => name.endsWith('.yaml')).sort();
    const unfit = names.find((name) => !NAME.test(name.slice(0, -'.yaml'.length)));
    if (unfit !== undefined) {
      throw new FileFault(
        `${join(folder, unfit)}: a policy has a name of at most 64 letters, digits, ".", "-" and "_"`,
      );
    }
    return new Policies(names.map((name) => readPolicyFile(join(folder, name))));
  }

  names(): string[] {
    return [...this.#known.keys()];
  }

  /**
   * The policy that a resize is under.
   * @param compulsory the name that the profile of the cloud has
   * @param asked the name that the request has
   */
  for(compulsory: string | undefined, asked: string | undefined): PolicyFile | Refusal | undefined {
    if (compulsory !== undefined && asked !== undefined && asked !== compulsory) {
      return refusal(
        `policy ${asked}: resizes on this cloud are under policy ${compulsory}, and under no other`,
        `Ask for policy ${compulsory}, or leave it out.`,
      );
    }
    const name = compulsory ?? asked;
    if (name === undefined) return undefined;
    return (
      this.#known.get(name) ??
      refusal(this.whyUnknown(name), 'See which policies the worker has: DURABLE_RESIZE_POLICIES.')
    );
  }

  /** @returns one clause, for a name that is none of them */
  whyUnknown(name: string): string {
    const known = this.names();
    return `policy ${name}: this worker has no such policy; ${known.length === 0 ? 'it has none' : `there are: ${known.join(', ')}`}`;
  }
}

export const isPolicy = (found: PolicyFile | Refusal): found is PolicyFile => 'digest' in found;

const refusal = (message: string, you: string): Refusal => ({ message, advice: { you } });
