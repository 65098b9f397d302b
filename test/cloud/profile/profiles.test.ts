import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';

import { loadProfiles, ProfileError, type Profile } from '../../../src/cloud';
import type { Secret } from '../../../src/cloud/auth/secret';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-resize-profiles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const load = (env: NodeJS.ProcessEnv = {}) => loadProfiles({ HOME: folder, ...env }, folder);

const LAB = `
clouds:
  lab:
    auth:
      auth_url: http://keystone:5000/v3
      username: demo
      password: geheim-1
      project_name: lab
`;

/** Opens a profile that is written with these lines under its name. */
function profile(lines: string): Profile {
  write('clouds.yaml', `clouds:\n  lab:\n${lines.replace(/^/gm, '    ')}\n`);
  return load().open('lab');
}

const AUTH = `auth:
  auth_url: http://keystone:5000/v3
  username: demo
  password: geheim-1
  project_name: lab
`;

function message(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof ProfileError) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

const reveal = (value: unknown): unknown => (value as Secret).reveal();

describe('where profiles are found', () => {
  it('in the current folder first, then in the home of the user', () => {
    write('.config/openstack/clouds.yml', LAB.replace('lab:', 'home:'));
    expect(load().names()).toEqual(['home']);
    write('clouds.yaml', LAB.replace('lab:', 'here:'));
    expect(load().names()).toEqual(['here']);
  });

  it('in the file that OS_CLIENT_CONFIG_FILE names, and nowhere else', () => {
    write('clouds.yaml', LAB);
    const file = write('elsewhere/my.yaml', LAB.replace('lab:', 'named:'));
    expect(load({ OS_CLIENT_CONFIG_FILE: file }).names()).toEqual(['named']);
    expect(message(() => load({ OS_CLIENT_CONFIG_FILE: join(folder, 'gone.yaml') }))).toMatch(
      /^OS_CLIENT_CONFIG_FILE names the file .*gone\.yaml, which is not there; correct or unset it\.$/,
    );
  });

  it('nowhere: then there are none', () => {
    expect(load().names()).toEqual([]);
    expect(message(() => load().open('lab'))).toContain('There is no profile lab');
  });

  it('in a file that is empty or has no clouds yet', () => {
    write('clouds.yaml', '');
    expect(load().names()).toEqual([]);
    write('clouds.yaml', 'clouds:\n');
    expect(load().names()).toEqual([]);
  });

  it('and what is there is listed when a name is not', () => {
    write('clouds.yaml', LAB);
    expect(message(() => load().open('lba'))).toMatch(/There is no profile lba in .*clouds\.yaml; there are: lab\.$/);
  });
});

