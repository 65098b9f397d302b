import { join } from 'node:path';

import { AUTH, LAB, message, Written } from './written';

let here: Written;
beforeEach(() => {
  here = new Written();
});
afterEach(() => here.remove());

describe('a profile with a mistake', () => {
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
      'auth_type v3oidcpassword cannot be used here: it logs in through another service; use an application credential of this project (auth_type v3applicationcredential).',
    ],
    ['endpoint_override: nova', 'endpoint_override must be an http:// or https:// address.'],
  ])('in %j says what, where and what to do', (line, words) => {
    expect(message(() => here.profile(`${AUTH}${line}\n`))).toBe(here.place + words);
  });

  it.each([
    ['usrname: demo', 'auth.usrname is not a known key; the nearest known one is username.'],
    ['user: demo', 'auth.user is not a known key; the nearest known one is username.'],
    ['something: else', 'auth.something is not a known key.'],
    ['user_domain_id: 1', 'auth.user_domain_id must be text: put it in quotes.'],
  ])('in auth, %j, says what, where and what to do', (line, words) => {
    const said = message(() => here.profile(`${AUTH}  ${line}\n`));
    expect(said).toBe(here.place + words);
  });

  it.each([
    ['auth_url', 'auth.auth_url is missing.'],
    ['username', 'auth.username is missing (or user_id).'],
    ['password', 'auth.password is missing.'],
    ['project_name', 'auth.project_name is missing (or project_id): servers belong to a project.'],
  ])('that lacks %s says so', (key, words) => {
    const lines = AUTH.split('\n').filter((line) => !line.includes(`${key}:`));
    expect(message(() => here.profile(lines.join('\n')))).toBe(here.place + words);
  });

  it.each(['auth: demo', '- a', 'auth:'])('written as %j is refused', (text) => {
    expect(message(() => here.profile(text))).toContain(here.place);
  });

  it('that is a key given twice says where', () => {
    expect(message(() => here.profile(`${AUTH}region_name: R1\nregion_name: R2\n`))).toBe(
      `${join(here.folder, 'clouds.yaml')} is not valid YAML at line 9, column 5: a key is there for the second time in one mapping; correct it there.`,
    );
  });

  it('that is a value of a vault is not taken for a password', () => {
    const said = message(() => here.profile(AUTH.replace('geheim-1', '!vault "$ANSIBLE_VAULT;1.1"')));
    expect(said).toBe(
      `${join(here.folder, 'clouds.yaml')} has a value with a tag (!) at line 6 that only another program can read, as of a vault; write the value itself.`,
    );
  });

  it('never shows a value', () => {
    const said = message(() => here.profile(AUTH.replace('geheim-1', '{ geheim: 4 }')));
    expect(said).toBe(`${here.place}auth.password must be text.`);
  });

  it('does not break the others', () => {
    here.write('clouds.yaml', `${LAB}  bad:\n    auth: 7\n  worse: 1\n`);
    const profiles = here.load();
    expect(profiles.names()).toEqual(['lab', 'bad', 'worse']);
    expect(profiles.check('lab')).toBeUndefined();
    expect(profiles.check('bad')?.message).toContain('auth must be a mapping of keys.');
    expect(profiles.check('worse')?.message).toContain('must be a mapping of keys.');
    expect(profiles.open('lab').name).toBe('lab');
  });

  it('in its YAML is shown by place alone, because the line may hold a password', () => {
    const file = here.write('clouds.yaml', `${LAB}      password2: "geheim-4\n`);
    const said = message(() => here.load());
    expect(said).toMatch(new RegExp(`^${file} is not valid YAML at line \\d+, column \\d+; correct it there\\.$`));
    here.write('clouds.yaml', 'cluods:\n  lab: {}\nclouds: [geheim-5]\n');
    expect(message(() => here.load())).toContain('has no mapping "clouds:" at its top');
  });
});

