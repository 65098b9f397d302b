import type { ResizeStatus } from '../../src/resize/outcome';
import { bodyOf, like, serve, stopServers, tried } from './servers';

afterEach(stopServers);

const status = { workflowId: 'resize-1', phase: 'verifying', server: { id: 'id-1' } } as unknown as ResizeStatus;
const answering = async (body: string, code = 200, headers = {}) => {
  const url = await serve((_, answer) => answer.writeHead(code, headers).end(body));
  return tried({ webhook: { url } }, { status });
};

it('gets the status by POST, and its word counts', async () => {
  let got: unknown;
  const url = await serve((request, answer) => {
    void bodyOf(request).then((text) => {
      got = [request.method, request.headers['content-type'], JSON.parse(text)];
      answer.end('{"verdict":"fail","reason":"12 of 90 tests","figure":78}');
    });
  });
  expect(await tried({ webhook: { url } }, { status })).toEqual({
    verdict: 'fail',
    reason: '12 of 90 tests',
    figure: '78',
  });
  expect(got).toEqual(['POST', 'application/json', status]);
});

it('a dry run sends which server it is: there is no status yet', async () => {
  let got = '';
  const url = await serve((request, answer) => {
    void bodyOf(request).then((text) => {
      got = text;
      answer.end('{"verdict":"pass"}');
    });
  });
  expect(await tried({ webhook: { url } })).toEqual({ verdict: 'pass' });
  expect(JSON.parse(got)).toEqual({ server: { id: 'id-1', name: 'web-07' } });
});

it.each([
  ['{"verdict":"maybe"}', like(/^its answer is not \{ verdict/)],
  ['{"verdict":"pass","reason":5}', like(/^its answer is not/)],
  ['["pass"]', like(/^its answer is not/)],
  ['pass', like(/^its answer is not/)],
  ['', like(/^its answer is not/)],
  [`{"verdict":"pass","reason":"${'x'.repeat(20_000)}"}`, 'its answer is longer than 16 KiB'],
])('an answer that is no verdict is none: %.40s', async (body, reason) => {
  expect(await answering(body)).toEqual({ verdict: 'inconclusive', reason });
});

it('a service that is not well says nothing about the server', async () => {
  expect(await answering('{"verdict":"fail"}', 500)).toEqual({
    verdict: 'inconclusive',
    reason: 'it answered with status 500',
  });
  expect(await answering('', 302, { Location: '/' })).toEqual({
    verdict: 'inconclusive',
    reason: 'it answered with status 302',
  });
  const url = await serve(() => undefined);
  expect(await tried({ webhook: { url }, timeout: '200ms' })).toEqual({
    verdict: 'inconclusive',
    reason: 'no answer within 0.2 s',
  });
});
