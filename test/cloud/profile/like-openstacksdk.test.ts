/** What a file means is what openstacksdk makes of it: the values here are those of its version 4.22 (`get_one`). */
import type { Profile } from '../../../src/cloud';
import { message, Written } from './written';

let here: Written;
beforeEach(() => {
  here = new Written();
});
afterEach(() => here.remove());

const DOMAINS = '\n  user_domain_name: UD\n  project_domain_name: PD';
const BASE = `auth:
  auth_url: https://k.example/v3
  username: u
  password: p
  project_name: web`;

const opened = (lines: string, auth = DOMAINS) => here.profile(`${BASE}${auth}\n${lines}\n`);

function project(profile: Profile): unknown {
  return 'project' in profile.login ? profile.login.project : undefined;
}

describe('the domains of user and project', () => {
  const UD = { name: 'UD' };
  const PD = { name: 'PD' };

  it.each([
    ['nothing: default is a guess for both', '', { id: 'default' }, { id: 'default' }],
    ["the user's alone, which serves the project", 'user_domain_name: UD', UD, UD],
    ["the user's beside an empty one", 'user_domain_name: UD\nproject_domain_name: ""', UD, UD],
    ["the user's beside null", 'user_domain_name: UD\nproject_domain_name:', UD, UD],
    ["the project's alone, which serves the user", 'project_domain_id: pd', { id: 'pd' }, { id: 'pd' }],
    ['each its own', 'user_domain_name: UD\nproject_domain_name: PD', UD, PD],
    ['ids beside names', 'user_domain_id: ui\nuser_domain_name: UD\nproject_domain_name: PD', { id: 'ui' }, PD],
    ['one for both', 'domain_name: DN', { name: 'DN' }, { name: 'DN' }],
    ['one for both and the own one', 'domain_name: DN\nuser_domain_name: UD', UD, { name: 'DN' }],
    ['one for both by id and name', 'domain_id: di\ndomain_name: DN', { id: 'di' }, { id: 'di' }],
    ['the default one by id', 'default_domain_id: dd', { id: 'dd' }, { id: 'dd' }],
    ['the default one by name', 'default_domain_name: dn', { name: 'dn' }, { name: 'dn' }],
  ])('are, by %s, under auth and beside it', (_, lines, user, projects) => {
    const under = opened('', `\n${lines.replace(/^/gm, '  ')}`);
    const expected = { user: { name: 'u', domain: user }, project: { name: 'web', domain: projects } };
    expect(under.login).toMatchObject(expected);
    expect(opened(lines, '').login).toMatchObject(expected);
  });

  it('come from variables in the same way, of which an empty one is not set', () => {
    const env = { OS_AUTH_URL: 'http://k/', OS_USERNAME: 'u', OS_PASSWORD: 'p', OS_PROJECT_NAME: 'web' };
    const { login } = here
      .load({ ...env, OS_USER_DOMAIN_NAME: 'OTC0001', OS_PROJECT_DOMAIN_NAME: '', OS_PROJECT_DOMAIN_ID: '' })
      .open('envvars');
    expect(login).toMatchObject({ user: { domain: { name: 'OTC0001' } }, project: { domain: { name: 'OTC0001' } } });
  });
});

describe('the project', () => {
  it.each([
    ['  tenant_name: t', { name: 'web' }],
    ['  tenant_id: ti', { id: 'ti' }],
    ['  project_id: pi\n  tenant_id: ti', { id: 'pi' }],
    ['project_name: beside', { name: 'beside' }],
    ['project_id: beside', { id: 'beside' }],
  ])('with %j beside project_name', (lines, expected) => {
    expect(project(opened('', `${DOMAINS}\n${lines}`))).toMatchObject(expected);
  });
});

describe('names that keystoneauth took once', () => {
  it.each([
    ['user-name', BASE.replace('username', 'user-name')],
    ['user_name', BASE.replace('username', 'user_name')],
    ['auth_plugin', `${BASE}\nauth_plugin: v3password`],
    ['auth_plugin beside auth_type, which counts', `${BASE}\nauth_plugin: v3oidcpassword\nauth_type: v3password`],
  ])('are taken: %s', (_, lines) => {
    expect(here.profile(lines).login).toMatchObject({ method: 'password', user: { name: 'u' } });
  });

  it('are taken for a token', () => {
    const lines = 'auth_type: token\nauth: {auth_url: http://k/, auth_token: t, project_id: p}';
    expect(here.profile(lines).login.method).toBe('token');
  });
});

