import * as v from 'valibot';

import { sign, type Signed } from './huawei-signature';
import type { Login, Profile } from '../profile/profile';
import { read, troubleOf, type Reply } from '../http/reply';
import { Secret } from './secret';
import type { Transport } from '../http/transport';

/** Renewed this much before its end, so that a token does not run out on the way. */
const MARGIN = 60_000;

const Catalog = v.array(
  v.object({
    type: v.string(),
    endpoints: v.array(
      v.object({
        interface: v.string(),
        url: v.string(),
        region: v.nullish(v.string()),
        region_id: v.nullish(v.string()),
      }),
    ),
  }),
);

/** Services and their endpoints, as Keystone's token shows them. */
export type Catalog = v.InferOutput<typeof Catalog>;

const TokenBody = v.object({
  token: v.object({
    expires_at: v.string(),
    issued_at: v.optional(v.string()),
    project: v.optional(v.object({ id: v.string(), name: v.optional(v.string()) })),
    user: v.optional(v.object({ id: v.string() })),
    catalog: v.optional(Catalog, []),
  }),
});

/** What a request is made valid with, and what is known with it. */
export interface Token {
  /** The headers that make this one request valid; not to be kept or shown. */
  authorize: (request: Signed) => Record<string, string>;
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
        ...(login.project === undefined ? {} : { scope: { project: login.project } }),
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
  return readToken(transport, reply);
}

/** Access keys need no log-in: each request is signed. They know no user, and their catalog is the profile. */
function keyToken({ accessKey, secretKey, securityToken, project }: Extract<Login, { method: 'aksk' }>): Token {
  const session = securityToken === undefined ? {} : { 'X-Security-Token': securityToken.reveal() };
  return {
    authorize: (request) =>
      sign(
        { ...request, headers: { ...request.headers, 'X-Project-Id': project, ...session } },
        accessKey.reveal(),
        secretKey.reveal(),
        Date.now(),
      ),
    renewAt: Infinity,
    // Signed once more it is refused once more, and five refusals in a row lock the key ("API Request Signing Guide").
    renewable: false,
    project,
    catalog: [],
  };
}

function readToken(transport: Transport, reply: Reply): Token {
  if (reply.status !== 201 && reply.status !== 200) {
    throw transport.failure(troubleOf(reply), false);
  }
  const secret = reply.header('x-subject-token');
  if (secret !== undefined && secret !== '') transport.hide(new Secret(secret));
  const result = read(reply, TokenBody);
  if ('trouble' in result) throw transport.failure(result.trouble, false);
  const { token } = result.value;
  const expires = Date.parse(token.expires_at);
  if (secret === undefined || secret === '' || Number.isNaN(expires)) {
    throw transport.failure(
      {
        kind: 'garbage',
        tried: reply.tried,
        status: reply.status,
        message: `The answer to "${reply.tried}" holds no token.`,
        advice: 'Check that auth_url of this profile is a Keystone v3 address.',
      },
      false,
    );
  }
  if (token.project === undefined) {
    throw transport.failure(
      {
        kind: 'configuration',
        tried: reply.tried,
        message: `The token from "${reply.tried}" belongs to no project.`,
        advice: 'Name the project in this profile (project_name or project_id).',
      },
      false,
    );
  }
  // How long it lives by the cloud's own clock, counted from now: the clocks of worker and cloud need not agree.
  const issued = Date.parse(token.issued_at ?? '');
  const lifetime = Math.max(0, expires - (Number.isNaN(issued) ? Date.now() : issued));
  return {
    authorize: () => ({ 'X-Auth-Token': secret }),
    renewAt: Date.now() + lifetime - Math.min(MARGIN, lifetime / 2),
    renewable: true,
    project: token.project.id,
    ...(token.user === undefined ? {} : { userId: token.user.id }),
    catalog: token.catalog,
  };
}
