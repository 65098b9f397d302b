import type { TroubleKind } from '../../../src/resize/failure';
import { mayHaveBeenCarriedOut } from '../../../src/resize/failure';
import { failed } from '../failed';
import { cloudFor, FakeCloud, type Answer } from '../fake-cloud';
import { SERVER } from '../recorded';

const ACTION = `/v2.1/servers/${SERVER}/action`;

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
});
afterEach(() => fake.stop());

async function refused(answer: Answer) {
  fake.on('POST', ACTION, answer);
  return failed(cloudFor(fake).post(SERVER, 'resize', { flavorId: 'f2' }));
}

interface Case {
  status: number;
  fault?: string;
  message: string;
  kind: TroubleKind;
  /** May it have been carried out all the same? */
  open?: boolean;
}

const nova: Case[] = [
  { status: 400, message: 'When resizing, instances must change flavor!', kind: 'same-flavor' },
  { status: 400, message: 'Resize requires a flavor change.', kind: 'same-flavor' },
  { status: 400, message: 'Resize requires a change in size.', kind: 'same-flavor' },
  { status: 400, message: 'Flavor nope could not be found.', kind: 'flavor-not-found' },
  {
    status: 400,
    message: 'Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.',
    kind: 'bad-request',
  },
  { status: 400, message: "Flavor's disk is too small for requested image.", kind: 'bad-request' },
  { status: 400, message: "Flavor's memory is too small for requested image.", kind: 'bad-request' },
  { status: 400, message: 'No valid host was found. No valid host found for resize', kind: 'no-capacity' },
  { status: 400, message: 'Instance has not been resized.', kind: 'not-resized' },
  { status: 400, message: 'There is no such action: reszie', kind: 'bad-request' },
  {
    status: 403,
    fault: 'forbidden',
    message: 'Quota exceeded for cores: Requested 3, but already used 3 of 4 cores',
    kind: 'quota',
  },
  { status: 429, fault: 'error', message: 'API request quota exceeded, try later', kind: 'rate-limited' },
  { status: 429, fault: 'error', message: 'The quota of requests of this project is exceeded', kind: 'rate-limited' },
  {
    status: 500,
    fault: 'computeFault',
    message: "Unexpected API Error. Please report this.\n<class 'nova.exception.TooManyInstances'>",
    kind: 'quota',
  },
  {
    status: 403,
    fault: 'forbidden',
    message: "Policy doesn't allow os_compute_api:servers:resize to be performed.",
    kind: 'forbidden',
  },
  { status: 404, fault: 'itemNotFound', message: `Instance ${SERVER} could not be found.`, kind: 'not-found' },
  { status: 404, fault: 'itemNotFound', message: 'The resource could not be found.', kind: 'configuration' },
  { status: 404, fault: 'error', message: 'Nothing here.', kind: 'configuration' },
  { status: 405, fault: 'badMethod', message: 'The method is not allowed for this resource.', kind: 'configuration' },
  { status: 407, fault: 'error', message: 'Proxy authentication is required.', kind: 'configuration' },
  {
    status: 406,
    fault: 'computeFault',
    message: 'Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.',
    kind: 'configuration',
  },
  {
    status: 409,
    fault: 'conflictingRequest',
    message: `Cannot 'resize' instance ${SERVER} while it is in task_state resize_prep`,
    kind: 'conflict',
  },
  {
    status: 409,
    fault: 'conflictingRequest',
    message: `Cannot 'confirmResize' instance ${SERVER} while it is in vm_state active`,
    kind: 'conflict',
  },
  { status: 409, fault: 'conflictingRequest', message: `Instance ${SERVER} is locked`, kind: 'locked' },
  {
    status: 409,
    fault: 'conflictingRequest',
    message: 'Service is unavailable at this time.',
    kind: 'host-unavailable',
  },
  { status: 413, fault: 'overLimit', message: 'This request was rate-limited.', kind: 'rate-limited' },
  { status: 429, fault: 'overLimit', message: 'Too many requests.', kind: 'rate-limited' },
  {
    status: 500,
    fault: 'computeFault',
    message: 'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/',
    kind: 'server-error',
    open: true,
  },
  { status: 502, fault: 'error', message: 'Bad Gateway', kind: 'server-error', open: true },
  { status: 503, fault: 'error', message: 'Service Unavailable', kind: 'server-error', open: true },
  { status: 504, fault: 'error', message: 'Gateway Time-out', kind: 'server-error', open: true },
];

