import net from 'node:net';
import { Checker, isNetwork, Networks } from '../../src/checks';
import { checkOf, like, listen, serve, stopServers, tried } from './servers';

afterEach(stopServers);

describe('the addresses that checks may reach', () => {
  const usual = new Networks();

  it.each([
    '127.0.0.1',
    '127.77.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    'no address',
    '',
  ])('are not %s', (address) => expect(usual.allows(address)).toBe(false));

  it.each([
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '203.0.113.9',
    '100.100.100.201',
    'fd00::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
  ])('are such as %s', (address) => expect(usual.allows(address)).toBe(true));

  it('are those of the setting alone, where it is made', () => {
    const only = new Networks(['127.0.0.0/8', '2001:db8::/32']);
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '2001:db8::5']) expect(only.allows(address)).toBe(true);
    for (const address of ['10.0.0.1', '::1', '169.254.169.254']) expect(only.allows(address)).toBe(false);
  });

  it('are networks in the setting', () => {
    expect(['10.0.0.0/8', '::/0'].every(isNetwork)).toBe(true);
    expect(['10.0.0.0', 'web', '10.0.0.0/33'].some(isNetwork)).toBe(false);
  });
});

describe('where checks may not reach this machine', () => {
  const guarded = (probe: object) => {
    const check = checkOf(probe);
    const target = { id: 'i', name: 'n', addresses: { lab: ['127.0.0.1'] } };
    const { timeout, interval } = check;
    return new Checker().try(check, { target, timeout, interval, signal: new AbortController().signal });
  };

  it('no kind connects, by address or by a name that leads there', async () => {
    let connections = 0;
    const port = await listen(
      net.createServer(() => connections++),
      '::',
    );
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '{address}']) {
      for (const probe of [
        { http: { url: `http://${host}:${port}/` } },
        { webhook: { url: `http://${host}:${port}/` } },
        { prometheus: { url: `http://${host}:${port}/`, query: 'up', above: 0 } },
        { tcp: { host: host.replace(/[[\]]/g, ''), port } },
      ]) {
        expect(await guarded(probe)).toEqual({
          verdict: 'inconclusive',
          reason: like(/is not an address that checks may reach/),
        });
      }
    }
    expect(connections).toBe(0);
  });

  it('a literal address is refused before anything is touched; what a name leads to is seen later', () => {
    const checker = new Checker();
    const target = { id: 'i', name: 'n', addresses: { lab: ['10.0.0.5'] } };
    const refusalOf = (probe: object) => checker.refusalOf(checkOf(probe), target);
    expect(refusalOf({ http: { url: 'http://169.254.169.254/' } })).toMatch(
      /^169\.254\.169\.254 is not an address that checks may/,
    );
    expect(refusalOf({ http: { url: 'http://0x7f000001/' } })).toMatch(/^127\.0\.0\.1 is not/);
    expect(refusalOf({ webhook: { url: 'http://[::ffff:127.0.0.1]/' } })).toMatch(/is not an address/);
    expect(refusalOf({ tcp: { host: 'fe80::1%eth0', port: 1 } })).toMatch(/is not an address/);
    expect(refusalOf({ tcp: { host: '{address:lab}', port: 1 } })).toBeUndefined();
    expect(refusalOf({ http: { url: 'http://localhost/' } })).toBeUndefined();
  });

  it('a placeholder without an address is refused, with the networks that there are', () => {
    const checker = new Checker();
    const refusalOf = (host: string, addresses: Record<string, string[]>) =>
      checker.refusalOf(checkOf({ tcp: { host, port: 1 } }), { id: 'i', name: 'web-07', addresses });
    expect(refusalOf('{address}', {})).toBe('server web-07 has no address');
    expect(refusalOf('{address:blue}', { red: ['10.0.0.5'] })).toBe(
      'server web-07 has no address in network blue (it has: red)',
    );
  });
});

describe('tcp', () => {
  it('passes when the port is open, by address or by name', async () => {
    const port = await listen(net.createServer());
    for (const host of ['{address}', 'localhost']) {
      expect(await tried({ tcp: { host, port } })).toEqual({ verdict: 'pass', figure: like(/^open in \d+ ms$/) });
    }
  });

  it('fails when it is closed', async () => {
    const port = await listen(net.createServer());
    await stopServers();
    expect(await tried({ tcp: { host: '127.0.0.1', port } })).toEqual({
      verdict: 'fail',
      reason: 'the connection was refused',
    });
  });

  it('says nothing about a server whose name is not known', async () => {
    expect(await tried({ tcp: { host: 'web.invalid', port: 22 } })).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('the headers of the worker', () => {
  const SECRET = 'Bearer s3cr3t-4711-token';

  it('go to the host that they are for, and to no other', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, answer) => {
      seen.push(request.headers.authorization);
      answer.end('ok');
    });
    const url = await serve((request, answer) => {
      seen.push(request.headers.authorization);
      answer.writeHead(302, { Location: request.url === '/' ? '/again' : `${other}/` }).end();
    });
    const hosts = { [new URL(url).host]: { Authorization: SECRET }, [new URL(other).host]: { Authorization: 'other' } };
    expect(await tried({ http: { url: `${url}/` } }, {}, hosts)).toMatchObject({ verdict: 'pass' });
    // A redirect is no reason to log in elsewhere, not even with what is meant for there.
    expect(seen).toEqual([SECRET, SECRET, undefined]);
  });

  it.each(['webhook', 'prometheus'])('are in no finding, whatever a %s sends back', async (kind) => {
    const url = await serve((request, answer) => {
      const said = `you sent ${request.headers.authorization ?? ''} (${Buffer.from(SECRET).toString('base64')})`;
      const error = { status: 'error', error: said };
      answer.end(JSON.stringify(kind === 'webhook' ? { verdict: 'fail', reason: said, figure: said } : error));
    });
    const probe = kind === 'webhook' ? { webhook: { url } } : { prometheus: { url, query: 'up', above: 0 } };
    const found = JSON.stringify(await tried(probe, {}, { [new URL(url).host]: { Authorization: SECRET } }));
    expect(found).toContain('you sent [hidden]');
    expect(found).not.toMatch(/4711|czNjcjN0/);
  });
});
