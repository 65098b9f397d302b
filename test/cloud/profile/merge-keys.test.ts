/** YAML merge keys (`<<`, YAML 1.1), as PyYAML has them, and null. */
import { AUTH, message, Written } from './written';

let here: Written;
beforeEach(() => {
  here = new Written();
});
afterEach(() => here.remove());

describe('YAML merge keys', () => {
  const ANCHORS = `
x-common: &common { region_name: RegionOne, interface: internal, durable_resize: { auto_confirm_window: 60 } }
x-other: &other { region_name: Other, verify: false }
x-auth: &auth { auth_url: "https://k.example/v3", username: u, password: p }
`;
  const opens = (text: string) => {
    here.write('clouds.yaml', ANCHORS + text);
    return here.load().open('c');
  };
  const LOGIN = '    auth: { <<: *auth, project_name: web }\n';

  it('merge under auth and beside it', () => {
    expect(opens(`clouds:\n  c:\n    <<: *common\n${LOGIN}`)).toMatchObject({
      region: 'RegionOne',
      interface: 'internal',
      autoConfirmWindow: 60_000,
      authUrl: 'https://k.example/v3',
      login: { user: { name: 'u' }, project: { name: 'web' } },
    });
  });

  it.each([
    ['what is written counts more, wherever it stands', `    interface: admin\n${LOGIN}    <<: *common\n`, 'RegionOne'],
    ['of a list the first counts', `    <<: [*common, *other]\n${LOGIN}`, 'RegionOne'],
    ['of several the last counts, as for PyYAML', `    <<: *common\n    <<: *other\n${LOGIN}`, 'Other'],
  ])('%s', (_, lines, region) => {
    expect(opens(`clouds:\n  c:\n${lines}`).region).toBe(region);
  });

  it('merge whole profiles, one into another, and the list of clouds', () => {
    expect(
      opens(
        `x-p: &p\n  <<: *common\n  ${LOGIN.trim()}\nx-all: &all\n  c:\n    <<: *p\n    region_name: Mine\nclouds:\n  <<: *all\n`,
      ),
    ).toMatchObject({ region: 'Mine', interface: 'internal', login: { user: { name: 'u' } } });
  });

  it('are never passed over', () => {
    const quoted = message(() => opens(`clouds:\n  c:\n    "<<": *common\n${LOGIN}`));
    expect(quoted).toMatch(/: << is in quotes, so it merges nothing: write it without them\.$/);
    expect(message(() => opens(`clouds:\n  c:\n    auth: { '<<': *auth }\n`))).toContain('auth.<< is in quotes');
    expect(message(() => opens('x: &x [1]\nclouds:\n  c:\n    <<: *x\n'))).toMatch(
      /clouds\.yaml is not valid YAML: .*"<<"/,
    );
    expect(message(() => opens('clouds:\n  c:\n    <<: *nowhere\n'))).toContain('is not valid YAML');
  });

  it('work in secure.yaml', () => {
    here.write('secure.yaml', 'x: &x { password: s }\nclouds:\n  c:\n    auth: { <<: *x }\n');
    here.write('clouds.yaml', 'clouds: { c: { auth: { auth_url: "http://k/", username: u, project_id: i } } }\n');
    expect(here.load().check('c')).toBeUndefined();
  });
});

describe('null', () => {
  it('is not given, for every key, and hides nothing that is', () => {
    here.write('secure.yaml', 'clouds:\n  lab:\n    region_name:\n    auth: {password:}\n    durable_resize:\n');
    const keys = ['auth_type', 'profile', 'cloud', 'regions', 'interface', 'endpoint_type', 'verify', 'insecure'];
    const more = [
      'cacert',
      'cert',
      'key',
      'compute_endpoint_override',
      'compute_api_version',
      'rate_limit',
      'has_compute',
    ];
    const scope = ['system_scope', 'trust_id', 'passcode', 'domain_id', 'project_id', 'user_id', 'token', 'ak'];
    const nulls = (names: string[], indent = '') => names.map((name) => `${indent}${name}: null`).join('\n');
    const profile = here.profile(
      `${AUTH}${nulls(scope, '  ')}\n${nulls([...keys, ...more])}\nregion_name: R\ndurable_resize: {requests_per_second: 3, auto_confirm_window: null}`,
    );
    expect(profile).toMatchObject({ region: 'R', interface: 'public', requestsPerSecond: 3, warnings: [] });
    expect(profile.autoConfirmWindow).toBeUndefined();
  });
});
