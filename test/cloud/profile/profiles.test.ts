import { join } from 'node:path';
import { inspect } from 'node:util';

import { AUTH, LAB, message, reveal, Written } from './written';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

let here: Written;
beforeEach(() => {
  here = new Written();
});
afterEach(() => here.remove());

describe('where profiles are found', () => {
  it('in the current folder first, then in the home of the user', () => {
    here.write('.config/openstack/clouds.yml', LAB.replace('lab:', 'home:'));
    expect(here.load().names()).toEqual(['home']);
    here.write('clouds.yaml', LAB.replace('lab:', 'here:'));
    expect(here.load().names()).toEqual(['here']);
  });

  it('in the file that OS_CLIENT_CONFIG_FILE names, and nowhere else', () => {
    here.write('clouds.yaml', LAB);
    const file = here.write('elsewhere/my.yaml', LAB.replace('lab:', 'named:'));
    expect(here.load({ OS_CLIENT_CONFIG_FILE: file }).names()).toEqual(['named']);
    expect(message(() => here.load({ OS_CLIENT_CONFIG_FILE: join(here.folder, 'gone.yaml') }))).toMatch(
      /^OS_CLIENT_CONFIG_FILE names the file .*gone\.yaml, which is not there; correct or unset it\.$/,
    );
  });

  it('nowhere: then there are none', () => {
    expect(here.load().names()).toEqual([]);
    expect(message(() => here.load().open('lab'))).toContain('There is no profile lab');
  });

  it('in a file that is empty or has no clouds yet', () => {
    here.write('clouds.yaml', '');
    expect(here.load().names()).toEqual([]);
    here.write('clouds.yaml', 'clouds:\n');
    expect(here.load().names()).toEqual([]);
  });

  it('and what is there is listed when a name is not', () => {
    here.write('clouds.yaml', LAB);
    expect(message(() => here.load().open('lba'))).toMatch(
      /There is no profile lba in .*clouds\.yaml; there are: lab\.$/,
    );
  });
});