describe('a secret in the wrong place is not shown', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIgeheim\n-----END PRIVATE KEY-----\n';
  const block = pem.trimEnd().replace(/^/gm, '  ');

  it.each([
    ['a key instead of its path', `cert: c.pem\nkey: |\n${block}`],
    ['a key in one line', `cert: c.pem\nkey: "${pem.trimEnd().replaceAll('\n', '\\\\n')}"`],
    ['a key without its first line', 'cert: c.pem\nkey: MIIgeheim/geheim+geheim=='],
    ['a key with the look of a file', 'cert: c.pem\nkey: ./geheim.pem'],
    ['a certificate with its key', `cert: |\n${block}`],
    ['a password as an authority', 'cacert: geheim'],
    ['a certificate as an authority', `cacert: |\n${block}`],
    ['a password as a region', 'region_name: [geheim]'],
    ['a password as a method', 'auth_type: geheim'],
    ['a password as an interface', 'interface: geheim'],
    ['a password as a vendor, over several lines', 'profile: "geheim\\ngeheim"\nregions: 7'],
    ['a password as an address', 'compute_endpoint_override: geheim'],
    ['a password as a number', 'compute_api_version: geheim'],
    ['an entry without a space after the colon', 'auth: {"password:geheim": 1}'],
    ['a key of several words', 'auth: {"my geheim": 1}'],
  ])('%s', (_, lines) => {
    here.write('c.pem', '-----BEGIN CERTIFICATE-----\n');
    const text = lines.startsWith('auth:') ? lines : `${AUTH}${lines}`;
    const said = message(() => here.profile(text));
    expect(said).not.toMatch(/geheim(?!-)|MII|BEGIN/);
    expect(said.startsWith(here.place)).toBe(true);
    expect(said).not.toContain('\n');
  });

  it('and the sentence says what belongs there', () => {
    here.write('c.pem', '-----BEGIN CERTIFICATE-----\n');
    expect(message(() => here.profile(`${AUTH}cert: c.pem\nkey: |\n${block}\n`))).toBe(
      `${here.place}key must be the path of a PEM file, not its text: put the text into a file and name that.`,
    );
    expect(message(() => here.profile(`${AUTH}cert: c.pem\nkey: gone\n`))).toBe(
      `${here.place}key names a file that cannot be read.`,
    );
  });

  it('nor is what a file holds that is no PEM', () => {
    here.write('geheim.pem', 'geheim');
    expect(message(() => here.profile(`${AUTH}cacert: geheim.pem\n`))).toBe(
      `${here.place}cacert names a file without a certificate in PEM.`,
    );
    here.write('c.pem', '-----BEGIN CERTIFICATE-----\ngeheim');
    here.write('k.pem', '-----BEGIN PRIVATE KEY-----\ngeheim');
    expect(message(() => here.profile(`${AUTH}cert: c.pem\nkey: k.pem\n`))).toBe(
      `${here.place}cert and its key cannot be used: they do not belong together, or the key has a pass phrase.`,
    );
  });
});

describe('a hint', () => {
  it.each([
    ['verify: False', 'auth.verify belongs beside auth, not under it.'],
    ['insecure: true', 'auth.insecure belongs beside auth, not under it.'],
    ['region_name: R', 'auth.region_name belongs beside auth, not under it.'],
    ['region: R', 'auth.region is region_name, beside auth.'],
    ['identity_api_version: 3', 'auth.identity_api_version belongs beside auth, not under it.'],
    ['auth_type: v3oidcpassword', 'auth.auth_type belongs beside auth.'],
    ['durable_resize: {}', 'auth.durable_resize belongs beside auth, not under it.'],
    ['requests_per_second: 1', 'auth.requests_per_second belongs under durable_resize, beside auth.'],
    ['zone: x', 'auth.zone is not a known key.'],
  ])('of %j under auth leads to the place', (line, words) => {
    expect(message(() => here.profile(`${AUTH}  ${line}\n`))).toBe(here.place + words);
  });

  it.each([
    ['auto_confirm_window: 60', 'auto_confirm_window belongs under durable_resize.'],
    [
      'durable_resize: {window: 60}',
      'durable_resize.window is not a known key; there are auto_confirm_window, policy, requests_per_second.',
    ],
    ['verify: /etc/ca.pem', 'verify must be true or false (cacert names the file with the certificate authority).'],
  ])('of %j too', (line, words) => {
    expect(message(() => here.profile(`${AUTH}${line}\n`))).toBe(here.place + words);
  });
});

