import { mayHaveBeenCarriedOut } from '../../../src/resize/failure';
import { failed } from '../failed';
import { cloudFor, FakeCloud, type Answer } from '../fake-cloud';
import { SERVER, serverAnswer } from '../recorded';

const PATH = `/v2.1/servers/${SERVER}`;
const HTML = { 'Content-Type': 'text/html' };

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
});
afterEach(() => fake.stop());

describe('an answer that is not of the API', () => {
  it.each<[string, Answer, RegExp]>([
    ['a login page', { status: 200, headers: HTML, body: '<html>Please log in</html>' }, /an HTML page/],
    ['HTML that says it is JSON', { status: 200, body: '<!DOCTYPE html><p>' }, /an HTML page/],
    ['nothing', { status: 200, body: '' }, /an empty body/],
    ['half of some JSON', { status: 200, body: '{"server": {"id": "d002' }, /broken or cut off/],
    ['plain text', { status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'OK' }, /type text\/plain/],
    ['other JSON', { status: 200, body: { hello: 'world' } }, /server is missing or has another form/],
    ['a list', { status: 200, body: [] }, /missing or has another form/],
    ['a 404 of a load balancer', { status: 404, headers: HTML, body: '<html>404</html>' }, /404 with an HTML page/],
    ['a 404 of a gateway', { status: 404, body: { message: 'no Route matched' } }, /404 with JSON that is not/],
    ['an empty 404', { status: 404, body: '' }, /404 with an empty body/],
    ['a block page', { status: 403, headers: HTML, body: '<html>blocked</html>' }, /403 with an HTML page/],
    ['a redirect', { status: 302, headers: { Location: 'http://127.0.0.1:1/login' }, body: '' }, /a redirect/],
  ])('%s is garbage, said in a sentence', async (_, answer, words) => {
    fake.on('GET', PATH, answer);
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble).toMatchObject({ kind: 'garbage', status: answer.status });
    expect(trouble.message).toMatch(words);
    expect(trouble.message).toMatch(/^The answer to "read server .*\.$/);
  });

  it.each(['text/plain', 'text/html; charset=utf-8', 'application/octet-stream'])(
    'and JSON of the API of type %s are not the same: it is read',
    async (type) => {
      fake.on('GET', PATH, { ...serverAnswer(), headers: { 'Content-Type': type } });
      expect(await cloudFor(fake).serverById(SERVER)).toMatchObject({ id: SERVER });
    },
  );

  it('cut off in the middle is garbage', async () => {
    fake.on('GET', PATH, 'cut');
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble.kind).toBe('garbage');
    expect(trouble.message).toContain('was cut off');
  });

  it('larger than 2 MB is garbage', async () => {
    fake.on('GET', PATH, serverAnswer({ name: 'x'.repeat(3 * 1024 * 1024) }));
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble.kind).toBe('garbage');
    expect(trouble.message).toContain('larger than 2 MB');
  });

  it.each([502, 503, 504])('with HTTP %i is an error of the server whatever the page says', async (status) => {
    fake.on('GET', PATH, { status, headers: HTML, body: `<html>${status}</html>` });
    expect((await failed(cloudFor(fake).serverById(SERVER))).trouble).toMatchObject({ kind: 'server-error', status });
  });

  it('does not follow a redirect, which would carry the token elsewhere', async () => {
    fake.on('GET', PATH, { status: 307, headers: { Location: `${fake.url}/elsewhere` }, body: '' });
    await failed(cloudFor(fake).serverById(SERVER));
    expect(fake.to('/elsewhere')).toHaveLength(0);
  });

  it('to an action leaves open whether it was carried out', async () => {
    for (const answer of [
      { status: 302, headers: { Location: '/x' }, body: '' },
      { status: 404, headers: HTML, body: '<html>404</html>' },
    ]) {
      fake.on('POST', `${PATH}/action`, answer);
      const failure = await failed(cloudFor(fake).post(SERVER, 'revertResize'));
      expect(failure.sent).toBe(true);
      expect(mayHaveBeenCarriedOut(failure.trouble)).toBe(true);
    }
  });
});

describe('no answer', () => {
  it.each(['hang', 'drip'] as const)('within the time-out (%s) says how long it was', async (mischief) => {
    fake.on('GET', PATH, mischief);
    const cloud = cloudFor(fake, {}, { httpTimeout: 150 });
    const { trouble } = await failed(cloud.serverById(SERVER));
    expect(trouble.kind).toBe('no-answer');
    expect(trouble.message).toContain('within 0.15 s');
  });

  it('because the connection was reset before anything came', async () => {
    fake.on('GET', PATH, 'reset');
    const { trouble, sent } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble).toMatchObject({ kind: 'no-answer', tried: `read server ${SERVER}` });
    expect(sent).toBe(true);
  });

  it('because nothing listens there: surely not sent', async () => {
    const cloud = cloudFor(fake);
    await fake.stop();
    const { trouble, sent } = await failed(cloud.serverById(SERVER));
    expect(trouble.kind).toBe('no-answer');
    expect(trouble.message).toContain('refused');
    expect(sent).toBe(false);
    fake = await FakeCloud.start();
  });

  it('because the name is unknown: surely not sent', async () => {
    const computeEndpoint = 'http://no-such-host.invalid/v2.1';
    const { trouble, sent } = await failed(cloudFor(fake, { computeEndpoint }).post(SERVER, 'confirmResize'));
    expect(trouble.kind).toBe('no-answer');
    expect(trouble.message).toContain('http://no-such-host.invalid');
    expect(sent).toBe(false);
  });
});
