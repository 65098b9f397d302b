/** The keys under `auth`, by the options of keystoneauth's plugins; those of access keys are this program's own. */
export const AUTH_KEYS = [
  'auth_url',
  'username',
  'user_id',
  'password',
  'user_domain_name',
  'user_domain_id',
  'project_name',
  'project_id',
  'tenant_name',
  'tenant_id',
  'project_domain_name',
  'project_domain_id',
  'domain_name',
  'domain_id',
  'default_domain',
  'default_domain_id',
  'default_domain_name',
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'token',
  'access_key',
  'secret_key',
  'security_token',
  'ak',
  'sk',
] as const;

export type AuthKey = (typeof AUTH_KEYS)[number];

/** Older names that openstacksdk and keystoneauth still take. */
export const AUTH_ALIASES: Readonly<Record<string, AuthKey>> = { user_name: 'username', auth_token: 'token' };

/** Ask for a token that belongs to no project. */
export const SCOPE_KEYS = ['system_scope', 'trust_id', 'unscoped'] as const;

/** Of these, one beside `auth` counts more than one under it (openstacksdk's `_fix_backwards_auth`). */
export const BESIDE_FIRST: readonly string[] = [
  'project_name',
  'project_id',
  'tenant_name',
  'tenant_id',
  'user_domain_name',
  'user_domain_id',
  'project_domain_name',
  'project_domain_id',
  'domain_name',
  'domain_id',
  'token',
];

/** What these hold is never shown, whatever the profile is used for. */
export const SECRET_KEYS = [
  'password',
  'application_credential_secret',
  'token',
  'access_key',
  'secret_key',
  'security_token',
  'ak',
  'sk',
] as const satisfies readonly AuthKey[];

/** What a worker can always use, which logs in alone and again. */
export const USE_CREDENTIAL = 'use an application credential of this project (auth_type v3applicationcredential)';

/** Keys of keystoneauth's other plugins: federation, one-time codes, services without Keystone. */
export const OF_OTHER_METHODS =
  /^(identity_provider(_url)?|protocol|client_(id|secret)|discovery_endpoint|\w+_authorization_endpoint|openid_scope|access_token\w*|redirect_\w+|service_provider_\w+|mutual_auth|oauth2_\w+|passcode|endpoint)$/;
