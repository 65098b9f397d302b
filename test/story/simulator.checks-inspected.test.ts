/** Checks that an inspection runs: a real worker, real sockets, and what it may not reach. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { like, listen, serve, stopServers } from '../checks/servers';
import { call } from '../cli/captured-terminal';
import { startLab } from '../simulator/lab';
import { startRig, type Rig } from './rig';

const SECRET = 's3cr3t-4711-token';

let rig: Rig;
let folder: string;
let web: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checks-'));
  web = await serve((request, answer) => {
    answer.writeHead(request.headers.authorization === `Bearer ${SECRET}` ? 200 : 401).end('ready');
  });
  const headers = join(folder, 'headers.yaml');
  await writeFile(headers, JSON.stringify({ [new URL(web).host]: { Authorization: `Bearer ${SECRET}` } }));
  rig = await startRig(await startLab());
  await rig.startWorker({ DURABLE_RESIZE_CHECK_NETWORKS: '127.0.0.0/8', DURABLE_RESIZE_CHECK_HEADERS: headers });
});
afterAll(async () => {
  await rig.stop();
  await stopServers();
  await rm(folder, { recursive: true, force: true });
});

const asked = { cloud: 'lab', flavor: 'f2' };
const quick = { interval: '100ms', timeout: '1s' };

it('each check has its verdict, on the addresses that the cloud shows', async () => {
  const server = await rig.lab.boot('checked-1');
  const other = await serve((_, answer) => answer.end('ok'));
  const open = await listen(createServer(), '127.0.0.1');
  await rig.lab.control({ addresses: { [server]: { blue: ['127.0.0.1'], red: ['127.0.0.2'] } } });
  const checks = {
    checks: [
      { name: 'web', http: { url: web, body: 'ok|ready' }, ...quick },
      { name: 'other', http: { url: other.replace('127.0.0.1', '{address:blue}'), body: '^ready$' }, ...quick },
      { name: 'port', tcp: { host: '{address}', port: open }, ...quick },
    ],
  };
  const found = await rig.resizes.inspect({ ...asked, server, checks, runChecks: true });
  expect(found).not.toHaveProperty('refusal');
  expect(found.checks).toEqual([
    { name: 'web', kind: 'http', baseline: 'pass', figure: like(/^200 in \d+ ms$/), at: like(/^20/) },
    {
      name: 'other',
      kind: 'http',
      baseline: 'fail',
      figure: like(/^200 in/),
      reason: 'the body does not match',
      at: like(/^20/),
    },
    { name: 'port', kind: 'tcp', baseline: 'pass', figure: like(/^open in/), at: like(/^20/) },
  ]);
  expect(await rig.resizes.inspect({ ...asked, server, checks })).not.toHaveProperty('checks');
});

it('start --dry-run --checks FILE shows the verdicts, and starts nothing', async () => {
  const server = await rig.lab.boot('checked-2');
  const file = join(folder, 'checks.yaml');
  await writeFile(file, `checks:\n  - { name: web, http: { url: '${web}' }, interval: 100ms }\n`);
  const { code, out } = await call(`start ${server} f2 --cloud lab --dry-run --checks ${file}`, {
    connect: { client: rig.client },
  });
  expect([code, out]).toEqual([0, like(/^checks +web \(http\): baseline pass: 200 in \d+ ms/m)]);
  await expect(rig.resizes.get(server)).rejects.toMatchObject({ code: 'NotFound' });
});

it('an address that may not be reached, or that the server does not have, is refused before anything is touched', async () => {
  const server = await rig.lab.boot('checked-3');
  const refusalOf = async (host: string) => {
    const checks = { checks: [{ name: 'ssh', tcp: { host, port: 22 } }] };
    return (await rig.resizes.inspect({ ...asked, server, checks })).refusal?.message;
  };
  expect(await refusalOf('169.254.169.254')).toBe(
    'checks.checks[0] (ssh): 169.254.169.254 is not an address that checks may reach (DURABLE_RESIZE_CHECK_NETWORKS of the worker)',
  );
  expect(await refusalOf('{address:green}')).toBe(
    'checks.checks[0] (ssh): server checked-3 has no address in network green (it has: lab)',
  );
  const checks = { checks: [{ name: 'ssh', tcp: { host: '{address:green}', port: 22 } }] };
  await expect(rig.start({ server, checks })).rejects.toMatchObject({ code: 'Refused', exitCode: 12 });
});

it('no log line and no history has a header of the worker', async () => {
  const histories: string[] = [];
  for await (const { workflowId } of rig.client.workflow.list()) {
    const history = historyToJSON(await rig.client.workflow.getHandle(workflowId).fetchHistory());
    histories.push(
      history.replaceAll(/"data": ?"([^"]*)"/g, (_, data: string) => Buffer.from(data, 'base64').toString()),
    );
  }
  const all = histories.join('\n');
  // What is searched can be read.
  expect(all).toContain('the body does not match');
  expect(rig.output() + all).not.toContain(SECRET);
});