describe('a profile', () => {
  it('is a checked plain object', () => {
    const opened = profile(`${AUTH}region_name: RegionOne\ninterface: internalURL\n`);
    expect(opened).toMatchObject({
      name: 'lab',
      source: join(folder, 'clouds.yaml'),
      authUrl: 'http://keystone:5000/v3',
      region: 'RegionOne',
      interface: 'internal',
      tls: { verify: true },
      warnings: [],
      login: {
        method: 'password',
        user: { name: 'demo', domain: { id: 'default' } },
        project: { name: 'lab', domain: { id: 'default' } },
      },
    });
    expect('password' in opened.login && reveal(opened.login.password)).toBe('geheim-1');
    expect(inspect(opened, { depth: 9, showHidden: true }) + JSON.stringify(opened)).not.toContain('geheim');
  });

  it.each([
    ['user_domain_name: Users\n  project_domain_id: p1', { name: 'Users' }, { id: 'p1' }],
    ['domain_name: Both', { name: 'Both' }, { name: 'Both' }],
    ['domain_id: both', { id: 'both' }, { id: 'both' }],
    ['default_domain: d1', { id: 'd1' }, { id: 'd1' }],
    ['default_domain: d1\n  user_domain_name: Users', { name: 'Users' }, { id: 'd1' }],
  ])('may name its domains as %j', (lines, user, project) => {
    expect(profile(`${AUTH}  ${lines}\n`).login).toMatchObject({
      user: { name: 'demo', domain: user },
      project: { name: 'lab', domain: project },
    });
  });

  it('may name user and project by id, which needs no domain', () => {
    const opened = profile('auth:\n  auth_url: http://k/\n  user_id: u1\n  password: p\n  project_id: p1');
    expect(opened.login).toMatchObject({ user: { id: 'u1' }, project: { id: 'p1' } });
  });

  it('may write keys with dashes, and those of auth beside it', () => {
    const opened = profile(
      'auth:\n  auth-url: http://k/\n  password: p\nusername: demo\nproject-name: lab\nregion-name: R',
    );
    expect(opened).toMatchObject({ region: 'R', login: { user: { name: 'demo' }, project: { name: 'lab' } } });
  });

  it.each(['auth_type: v3applicationcredential\n', ''])('may be an application credential (%j)', (type) => {
    const auth = 'auth:\n  auth_url: http://k/\n  application_credential_id: a1\n  application_credential_secret: s1';
    const { login } = profile(`${type}${auth}`);
    expect(login).toMatchObject({ method: 'application_credential', id: 'a1' });
    expect('secret' in login && reveal(login.secret)).toBe('s1');
  });

  it('may be a token, with a warning that it ends', () => {
    const opened = profile('auth_type: v3token\nauth:\n  auth_url: http://k/\n  token: t1\n  project_id: p1');
    expect(opened.login).toMatchObject({ method: 'token', project: { id: 'p1' } });
    expect(opened.warnings).toEqual([expect.stringContaining('expires')]);
  });

  it('may hold its own authority, found from the current folder', () => {
    write('ca.pem', 'PEM');
    expect(profile(`${AUTH}cacert: ca.pem\n`).tls).toEqual({ verify: true, ca: 'PEM' });
  });

  it.each([
    ['verify: false', false],
    ['insecure: true', false],
    ['verify: true', true],
  ])('may say %s', (line, verify) => {
    expect(profile(`${AUTH}${line}\n`).tls).toEqual({ verify });
  });

  it.each(['compute_endpoint_override', 'endpoint_override'])('may give the compute endpoint as %s', (key) => {
    expect(profile(`${AUTH}${key}: https://nova/v2.1/%(project_id)s\n`).computeEndpoint).toBe(
      'https://nova/v2.1/%(project_id)s',
    );
  });

  it('uses the first of several regions, as openstacksdk does', () => {
    expect(profile(`${AUTH}regions:\n  - name: one\n    values: {}\n  - two\n`).region).toBe('one');
  });

  it('may hold keys of openstacksdk that are for other services', () => {
    const lines = `identity_api_version: 3
compute_api_version: '2.1'
image_api_version: 2
volume_api_version: 3
baremetal_endpoint_override: http://x/
networks:
  - name: net
floating_ip_source: None
something_of_ours: {}
`;
    expect(profile(`${AUTH}${lines}`).name).toBe('lab');
  });
});

describe('files beside clouds.yaml', () => {
  const PUBLIC = LAB.replace('      password: geheim-1\n', '');

  it('secure.yaml adds the secrets, key by key', () => {
    write('clouds.yaml', PUBLIC);
    write('secure.yaml', 'clouds:\n  lab:\n    auth:\n      password: geheim-2\n');
    const { login } = load().open('lab');
    expect('password' in login && reveal(login.password)).toBe('geheim-2');
    expect(login).toMatchObject({ user: { name: 'demo' } });
  });

  it('OS_CLIENT_SECURE_FILE names another one', () => {
    write('clouds.yaml', PUBLIC);
    const file = write('secrets/s.yaml', 'clouds:\n  lab:\n    auth:\n      password: geheim-3\n');
    expect(load({ OS_CLIENT_SECURE_FILE: file }).check('lab')).toBeUndefined();
    expect(message(() => load({ OS_CLIENT_SECURE_FILE: 'gone.yaml' }))).toContain('OS_CLIENT_SECURE_FILE');
  });

  it('a mistake in secure.yaml is said to be there', () => {
    write('clouds.yaml', PUBLIC);
    write('secure.yaml', 'clouds:\n  lab:\n    auth:\n      password: 12345\n');
    expect(message(() => load().open('lab'))).toBe(
      `Profile lab in ${join(folder, 'secure.yaml')}: auth.password must be text: put it in quotes.`,
    );
  });

  it('clouds-public.yaml holds what a vendor sets, below what the profile sets', () => {
    write('clouds.yaml', `${LAB}    profile: otc\n    interface: internal\n`);
    const vendor = 'auth:\n      auth_url: https://vendor/v3\n      user_domain_name: OTC\n    region_name: eu-de';
    write('clouds-public.yaml', `public-clouds:\n  otc:\n    ${vendor}\n    interface: public\n`);
    expect(load().open('lab')).toMatchObject({
      authUrl: 'http://keystone:5000/v3',
      region: 'eu-de',
      interface: 'internal',
      login: { user: { name: 'demo', domain: { name: 'OTC' } } },
    });
  });

  it('a vendor that is not there is said to be missing', () => {
    write('clouds.yaml', `${LAB}    profile: nobody\n`);
    expect(message(() => load().open('lab'))).toMatch(
      /^Profile lab in .*clouds\.yaml: profile names the vendor nobody, which is not in .*clouds-public\.yaml/,
    );
  });
});

