import { execFile } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSimulator } from '../../src/simulator';
import { NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { SimulatedLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig } from '../story/rig';

/** As the worker knows it; the way to the cloud turns it into the one that the simulator knows. */
const PASSWORD = 'Kx7-distinctive-9fQz';
/** How every token of the simulated Keystone begins, as Fernet tokens do. */
const TOKEN = 'gAAAAAB';

/** A cloud whose password is like no other word, and whose error repeats what it was sent. */
class TellingLab extends SimulatedLab {
  /** Every token that was given or used on the way to this cloud. */
  readonly issued = new Set<string>();
  readonly #server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.#keep(incoming.headers['x-auth-token']);
      const forwarded = body.replaceAll(PASSWORD, this.simulator.password);
      const forward = http.request(
        new URL(incoming.url ?? '/', this.simulator.url),
        {
          method: incoming.method,
          headers: { ...incoming.headers, 'content-length': String(Buffer.byteLength(forwarded)) },
        },
        (answer) => {
          this.#keep(answer.headers['x-subject-token']);
          if (!body.includes('revertResize')) {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
            return;
          }
          // Carried out all the same, so that nobody has to wait until it is safe to send it once more.
          answer.resume();
          const message = `Unexpected API Error. Request headers: ${JSON.stringify(incoming.headers)}; password ${PASSWORD}`;
          outgoing.writeHead(500, { 'content-type': 'application/json' });
          outgoing.end(JSON.stringify({ computeFault: { code: 500, message } }));
        },
      );
      // A fault of the lab: the answer is lost.
      forward.on('error', () => outgoing.destroy());
      forward.end(forwarded);
    });
  });

  #keep(token: string | string[] | undefined): void {
    if (typeof token === 'string') this.issued.add(token);
  }

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
  rig = await startRig(lab, { computeUrl: lab.computeUrl, temporal: 'own' });
  await rig.startWorker({ DURABLE_RESIZE_DEBUG: '1' });
});
afterAll(() => rig.stop());

/** The command line, as a process of its own; whatever it ends with. */
async function cli(...args: string[]): Promise<void> {
  const starter = path.join(__dirname, '..', '..', 'dist', 'starter.js');
  const env = { ...process.env, ...rig.env, DURABLE_RESIZE_DEBUG: '1' };
  const run = promisify(execFile)(process.execPath, [starter, ...args], { env });
  const { stdout, stderr } = await run.catch((error: unknown) => error as { stdout: string; stderr: string });
  output.push(stdout, stderr);
}

/** Everything that Temporal keeps and says: histories with their payloads decoded, memos, search attributes, queries. */
async function kept(): Promise<string> {
  const texts: string[] = [];
  const print = (value: unknown) =>
    void texts.push(JSON.stringify(bytesToText(value), (_, item: unknown) => (typeof item === 'bigint' ? '' : item)));
  for await (const { workflowId, runId, type } of rig.client.workflow.list()) {
    const handle = rig.client.workflow.getHandle(workflowId, runId);
    const { raw, memo, status } = await handle.describe();
    [type, await handle.fetchHistory(), raw, memo].forEach(print);
    if (type === 'resizeServer' && status.name !== 'RUNNING') print(await handle.query('status'));
  }
  return texts.join('\n');
}

/** Payloads are bytes; a Buffer turns itself into JSON before a replacer sees it. */
function bytesToText(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(bytesToText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, bytesToText(item)]));
}

/** A text in base64, wherever in the encoded bytes it begins; without the ends, in which its neighbours have a part. */
function base64Forms(text: string): string[] {
  return ([0, 1, 2] as const).flatMap((before) => {
    const bytes = Buffer.from('\0'.repeat(before) + text);
    const whole: [number, number] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return [bytes.toString('base64').slice(...whole), bytes.toString('base64url').slice(...whole)];
  });
}

/** The secrets that are found in a text, as they are or in base64. */
function secretsIn(text: string): string[] {
  const { secret } = lab.addresses.applicationCredential;
  const all = [PASSWORD, secret, TOKEN, ...lab.issued];
  return all.filter((each) => [each, ...base64Forms(each)].some((form) => text.includes(form)));
}

/** Approved, by an application credential. */
async function confirmed(): Promise<string> {
  const run = await rig.start({ cloud: 'lab-app' });
  await untilPhase(run, 'awaiting-decision');
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  return run.server;
}

/** With a lost answer, and an error that repeats the headers and the password. */
async function reverted(): Promise<string> {
  const server = await rig.lab.boot('telling');
  await rig.lab.control({ http: [{ server, match: 'resize', fault: 'drop-after' }] });
  const run = await rig.start({ server });
  await untilPhase(run, 'awaiting-decision');
  await run.reject({ by: 'carol' });
  expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
  return server;
}

/** A log-in that is refused: seen by the library and by the command line. */
async function refused(): Promise<void> {
  await rig.startWorker({
    OS_CLIENT_CONFIG_FILE: '',
    OS_AUTH_URL: lab.told.authUrl,
    OS_USERNAME: 'demo',
    OS_PASSWORD: `${PASSWORD}-wrong`,
    OS_PROJECT_NAME: 'lab',
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    DURABLE_RESIZE_DEBUG: '1',
  });
  const server = await rig.lab.boot('refused');
  await expect(rig.resizes.inspect({ cloud: 'envvars', server, flavor: 'f3' })).rejects.toMatchObject({
    code: 'NotAuthenticated',
  });
  await cli('start', server, 'f3', '--cloud', 'envvars');
}

it('no token and no password is in a history, a memo, a status, a log or an output', async () => {
  const [one, other] = await Promise.all([confirmed(), reverted(), refused()]);
  await Promise.all([
    cli('status', one),
    cli('status', other),
    cli('status', other, '-f', 'json'),
    cli('list'),
    cli('list', '-f', 'json'),
    cli('orphans', '--cloud', 'lab', '-f', 'json'),
  ]);

  const [stored, printed] = [await kept(), [rig.output(), ...output].join('\n')];
  expect(lab.issued.size).toBeGreaterThan(1);
  // The search reaches what it should: each type of workflow, the names of people, the error that repeated the headers.
  for (const each of ['resizeServer', 'inspectServer', 'findOrphans', 'carol', 'Unexpected API Error'])
    expect(stored).toContain(each);
  for (const each of ['worker ready', 'carol', 'log in to cloud envvars', one]) expect(printed).toContain(each);
  expect(secretsIn(stored)).toEqual([]);
  expect(secretsIn(printed)).toEqual([]);
});

it('the search finds a secret where there is one', async () => {
  const [token = ''] = lab.issued;
  const { workflowId } = await rig.client.workflow.start('resizeServer', {
    workflowId: 'resize-planted',
    taskQueue: 'nobody',
    args: [{ reason: token }],
    memo: { note: PASSWORD },
  });
  const found = await until('the planted run to be listed', async () => {
    const text = await kept();
    return text.includes(workflowId) ? secretsIn(text) : undefined;
  });
  expect(found.sort()).toEqual([PASSWORD, TOKEN, token].sort());
  await rig.client.workflow.getHandle(workflowId).terminate();
});

it.each(['', 'u', 'us', 'use'])('the search finds a password in base64 behind %j', (before) => {
  const encoded = Buffer.from(`${before}${PASSWORD}:x`);
  expect(secretsIn(encoded.toString('base64'))).toEqual([PASSWORD]);
  expect(secretsIn(encoded.toString('base64url'))).toEqual([PASSWORD]);
});
