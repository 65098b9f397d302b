/** Who is told of what: the file that `DURABLE_RESIZE_NOTIFY` names. Its addresses are secrets, too: whoever has one can write there. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import * as v from 'valibot';
import { Secret } from '../cloud';
import { duration } from '../resize/duration';
import { InvalidRequest } from '../resize/invalid-request';
import { NOTICE_EVENTS, type NoticeEvent, type NoticeRules } from '../resize/notices';
import { present } from '../resize/present';
import { pathOf, placeOf, text, withoutNulls } from '../resize/wire-json';
import { readYamlFile } from '../yaml/yaml-file';
import { codeOf } from '../resize/error-code';

/** One place that is written to. */
export interface Target {
  name: string;
  kind: 'webhook' | 'slack';
  url: Secret;
  /** Signs what is sent; of a webhook only. */
  signer?: Webhook;
  events: readonly NoticeEvent[];
  /** @default all */
  clouds?: readonly string[];
}

const url = v.pipe(
  v.string('must be a text'),
  v.check((given) => {
    if (!URL.canParse(given)) return false;
    const { protocol, username, password } = new URL(given);
    return /^https?:$/.test(protocol) && username + password === '';
  }, 'must be an http(s) URL without user and password'),
);

const remindAfter = v.pipe(
  v.string('must be a percentage, such as 50%'),
  v.regex(/^[1-9]\d?%$/, 'must be a percentage from 1% to 99%'),
  v.transform((percent) => Number(percent.slice(0, -1)) / 100),
);

const target = v.strictObject({
  name: v.pipe(
    v.string('must be a text'),
    v.regex(/^[\w.-]{1,64}$/, 'must be letters, digits, ".", "-" and "_", at most 64'),
  ),
  url,
  kind: v.picklist(['webhook', 'slack'], 'must be webhook or slack'),
  secretFile: v.exactOptional(v.pipe(v.string('must be a path'), v.minLength(1))),
  events: v.pipe(
    v.array(v.picklist(NOTICE_EVENTS, `must be one of ${NOTICE_EVENTS.join(', ')}`), 'must be a list'),
    v.minLength(1),
  ),
  clouds: v.exactOptional(v.pipe(v.array(text(100), 'must be a list'), v.minLength(1))),
});

const schema = v.strictObject({
  targets: v.pipe(v.array(target, 'must be a list'), v.minLength(1)),
  remindAfter: v.optional(remindAfter, '50%'),
  lastCall: v.optional(duration, '5m'),
});

/** The targets of a worker, and when they are told. */
export class Targets {
  readonly #all: readonly Target[];
  readonly #times: Pick<NoticeRules, 'remindAfter' | 'lastCall'>;

  private constructor(all: readonly Target[], times: Pick<NoticeRules, 'remindAfter' | 'lastCall'>) {
    this.#all = all;
    this.#times = times;
  }

  /**
   * Reads the file.
   * @param warn is told of a file of secrets that others can read
   * @throws FileFault that quotes nothing but keys
   */
  static in(file: string, warn: (message: string) => void): Targets {
    const check = (given: unknown) => targetsIn(given, dirname(resolve(file)), warn);
    const { value } = readYamlFile(file, {
      kind: 'a file of notifications',
      durations: ['lastCall'],
      holdsSecrets: true,
      check,
    });
    warnIfOpen(file, 'the addresses in it are', warn);
    return new Targets(value.targets, { remindAfter: value.remindAfter, lastCall: value.lastCall });
  }

  /** What is told of a cloud; undefined: nothing. */
  rulesFor(cloud: string): NoticeRules | undefined {
    const events = NOTICE_EVENTS.filter((event) => this.for(cloud, event).length > 0);
    return events.length === 0 ? undefined : { events, ...this.#times };
  }

  for(cloud: string, event: NoticeEvent): Target[] {
    return this.#all.filter(
      ({ clouds, events }) => events.includes(event) && (clouds === undefined || clouds.includes(cloud)),
    );
  }

  /** Clouds that a target names and that are none of these: perhaps misspelt. */
  strangers(served: readonly string[]): { target: string; cloud: string }[] {
    return this.#all.flatMap(({ name, clouds = [] }) =>
      clouds.filter((cloud) => !served.includes(cloud)).map((cloud) => ({ target: name, cloud })),
    );
  }
}

/** @throws InvalidRequest */
function targetsIn(given: unknown, folder: string, warn: (message: string) => void) {
  const parsed = v.safeParse(schema, withoutNulls(given));
  if (!parsed.success) throw new InvalidRequest(sentenceOf(parsed.issues[0]), pathOf(parsed.issues[0]));
  const { targets, ...times } = parsed.output;
  const names = targets.map(({ name }) => name);
  const read = targets.map(({ secretFile, url: address, ...rest }, index): Target => {
    const refused = (key: string, why: string) =>
      new InvalidRequest(`targets[${index}].${key}: ${why}`, ['targets', index, key]);
    if (names.indexOf(rest.name) !== index) throw refused('name', `${rest.name} is the name of another target, too`);
    if (secretFile !== undefined && rest.kind === 'slack') {
      throw refused('secretFile', 'Slack knows no signatures: the URL is the secret; leave it out');
    }
    const signer = secretFile === undefined ? undefined : signerOf(resolve(folder, secretFile));
    if (typeof signer === 'string') throw refused('secretFile', signer);
    if (secretFile !== undefined) warnIfOpen(resolve(folder, secretFile), 'what is in it is', warn);
    return present({ ...rest, url: new Secret(address), signer });
  });
  return { targets: read, ...times };
}

/** As sentenceFor of wire-json.ts, but nothing of the file is quoted: any value in it may be a secret in the wrong place. */
function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const field = placeOf(pathOf(issue)) || 'the file';
  const unknown = issue.type === 'strict_object' && issue.expected === 'never';
  if (unknown) return `${/^[\w.[\]-]{1,60}$/.test(field) ? field : 'a key'}: no such field; see docs/notifications.md`;
  if (issue.received === 'undefined') return `${field}: is missing`;
  if (issue.type === 'strict_object') return `${field}: must be a mapping`;
  if (issue.type === 'min_length') return `${field}: is empty`;
  if (field.endsWith('lastCall')) return `${field}: must be a duration such as 5m`;
  return `${field}: ${issue.message.startsWith('must be') ? issue.message : 'is not valid here'}`;
}

/** @returns what is wrong, where it cannot be used */
function signerOf(file: string): Webhook | string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    return `the file that it names cannot be read (${codeOf(error)})`;
  }
  // Standard Webhooks 1.0, "Signature scheme": 24 to 64 random bytes, in base64 behind "whsec_".
  const base64 = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret)?.[1];
  const length = base64 === undefined ? 0 : Buffer.from(base64, 'base64').length;
  if (length < 24 || length > 64) {
    return 'the file that it names holds no secret of the form whsec_<24 to 64 bytes in base64>';
  }
  return new Webhook(secret);
}

function warnIfOpen(file: string, what: string, warn: (message: string) => void): void {
  const others = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077;
  if (others !== 0) warn(`${file} can be read by others, and ${what} secret: chmod 600 is advised`);
}