describe('the region', () => {
  it.each([
    ['region_name: R', 'R'],
    ['region_name: "R1,R2"', 'R1'],
    ['regions: [R1, R2]', 'R1'],
    ['regions: [R1, R2]\nregion_name: R1', 'R1'],
    ['regions: []\nregion_name: R', 'R'],
    ['regions:\nregion_name: R', 'R'],
    ['compute_region_name: CR\nregion_name: R', 'CR'],
    ['compute_region_name: CR\nregions: [R1]', 'CR'],
    ['region_name: ""', undefined],
  ])('of %j is %s', (lines, region) => {
    expect(opened(lines).region).toBe(region);
  });

  it('brings its values, which count more than those of the profile', () => {
    const values = '{interface: internal, auth: {auth_url: "https://r1.example/v3"}, compute-region-name: C1}';
    const profile = opened(`interface: admin\nregions:\n  - {name: R1, values: ${values}}\n  - {name: R2}`);
    expect(profile).toMatchObject({ authUrl: 'https://r1.example/v3', interface: 'internal', region: 'C1' });
    expect(profile.login).toMatchObject({ user: { name: 'u' } });
  });

  it('may be the only place of the address', () => {
    const auth = 'auth: {username: u, password: p, project_name: web}';
    const values = 'values: {auth: {auth_url: "https://r1.example/v3"}}';
    expect(here.profile(`${auth}\nregions: [{name: R1, ${values}}, R2]`).authUrl).toBe('https://r1.example/v3');
  });

  it('is filled in where an address asks for it', () => {
    const profile = here.profile(
      `${BASE.replace('k.example', 'iam.{region_name}.example')}\nregion_name: eu\ncompute_endpoint_override: https://ecs.{region_name}.example/`,
    );
    expect([profile.authUrl, profile.computeEndpoint]).toEqual([
      'https://iam.eu.example/v3',
      'https://ecs.eu.example/',
    ]);
  });

  it.each([
    [
      'regions: [R1, R2]\nregion_name: R2',
      'region_name is not the first of regions, which is the one that openstacksdk uses: leave out one of the two keys.',
    ],
    ['regions: R1', 'regions must be a list.'],
    [
      'regions: [{name: R1, value: {}}]',
      'regions must list names, in quotes where they are numbers, or mappings of name and values.',
    ],
    ['regions: [{name: R1, values: {interface: x}}]', 'regions.values.interface must be public, internal or admin.'],
  ])('is refused in %j', (lines, words) => {
    expect(message(() => opened(lines))).toBe(here.place + words);
  });
});

describe('a value', () => {
  it.each(['50123456789012345678901234567e12', '0o17', '0789'])('written as %s is text, as in YAML 1.1', (id) => {
    const auth = `auth: {auth_url: "https://k.example/v3", username: u, password: p, project_id: ${id}}`;
    expect(here.profile(auth).login).toMatchObject({ project: { id } });
  });

  it.each(['" https://k.example/v3 "', '"https://k.example/v3\\n"'])(
    '%s is an address with nothing around it',
    (url) => {
      expect(here.profile(`auth: {auth_url: ${url}, username: u, password: p, project_id: i}`).authUrl).toBe(
        'https://k.example/v3',
      );
    },
  );
});

describe('the interface', () => {
  it.each([
    ['interface: internalURL', 'internal', 0],
    ['endpoint_type: internalURL', 'internal', 0],
    ['endpoint_type: admin\ninterface: internal', 'admin', 1],
    ['interface: internal\nendpoint_type: admin', 'admin', 1],
    ['compute_interface: internal', 'internal', 0],
    ['compute_interface: internal\ninterface: admin', 'internal', 0],
    ['compute_endpoint_type: internalURL\ninterface: admin', 'internal', 0],
    ['interface:', 'public', 0],
  ])('of %j is %s', (lines, expected, warnings) => {
    const profile = opened(lines);
    expect([profile.interface, profile.warnings.length]).toEqual([expected, warnings]);
  });

  it('that is named twice for compute is refused', () => {
    expect(message(() => opened('compute_interface: admin\ncompute_endpoint_type: internal'))).toContain(
      'compute_interface and compute_endpoint_type name two interfaces',
    );
  });
});

