import { cloudFor, FakeCloud, inTurn, type Answer } from '../fake-cloud';
import { failed } from '../failed';
import { ACCEPTED, FLAVOR_BODY, SERVER, serverAnswer } from '../recorded';

const SHOW = `/v2.1/servers/${SERVER}`;
const ACTION = `${SHOW}/action`;

const LIMITED: Answer = {
  status: 429,
  body: { overLimit: { code: 429, message: 'This request was rate-limited.' } },
};
const limitedFor = (seconds: number): Answer => ({ ...LIMITED, headers: { 'Retry-After': String(seconds) } });

let fake: FakeCloud;
let arrivals: number[];
beforeEach(async () => {
  fake = await FakeCloud.start();
  arrivals = [];
  fake.on('POST', ACTION, ACCEPTED);
  fake.on('GET', '/v2.1/flavors/f2', { status: 200, body: { flavor: FLAVOR_BODY } });
  fake.on('GET', SHOW, () => {
    arrivals.push(performance.now());
    return serverAnswer();
  });
});
afterEach(() => fake.stop());

/** A cloud that has logged in, found its endpoint and knows the flavor. */
async function ready(profile: { requestsPerSecond?: number } = {}, log?: (level: string, message: string) => void) {
  const cloud = cloudFor(fake, profile, log === undefined ? {} : { log });
  await cloud.serverById(SERVER);
  arrivals = [];
  return cloud;
}

/** Requests that were begun have taken their place in the queue. */
const untilAsked = () => new Promise((resolve) => setImmediate(resolve));

