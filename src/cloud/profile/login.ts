import { Secret } from '../auth/secret';
import { present } from '../../resize/present';
import { SCOPE_KEYS, USE_CREDENTIAL } from './auth-keys';
import type { InDomain, Login, Named } from './profile';
import type { Reader } from './reader';

const METHODS = new Map<string, Login['method']>([
  ['password', 'password'],
  ['v3password', 'password'],
  ['v3applicationcredential', 'application_credential'],
  ['token', 'token'],
  ['v3token', 'token'],
  ['aksk', 'aksk'],
]);

/** The other plugins of keystoneauth and its family: why a worker, which logs in alone and again, cannot use them. */
const UNUSABLE: readonly (readonly [RegExp, string])[] = [
  [
    /^(v2password|v2token)$/,
    'it is of the Identity API v2, which is gone; use v3password, with the domains of user and project',
  ],
  [/^(v3totp|v3multifactor)$/, `it needs a code from a person at each log-in; ${USE_CREDENTIAL}`],
  [
    /^(v3oidc\w+|v3websso|v3samlpassword|v3adfspassword|v3kerberos|v3fedkerb|v3mappedkerberos|v3githubapp|v3oauth[12]\w+)$/,
    `it logs in through another service; ${USE_CREDENTIAL}`,
  ],
  [
    /^(none|None|noauth|http_basic|admin_token|token_endpoint|gnocchi-\w+|v3tokenlessauth)$/,
    `it gets no token of a project; ${USE_CREDENTIAL}`,
  ],
];

const SCOPES: Readonly<Record<(typeof SCOPE_KEYS)[number], string>> = {
  system_scope: 'asks for the whole system, and servers belong to a project: name the project instead',
  trust_id: `asks for a trust, which is not supported: name the project instead, or ${USE_CREDENTIAL}`,
  unscoped: 'asks for no project, and servers belong to one: name the project instead',
};

/**
 * How the profile logs in by `auth_type`, or by what it holds: judged first, because which keys belong under `auth`
 * follows from it.
 * @throws ProfileError for a method or a scope that cannot be used
 */
export function methodOf(reader: Reader): Login['method'] {
  if (reader.underAuth['auth_type'] !== undefined) throw reader.error(['auth', 'auth_type'], 'belongs beside auth');
  const key = reader.text('auth_type') === undefined ? 'auth_plugin' : 'auth_type';
  const type = reader.text(key) ?? guessType(reader);
  const why = UNUSABLE.find(([pattern]) => pattern.test(type))?.[1];
  // Only what is one of these names is shown.
  if (why !== undefined) throw reader.error([key], `${type} cannot be used here: ${why}`);
  const method = METHODS.get(type);
  if (method === undefined) {
    throw reader.error([key], `is not a method that this version knows; use one of ${[...METHODS.keys()].join(', ')}`);
  }
  for (const scope of SCOPE_KEYS) {
    const asked = reader.underAuth[scope];
    if (asked !== undefined && asked !== '' && asked !== false) throw reader.error(['auth', scope], SCOPES[scope]);
  }
  return method;
}

function guessType(reader: Reader): string {
  if (reader.auth('password') !== undefined) return 'password';
  if (reader.auth('application_credential_secret') !== undefined) return 'v3applicationcredential';
  if (reader.auth('token') !== undefined) return 'token';
  // Last: beside a password they are there for other services, such as object storage.
  return reader.firstAuth('access_key', 'ak', 'secret_key', 'sk') === undefined ? 'password' : 'aksk';
}

/** What the profile logs in with. @throws ProfileError */
export function loginOf(reader: Reader, method: Login['method']): Login {
  switch (method) {
    case 'password':
      return { method, project: requiredProject(reader), ...passwordOf(reader) };
    case 'application_credential': {
      const secret = new Secret(reader.required('application_credential_secret'));
      const id = reader.auth('application_credential_id');
      const project = projectOf(reader);
      if (id !== undefined) return { method, id, ...present({ secret, project }) };
      const name = reader.required('application_credential_name', ' (or application_credential_id)');
      return { method, name, user: userOf(reader), ...present({ secret, project }) };
    }
    case 'token': {
      reader.warnings.push(
        'This profile logs in with a token, which expires and cannot be renewed: use a password or an application credential for resizes that wait for people.',
      );
      return { method, token: new Secret(reader.required('token')), ...present({ project: projectOf(reader) }) };
    }
    case 'aksk':
      return keysOf(reader);
  }
}

function passwordOf(reader: Reader): { user: InDomain; password: Secret } {
  return { user: userOf(reader), password: new Secret(reader.required('password')) };
}

/** Access keys as the vendor's tools name them: access_key and secret_key, or ak and sk. */
function keysOf(reader: Reader): Login {
  const accessKey = reader.firstAuth('access_key', 'ak') ?? reader.required('access_key', ' (or ak)');
  const secretKey = reader.firstAuth('secret_key', 'sk') ?? reader.required('secret_key', ' (or sk)');
  const securityToken = reader.auth('security_token');
  return {
    method: 'aksk',
    accessKey: new Secret(accessKey),
    secretKey: new Secret(secretKey),
    ...present({ securityToken: securityToken === undefined ? undefined : new Secret(securityToken) }),
    project:
      reader.firstAuth('project_id', 'tenant_id') ?? reader.required('project_id', ': access keys name no project'),
  };
}

/**
 * The domain of a user or project: its own, else the one for both, else the other's. `default` is a guess, and made
 * only where no domain is given at all: a Keystone may have no such domain.
 */
function domainOf(reader: Reader, of: 'user' | 'project'): Named {
  return (
    ownDomain(reader, of) ??
    named(reader.auth('domain_id'), reader.auth('domain_name')) ??
    named(reader.firstAuth('default_domain_id', 'default_domain'), reader.auth('default_domain_name')) ??
    ownDomain(reader, of === 'user' ? 'project' : 'user') ?? { id: 'default' }
  );
}

function ownDomain(reader: Reader, of: 'user' | 'project'): Named | undefined {
  return named(reader.auth(`${of}_domain_id`), reader.auth(`${of}_domain_name`));
}

/** Of both the id counts, as in keystoneauth. */
function named(id: string | undefined, name: string | undefined): Named | undefined {
  if (id !== undefined) return { id };
  return name === undefined ? undefined : { name };
}

function userOf(reader: Reader): InDomain {
  const id = reader.auth('user_id');
  if (id !== undefined) return { id };
  return { name: reader.required('username', ' (or user_id)'), domain: domainOf(reader, 'user') };
}

function projectOf(reader: Reader): InDomain | undefined {
  const id = reader.firstAuth('project_id', 'tenant_id');
  if (id !== undefined) return { id };
  const name = reader.firstAuth('project_name', 'tenant_name');
  return name === undefined ? undefined : { name, domain: domainOf(reader, 'project') };
}

function requiredProject(reader: Reader): InDomain {
  const project = projectOf(reader);
  if (project !== undefined) return project;
  const domain = (['domain_name', 'domain_id'] as const).find((key) => reader.auth(key) !== undefined);
  if (domain !== undefined) {
    throw reader.error(
      ['auth', domain],
      'alone asks for a whole domain, and servers belong to a project: add project_name or project_id',
    );
  }
  throw reader.error(['auth', 'project_name'], 'is missing (or project_id): servers belong to a project');
}