describe('an answer of Nova', () => {
  it.each(nova)('$status "$message" means $kind', async ({ status, fault = 'badRequest', message, kind, open }) => {
    const { trouble, sent } = await refused({
      status,
      headers: { 'X-Compute-Request-Id': 'req-1a61d3d5-ca41-4ced-a846-f3c57d91d6a1' },
      body: { [fault]: { code: status, message } },
    });
    expect(trouble).toMatchObject({
      kind,
      status,
      tried: `resize server ${SERVER} to flavor f2`,
      requestId: 'req-1a61d3d5-ca41-4ced-a846-f3c57d91d6a1',
    });
    expect(trouble.message).toContain(message.replace(/\.$/, ''));
    expect(trouble.advice).toMatch(/\.$/);
    expect(trouble).not.toHaveProperty('code');
    expect(mayHaveBeenCarriedOut(trouble)).toBe(open ?? false);
    expect(sent).toBe(true);
    expect(fake.to(ACTION)).toHaveLength(1);
  });
});

describe('a quota that is used up', () => {
  const COUNTS = 'Quota exceeded for cores,ram: Requested 4, 6144, but already used 18, 49152 of 20, 51200 cores,ram';

  it.each<[number, string, string]>([
    [413, 'overLimit', COUNTS],
    [403, 'forbidden', COUNTS],
    [
      403,
      'forbidden',
      'Project ff7da4b1 is over a limit for [Resource class:VCPU is over limit of 20 due to current usage 18 and delta 4]',
    ],
    [403, 'forbidden', 'Quota exceeded, too many servers in group'],
    [400, 'badRequest', 'The request exceeds the quota of the project'],
    [403, 'forbidden', 'Maximum number of instances exceeded'],
    [403, 'forbidden', 'RAM limit exceeded'],
    [409, 'conflictingRequest', 'You are over quota for cores'],
    [429, 'overLimit', COUNTS],
    [403, 'forbidden', 'Insufficient quota: vCPU'],
    [500, 'computeFault', "Unexpected API Error.\n<class 'oslo_limit.exception.ProjectOverLimit'>"],
  ])('%i %s "%s" is final, and says what is exceeded', async (status, fault, message) => {
    const { trouble } = await refused({
      status,
      headers: { 'Retry-After': '0' },
      body: { [fault]: { code: status, message, retryAfter: 0 } },
    });
    expect(trouble).toMatchObject({ kind: 'quota', status, advice: expect.stringContaining('quota') as string });
    expect(trouble.message).toContain(message);
    expect(trouble).not.toHaveProperty('retryAfter');
    expect(mayHaveBeenCarriedOut(trouble)).toBe(false);
  });

  it.each([
    'This request was rate-limited.',
    'API rate limit exceeded',
    'Quota exceeded: 100 requests per minute',
    'Only 10 POST request(s) can be made to "*" every minute.',
    'Too many requests, quota exceeded',
  ])('is not meant by "%s": that is how often the cloud may be asked', async (message) => {
    for (const status of [413, 429]) {
      const { trouble } = await refused({ status, body: { overLimit: { code: status, message } } });
      expect(trouble.kind).toBe('rate-limited');
    }
  });
});