describe('what a profile says to this program alone', () => {
  it('is how often the cloud may be asked, and when it confirms by itself', () => {
    const said = 'durable_resize: { requests_per_second: 2.5, auto-confirm-window: 3600 }';
    expect(profile(`${AUTH}${said}\n`)).toMatchObject({ requestsPerSecond: 2.5, autoConfirmWindow: 3_600_000 });
  });

  it.each(['durable_resize: {}', 'durable_resize:', 'durable_resize: { auto_confirm_window: 0 }'])(
    '%j is nothing',
    (said) => {
      const { requestsPerSecond, autoConfirmWindow } = profile(`${AUTH}${said}\n`);
      expect([requestsPerSecond, autoConfirmWindow]).toEqual([undefined, undefined]);
    },
  );
});

describe('a profile with a mistake', () => {
  const place = () => `Profile lab in ${join(folder, 'clouds.yaml')}: `;

  it.each([
    ['regoin_name: x', 'regoin_name is not a known key; the nearest known one is region_name.'],
    ['region: x', 'region is not a known key; the nearest known one is region_name.'],
    ['verfy: false', 'verfy is not a known key; the nearest known one is verify.'],
    ['ca_cert: x', 'ca_cert is not a known key; the nearest known one is cacert.'],
    ['pasword: x', 'pasword is not a known key; the nearest known one is auth.password.'],
    ['interface: outside', 'interface must be public, internal or admin.'],
    ['verify: maybe', 'verify must be true or false.'],
    ['region_name: 7', 'region_name must be text: put it in quotes.'],
    ['region_name: [a]', 'region_name must be text.'],
    ['cacert: gone.pem', 'cacert names the file gone.pem, which cannot be read.'],
    [
      'auth_type: v3oidcpassword',
      'auth_type is a method not supported by this version; use one of password, v3password, v3applicationcredential, token, v3token, aksk.',
    ],
    ['endpoint_override: nova', 'compute_endpoint_override must be an http:// or https:// address.'],
    ['durable_resize: 20', 'durable_resize must be a mapping of keys.'],
    [
      'durable_resize: {request_per_second: 5}',
      'durable_resize.request_per_second is not a known key; the nearest known one is durable_resize.requests_per_second.',
    ],
    ['durable_resize: {requests_per_second: 0}', 'durable_resize.requests_per_second must be a number, at least 1.'],
    ['durable_resize: {requests_per_second: "5"}', 'durable_resize.requests_per_second must be a number, at least 1.'],
    [
      'durable_resize: {auto_confirm_window: 1 h}',
      'durable_resize.auto_confirm_window must be a number of seconds (0: the cloud does not confirm by itself).',
    ],
  ])('in %j says what, where and what to do', (line, words) => {
    expect(message(() => profile(`${AUTH}${line}\n`))).toBe(place() + words);
  });

  it.each([
    ['usrname: demo', 'auth.usrname is not a known key; the nearest known one is username.'],
    ['user: demo', 'auth.user is not a known key; the nearest known one is username.'],
    ['something: else', /auth\.something is not a known key; the nearest known one is \w+\.$/],
    ['user_domain_id: 1', 'auth.user_domain_id must be text: put it in quotes.'],
  ])('in auth, %j, says what, where and what to do', (line, words) => {
    const said = message(() => profile(`${AUTH}  ${line}\n`));
    expect(said.startsWith(place())).toBe(true);
    if (typeof words === 'string') expect(said).toBe(place() + words);
    else expect(said).toMatch(words);
  });

  it.each([
    ['auth_url', 'auth.auth_url is missing.'],
    ['username', 'auth.username is missing (or user_id).'],
    ['password', 'auth.password is missing.'],
    ['project_name', 'auth.project_name is missing (or project_id): servers belong to a project.'],
  ])('that lacks %s says so', (key, words) => {
    const lines = AUTH.split('\n').filter((line) => !line.includes(`${key}:`));
    expect(message(() => profile(lines.join('\n')))).toBe(place() + words);
  });

  it.each(['auth: demo', '- a', 'auth:'])('written as %j is refused', (text) => {
    expect(message(() => profile(text))).toContain(place());
  });

  it('never shows a value', () => {
    const said = message(() => profile(AUTH.replace('geheim-1', '{ geheim: 4 }')));
    expect(said).toBe(`${place()}auth.password must be text.`);
  });

  it('does not break the others', () => {
    write('clouds.yaml', `${LAB}  bad:\n    auth: 7\n  worse: 1\n`);
    const profiles = load();
    expect(profiles.names()).toEqual(['lab', 'bad', 'worse']);
    expect(profiles.check('lab')).toBeUndefined();
    expect(profiles.check('bad')?.message).toContain('auth must be a mapping of keys.');
    expect(profiles.check('worse')?.message).toContain('must be a mapping of keys.');
    expect(profiles.open('lab').name).toBe('lab');
  });

  it('in its YAML is shown by place alone, because the line may hold a password', () => {
    const file = write('clouds.yaml', `${LAB}      password2: "geheim-4\n`);
    const said = message(() => load());
    expect(said).toMatch(new RegExp(`^${file} is not valid YAML at line \\d+, column \\d+; correct it there\\.$`));
    write('clouds.yaml', 'cluods:\n  lab: {}\nclouds: [geheim-5]\n');
    expect(message(() => load())).toContain('has no mapping "clouds:" at its top');
  });
});

