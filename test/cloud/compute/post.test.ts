import { mayHaveBeenCarriedOut } from '../../../src/resize/failure';
import { failed } from '../failed';
import { cloudFor, FakeCloud, inTurn } from '../fake-cloud';
import { ACCEPTED, REQUEST_ID, SERVER, UNAUTHORIZED } from '../recorded';

const ACTION = `/v2.1/servers/${SERVER}/action`;

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('POST', ACTION, ACCEPTED);
});
afterEach(() => fake.stop());

describe('an action', () => {
  it.each([
    ['resize', { flavorId: 'f2' }, '{"resize":{"flavorRef":"f2"}}'],
    ['confirmResize', {}, '{"confirmResize":null}'],
    ['revertResize', {}, '{"revertResize":null}'],
  ] as const)(
    '%s is one POST with the body of the API, and gives back the id of its action',
    async (name, options, body) => {
      expect(await cloudFor(fake).post(SERVER, name, options)).toEqual({ requestId: REQUEST_ID });
      expect(fake.to(ACTION).map((asked) => asked.body)).toEqual([body]);
      expect(fake.to(ACTION)[0]?.headers['content-type']).toBe('application/json');
    },
  );

  it.each([
    [200, '{}'],
    [202, '{"anything": "else"}'],
    [202, '<html>'],
    [204, ''],
  ])('answered with %i %j is accepted', async (status, body) => {
    fake.on('POST', ACTION, { status, body });
    expect(await cloudFor(fake).post(SERVER, 'confirmResize')).toEqual({});
  });

  it('goes out on a connection of its own', async () => {
    await cloudFor(fake).post(SERVER, 'confirmResize');
    expect(fake.to(ACTION)[0]?.headers.connection).toBe('close');
    expect(fake.to('/v2.1/')[0]?.headers.connection).toBe('keep-alive');
  });

  it('is sent once more with a new token after a 401, and not a third time', async () => {
    fake.on('POST', ACTION, inTurn(UNAUTHORIZED, ACCEPTED));
    expect(await cloudFor(fake).post(SERVER, 'confirmResize')).toEqual({ requestId: REQUEST_ID });
    expect(fake.to(ACTION).map(({ headers }) => headers['x-auth-token'])).toEqual(fake.tokens);

    fake.on('POST', ACTION, UNAUTHORIZED);
    const failure = await failed(cloudFor(fake).post(SERVER, 'confirmResize'));
    expect(failure.trouble.kind).toBe('not-authenticated');
    expect(failure.sent).toBe(false);
    expect(fake.to(ACTION)).toHaveLength(4);
  });

  it('that was answered with 401 was not sent, when the new log-in fails', async () => {
    fake.on('POST', ACTION, UNAUTHORIZED);
    const cloud = cloudFor(fake);
    await cloud.identity();
    fake.on('POST', '/v3/auth/tokens', { status: 500, body: '' });
    const failure = await failed(cloud.post(SERVER, 'confirmResize'));
    expect(failure).toMatchObject({ sent: false, trouble: { kind: 'server-error' } });
    expect(fake.to(ACTION)).toHaveLength(1);
  });

  it.each(['reset', 'hang', 'cut'] as const)('whose answer is lost (%s) is never sent again', async (mischief) => {
    fake.on('POST', ACTION, mischief);
    const cloud = cloudFor(fake, {}, { httpTimeout: 300 });
    const failure = await failed(cloud.post(SERVER, 'resize', { flavorId: 'f2' }));
    expect(mayHaveBeenCarriedOut(failure.trouble)).toBe(true);
    expect(failure.sent).toBe(true);
    expect(fake.to(ACTION)).toHaveLength(1);
  });

  it.each([500, 502, 503, 504, 409, 429])('answered with %i is never sent again', async (status) => {
    fake.on('POST', ACTION, {
      status,
      headers: { 'Retry-After': '0' },
      body: { error: { code: status, message: 'x' } },
    });
    await failed(cloudFor(fake).post(SERVER, 'revertResize'));
    expect(fake.to(ACTION)).toHaveLength(1);
  });

  it('needs a flavor to resize to', async () => {
    await expect(cloudFor(fake).post(SERVER, 'resize', {})).rejects.toThrow('flavorId');
    expect(fake.asked).toHaveLength(0);
  });
});

describe('the time that is left', () => {
  it('must be more than one HTTP time-out, or nothing is sent', async () => {
    const cloud = cloudFor(fake, {}, { httpTimeout: 5_000 });
    const failure = await failed(cloud.post(SERVER, 'confirmResize', { notAfter: Date.now() + 4_900 }));
    expect(failure).toMatchObject({ sent: false, trouble: { kind: 'no-time' } });
    expect(failure.message).toContain('less than one HTTP time-out (5 s)');
    expect(fake.to(ACTION)).toHaveLength(0);
    await cloud.post(SERVER, 'confirmResize', { notAfter: Date.now() + 60_000 });
  });

  it('is looked at after logging in, directly before the action', async () => {
    const answer = fake.tokenAnswer('gAAAAAB-slow');
    const notAfter = Date.now() + 2_500;
    const realNow = Date.now;
    const clock = jest.spyOn(Date, 'now');
    fake.on('POST', '/v3/auth/tokens', () => {
      clock.mockImplementation(() => realNow() + 1_000);
      return answer;
    });
    try {
      const failure = await failed(cloudFor(fake).post(SERVER, 'confirmResize', { notAfter }));
      expect(failure.trouble.kind).toBe('no-time');
    } finally {
      clock.mockRestore();
    }
    expect(fake.to(ACTION)).toHaveLength(0);
  });

  it('is looked at again before the action is sent with a new token', async () => {
    const notAfter = Date.now() + 2_500;
    const realNow = Date.now;
    const clock = jest.spyOn(Date, 'now');
    fake.on('POST', ACTION, () => {
      clock.mockImplementation(() => realNow() + 1_000);
      return UNAUTHORIZED;
    });
    try {
      const failure = await failed(cloudFor(fake).post(SERVER, 'confirmResize', { notAfter }));
      expect(failure).toMatchObject({ sent: false, trouble: { kind: 'no-time' } });
    } finally {
      clock.mockRestore();
    }
    expect(fake.to(ACTION)).toHaveLength(1);
  });
});
