import { randomBytes, randomUUID } from 'node:crypto';
import { Hono, type Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Control } from '../api/control';
import { demoCredential, domain, password, everybody, projects, region, type ApplicationCredential } from './users';
import type { Project, User } from './users';

/** What a token stands for. */
export interface Grant {
  user: User;
  project: Project;
  roles: readonly string[];
  methods: readonly string[];
  issued: Date;
  expires: Date;
  credential?: ApplicationCredential;
}

/** The tokens and application credentials that are known. */
export class Tokens {
  private readonly grants = new Map<string, Grant>();
  readonly credentials: ApplicationCredential[] = [demoCredential];

  /** @param ttl how long a token lives, in seconds */
  constructor(private readonly ttl: number) {}

  issue(grant: Omit<Grant, 'issued' | 'expires'>, expires?: Date): [token: string, grant: Grant] {
    const issued = new Date();
    const full = { ...grant, issued, expires: expires ?? new Date(issued.getTime() + this.ttl * 1000) };
    const token = `gAAAAAB${randomBytes(66).toString('base64url')}`;
    this.grants.set(token, full);
    return [token, full];
  }

  /** What a token stands for, unless it has expired or was revoked. */
  find(token: string | undefined): Grant | undefined {
    const grant = this.grants.get(token ?? '');
    return grant !== undefined && grant.expires.getTime() > Date.now() ? grant : undefined;
  }

  revoke(token: string): void {
    this.grants.delete(token);
  }
}

interface Named {
  id?: string;
  name?: string;
  domain?: { id?: string; name?: string };
}

interface AuthRequest {
  identity?: {
    methods?: string[];
    password?: { user?: Named & { password?: string } };
    application_credential?: { id?: string; name?: string; secret?: string; user?: Named };
    token?: { id?: string };
  };
  scope?: { project?: Named };
}

/** A refused log-in. Keystone's answer does not name the reason. */
class NotAuthenticated extends Error {}

