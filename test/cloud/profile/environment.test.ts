import { LAB, Written } from './written';

let here: Written;
beforeEach(() => {
  here = new Written();
});
afterEach(() => here.remove());

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
    const profiles = here.load(OS);
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
    here.write('.config/openstack/clouds.yaml', LAB);
    expect(here.load({ ...OS, OS_CLOUD_NAME: '', XDG_CONFIG_HOME: '' }).names()).toEqual(['lab', 'envvars']);
  });

  it('stands beside the file', () => {
    here.write('clouds.yaml', LAB);
    expect(here.load(OS).names()).toEqual(['lab', 'envvars']);
  });

  it('that only chooses a profile or a file is none', () => {
    const file = here.write('my.yaml', LAB);
    expect(here.load({ OS_CLOUD: 'lab', OS_REGION_NAME: 'x', OS_CLIENT_CONFIG_FILE: file }).names()).toEqual(['lab']);
  });

  it('without a password names the variable', () => {
    expect(here.load({ ...OS, OS_PASSWORD: '' }).check('envvars')?.message).toBe(
      'Profile envvars in environment: OS_PASSWORD is missing.',
    );
  });

  it('switches verification off in words, and holds application credentials and tokens', () => {
    expect(here.load({ ...OS, OS_VERIFY: 'no' }).open('envvars').tls.verify).toBe(false);
    const credential = {
      OS_AUTH_URL: 'http://k/',
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_ID: 'a1',
      OS_APPLICATION_CREDENTIAL_SECRET: 's1',
    };
    expect(here.load(credential).open('envvars').login).toMatchObject({ method: 'application_credential', id: 'a1' });
    const token = { OS_AUTH_URL: 'http://k/', OS_TOKEN: 't', OS_PROJECT_ID: 'p' };
    expect(here.load(token).open('envvars').login).toMatchObject({ method: 'token' });
  });

  it('says of a variable that concerns compute and is not used that it is not, and leaves others alone', () => {
    const more = { OS_API_TIMEOUT: '10', OS_COMPUTE_FOO: '1', OS_FOO: '1', OS_COMPUTE_API_VERSION: '2.1' };
    expect(here.load({ ...OS, ...more }).open('envvars').warnings).toEqual([
      'OS_API_TIMEOUT is not used: the worker limits each request by DURABLE_RESIZE_HTTP_TIMEOUT.',
      'OS_COMPUTE_FOO is not a known key, and it concerns this program.',
    ]);
  });

  it('may name a public cloud, an interface and a region for compute', () => {
    const more = { OS_PROFILE: 'otc', OS_ENDPOINT_TYPE: 'internalURL', OS_COMPUTE_REGION_NAME: 'CR', OS_INTERFACE: '' };
    expect(here.load({ ...OS, ...more }).open('envvars')).toMatchObject({
      authUrl: 'http://keystone:5000/v3',
      interface: 'internal',
      region: 'CR',
    });
  });

  it('with the name of a profile in the file makes that name unusable, not the others', () => {
    here.write('clouds.yaml', `${LAB}  envvars: {}\n`);
    const profiles = here.load(OS);
    expect(profiles.check('envvars')?.message).toContain('both in');
    expect(profiles.check('lab')).toBeUndefined();
  });
});