describe('a fault with null in it', () => {
  it.each<[object, TroubleKind, RegExp]>([
    [{ conflictingRequest: { code: 409, message: null } }, 'conflict', /^no message \(HTTP 409/],
    [{ conflictingRequest: { code: null, message: 'It is busy.' } }, 'conflict', /^It is busy \(HTTP 409/],
    [{ error: { code: 'Ecs.0605', message: null } }, 'locked', /^Ecs\.0605 /],
    [{ error_code: 'Ecs.0605', error_msg: null, request_id: null }, 'locked', /^Ecs\.0605 /],
  ])('is read as if it were not there: %j', async (body, kind, words) => {
    const { trouble } = await refused({ status: 409, body });
    expect(trouble.kind).toBe(kind);
    expect(trouble.message).toMatch(words);
  });
});

describe('a fault of the server', () => {
  const busy = { status: 503, body: { error: { code: 503, message: 'Service Unavailable' } } };

  it('to an action: look whether it was carried out', async () => {
    expect((await refused(busy)).trouble.advice).toContain('the request may have been done');
  });

  it('to a read or a log-in: nothing was changed', async () => {
    fake.on('GET', `/v2.1/servers/${SERVER}`, busy);
    const cloud = cloudFor(fake);
    await cloud.identity();
    expect((await failed(cloud.serverById(SERVER))).trouble.advice).toContain('Nothing was changed');
    fake.on('POST', '/v3/auth/tokens', { ...busy, body: 'down' });
    expect((await failed(cloudFor(fake).identity())).trouble.advice).toContain('Nothing was changed');
  });
});

describe('a code of Huawei', () => {
  it.each<[string, number, TroubleKind, number | undefined]>([
    ['Ecs.0009', 400, 'same-flavor', undefined],
    ['Ecs.0810', 400, 'same-flavor', undefined],
    ['Ecs.0018', 400, 'no-capacity', undefined],
    ['Ecs.0319', 400, 'no-capacity', undefined],
    ['Ecs.0029', 400, 'flavor-not-found', undefined],
    ['Ecs.0019', 400, 'flavor-not-found', undefined],
    ['Ecs.0001', 400, 'quota', undefined],
    ['Ecs.0003', 403, 'forbidden', undefined],
    ['Ecs.0030', 403, 'forbidden', undefined],
    ['Ecs.0100', 400, 'wrong-state', undefined],
    ['Ecs.0207', 500, 'server-error', undefined],
    ['Ecs.0209', 400, 'server-error', undefined],
    ['Ecs.0403', 400, 'server-error', undefined],
    ['Ecs.0002', 400, 'server-error', undefined],
    ['Ecs.1000', 400, 'server-error', undefined],
    ['Common.0001', 400, 'server-error', undefined],
    ['Common.0999', 400, 'server-error', undefined],
    ['Ecs.0614', 404, 'not-found', undefined],
    ['Ecs.0603', 501, 'conflict', 60_000],
    ['Ecs.0605', 400, 'locked', undefined],
    ['Ecs.0802', 400, 'bad-request', undefined],
    ['Ecs.0803', 400, 'bad-request', undefined],
    ['Ecs.0804', 400, 'bad-request', undefined],
    ['Ecs.0805', 400, 'bad-request', undefined],
    ['Ecs.0806', 400, 'bad-request', undefined],
    ['Ecs.0807', 400, 'bad-request', undefined],
    ['Ecs.0808', 400, 'bad-request', undefined],
    ['Ecs.0809', 400, 'bad-request', undefined],
    ['Ecs.0811', 400, 'bad-request', undefined],
    ['Ecs.0812', 400, 'bad-request', undefined],
    ['Ecs.0813', 400, 'bad-request', undefined],
    ['Pdp.0001', 403, 'forbidden', undefined],
    ['Common.0018', 403, 'configuration', undefined],
    ['Ecs.0023', 400, 'configuration', undefined],
    ['APIG.0101', 404, 'configuration', undefined],
    ['APIGW.0101', 404, 'configuration', undefined],
    ['Common.1503', 503, 'rate-limited', 5_000],
    ['APIG.0308', 429, 'rate-limited', 5_000],
    ['APIGW.0308', 429, 'rate-limited', 5_000],
    ['Ecs.9999', 400, 'bad-request', undefined],
  ])('%s with HTTP %i means %s, in each of the three shapes', async (code, status, kind, retryAfter) => {
    const words = 'Something in the words of the provider';
    const bodies = [
      { conflictingRequest: { code, message: words } },
      { error: { code, message: words } },
      { error_msg: words, error_code: code },
    ];
    for (const body of bodies) {
      const { trouble } = await refused({ status, body });
      expect(trouble).toMatchObject({ kind, code, status });
      expect(trouble.message).toContain(words);
      expect(trouble.retryAfter).toBe(retryAfter);
    }
  });

  it.each(['Common.0013', 'APIG.0301', 'APIG.0303', 'APIGW.0301', 'APIGW.0303'])(
    '%s is a failed log-in, whatever the status, and a POST that met it was not carried out',
    async (code) => {
      for (const status of [400, 401, 403]) {
        const failure = await refused({
          status,
          body: { error_msg: 'Incorrect IAM authentication', error_code: code },
        });
        expect(failure.trouble).toMatchObject({ kind: 'not-authenticated', code, status });
        expect(failure.sent).toBe(false);
      }
    },
  );

  it('comes with the request id that the gateway writes into the body', async () => {
    const body = {
      error_msg: 'The throttling threshold has been reached',
      error_code: 'APIGW.0308',
      request_id: 'f-1',
    };
    expect((await refused({ status: 429, body })).trouble.requestId).toBe('f-1');
    const headers = { 'X-Request-Id': 'h-1' };
    expect((await refused({ status: 429, headers, body })).trouble.requestId).toBe('h-1');
  });

  it('Common.0024 in the 202 to a read is waited out as well', async () => {
    fake.on('GET', `/v2.1/servers/${SERVER}`, {
      status: 202,
      body: { error: { code: 'Common.0024', message: 'exceeds flow over limit' } },
    });
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble).toMatchObject({ kind: 'rate-limited', code: 'Common.0024', retryAfter: 5_000 });
  });

  it.each(['Common.0024', 'Common.1503'])('%s in a 202 means that it was not accepted', async (code) => {
    for (const body of [
      { error: { code, message: 'exceeds flow over limit' } },
      { error_msg: 'x', error_code: code },
    ]) {
      const { trouble } = await refused({ status: 202, body });
      expect(trouble).toMatchObject({ kind: 'rate-limited', status: 202, code, retryAfter: 5_000 });
      expect(mayHaveBeenCarriedOut(trouble)).toBe(false);
    }
  });

  it('that nobody knows, in a 202, leaves it open', async () => {
    for (const body of [{ error: { code: 'New.0001', message: 'x' } }, { badRequest: { code: 400, message: 'x' } }]) {
      expect(mayHaveBeenCarriedOut((await refused({ status: 202, body })).trouble)).toBe(true);
    }
  });
});

it.each([201, 300, 408, 501])(
  '%i, which Huawei lists for every call, leaves open whether it was carried out',
  async (status) => {
    const { trouble, sent } = await refused({ status, body: '' });
    expect(mayHaveBeenCarriedOut(trouble)).toBe(true);
    expect(sent).toBe(true);
    expect(fake.to(ACTION)).toHaveLength(1);
  },
);

describe('how long to wait', () => {
  const busy = { overLimit: { code: 413, message: 'This request was rate-limited.' } };

  it('is read from Retry-After in seconds', async () => {
    const answer = { status: 429, headers: { 'Retry-After': '17' }, body: busy };
    expect((await refused(answer)).trouble.retryAfter).toBe(17_000);
  });

  it('is read from Retry-After as a date', async () => {
    const headers = { 'Retry-After': new Date(Date.now() + 90_000).toUTCString() };
    const { trouble } = await refused({ status: 503, headers, body: 'down' });
    expect(trouble.retryAfter).toBeGreaterThan(60_000);
    expect(trouble.retryAfter).toBeLessThanOrEqual(90_000);
  });

  it.each(['14', 14])('is read from retryAfter %j in the body', async (retryAfter) => {
    const body = { overLimit: { ...busy.overLimit, retryAfter } };
    expect((await refused({ status: 413, body })).trouble.retryAfter).toBe(14_000);
  });

  it.each(['soon', '-5', '', '0'])('is what the back-off says when the cloud says %j', async (value) => {
    const { trouble } = await refused({ status: 429, headers: { 'Retry-After': value }, body: busy });
    expect(trouble.retryAfter).toBeGreaterThanOrEqual(1_900);
    expect(trouble.retryAfter).toBeLessThanOrEqual(2_400);
  });

  it('is nothing for what is no limit of requests', async () => {
    const { trouble } = await refused({ status: 409, body: { conflictingRequest: { code: 409, message: 'x' } } });
    expect(trouble).not.toHaveProperty('retryAfter');
  });

  it('is known for a 429 of a gateway that is no JSON', async () => {
    const headers = { 'Content-Type': 'text/html', 'Retry-After': '2' };
    const { trouble } = await refused({ status: 429, headers, body: '<html>Too many</html>' });
    expect(trouble).toMatchObject({ kind: 'rate-limited', retryAfter: 2_000 });
  });
});

it('the words of the cloud are cut when there are too many', async () => {
  const { trouble } = await refused({ status: 400, body: { badRequest: { code: 400, message: 'x'.repeat(10_000) } } });
  expect(trouble.message.length).toBeLessThan(600);
});