describe('a profile with requests_per_second', () => {
  it('spreads a burst: no request is sent before its time', async () => {
    const cloud = await ready({ requestsPerSecond: 20 });
    const began = performance.now();
    await Promise.all(Array.from({ length: 45 }, () => cloud.serverById(SERVER)));
    expect(arrivals).toHaveLength(45);
    // A busy machine delays requests, and those that it held back arrive together; it sends none too early.
    const early = arrivals.filter((time, n) => time - began < n * 50 - 150);
    expect(early).toEqual([]);
  });

  it('lets all requests of an action go together, once there is room for them, with nothing in between', async () => {
    const cloud = await ready({ requestsPerSecond: 5 });
    const others = Array.from({ length: 4 }, () => cloud.serverById(SERVER));
    await untilAsked();
    const began = performance.now();
    let read = 0;
    const span = await cloud.withoutPause(3, 'confirm', async () => {
      read = performance.now();
      await cloud.serverById(SERVER);
      await cloud.serverById(SERVER);
      await cloud.post(SERVER, 'confirmResize');
      return performance.now() - read;
    });
    expect(read - began).toBeGreaterThan(700);
    // At 5 a second the three requests alone would need 400 ms.
    expect(span).toBeLessThan(300);
    await Promise.all(others);
  });

  it('an action never waits, and those after it wait the longer', async () => {
    const cloud = await ready({ requestsPerSecond: 2 });
    const before = performance.now();
    await cloud.post(SERVER, 'confirmResize');
    await cloud.post(SERVER, 'confirmResize');
    expect(performance.now() - before).toBeLessThan(400);
    await cloud.serverById(SERVER);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  it('what would have to wait longer than some seconds fails at once, and says until when', async () => {
    const cloud = await ready({ requestsPerSecond: 2 });
    const waiting = Array.from({ length: 9 }, () => cloud.serverById(SERVER));
    await untilAsked();
    const failure = await failed(cloud.withoutPause(3, 'confirm', () => Promise.resolve()));
    expect(failure).toMatchObject({
      sent: false,
      trouble: {
        kind: 'rate-limited',
        message: expect.stringMatching(/^requests_per_second \(2\) is used up until 20/) as string,
        advice: expect.any(String) as string,
      },
    });
    expect(failure.trouble.retryAfter).toBeGreaterThan(5_000);
    await Promise.all(waiting);
  }, 20_000);
});

describe('a cloud that asks to slow down', () => {
  it.each<[string, Answer]>([
    ['429 with Retry-After', limitedFor(30)],
    ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '30' }, body: 'busy' }],
    [
      '413 with retryAfter in its body',
      { status: 413, body: { overLimit: { code: 413, message: 'x', retryAfter: 30 } } },
    ],
    [
      'a flow-control code with Retry-After',
      { status: 403, headers: { 'Retry-After': '30' }, body: { error_code: 'APIGW.0308', error_msg: 'throttled' } },
    ],
  ])('by %s gets no read from anybody until then', async (_, answer) => {
    const cloud = await ready();
    fake.on('GET', '/v2.1/flavors/f9', answer);
    await failed(cloud.findFlavor('f9'));
    const failure = await failed(cloud.serverById(SERVER));
    expect(failure).toMatchObject({
      sent: false,
      trouble: {
        kind: 'rate-limited',
        tried: `read server ${SERVER}`,
        message: expect.stringMatching(/^the cloud asks to slow down until 20\d\d-.*Z$/) as string,
      },
    });
    expect(failure.trouble.retryAfter).toBeGreaterThan(29_000);
    // Those who wait for the same moment do not all come back in it.
    expect(failure.trouble.retryAfter).toBeLessThan(30_000 * 1.2 + 1);
    expect(arrivals).toEqual([]);
  });

  it('by a flow-control code in an acceptance gets no read either', async () => {
    const cloud = await ready();
    fake.on('POST', ACTION, { status: 202, body: { error: { code: 'Common.0024', message: 'flow control' } } });
    await failed(cloud.post(SERVER, 'confirmResize'));
    const failure = await failed(cloud.serverById(SERVER));
    expect(failure.trouble.message).toContain('asks to slow down');
    // Five seconds are what our table has for codes of flow control.
    expect(failure.trouble.retryAfter).toBeGreaterThan(4_500);
    expect(failure.trouble.retryAfter).toBeLessThan(6_001);
  });

  it('for a moment is waited for', async () => {
    const cloud = await ready();
    fake.on('GET', SHOW, inTurn(limitedFor(1), serverAnswer()));
    await failed(cloud.serverById(SERVER));
    const before = performance.now();
    await Promise.all([cloud.serverById(SERVER), cloud.serverById(SERVER)]);
    expect(performance.now() - before).toBeGreaterThan(900);
  });

  it('in several answers at once is taken to have said it once', async () => {
    const said: string[] = [];
    const cloud = await ready({}, (level, message) => {
      if (level === 'warn') said.push(message);
    });
    fake.on('GET', SHOW, LIMITED);
    await Promise.all(Array.from({ length: 5 }, () => failed(cloud.serverById(SERVER))));
    expect(said).toEqual([expect.stringMatching(/^the cloud asks to slow down until .* \(HTTP 429 to "read server/)]);
    expect((await failed(cloud.serverById(SERVER))).trouble.retryAfter).toBeLessThan(2_500);
  });

  it('without a time, to requests that come one after the other, is left alone ever longer', async () => {
    const cloud = await ready();
    fake.on('POST', ACTION, LIMITED);
    const waits: number[] = [];
    const clock = jest.spyOn(Date, 'now');
    const began = performance.now();
    const start = Date.now();
    try {
      for (let n = 0; n < 4; n++) {
        const later = waits.reduce((sum, wait) => sum + wait, 0);
        clock.mockImplementation(() => start + later + performance.now() - began);
        const { trouble } = await failed(cloud.post(SERVER, 'confirmResize'));
        waits.push(trouble.retryAfter ?? 0);
      }
    } finally {
      clock.mockRestore();
    }
    // Each may be up to a fifth longer, and a moment has passed since the answer.
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeGreaterThan(0.9 * 2_000 * 2 ** n);
      expect(wait).toBeLessThanOrEqual(1.2 * 2_000 * 2 ** n);
    }
  });

  it('does not hold back an action whose reasons have been read, but one that is still to be read for', async () => {
    const cloud = await ready();
    fake.on('GET', '/v2.1/flavors/f9', limitedFor(3));
    await cloud.withoutPause(3, 'confirm', async () => {
      await cloud.serverById(SERVER);
      await failed(cloud.findFlavor('f9'));
      await cloud.post(SERVER, 'confirmResize');
      const read = await failed(cloud.serverById(SERVER));
      expect(read.trouble).toMatchObject({ kind: 'rate-limited' });
    });
    expect(fake.to(ACTION)).toHaveLength(1);
    fake.on('GET', '/v2.1/flavors/f8', limitedFor(60));
    await failed(cloud.findFlavor('f8'));
    let began = false;
    const failure = await failed(cloud.withoutPause(3, 'confirm', () => Promise.resolve((began = true))));
    expect(failure).toMatchObject({ sent: false, trouble: { kind: 'rate-limited', tried: 'confirm' } });
    expect(began).toBe(false);
  });

  it('another cloud of the same worker is not concerned', async () => {
    const [one, other] = [await ready(), await ready()];
    fake.on('GET', '/v2.1/flavors/f9', limitedFor(30));
    await failed(one.findFlavor('f9'));
    await other.serverById(SERVER);
    expect(arrivals).toHaveLength(1);
  });
});
