import * as v from 'valibot';

import { computeCatalog, type Catalog } from './catalog';
import { sign, type Signed } from './huawei-signature';
import { present } from '../../resize/present';
import type { Trouble } from '../../resize/failure';
import type { InDomain, Login, Profile } from '../profile/profile';
import { read, troubleOf, type Reply } from '../http/reply';
import { Secret } from './secret';
import type { Transport } from '../http/transport';

/** Renewed this much before its end, so that a token does not run out on the way. */
const MARGIN = 60_000;

/** What a cloud says is searched for a token for so long, where it does not say how long the token lives. */
const LONGEST_LIFE = 24 * 60 * 60_000;

const TokenBody = v.object({
  token: v.object({
    expires_at: v.string(),
    issued_at: v.fallback(v.nullish(v.string()), undefined),
    project: v.nullish(v.object({ id: v.string(), name: v.nullish(v.string()) })),
    user: v.fallback(v.nullish(v.object({ id: v.string() })), undefined),
    catalog: v.optional(v.unknown()),
  }),
});

export type { Catalog } from './catalog';

/** What a request is made valid with, and what is known with it. */
export interface Token {
  /** The headers that make this one request valid; not to be kept or shown. */
  authorize: (request: Signed) => Record<string, string>;
  /** Characters of the header that carries it; 0 when there is none. */
  length: number;
  /** Worker's clock, epoch ms: from here on a new one is asked for first. */
  renewAt: number;
  /** A refused one may be taken for one that was revoked, and renewed. */
  renewable: boolean;
  project: string;
  userId?: string;
  catalog: Catalog;
}

/** `auth_url` as people write it (with or without a version, with slashes) -> the address tokens are asked at. */
export function tokenUrl(authUrl: string): string {
  const base = authUrl.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '');
  return `${base}/v3/auth/tokens`;
}

/** Identity API v3, "Authentication and token management". */
function identityOf(login: Exclude<Login, { method: 'aksk' }>): Record<string, unknown> {
  switch (login.method) {
    case 'password':
      return {
        identity: {
          methods: ['password'],
          password: { user: { ...login.user, password: login.password.reveal() } },
        },
        scope: { project: login.project },
      };
    case 'application_credential': {
      // It is bound to its project; asking for a scope is answered with 401 (measured).
      const which = 'id' in login ? { id: login.id } : { name: login.name, user: login.user };
      return {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...which, secret: login.secret.reveal() },
        },
      };
    }
    case 'token':
      return {
        identity: { methods: ['token'], token: { id: login.token.reveal() } },
        ...present({ scope: login.project && { project: login.project } }),
      };
  }
}

/**
 * Asks Keystone for a token once.
 * @throws CloudFailure never `sent`: whatever it was asked for, the compute API has not seen it
 */
export async function authenticate(transport: Transport, profile: Profile): Promise<Token> {
  if (profile.login.method === 'aksk') return keyToken(profile.login);
  const tried = `log in to cloud ${profile.name}`;
  const reply = await transport.send({
    tried,
    method: 'POST',
    url: tokenUrl(profile.authUrl ?? ''),
    body: { auth: identityOf(profile.login) },
  });
  return readToken(transport, profile, reply);
}

/** Access keys need no log-in: each request is signed. They know no user, and their catalog is the profile. */
function keyToken({ accessKey, secretKey, securityToken, project }: Extract<Login, { method: 'aksk' }>): Token {
  const session = present({ 'X-Security-Token': securityToken?.reveal() });
  return {
    authorize: (request) =>
      sign(
        { ...request, headers: { ...request.headers, 'X-Project-Id': project, ...session } },
        accessKey.reveal(),
        secretKey.reveal(),
        Date.now(),
      ),
    length: 0,
    renewAt: Infinity,
    // Signed once more it is refused once more, and five refusals in a row lock the key ("API Request Signing Guide").
    renewable: false,
    project,
    catalog: [],
  };
}

function readToken(transport: Transport, profile: Profile, reply: Reply): Token {
  if (reply.status !== 201 && reply.status !== 200) throw transport.failure(ofLogin(troubleOf(reply)), false);
  const secret = reply.header('x-subject-token') ?? '';
  transport.secrets.keepUntil(new Secret(secret), Date.now() + LONGEST_LIFE);
  const result = read(reply, TokenBody);
  if ('trouble' in result) throw transport.failure(ofLogin(result.trouble), false);
  const { token } = result.value;
  const expires = Date.parse(token.expires_at);
  const { tried, status } = reply;
  if (secret === '' || Number.isNaN(expires)) {
    const message = `The answer to "${tried}" holds no token.`;
    const advice = 'Check that auth_url of this profile is a Keystone v3 address.';
    throw transport.failure({ kind: 'garbage', tried, status, message, advice }, false);
  }
  const wrong = wrongProject(profile.login, token.project ?? undefined);
  if (token.project === null || token.project === undefined || wrong !== undefined) {
    const message = `The token from "${tried}" belongs to ${wrong ?? 'no project'}.`;
    const advice = 'Name the project of the servers in this profile (project_name or project_id), and no other.';
    throw transport.failure({ kind: 'configuration', tried, message, advice }, false);
  }
  // How long it lives by the cloud's own clock, counted from now: the clocks of worker and cloud need not agree.
  const issued = Date.parse(token.issued_at ?? '');
  const lifetime = Math.max(0, expires - (Number.isNaN(issued) ? Date.now() : issued));
  transport.secrets.keepUntil(new Secret(secret), Date.now() + lifetime + MARGIN);
  return {
    authorize: () => ({ 'X-Auth-Token': secret }),
    length: secret.length,
    renewAt: Date.now() + lifetime - Math.min(MARGIN, lifetime / 2),
    renewable: true,
    project: token.project.id,
    ...present({ userId: token.user?.id }),
    catalog: computeCatalog(token.catalog, profile),
  };
}

/** An application credential brings its project along: it may be another one than the profile names. */
function wrongProject(
  login: Login,
  project: { id: string; name?: string | null | undefined } | undefined,
): string | undefined {
  const named: InDomain | undefined = login.method === 'application_credential' ? login.project : undefined;
  if (named === undefined || project === undefined) return undefined;
  const same = 'id' in named ? named.id === project.id : (project.name ?? named.name) === named.name;
  return same ? undefined : `project ${project.name ?? project.id}, and this profile names another one`;
}

/** A trouble of a log-in: it changes nothing on the cloud, and what helps is often in the profile. */
function ofLogin(trouble: Trouble): Trouble {
  const advice = LOGIN_ADVICE[trouble.kind];
  return advice === undefined ? trouble : { ...trouble, advice };
}

const LOGIN_ADVICE: Readonly<Partial<Record<Trouble['kind'], string>>> = {
  'server-error':
    'Nothing was changed. The log-in is tried again by itself; if this goes on, look whether Keystone is up.',
  'bad-request': 'Check user, project and their domains in this profile.',
  forbidden: 'Check with the cloud that this user may log in, and may use this project.',
  'not-found': 'Check that auth_url of this profile is a Keystone v3 address.',
};
