import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';

import { isSettings, type Settings } from './layers';
import { ProfileError } from './profile-error';

/** The files that profiles are read from. */
export interface ConfigFiles {
  main: string;
  secure?: string;
}

/** Finds clouds.yaml and its secure.yaml; undefined when there is none. @throws ProfileError for a named one */
export function findConfigFiles(env: NodeJS.ProcessEnv, cwd: string): ConfigFiles | undefined {
  const main = named('OS_CLIENT_CONFIG_FILE', env, cwd) ?? found('clouds', foldersOf(env, cwd));
  if (main === undefined) return undefined;
  const secure = named('OS_CLIENT_SECURE_FILE', env, cwd) ?? found('secure', [dirname(main), ...foldersOf(env, cwd)]);
  return secure === undefined ? { main } : { main, secure };
}

/** The vendors in the clouds-public.yaml that is nearest; undefined when there is none. @throws ProfileError */
export function readVendors(
  env: NodeJS.ProcessEnv,
  cwd: string,
  main: string | undefined,
): { file: string; vendors: Settings } | undefined {
  const beside = main === undefined ? [] : [dirname(main)];
  const file = found('clouds-public', [...beside, ...foldersOf(env, cwd)]);
  return file === undefined ? undefined : { file, vendors: readMapping(file, 'public-clouds') };
}

/** The mapping under the one top key of such a file. @throws ProfileError when it is not there, or no YAML */
export function readMapping(file: string, top: string): Settings {
  const content = parsed(file);
  if (content === null || content === undefined) return {};
  const mapping = isSettings(content) ? content[top] : undefined;
  if (mapping === null) return {};
  if (isSettings(mapping)) return mapping;
  throw new ProfileError(`${basename(file)} (${file}) has no mapping "${top}:" at its top; put the profiles under it.`);
}

/** openstacksdk's order. */
function foldersOf(env: NodeJS.ProcessEnv, cwd: string): string[] {
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  return [cwd, join(config, 'openstack'), '/etc/openstack'];
}

function named(variable: string, env: NodeJS.ProcessEnv, cwd: string): string | undefined {
  const value = env[variable];
  if (value === undefined || value === '') return undefined;
  const file = resolve(cwd, value);
  if (existsSync(file)) return file;
  throw new ProfileError(`${variable} names the file ${file}, which is not there; correct or unset it.`);
}

function found(name: string, folders: readonly string[]): string | undefined {
  const files = folders.flatMap((folder) => ['yaml', 'yml', 'json'].map((suffix) => join(folder, `${name}.${suffix}`)));
  return files.find((file) => existsSync(file));
}

function parsed(file: string): unknown {
  const lines = new LineCounter();
  // Merge keys (`<<`) belong to YAML 1.1, which openstacksdk reads.
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false, merge: true });
  const [error] = document.errors;
  if (error !== undefined) {
    // Only the place: the parser's message quotes the line, which may hold a password.
    const { line, col } = lines.linePos(error.pos[0]);
    // PyYAML takes the last one without a word, and two regions or projects are not the same.
    const twice = error.code === 'DUPLICATE_KEY' ? ': a key is there for the second time in one mapping' : '';
    throw new ProfileError(`${file} is not valid YAML at line ${line}, column ${col}${twice}; correct it there.`);
  }
  const foreign = document.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  if (foreign !== undefined) {
    const { line } = lines.linePos(foreign.pos[0]);
    throw new ProfileError(
      `${file} has a value with a tag (!) at line ${line} that only another program can read, as of a vault; write the value itself.`,
    );
  }
  lastMergeFirst(document);
  textAsInYaml11(document);
  try {
    return document.toJS();
  } catch {
    throw new ProfileError(
      `${file} is not valid YAML: an alias (*) has no anchor (&) above it, or "<<" merges what is no mapping; correct it.`,
    );
  }
}

/** Of several `<<` in one mapping the last one counts for PyYAML, and the first one for our parser. */
function lastMergeFirst(document: Document): void {
  visit(document, {
    Map: (_, { items }) => {
      const merges = items.filter(({ key }) => isScalar(key) && typeof key.value === 'symbol');
      if (merges.length < 2) return;
      items.splice(0, items.length, ...merges.reverse(), ...items.filter((item) => !merges.includes(item)));
    },
  });
}

/** `80000e12`, a project id for example, is text in YAML 1.1 and a number in YAML 1.2; so are `0o17` and `0789`. */
function textAsInYaml11(document: Document): void {
  visit(document, {
    Scalar: (_, node) => {
      const { source = '' } = node;
      if (typeof node.value === 'number' && /^([-+]?\d+e[-+]?\d+|0o\d+|0\d*[89]\d*)$/i.test(source))
        node.value = source;
    },
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ProfileError(`${file} cannot be read; check its permissions.`);
  }
}