describe('a profile', () => {
  it('is a checked plain object', () => {
    const opened = here.profile(`${AUTH}region_name: RegionOne\ninterface: internalURL\n`);
    expect(opened).toMatchObject({
      name: 'lab',
      source: join(here.folder, 'clouds.yaml'),
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
    expect(here.profile(`${AUTH}  ${lines}\n`).login).toMatchObject({
      user: { name: 'demo', domain: user },
      project: { name: 'lab', domain: project },
    });
  });

  it('may name user and project by id, which needs no domain', () => {
    const opened = here.profile('auth:\n  auth_url: http://k/\n  user_id: u1\n  password: p\n  project_id: p1');
    expect(opened.login).toMatchObject({ user: { id: 'u1' }, project: { id: 'p1' } });
  });

  it('may write keys with dashes, and those of auth beside it', () => {
    const opened = here.profile(
      'auth:\n  auth-url: http://k/\n  password: p\nusername: demo\nproject-name: lab\nregion-name: R',
    );
    expect(opened).toMatchObject({ region: 'R', login: { user: { name: 'demo' }, project: { name: 'lab' } } });
  });

  it.each(['auth_type: v3applicationcredential\n', ''])('may be an application credential (%j)', (type) => {
    const auth = 'auth:\n  auth_url: http://k/\n  application_credential_id: a1\n  application_credential_secret: s1';
    const { login } = here.profile(`${type}${auth}`);
    expect(login).toMatchObject({ method: 'application_credential', id: 'a1' });
    expect('secret' in login && reveal(login.secret)).toBe('s1');
  });

  it('may be a token, with a warning that it ends', () => {
    const opened = here.profile('auth_type: v3token\nauth:\n  auth_url: http://k/\n  token: t1\n  project_id: p1');
    expect(opened.login).toMatchObject({ method: 'token', project: { id: 'p1' } });
    expect(opened.warnings).toEqual([expect.stringContaining('expires')]);
  });

  it('may hold its own authority, found from the current folder', () => {
    here.write('ca.pem', PEM);
    expect(here.profile(`${AUTH}cacert: ca.pem\n`).tls).toEqual({ verify: true, ca: PEM });
  });

  it.each([
    ['verify: false', false],
    ['insecure: true', false],
    ['verify: true', true],
  ])('may say %s', (line, verify) => {
    expect(here.profile(`${AUTH}${line}\n`).tls).toEqual({ verify });
  });

  it.each(['compute_endpoint_override', 'endpoint_override'])('may give the compute endpoint as %s', (key) => {
    expect(here.profile(`${AUTH}${key}: https://nova/v2.1/%(project_id)s\n`).computeEndpoint).toBe(
      'https://nova/v2.1/%(project_id)s',
    );
  });

  it('uses the first of several regions, as openstacksdk does', () => {
    expect(here.profile(`${AUTH}regions:\n  - name: one\n    values: {}\n  - two\n`).region).toBe('one');
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
    expect(here.profile(`${AUTH}${lines}`).name).toBe('lab');
  });
});

describe('files beside clouds.yaml', () => {
  const PUBLIC = LAB.replace('      password: geheim-1\n', '');

  it('secure.yaml adds the secrets, key by key', () => {
    here.write('clouds.yaml', PUBLIC);
    here.write('secure.yaml', 'clouds:\n  lab:\n    auth:\n      password: geheim-2\n');
    const { login } = here.load().open('lab');
    expect('password' in login && reveal(login.password)).toBe('geheim-2');
    expect(login).toMatchObject({ user: { name: 'demo' } });
  });

  it('OS_CLIENT_SECURE_FILE names another one', () => {
    here.write('clouds.yaml', PUBLIC);
    const file = here.write('secrets/s.yaml', 'clouds:\n  lab:\n    auth:\n      password: geheim-3\n');
    expect(here.load({ OS_CLIENT_SECURE_FILE: file }).check('lab')).toBeUndefined();
    expect(message(() => here.load({ OS_CLIENT_SECURE_FILE: 'gone.yaml' }))).toContain('OS_CLIENT_SECURE_FILE');
  });

  it('a mistake in secure.yaml is said to be there', () => {
    here.write('clouds.yaml', PUBLIC);
    here.write('secure.yaml', 'clouds:\n  lab:\n    auth:\n      password: 12345\n');
    expect(message(() => here.load().open('lab'))).toBe(
      `Profile lab in ${join(here.folder, 'secure.yaml')}: auth.password must be text: put it in quotes.`,
    );
  });

  it('clouds-public.yaml holds what a vendor sets, below what the profile sets', () => {
    here.write('clouds.yaml', `${LAB}    profile: otc\n    interface: internal\n`);
    const vendor = 'auth:\n      auth_url: https://vendor/v3\n      user_domain_name: OTC\n    region_name: eu-de';
    here.write('clouds-public.yaml', `public-clouds:\n  otc:\n    ${vendor}\n    interface: public\n`);
    expect(here.load().open('lab')).toMatchObject({
      authUrl: 'http://keystone:5000/v3',
      region: 'eu-de',
      interface: 'internal',
      login: { user: { name: 'demo', domain: { name: 'OTC' } } },
    });
  });

  it.each(['clouds.json', '.config/openstack/clouds.json'])('may be JSON: %s', (file) => {
    here.write(file, JSON.stringify({ clouds: { lab: { auth: { auth_url: 'http://k/', username: 'demo' } } } }));
    here.write('.config/openstack/secure.yaml', 'clouds:\n  lab:\n    auth: {password: p, project_id: i}\n');
    expect(here.load().check('lab')).toBeUndefined();
  });
});

describe('what a profile says to this program alone', () => {
  it('is how often the cloud may be asked, and when it confirms by itself', () => {
    const said = 'durable_resize: { requests_per_second: 2.5, auto-confirm-window: 3600 }';
    expect(here.profile(`${AUTH}${said}\n`)).toMatchObject({ requestsPerSecond: 2.5, autoConfirmWindow: 3_600_000 });
  });

  it.each(['durable_resize: {}', 'durable_resize:', 'durable_resize: { auto_confirm_window: 0 }'])(
    '%j is nothing',
    (said) => {
      const { requestsPerSecond, autoConfirmWindow } = here.profile(`${AUTH}${said}\n`);
      expect([requestsPerSecond, autoConfirmWindow]).toEqual([undefined, undefined]);
    },
  );

  it.each([
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
  ])('in %j is refused with what is wrong', (line, words) => {
    expect(message(() => here.profile(`${AUTH}${line}\n`))).toBe(here.place + words);
  });
});
