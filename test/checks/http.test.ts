import net from 'node:net';
import { like, listen, serve, serveTls, stopServers, tried } from './servers';

afterEach(stopServers);

const http = (url: string, more: object = {}) => tried({ http: { url, ...more } });

it('passes with a status that was asked for, and says how long it took', async () => {
  const url = await serve((request, answer) => answer.writeHead(request.url === '/health' ? 204 : 404).end());
  expect(await http(`${url}/health`, { status: [200, 204] })).toEqual({
    verdict: 'pass',
    figure: like(/^204 in \d+ ms$/),
  });
});

it('fails with another one', async () => {
  const url = await serve((_, answer) => answer.writeHead(503).end('down'));
  expect(await http(url)).toMatchObject({ verdict: 'fail', reason: 'status 503 instead of 200' });
});

it('looks for the expression anywhere in the body', async () => {
  const url = await serve((_, answer) => answer.end('all is\nready now'));
  expect(await http(url, { body: 'ok|ready' })).toMatchObject({ verdict: 'pass' });
  expect(await http(url, { body: '^ready' })).toMatchObject({ verdict: 'fail', reason: 'the body does not match' });
});

it('quotes nothing of the body', async () => {
  const url = await serve((_, answer) => answer.writeHead(500).end('password=4711'));
  expect(JSON.stringify(await http(url, { body: 'ok' }))).not.toContain('4711');
});

it('reads no more than 64 KiB of a body, however long it goes on', async () => {
  let closed = false;
  const url = await serve((request, answer) => {
    request.socket.on('close', () => (closed = true));
    const more = () => {
      while (!closed && answer.write('x'.repeat(65_536)));
      if (!closed) answer.once('drain', more);
    };
    more();
  });
  const found = await http(url, { body: 'ready' });
  expect(found).toMatchObject({ verdict: 'fail', reason: 'the first 64 KiB of the body does not match' });
});

it('is not fooled by a small body that unpacks to a large one', async () => {
  const { gzipSync } = await import('node:zlib');
  const bomb = gzipSync(Buffer.alloc(50_000_000, 'x'));
  const url = await serve((_, answer) => answer.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb));
  expect(await http(url, { body: 'ready' })).toMatchObject({ verdict: 'fail', reason: like(/first 64 KiB/) });
});

it('an expression that would take others years takes no time', async () => {
  const url = await serve((_, answer) => answer.end('a'.repeat(60_000)));
  expect(await http(url, { body: '(a+)+$b' })).toMatchObject({ verdict: 'fail' });
});

it('sends the method and the headers of the check', async () => {
  const url = await serve((request, answer) => {
    answer.writeHead(request.method === 'HEAD' && request.headers.accept === 'text/plain' ? 200 : 400).end();
  });
  expect(await http(url, { method: 'HEAD', headers: { Accept: 'text/plain' } })).toMatchObject({ verdict: 'pass' });
});

it('fills in address, name and id, so that they stay in their place of the URL', async () => {
  let asked = '';
  const url = await serve((request, answer) => {
    asked = request.url ?? '';
    answer.end();
  });
  const filled = url.replace('127.0.0.1', '{address:lab}');
  const target = { id: 'id-1', name: 'a/../b?c#d', addresses: { lab: ['127.0.0.1'] } };
  expect(await tried({ http: { url: `${filled}/{name}/{id}?ip={address}` } }, { target })).toMatchObject({
    verdict: 'pass',
  });
  expect(asked).toBe('/a%2F..%2Fb%3Fc%23d/id-1?ip=127.0.0.1');
});

it('an address of IPv6 is put in brackets', async () => {
  const server = net.createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const port = await listen(server, '::1');
  const target = { id: 'i', name: 'n', addresses: { lab: ['::1'] } };
  expect(await tried({ http: { url: `http://{address}:${port}/` } }, { target })).toMatchObject({ verdict: 'pass' });
});

