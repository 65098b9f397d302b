/** Real servers for checks to try, each on a free port of this machine. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http, { type IncomingMessage, type RequestListener } from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checker, HostHeaders, Networks, type Asked } from '../../src/checks';
import { checkRequest } from '../../src/resize/request';
import type { Check } from '../../src/resize/checks';

const running = new Set<net.Server>();
const open = new Set<net.Socket>();

export async function listen(server: net.Server, host = '127.0.0.1'): Promise<number> {
  running.add(server);
  server.on('connection', (socket) =>
    open.add(socket.on('close', () => open.delete(socket)).on('error', () => undefined)),
  );
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

/** Ends all of them. */
export async function stopServers(): Promise<void> {
  const ended = [...running].map((server) => new Promise((resolve) => server.close(resolve)));
  running.clear();
  for (const socket of open) socket.destroy();
  await Promise.all(ended);
}

/** @returns the URL of a server that answers so */
export async function serve(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(http.createServer(answer))}`;
}

/** A certificate for localhost, from no authority that anybody trusts. */
export async function serveTls(answer: RequestListener): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    execFileSync('openssl', [...made, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return await listen(https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** A check as a request has it. */
export function checkOf(probe: object): Check {
  const least = { cloud: 'x', server: '4f1e2d3c-aaaa-4bbb-8ccc-0123456789ab', flavor: 'x', requestedBy: 'x' };
  const [check] =
    checkRequest({ ...least, checks: { checks: [{ name: 'it', timeout: '1s', ...probe }] } }).checks?.checks ?? [];
  if (check === undefined) throw new Error('there is no check');
  return check;
}

/** Makes one try, where this machine may be reached. */
export function tried(probe: object, asked: Partial<Asked> = {}, hosts: Record<string, Record<string, string>> = {}) {
  const check = checkOf(probe);
  const checker = new Checker({ networks: new Networks(['127.0.0.0/8', '::1/128']), headers: new HostHeaders(hosts) });
  return checker.try(check, {
    target: { id: 'id-1', name: 'web-07', addresses: { lab: ['127.0.0.1'] } },
    timeout: check.timeout,
    interval: check.interval,
    signal: new AbortController().signal,
    ...asked,
  });
}

/** A text that the expression is found in. */
export const like = (expression: RegExp) => expect.stringMatching(expression) as string;
