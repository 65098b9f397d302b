import { inspect } from 'node:util';

import { AUTH, message, reveal, Written } from './written';

let here: Written;
beforeEach(() => {
  here = new Written();
});
afterEach(() => here.remove());

describe('access keys', () => {
  const keys = 'auth: {access_key: AK, secret_key: SK, project_id: p}\n';
  const endpoint = 'compute_endpoint_override: https://ecs.example.com/v2.1/p\n';

  it.each([
    ['access_key and secret_key', keys],
    ['ak and sk', 'auth: {ak: AK, sk: SK, project_id: p}\n'],
  ])('%s need neither a log-in nor an auth_url, and print nothing of the secret', (_, auth) => {
    const checked = here.profile(auth + endpoint);
    expect(checked.login).toMatchObject({ method: 'aksk', project: 'p' });
    expect(checked.authUrl).toBeUndefined();
    if (checked.login.method !== 'aksk') throw new Error('not by keys');
    expect([reveal(checked.login.accessKey), reveal(checked.login.secretKey)]).toEqual(['AK', 'SK']);
    expect(inspect(checked, { depth: 9, showHidden: true }) + JSON.stringify(checked)).not.toMatch(/AK|SK/);
  });

  it.each([
    [
      'without an endpoint',
      keys,
      'compute_endpoint_override is missing: with access keys there is no catalog to find it in.',
    ],
    [
      'without a project',
      `auth: {access_key: AK, secret_key: SK}\n${endpoint}`,
      'auth.project_id is missing: access keys name no project.',
    ],
    [
      'without a secret key',
      `auth: {access_key: AK, project_id: p}\n${endpoint}`,
      'auth.secret_key is missing (or sk).',
    ],
  ])('%s are refused with what is missing', (_, text, words) => {
    expect(message(() => here.profile(text))).toBe(here.place + words);
  });

  it('beside a password are for something else, unless auth_type says so', () => {
    const both = `${AUTH}  access_key: AK\n  secret_key: SK\n  project_id: p\n${endpoint}`;
    expect(here.profile(both).login.method).toBe('password');
    expect(here.profile(`auth_type: aksk\n${both}`).login.method).toBe('aksk');
  });

  it('may be temporary, with a token of their own', () => {
    const { login } = here.profile(`auth: {ak: AK, sk: SK, security_token: ST, project_id: p}\n${endpoint}`);
    expect(login.method === 'aksk' && reveal(login.securityToken)).toBe('ST');
  });

  const variables = { OS_COMPUTE_ENDPOINT_OVERRIDE: 'https://ecs.example.com/v2.1/p', OS_PROJECT_ID: 'p' };
  const ofSdk = { HUAWEICLOUD_SDK_AK: 'AK', HUAWEICLOUD_SDK_SK: 'SK', HUAWEICLOUD_SDK_PROJECT_ID: 'p2' };

  it.each([
    ['OS_ACCESS_KEY and OS_SECRET_KEY', { ...variables, OS_ACCESS_KEY: 'AK', OS_SECRET_KEY: 'SK' }, 'p'],
    ['the variables of the SDK of Huawei', { ...variables, OS_PROJECT_ID: '', ...ofSdk }, 'p2'],
    ['both, of which ours go first', { ...variables, ...ofSdk }, 'p'],
  ])('may be in the environment: %s', (_, env, project) => {
    expect(here.load(env).open('envvars').login).toMatchObject({ method: 'aksk', project });
  });

  it('of the SDK of Huawei, for other programs, make no profile here and change none', () => {
    expect(here.load(ofSdk).names()).toEqual([]);
    const password = { OS_AUTH_URL: 'http://k/', OS_USERNAME: 'u', OS_PASSWORD: 'w', OS_PROJECT_NAME: 'lab' };
    expect(here.load({ ...password, ...variables, ...ofSdk }).open('envvars').login.method).toBe('password');
  });

  it('in the environment without an endpoint are refused by the name of the variable', () => {
    const env = { OS_ACCESS_KEY: 'AK', OS_SECRET_KEY: 'SK', OS_PROJECT_ID: 'p' };
    expect(here.load(env).check('envvars')?.message).toBe(
      'Profile envvars in environment: OS_COMPUTE_ENDPOINT_OVERRIDE is missing: with access keys there is no catalog to find it in.',
    );
  });
});
