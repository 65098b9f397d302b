import { InvalidRequest } from '../../src/resize/invalid-request';
import { checkInspect, checkRequest } from '../../src/resize/request';

const least = {
  cloud: 'prod',
  server: '4f1e2d3c-aaaa-4bbb-8ccc-0123456789ab',
  flavor: 'm1.xlarge',
  requestedBy: 'ana',
};
const web = { name: 'web', http: { url: 'http://{address}:8080/health' } };
const ssh = { name: 'ssh', tcp: { host: '{address}', port: 22 } };
const errors = {
  name: 'errors',
  prometheus: { url: 'http://prometheus:9090', query: 'rate(errors{host="{name}"}[1m])', below: 0.01 },
};
const smoke = { name: 'smoke', webhook: { url: 'https://ci.example/smoke' } };
const usual = {
  initialDelay: 0,
  interval: 5000,
  timeout: 3000,
  successes: 1,
  failures: 3,
  inconclusive: 'ask',
};

const checksOf = (checks: unknown) => checkRequest({ ...least, checks }).checks;

/** What checks are refused with. */
function refusalOf(checks: unknown, more: object = {}): InvalidRequest {
  try {
    checkRequest({ ...least, checks, ...more });
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error('they were not refused');
}

it('checks have the defaults of the docs', () => {
  expect(checksOf({ checks: [web, ssh, errors, smoke] })).toStrictEqual({
    checks: [
      { ...usual, ...web, http: { ...web.http, method: 'GET', status: [200] } },
      { ...usual, ...ssh },
      { ...usual, ...errors },
      { ...usual, ...smoke },
    ],
    grace: 60_000,
    proofWithin: 300_000,
    watchEvery: 30_000,
    onWatchFailure: 'ask',
  });
});

it('checks keep all that they say, with durations in milliseconds', () => {
  const http = {
    url: 'https://{address:net-1}/',
    method: 'head',
    status: [200, 204],
    headers: { Accept: 'text/plain' },
  };
  const all = {
    checks: [
      {
        name: 'web',
        http,
        initialDelay: '10s',
        interval: '1s',
        timeout: '2s',
        successes: 2,
        failures: 5,
        inconclusive: 'fail',
      },
      { ...errors, prometheus: { ...errors.prometheus, for: '2m' } },
    ],
    grace: 0,
    proofWithin: '10m',
    watchEvery: '0s',
    onWatchFailure: 'revert',
  };
  expect(checksOf(all)).toStrictEqual({
    checks: [
      {
        name: 'web',
        http: { ...http, method: 'HEAD' },
        initialDelay: 10_000,
        interval: 1000,
        timeout: 2000,
        successes: 2,
        failures: 5,
        inconclusive: 'fail',
      },
      { ...usual, ...errors, prometheus: { ...errors.prometheus, for: 120_000 } },
    ],
    grace: 0,
    proofWithin: 600_000,
    watchEvery: 0,
    onWatchFailure: 'revert',
  });
});

it('what was checked is right when it is checked again, in the workflow', () => {
  const once = checksOf({ checks: [web, ssh, errors, smoke], grace: '0s', watchEvery: 0 });
  expect(checksOf(once)).toStrictEqual(once);
  expect(checkInspect({ ...least, checks: once, runChecks: true })).toMatchObject({ checks: once, runChecks: true });
});

describe('checks are refused, in one sentence that names the place', () => {
  const check = (change: object) => ({ checks: [ssh, { ...web, ...change }] });
  const httpOf = (change: object) => check({ http: { ...web.http, ...change } });
  const tcpOf = (change: object) => ({ checks: [{ ...ssh, tcp: { ...ssh.tcp, ...change } }] });
  const queryOf = (change: object) => ({ checks: [{ ...errors, prometheus: { ...errors.prometheus, ...change } }] });

  it.each<[string, unknown, RegExp]>([
    ['an unknown field', { checks: [web], graze: '1s' }, /^checks\.graze: no such field; see docs\/checks\.md/],
    ['an unknown field of a check', check({ retries: 3 }), /^checks\.checks\[1\]\.retries: no such field/],
    ['an unknown field of a kind', httpOf({ verb: 'GET' }), /^checks\.checks\[1\]\.http\.verb: no such field/],
    ['no list', { grace: '1s' }, /^checks\.checks: is missing/],
    ['an empty list', { checks: [] }, /^checks\.checks: is empty/],
    ['a list alone', [web], /^checks\.checks: is missing/],
    ['a text', 'web', /^checks: /],
    ['no name', { checks: [{ tcp: ssh.tcp }] }, /^checks\.checks\[0\]\.name: is missing/],
    ['a name twice', { checks: [ssh, web, ssh] }, /^checks\.checks\[2\]: the name "ssh" is used twice/],
    ['a name of two lines', check({ name: 'a\nb' }), /^checks\.checks\[1\]\.name: has control characters/],
    ['no kind', { checks: [{ name: 'web' }] }, /^checks\.checks\[0\]: does nothing; give it one of http, tcp/],
    ['two kinds', check({ tcp: ssh.tcp }), /^checks\.checks\[1\]: does http and tcp; make each a check of its own/],
    [
      'a bad duration',
      check({ timeout: '3 parsecs' }),
      /^checks\.checks\[1\]\.timeout: "3 parsecs" is not a duration; /,
    ],
    ['a duration without a unit', check({ timeout: '3' }), /^checks\.checks\[1\]\.timeout: "3" is not a duration; /],
    ['seconds meant, milliseconds said', check({ interval: 5 }), /\.interval: must be from 100 ms to an hour/],
    ['a grace meant as seconds', { checks: [web], grace: 60 }, /^checks\.grace: must be 0s, or 100 ms or more/],
    ['no tries', check({ failures: 0 }), /\.failures: must be a whole number from 1 to 100/],
    ['an unknown word', check({ inconclusive: 'revert' }), /\.inconclusive: "revert" is not valid here/],
    ['too long a grace', { checks: [web], grace: '3m' }, /^checks\.grace: is more than half of proofWithin/],
    ['a delay beyond the proof', check({ initialDelay: '5m' }), /^checks: check "web" cannot pass within proofWithin/],
    ['a span beyond the proof', queryOf({ for: '6m' }), /^checks: check "errors" cannot pass within proofWithin/],
    ['no URL', httpOf({ url: 'web' }), /\.http\.url: is not an http or https URL/],
    ['another scheme', httpOf({ url: 'file:///etc/passwd' }), /\.http\.url: is not an http or https URL/],
    [
      'an unknown placeholder',
      httpOf({ url: 'http://{ip}/' }),
      /\.http\.url: \{ip\} is no placeholder; there are \{address\}/,
    ],
    ['one in a query', queryOf({ query: 'up{host="{server}"}' }), /\.query: \{server\} is no placeholder/],
    ['one in a host', tcpOf({ host: '{addr}' }), /\.tcp\.host: \{addr\} is no placeholder/],
    ['user info', httpOf({ url: 'http://ana:pw@web/' }), /\.http\.url: has user or password in it; a worker adds them/],
    [
      'Authorization',
      httpOf({ headers: { authorization: 'Basic x' } }),
      /\.http\.headers\.authorization: may be a secret/,
    ],
    ['Proxy-Authorization', httpOf({ headers: { 'Proxy-Authorization': 'x' } }), /: may be a secret/],
    ['Cookie', httpOf({ headers: { Cookie: 'a=b' } }), /\.http\.headers\.Cookie: may be a secret/],
    ['a token', httpOf({ headers: { 'X-Auth-Token': 'x' } }), /: may be a secret/],
    ['a header of the connection', httpOf({ headers: { 'Content-Length': '3' } }), /: is set by the HTTP client/],
    ['two headers in one', httpOf({ headers: { Accept: 'x\r\nCookie: y' } }), /\.http\.headers\.Accept: /],
    ['a method that changes something', httpOf({ method: 'POST' }), /\.http\.method: must be GET or HEAD/],
    ['a body of a HEAD', httpOf({ method: 'HEAD', body: 'ok' }), /\.http\.body: an answer to HEAD has no body/],
    [
      'no regular expression',
      httpOf({ body: '(ok' }),
      /\.http\.body: "\(ok" is no regular expression \(.*missing closing \)/,
    ],
    ['what no linear engine has', httpOf({ body: '(a)\\1' }), /\.http\.body: .* is no regular expression/],
    ['a long regular expression', httpOf({ body: 'a'.repeat(501) }), /\.http\.body: is longer than 500 characters/],
    ['no HTTP status', httpOf({ status: [20] }), /\.http\.status\[0\]: must be an HTTP status/],
    ['no port', tcpOf({ port: 70_000 }), /\.tcp\.port: must be a port/],
    ['no host', tcpOf({ host: 'http://web' }), /\.tcp\.host: is not a host name or an address/],
    ['neither limit', queryOf({ below: undefined }), /\.prometheus: needs one of below and above/],
    ['both limits', queryOf({ above: 1 }), /\.prometheus: needs one of below and above/],
    [
      'too many',
      { checks: Array.from({ length: 21 }, (_, at) => ({ ...ssh, name: `ssh-${at}` })) },
      /more than 20 checks/,
    ],
    [
      'too much',
      {
        checks: Array.from({ length: 20 }, (_, at) => ({
          ...errors,
          name: `q-${at}`,
          prometheus: { ...errors.prometheus, query: 'q'.repeat(2000) },
        })),
      },
      /^checks: is longer than 32768 characters as JSON/,
    ],
  ])('%s', (_name, checks, sentence) => {
    const { message } = refusalOf(checks);
    expect(message).toMatch(sentence);
    expect(message).not.toMatch(/\n|pw|Basic|passwd/);
  });

  it('beside stopFirst: a server that is off cannot be tested', () => {
    expect(refusalOf({ checks: [web] }, { stopFirst: true }).message).toMatch(
      /^checks: a server that is stopped for the resize cannot be tested before the decision/,
    );
  });

  it('with the path of what is wrong, so that a file can be pointed at', () => {
    expect(refusalOf(check({ timeout: 'x' })).path).toEqual(['checks', 'checks', 1, 'timeout']);
  });
});