/** The identity API, version 3, as far as a client of the compute API needs it. */
export function identityApi(tokens: Tokens, control: Control, url: string, computeUrl: string): Hono {
  const api = new Hono();
  const v3 = `${url}/v3`;
  const version = {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${v3}/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
  const answer = (c: Context, status: ContentfulStatusCode, body: object, headers: Record<string, string> = {}) =>
    c.json(body, status, { Vary: 'X-Auth-Token', 'x-openstack-request-id': `req-${randomUUID()}`, ...headers });
  const refuse = (c: Context, message = 'The request you have made requires authentication.') =>
    answer(
      c,
      401,
      { error: { code: 401, message, title: 'Unauthorized' } },
      { 'WWW-Authenticate': `Keystone uri="${v3}"` },
    );
  const catalog = serviceCatalog(v3, computeUrl);

  api.get('/', (c) => answer(c, 300, { versions: { values: [version] } }));
  api.get('/v3', (c) => answer(c, 200, { version }));
  api.get('/v3/', (c) => answer(c, 200, { version }));

  api.post('/v3/auth/tokens', async (c) => {
    control.count('-', 'POST tokens');
    const body: unknown = await c.req.json().catch(() => null);
    const auth = (body as { auth?: AuthRequest } | null)?.auth;
    if (auth?.identity?.methods === undefined) {
      const message =
        'Expecting to find identity in auth. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';
      return answer(c, 400, { error: { code: 400, message, title: 'Bad Request' } });
    }
    try {
      const [token, grant] = login(tokens, auth);
      return answer(c, 201, { token: tokenView(grant, catalog) }, { 'X-Subject-Token': token });
    } catch (error) {
      if (error instanceof NotAuthenticated) return refuse(c, error.message || undefined);
      throw error;
    }
  });

  api.get('/v3/auth/tokens', (c) => {
    if (tokens.find(c.req.header('X-Auth-Token')) === undefined) return refuse(c);
    const subject = c.req.header('X-Subject-Token') ?? '';
    const grant = tokens.find(subject);
    if (grant === undefined) {
      const message = 'This is not a recognized Fernet token';
      return answer(c, 404, { error: { code: 404, message, title: 'Not Found' } });
    }
    return answer(c, 200, { token: tokenView(grant, catalog) }, { 'X-Subject-Token': subject });
  });

  api.delete('/v3/auth/tokens', (c) => {
    if (tokens.find(c.req.header('X-Auth-Token')) === undefined) return refuse(c);
    tokens.revoke(c.req.header('X-Subject-Token') ?? '');
    return c.body(null, 204, { Vary: 'X-Auth-Token', 'x-openstack-request-id': `req-${randomUUID()}` });
  });

  api.get('/v3/auth/catalog', (c) =>
    tokens.find(c.req.header('X-Auth-Token')) === undefined ? refuse(c) : answer(c, 200, { catalog }),
  );

  api.post('/v3/users/:user/application_credentials', async (c) => {
    const grant = tokens.find(c.req.header('X-Auth-Token'));
    if (grant === undefined) return refuse(c);
    const body = await c.req.json<{ application_credential: { name: string; secret?: string } }>();
    const { name, secret = randomBytes(64).toString('base64url') } = body.application_credential;
    const id = randomUUID().replaceAll('-', '');
    const credential = { id, name, secret, userId: grant.user.id, projectId: grant.project.id };
    tokens.credentials.push(credential);
    return answer(c, 201, {
      application_credential: {
        id,
        name,
        description: null,
        user_id: grant.user.id,
        project_id: grant.project.id,
        system: null,
        expires_at: null,
        unrestricted: null,
        roles: roleViews(['member']),
        secret,
        links: { self: `${v3}/application_credentials/${id}` },
      },
    });
  });

  api.notFound((c) =>
    answer(c, 404, { error: { code: 404, message: 'The resource could not be found.', title: 'Not Found' } }),
  );
  return api;
}

/** Checks a login; throws NotAuthenticated. */
function login(tokens: Tokens, auth: AuthRequest): [token: string, grant: Grant] {
  const identity = auth.identity ?? {};
  const method = identity.methods?.[0] ?? '';
  if (method === 'application_credential') {
    const asked = identity.application_credential ?? {};
    const credential = tokens.credentials.find((known) =>
      asked.id === undefined
        ? known.name === asked.name && known.userId === findUser(asked.user)?.id
        : known.id === asked.id,
    );
    const user = everybody.find(({ id }) => id === credential?.userId);
    const project = projects.find(({ id }) => id === credential?.projectId);
    if (credential === undefined || credential.secret !== asked.secret || !user || !project)
      throw new NotAuthenticated();
    if (auth.scope !== undefined) {
      throw new NotAuthenticated(
        'Error authenticating with application credential: Application credentials cannot request a scope.',
      );
    }
    return tokens.issue({ user, project, roles: ['member'], methods: [method], credential });
  }
  const parent = method === 'token' ? tokens.find(identity.token?.id) : undefined;
  const user = method === 'token' ? parent?.user : findUser(identity.password?.user);
  if (user === undefined) throw new NotAuthenticated();
  if (method !== 'token' && identity.password?.user?.password !== password) throw new NotAuthenticated();
  const project =
    auth.scope === undefined ? projects.find(({ id }) => id in user.roles) : findProject(auth.scope.project);
  const roles = user.roles[project?.id ?? ''];
  if (project === undefined || roles === undefined) throw new NotAuthenticated();
  return tokens.issue({ user, project, roles, methods: [method] }, parent?.expires);
}

const inDomain = (asked: Named): boolean =>
  asked.id !== undefined || asked.domain?.id === domain.id || asked.domain?.name === domain.name;

function findUser(asked: Named | undefined): User | undefined {
  return everybody.find((user) =>
    asked?.id === undefined ? user.name === asked?.name && inDomain(asked) : user.id === asked.id,
  );
}

function findProject(asked: Named | undefined): Project | undefined {
  return projects.find((project) =>
    asked?.id === undefined ? project.name === asked?.name && inDomain(asked) : project.id === asked.id,
  );
}

function roleViews(names: readonly string[]): { id: string; name: string }[] {
  return names.map((name) => ({ id: Buffer.from(name.padEnd(16, '.')).toString('hex'), name }));
}

const moment = (date: Date): string => `${date.toISOString().slice(0, -1)}000Z`;

function tokenView(grant: Grant, catalog: unknown): Record<string, unknown> {
  const { user, project, credential } = grant;
  return {
    methods: grant.methods,
    user: { domain, id: user.id, name: user.name, password_expires_at: null },
    audit_ids: [randomBytes(16).toString('base64url')],
    expires_at: moment(grant.expires),
    issued_at: moment(grant.issued),
    project: { domain, id: project.id, name: project.name },
    is_domain: false,
    roles: roleViews(grant.roles),
    catalog,
    ...(credential !== undefined && {
      application_credential: { id: credential.id, name: credential.name, restricted: true },
    }),
  };
}

function serviceCatalog(identityUrl: string, computeUrl: string): unknown[] {
  const service = (type: string, name: string, url: string): unknown => ({
    endpoints: ['public', 'internal', 'admin'].map((kind) => ({
      id: Buffer.from(`${type}-${kind}`.padEnd(16, '.')).toString('hex'),
      interface: kind,
      region_id: region,
      url,
      region,
    })),
    id: Buffer.from(type.padEnd(16, '.')).toString('hex'),
    type,
    name,
  });
  return [service('identity', 'keystone', identityUrl), service('compute', 'nova', computeUrl)];
}