describe('the environment', () => {
  const OS = {
    OS_AUTH_URL: 'http://keystone:5000/v3',
    OS_USERNAME: 'demo',
    OS_PASSWORD: 'geheim-6',
    OS_PROJECT_NAME: 'lab',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_REGION_NAME: 'RegionOne',
    OS_INTERFACE: 'public',
    OS_IDENTITY_API_VERSION: '3',
    OS_TYPE: 'something of another program',
  };

  it('alone is the profile envvars', () => {
    const profiles = load(OS);
    expect(profiles.names()).toEqual(['envvars']);
    expect(profiles.open('envvars')).toMatchObject({
      name: 'envvars',
      source: 'environment',
      region: 'RegionOne',
      login: {
        user: { name: 'demo', domain: { name: 'Default' } },
        project: { name: 'lab', domain: { id: 'default' } },
      },
    });
  });

  it('with empty variables is the same as without them', () => {
    write('.config/openstack/clouds.yaml', LAB);
    expect(load({ ...OS, OS_CLOUD_NAME: '', XDG_CONFIG_HOME: '' }).names()).toEqual(['lab', 'envvars']);
  });

  it('stands beside the file', () => {
    write('clouds.yaml', LAB);
    expect(load(OS).names()).toEqual(['lab', 'envvars']);
  });

  it('that only chooses a profile or a file is none', () => {
    const file = write('my.yaml', LAB);
    expect(load({ OS_CLOUD: 'lab', OS_REGION_NAME: 'x', OS_CLIENT_CONFIG_FILE: file }).names()).toEqual(['lab']);
  });

  it('without a password names the variable', () => {
    expect(load({ ...OS, OS_PASSWORD: '' }).check('envvars')?.message).toBe(
      'Profile envvars in environment: OS_PASSWORD is missing.',
    );
  });

  it('switches verification off in words, and holds application credentials and tokens', () => {
    expect(load({ ...OS, OS_VERIFY: 'no' }).open('envvars').tls.verify).toBe(false);
    const credential = {
      OS_AUTH_URL: 'http://k/',
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: 'a1',
      OS_APPLICATION_CREDENTIAL_SECRET: 's1',
    };
    expect(load(credential).open('envvars').login).toMatchObject({ method: 'application_credential', id: 'a1' });
    const token = { OS_AUTH_URL: 'http://k/', OS_TOKEN: 't', OS_PROJECT_ID: 'p' };
    expect(load(token).open('envvars').login).toMatchObject({ method: 'token' });
  });

  it('with the name of a profile in the file makes that name unusable, not the others', () => {
    write('clouds.yaml', `${LAB}  envvars: {}\n`);
    const profiles = load(OS);
    expect(profiles.check('envvars')?.message).toContain('both in');
    expect(profiles.check('lab')).toBeUndefined();
  });
});