describe('the method and the scope of a log-in are judged first', () => {
  const credential = 'use an application credential of this project (auth_type v3applicationcredential)';

  it.each([
    ['v3oidcpassword', `it logs in through another service; ${credential}`],
    ['v3oidcclientcredentials', `it logs in through another service; ${credential}`],
    ['v3oidcaccesstoken', `it logs in through another service; ${credential}`],
    ['v3oauth2clientcredential', `it logs in through another service; ${credential}`],
    ['v3kerberos', `it logs in through another service; ${credential}`],
    ['v3samlpassword', `it logs in through another service; ${credential}`],
    ['v3websso', `it logs in through another service; ${credential}`],
    ['v3totp', `it needs a code from a person at each log-in; ${credential}`],
    ['v3multifactor', `it needs a code from a person at each log-in; ${credential}`],
    ['none', `it gets no token of a project; ${credential}`],
    ['token_endpoint', `it gets no token of a project; ${credential}`],
    ['http_basic', `it gets no token of a project; ${credential}`],
    ['v2password', 'it is of the Identity API v2, which is gone; use v3password, with the domains of user and project'],
  ])('%s', (type, why) => {
    const federated = 'identity_provider: campus\n  protocol: openid\n  client_id: c\n  client_secret: none\n';
    const said = message(() => here.profile(`${AUTH}  ${federated}auth_type: ${type}\n`));
    expect(said).toBe(`${here.place}auth_type ${type} cannot be used here: ${why}.`);
    const variables = { OS_AUTH_URL: 'http://k/', OS_AUTH_TYPE: type };
    expect(here.load(variables).check('envvars')?.message).toContain(`OS_AUTH_TYPE ${type} cannot be used here`);
  });

  it('by the keys of such a method, where none is named', () => {
    expect(message(() => here.profile(`${AUTH}  identity_provider: campus\n`))).toBe(
      `${here.place}auth.identity_provider belongs to a log-in that cannot be used here; ${credential}.`,
    );
  });

  it('one that nobody knows is refused with those that can be used', () => {
    expect(message(() => here.profile(`${AUTH}auth_type: v4\n`))).toBe(
      `${here.place}auth_type is not a method that this version knows; use one of password, v3password, v3applicationcredential, token, v3token, aksk.`,
    );
  });

  it.each([
    ['system_scope: all', 'asks for the whole system, and servers belong to a project: name the project instead.'],
    ['trust_id: t', `asks for a trust, which is not supported: name the project instead, or ${credential}.`],
    ['unscoped: true', 'asks for no project, and servers belong to one: name the project instead.'],
  ])('%s', (line, why) => {
    const [key] = line.split(':');
    expect(message(() => here.profile(`${AUTH}  ${line}\n`))).toBe(`${here.place}auth.${key} ${why}`);
    const beside = message(() => here.profile(`${AUTH}${line}\n`));
    expect(beside).toBe(`${here.place}auth.${key} ${why}`);
  });

  it('a domain without a project', () => {
    const lines = AUTH.replace('project_name: lab', 'domain_name: Users');
    expect(message(() => here.profile(lines))).toBe(
      `${here.place}auth.domain_name alone asks for a whole domain, and servers belong to a project: add project_name or project_id.`,
    );
  });
});