describe('redirects', () => {
  it('are followed', async () => {
    const url = await serve((request, answer) => {
      if (request.url === '/ready') return void answer.end('ok');
      answer.writeHead(302, { Location: '/ready' }).end();
    });
    expect(await http(url, { body: 'ok' })).toMatchObject({ verdict: 'pass' });
    expect(await http(url, { status: [302] })).toMatchObject({ verdict: 'pass', figure: like(/^302/) });
  });

  it('are an answer where their status is asked for', async () => {
    const url = await serve((_, answer) => answer.writeHead(301, { Location: 'http://169.254.169.254/' }).end());
    expect(await http(url, { status: [301] })).toMatchObject({ verdict: 'pass' });
  });

  it('are not followed for ever', async () => {
    const url = await serve((_, answer) => answer.writeHead(307, { Location: '/' }).end());
    expect(await http(url)).toEqual({ verdict: 'fail', reason: 'it redirects more than 5 times' });
  });

  it('lead to no address that checks may not reach', async () => {
    for (const location of [
      'http://169.254.169.254/latest/meta-data',
      'http://[::ffff:a9fe:a9fe]/',
      'http://0xa9fea9fe/',
    ]) {
      const url = await serve((_, answer) => answer.writeHead(302, { Location: location }).end());
      expect(await http(url)).toMatchObject({
        verdict: 'inconclusive',
        reason: like(/is not an address that checks may reach/),
      });
    }
  });

  it('lead to nothing but HTTP', async () => {
    const url = await serve((_, answer) => answer.writeHead(302, { Location: 'file:///etc/passwd' }).end());
    expect(await http(url)).toEqual({ verdict: 'fail', reason: 'status 302 leads away from HTTP' });
  });
});

describe('a server that does not answer as it should', () => {
  it('refuses the connection', async () => {
    const port = await listen(net.createServer());
    await stopServers();
    expect(await http(`http://127.0.0.1:${port}/`)).toEqual({ verdict: 'fail', reason: 'the connection was refused' });
  });

  it('is silent', async () => {
    const url = await serve(() => undefined);
    expect(await tried({ http: { url }, timeout: '200ms' })).toEqual({
      verdict: 'fail',
      reason: 'no answer within 0.2 s',
    });
  });

  it('answers byte by byte: the time is that of all of it', async () => {
    const url = await serve((_, answer) => {
      const timer = setInterval(() => answer.write('x'), 50);
      answer.on('close', () => clearInterval(timer));
    });
    expect(await tried({ http: { url }, timeout: '300ms' })).toEqual({
      verdict: 'fail',
      reason: 'no answer within 0.3 s',
    });
  });

  it('cuts its answer off', async () => {
    const port = await listen(
      net.createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok')),
    );
    expect(await http(`http://127.0.0.1:${port}/`)).toMatchObject({
      verdict: 'fail',
      reason: like(/^the connection/),
    });
  });

  it('speaks no HTTP', async () => {
    const port = await listen(net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await http(`http://127.0.0.1:${port}/`)).toMatchObject({
      verdict: 'fail',
      reason: like(/^the connection broke/),
    });
  });

  it('has a certificate that nobody trusts', async () => {
    const port = await serveTls((_, answer) => answer.end('ok'));
    expect(await http(`https://localhost:${port}/`)).toEqual({
      verdict: 'fail',
      reason: 'its certificate is self-signed and not trusted',
    });
  });

  it('has a name that nobody knows: that says nothing about the server', async () => {
    expect(await http('http://web.invalid/')).toMatchObject({
      verdict: 'inconclusive',
      reason: like(/^its host name/),
    });
  });
});

it('ends at once when the worker shuts down', async () => {
  const url = await serve(() => undefined);
  const stop = new AbortController();
  const found = tried({ http: { url }, timeout: '1m' }, { signal: stop.signal });
  stop.abort(new Error('the worker shuts down'));
  await expect(found).rejects.toThrow('the worker shuts down');
});