describe('access keys', () => {
  const place = () => `Profile lab in ${join(folder, 'clouds.yaml')}: `;
  const keys = 'auth: {access_key: AK, secret_key: SK, project_id: p}\n';
  const endpoint = 'compute_endpoint_override: https://ecs.example.com/v2.1/p\n';

  it.each([
    ['access_key and secret_key', keys],
    ['ak and sk', 'auth: {ak: AK, sk: SK, project_id: p}\n'],
  ])('%s need neither a log-in nor an auth_url, and print nothing of the secret', (_, auth) => {
    const checked = profile(auth + endpoint);
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
    expect(message(() => profile(text))).toBe(place() + words);
  });

  it('beside a password are for something else, unless auth_type says so', () => {
    const both = `${AUTH}  access_key: AK\n  secret_key: SK\n  project_id: p\n${endpoint}`;
    expect(profile(both).login.method).toBe('password');
    expect(profile(`auth_type: aksk\n${both}`).login.method).toBe('aksk');
  });

  it('may be temporary, with a token of their own', () => {
    const { login } = profile(`auth: {ak: AK, sk: SK, security_token: ST, project_id: p}\n${endpoint}`);
    expect(login.method === 'aksk' && reveal(login.securityToken)).toBe('ST');
  });

  const variables = { OS_COMPUTE_ENDPOINT_OVERRIDE: 'https://ecs.example.com/v2.1/p', OS_PROJECT_ID: 'p' };
  const ofSdk = { HUAWEICLOUD_SDK_AK: 'AK', HUAWEICLOUD_SDK_SK: 'SK', HUAWEICLOUD_SDK_PROJECT_ID: 'p2' };

  it.each([
    ['OS_ACCESS_KEY and OS_SECRET_KEY', { ...variables, OS_ACCESS_KEY: 'AK', OS_SECRET_KEY: 'SK' }, 'p'],
    ['the variables of the SDK of Huawei', { ...variables, OS_PROJECT_ID: '', ...ofSdk }, 'p2'],
    ['both, of which ours go first', { ...variables, ...ofSdk }, 'p'],
  ])('may be in the environment: %s', (_, env, project) => {
    expect(load(env).open('envvars').login).toMatchObject({ method: 'aksk', project });
  });

  it('of the SDK of Huawei, for other programs, make no profile here and change none', () => {
    expect(load(ofSdk).names()).toEqual([]);
    const password = { OS_AUTH_URL: 'http://k/', OS_USERNAME: 'u', OS_PASSWORD: 'w', OS_PROJECT_NAME: 'lab' };
    expect(load({ ...password, ...variables, ...ofSdk }).open('envvars').login.method).toBe('password');
  });

  it('in the environment without an endpoint are refused by the name of the variable', () => {
    const env = { OS_ACCESS_KEY: 'AK', OS_SECRET_KEY: 'SK', OS_PROJECT_ID: 'p' };
    expect(load(env).check('envvars')?.message).toBe(
      'Profile envvars in environment: OS_COMPUTE_ENDPOINT_OVERRIDE is missing: with access keys there is no catalog to find it in.',
    );
  });
});