describe('what else concerns compute', () => {
  it.each([
    ['compute_endpoint: https://n/v2.1', 'https://n/v2.1'],
    ['compute_endpoint: https://n/v2.1\ncompute_endpoint_override: https://o/v2.1', 'https://o/v2.1'],
  ])('%j is the endpoint', (lines, endpoint) => {
    expect(opened(lines)).toMatchObject({ computeEndpoint: endpoint, warnings: [] });
  });

  it('is the service in the catalog, and a limit of requests', () => {
    const lines = 'compute_service_type: computev21\ncompute_service_name: nova\nrate_limit: {compute: 5, image: 1}';
    expect(opened(lines)).toMatchObject({ serviceType: 'computev21', serviceName: 'nova', requestsPerSecond: 5 });
    expect(opened(`${lines}\ndurable_resize: {requests_per_second: 7}`).requestsPerSecond).toBe(7);
  });

  it.each([
    ['api_timeout: 10', /^api_timeout is not used: .*DURABLE_RESIZE_HTTP_TIMEOUT/],
    ['compute_default_microversion: 2.79', /^compute_default_microversion is not used/],
    ['compute_api_version: 2.79', /^compute_api_version names a microversion, which is not used/],
    ['compute_connect_retries: 3', /^compute_connect_retries is not used/],
    ['concurrency: {compute: 4}', /^concurrency is not used/],
    ['endpoint_override: https://n/v2.1', /^endpoint_override is used .* ignored by openstacksdk/],
  ])('%j is warned of', (lines, words) => {
    expect(opened(lines).warnings).toEqual([expect.stringMatching(words)]);
  });

  it.each(['compute_api_version: 2', 'compute_api_version: "2.1"', 'compute_api_version: 2.0', 'has_compute: true'])(
    '%j says what holds anyway',
    (lines) => expect(opened(lines).warnings).toEqual([]),
  );

  it.each([
    ['compute_api_version: 1', 'compute_api_version must be 2 or 2.1: the compute API that is spoken here.'],
    ['has_compute: false', 'has_compute says that there is no compute service.'],
    ['compute_foo: 1', 'compute_foo is not a known key, and it concerns this program.'],
    ['compute_regon_name: R', 'compute_regon_name is not a known key; the nearest known one is compute_region_name.'],
    ['compute_region: R', 'compute_region is not a known key; the nearest known one is compute_region_name.'],
    ['rate_limit: {compute: 0.5}', 'rate_limit.compute must be a number of requests a second, at least 1.'],
  ])('%j is refused by name', (lines, words) => {
    expect(message(() => opened(lines))).toBe(here.place + words);
  });
});

describe('verification', () => {
  it.each([
    ['verify: true\ninsecure: true', false],
    ['verify: false\ninsecure: false', false],
    ['verify: false', false],
    ['verify: no', false],
    ['insecure: yes', false],
    ['insecure: "false"', true],
    ['verify:\ninsecure:', true],
  ])('with %j: %s', (lines, verify) => {
    expect(opened(lines).tls.verify).toBe(verify);
  });

  it('that is off needs no authority, and a key without a certificate is not read', () => {
    const profile = opened('verify: false\ncacert: gone.pem\nkey: gone.key');
    expect(profile.tls).toEqual({ verify: false });
    expect(profile.warnings).toEqual([
      expect.stringContaining('cacert is not used'),
      'key is not used, because this profile has no cert.',
    ]);
  });
});

describe('a public cloud', () => {
  const user = 'auth: {username: u, password: p, project_name: w, user_domain_name: UD}\n';

  it.each([
    ['profile: otc', 'https://iam.eu-de.otc.t-systems.com/v3', 'eu-de'],
    ['profile: otc\nregion_name: eu-nl', 'https://iam.eu-nl.otc.t-systems.com/v3', 'eu-nl'],
    ['cloud: otc', 'https://iam.eu-de.otc.t-systems.com/v3', 'eu-de'],
    ['profile: elastx', 'https://ops.elastx.cloud:5000/v3', 'se-sto'],
  ])('%j is known', (lines, authUrl, region) => {
    expect(here.profile(user + lines)).toMatchObject({ authUrl, region, warnings: [] });
  });

  it.each(['nobody', 'https://vendor.invalid', 'constructor'])(
    '%s is warned of where all that is needed is at hand',
    (name) => {
      expect(opened(`profile: ${name}`).warnings).toEqual([
        'The vendor that profile names is neither known nor in a clouds-public.yaml: only the keys of this profile are used.',
      ]);
    },
  );

  it('that is not known is a reason for what is missing', () => {
    expect(message(() => here.profile(`${user}profile: nobody`))).toBe(
      `${here.place}auth.auth_url is missing; the vendor that profile names is not known and gives none.`,
    );
  });

  it('in clouds-public.yaml counts more than the one that is known', () => {
    here.write(
      'clouds-public.yaml',
      'public-clouds:\n  otc:\n    auth: {auth_url: "https://mine/v3"}\n    regions: [VR]\n',
    );
    expect(here.profile(`${user}profile: otc`)).toMatchObject({ authUrl: 'https://mine/v3', region: 'VR' });
  });
});
