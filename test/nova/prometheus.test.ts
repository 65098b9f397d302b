/** The check `prometheus` on a real Prometheus, which scrapes a server of this test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { like, serve, stopServers, tried } from '../checks/servers';
import { freePorts } from '../free-ports';
import { until } from './wait';

/** What is scraped, five times a second; undefined: the series ends. */
let errors: number | undefined = 0;
let prometheus: ChildProcess | undefined;
let url = '';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const scraped = await serve((_, answer) => {
    const lines = [
      ...(errors === undefined ? [] : [`errors{host="web-07",cpu="0"} ${errors}`]),
      'other{host="web-07"} 1',
      'nothing NaN',
    ];
    answer.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(`${lines.join('\n')}\n`);
  });
  const configuration = {
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: [{ job_name: 'test', static_configs: [{ targets: [new URL(scraped).host] }] }],
  };
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configuration));
  const [port] = await freePorts();
  url = `http://127.0.0.1:${port}`;
  prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  await untilFound({ query: 'errors', below: 1 }, 'pass');
});
afterAll(async () => {
  const gone = new Promise((resolve) => prometheus?.once('exit', resolve));
  prometheus?.kill('SIGKILL');
  await gone;
  await stopServers();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  errors = 0;
  await untilFound({ query: 'errors', below: 1 }, 'pass');
});

const ask = (probe: object, since?: number) =>
  tried({ prometheus: { url, ...probe } }, since === undefined ? {} : { since });
const untilFound = (probe: object, verdict: string) =>
  until(
    `${JSON.stringify(probe)} to be ${verdict}`,
    async () => ((await ask(probe)).verdict === verdict ? true : undefined),
    {
      within: 30_000,
    },
  );

it('passes below, and fails at or above the limit, with the value', async () => {
  expect(await ask({ query: 'errors', below: 0.01 })).toEqual({ verdict: 'pass', figure: '0' });
  expect(await ask({ query: 'errors + 0.123456', below: 0.1 })).toEqual({
    verdict: 'fail',
    figure: '0.1235',
    reason: 'not below 0.1',
  });
  expect(await ask({ query: 'other', above: 1 })).toEqual({ verdict: 'fail', figure: '1', reason: 'not above 1' });
});

it('takes the worst of several series', async () => {
  const query = '{__name__=~"errors|other"}';
  expect(await ask({ query, below: 2 })).toEqual({ verdict: 'pass', figure: '1' });
  expect(await ask({ query, above: 0.5 })).toEqual({ verdict: 'fail', figure: '0', reason: 'not above 0.5' });
});

it('fills in the name of the server, escaped', async () => {
  expect(await ask({ query: 'errors{host="{name}"}', below: 1 })).toMatchObject({ verdict: 'pass' });
  const target = { id: 'i', name: `a"} or other or errors{host="web-07\\'\n`, addresses: {} };
  for (const quotes of [`"`, `'`]) {
    const query = `errors{host=${quotes}{name}${quotes}}`;
    expect(await tried({ prometheus: { url, query, below: 1 } }, { target })).toEqual({
      verdict: 'inconclusive',
      reason: 'the query has no data',
    });
  }
});

it.each([
  ['no data', 'errors{host="nobody"}', 'the query has no data'],
  ['NaN', 'nothing', 'the query gives no number (NaN)'],
  ['a mistake in the query', 'errors{', like(/^Prometheus: .*parse error/)],
  ['a text', '"errors"', like(/^status 200 is no answer of Prometheus with numbers/)],
])('%s is inconclusive', async (_what, query, reason) => {
  expect(await ask({ query, below: 1 })).toEqual({ verdict: 'inconclusive', reason });
});

it('infinity is a number', async () => {
  expect(await ask({ query: 'other / 0', above: 5 })).toMatchObject({ verdict: 'pass', figure: 'Infinity' });
});

it('with for, passes when the condition has held for all of it', async () => {
  const probe = { query: 'errors', below: 1, for: '2s' };
  errors = 7;
  await untilFound({ query: 'errors', below: 1 }, 'fail');
  expect(await ask(probe)).toMatchObject({ verdict: 'fail', figure: '7' });
  errors = 0;
  await untilFound({ query: 'errors', below: 1 }, 'pass');
  // It holds now, and did not a moment ago.
  expect(await ask(probe)).toEqual({
    verdict: 'inconclusive',
    figure: '7',
    reason: 'below 1 now, and not for all of the last 2 s',
  });
  await untilFound(probe, 'pass');
});

it('with for, nothing from before the resize counts in a proof', async () => {
  const probe = { query: 'errors', below: 1, for: '2s' };
  await untilFound(probe, 'pass');
  const since = Date.now();
  expect(await ask(probe, since)).toMatchObject({ verdict: 'inconclusive', reason: like(/^below 1 for \d s of 2 s$/) });
  await until('the span to be over', async () => ((await ask(probe, since)).verdict === 'pass' ? true : undefined));
  expect(Date.now() - since).toBeGreaterThanOrEqual(2000);
});

it('a Prometheus that is not there says nothing about the server', async () => {
  const gone = { prometheus: { url: 'http://127.0.0.1:9', query: 'up', below: 1 } };
  expect(await tried(gone)).toEqual({ verdict: 'inconclusive', reason: 'Prometheus: the connection was refused' });
});
