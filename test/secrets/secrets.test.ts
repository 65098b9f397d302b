import { execFile } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSimulator } from '../../src/simulator';
import { NovaLab } from '../nova/nova-lab';
import { SimulatedLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig } from '../story/rig';

/** As the worker knows it; the way to the cloud turns it into the one that the simulator knows. */
const PASSWORD = 'Kx7-distinctive-9fQz';
/** How every token of the simulated Keystone begins, as Fernet tokens do. */
const TOKEN = 'gAAAAAB';

/** A cloud whose password is like no other word, and whose errors repeat the headers of the request. */
class TellingLab extends SimulatedLab {
  readonly seenTokens = new Set<string>();
  #echoes = 0;
  readonly #server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const token = incoming.headers['x-auth-token'];
      if (typeof token === 'string') this.seenTokens.add(token);
      if (body.includes('revertResize') && this.#echoes++ === 0) {
        const message = `Unexpected API Error. Request headers: ${JSON.stringify(incoming.headers)}; password ${PASSWORD}`;
        outgoing.writeHead(500, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify({ computeFault: { code: 500, message } }));
        return;
      }
      const forwarded = body.replaceAll(PASSWORD, this.simulator.password);
      const forward = http.request(
        new URL(incoming.url ?? '/', this.simulator.url),
        {
          method: incoming.method,
          headers: { ...incoming.headers, 'content-length': String(Buffer.byteLength(forwarded)) },
        },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      // A fault of the lab: the answer is lost.
      forward.on('error', () => outgoing.destroy());
      forward.end(forwarded);
    });
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const here = (address: string) => address.replace(this.simulator.url, url);
    this.told = { ...this.addresses, password: PASSWORD, authUrl: here(this.addresses.authUrl) };
    this.computeUrl = here(this.addresses.computeUrl);
  }
  told = this.addresses;
  computeUrl = '';

  override async writeCloudsYaml(directory: string): Promise<string> {
    return new NovaLab(this.told).writeCloudsYaml(directory);
  }

  override async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await super.stop();
  }
}

let lab: TellingLab;
let rig: Rig;
const output: string[] = [];

beforeAll(async () => {
  lab = new TellingLab(await startSimulator({ timings: { step: 30 } }));
  await lab.open();
  rig = await startRig(lab, { computeUrl: lab.computeUrl });
  await rig.startWorker({ DURABLE_RESIZE_DEBUG: '1' });
});
afterAll(() => rig.stop());

/** The command line, as a process of its own; whatever it ends with. */
async function cli(...args: string[]): Promise<void> {
  const starter = path.join(__dirname, '..', '..', 'dist', 'starter.js');
  const env = { ...process.env, TEMPORAL_ADDRESS: rig.temporal.address, DURABLE_RESIZE_DEBUG: '1' };
  const run = promisify(execFile)(process.execPath, [starter, ...args], { env });
  const { stdout, stderr } = await run.catch((error: unknown) => error as { stdout: string; stderr: string });
  output.push(stdout, stderr);
}

/** Everything that Temporal keeps: histories with their payloads decoded, memos, search attributes. */
async function kept(): Promise<string> {
  const texts: string[] = [];
  const decode = (_: string, value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
    return typeof value === 'bigint' ? String(value) : value;
  };
  for await (const { workflowId, runId } of rig.client.workflow.list()) {
    const handle = rig.client.workflow.getHandle(workflowId, runId);
    const { raw, memo } = await handle.describe();
    // A Buffer turns itself into JSON before a replacer sees it.
    const plain = (value: unknown) => JSON.stringify(bytesToText(value), decode);
    texts.push(plain(await handle.fetchHistory()), plain(raw), JSON.stringify(memo));
  }
  return texts.join('\n');
}

function bytesToText(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(bytesToText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, bytesToText(item)]));
}

/** The secrets that are found in a text, as they are or in base64. */
function secretsIn(text: string): string[] {
  const { secret } = lab.addresses.applicationCredential;
  const all = [PASSWORD, secret, TOKEN, ...lab.seenTokens];
  return all.filter((each) =>
    [each, Buffer.from(each).toString('base64').replace(/=+$/, '')].some((form) => text.includes(form)),
  );
}

it('no token and no password is in a history, a memo, a log or an output', async () => {
  const confirmed = await rig.start({ cloud: 'lab-app' });
  await untilPhase(confirmed, 'awaiting-decision');
  await confirmed.approve({ by: 'bob' });
  await ended(confirmed);
  // With a lost answer, and an error that repeats the headers and the password.
  const server = await rig.lab.boot('telling');
  await rig.lab.control({ http: [{ server, match: 'resize', fault: 'drop-after' }] });
  const reverted = await rig.start({ server });
  await untilPhase(reverted, 'awaiting-decision');
  await reverted.reject({ by: 'carol' });
  await ended(reverted);
  // A log-in that is refused.
  const told = await rig.startWorker({
    OS_CLIENT_CONFIG_FILE: '',
    OS_AUTH_URL: lab.told.authUrl,
    OS_USERNAME: 'demo',
    OS_PASSWORD: `${PASSWORD}-wrong`,
    OS_PROJECT_NAME: 'lab',
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    DURABLE_RESIZE_DEBUG: '1',
  });
  await expect(rig.resizes.inspect({ cloud: 'envvars', server, flavor: 'f3' })).rejects.toMatchObject({
    code: 'NotAuthenticated',
  });
  await cli('start', server, 'f3', '--cloud', 'envvars');
  for (const each of [confirmed, reverted]) {
    await cli('status', each.server);
    await cli('status', each.server, '-f', 'json');
  }
  await cli('list', '-f', 'json');
  expect(told.output()).toContain('worker ready');

  const all = [await kept(), rig.output(), ...output].join('\n');
  expect(lab.seenTokens.size).toBeGreaterThan(1);
  // The search reaches what it should: the names of people, and the error that repeated the headers.
  expect(all).toContain('carol');
  expect(all).toContain('Unexpected API Error');
  expect(secretsIn(all)).toEqual([]);
});

it('the search finds a secret where there is one', async () => {
  const [token = ''] = lab.seenTokens;
  const { workflowId } = await rig.client.workflow.start('resizeServer', {
    workflowId: 'resize-planted',
    taskQueue: 'nobody',
    args: [{ reason: token }],
    memo: { note: PASSWORD },
  });
  expect(secretsIn(await kept()).sort()).toEqual([PASSWORD, TOKEN, token].sort());
  await rig.client.workflow.getHandle(workflowId).terminate();
});
