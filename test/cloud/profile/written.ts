import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { loadProfiles, ProfileError, type Profile, type Profiles } from '../../../src/cloud';
import type { Secret } from '../../../src/cloud/auth/secret';

export const LAB = `
clouds:
  lab:
    auth:
      auth_url: http://keystone:5000/v3
      username: demo
      password: geheim-1
      project_name: lab
`;

export const AUTH = `auth:
  auth_url: http://keystone:5000/v3
  username: demo
  password: geheim-1
  project_name: lab
`;

/** Files in a folder of their own, which is the current one and the home of the user. */
export class Written {
  readonly folder = mkdtempSync(join(tmpdir(), 'durable-resize-profiles-'));

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  write(file: string, text: string): string {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  load(env: NodeJS.ProcessEnv = {}): Profiles {
    return loadProfiles({ HOME: this.folder, ...env }, this.folder);
  }

  /** Opens a profile that is written with these lines under its name. */
  profile(lines: string): Profile {
    this.write('clouds.yaml', `clouds:\n  lab:\n${lines.replace(/^/gm, '    ')}\n`);
    return this.load().open('lab');
  }

  /** How a message about the profile begins. */
  get place(): string {
    return `Profile lab in ${join(this.folder, 'clouds.yaml')}: `;
  }
}

/** The sentence with which a profile is refused. */
export function message(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof ProfileError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

export const reveal = (value: unknown): unknown => (value as Secret).reveal();
