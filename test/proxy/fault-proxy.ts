/** A proxy between a worker and a compute API that loses, delays, refuses and spoils what passes, as it is told. */
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeRequest } from '../../src/simulator/api/control';
import { ANSWERS, cutBody, cutJson, junk, type Answer, type AnsweredFault } from './fault-answers';

/** The requests that faults are aimed at; GET is every one about the server, its action log included. */
export const REQUESTS = ['GET', 'resize', 'confirmResize', 'revertResize'] as const;
export type RequestKind = (typeof REQUESTS)[number];

/** What can happen to a request on its way. */
export type Fault =
  | /** Not forwarded, the connection is closed. */ 'drop-before'
  | /** Forwarded, the answer is dropped. */ 'drop-after'
  | /** Not forwarded, and no answer until the client gives up. */ 'hang'
  | /** Forwarded `seconds` later, when the client has given up. */ 'late'
  | AnsweredFault
  | /** Not forwarded, and a success with a page of something else as its body. */ 'junk'
  | /** Forwarded, and the answer is cut in its middle. */ 'cut';

export interface ArmedFault {
  /** `-` for the lists of servers. */
  server: string;
  request: RequestKind;
  fault: Fault;
  /** How many requests run into it. @default 1 */
  times?: number;
  /** Of `late`. @default 2 */
  seconds?: number;
}

/** One request as it came in, and what became of it. */
export interface Passage {
  server: string;
  request: RequestKind;
  /** For example "GET server" or "GET instance-actions". */
  what: string;
  /** Epoch ms. */
  at: number;
  fault?: Fault;
  /** Did it reach the compute API? */
  forwarded: boolean;
  /** What the compute API answered, whether that reached the client or not. */
  status?: number;
  requestId?: string;
}

export interface FaultProxy {
  /** The compute API as the worker is to see it. */
  computeUrl: string;
  arm(fault: ArmedFault): void;
  /** The faults of a server are over. */
  clear(server: string): void;
  /** What came in for a server so far, oldest first. */
  passages(server: string, request?: RequestKind): Passage[];
  close(): Promise<void>;
}

/** Starts a proxy for this compute API on a free port of the loopback interface. */
export async function startFaultProxy(computeUrl: string): Promise<FaultProxy> {
  const target = new URL(computeUrl);
  let armed: (ArmedFault & { times: number })[] = [];
  const passages: Passage[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const later = (seconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, seconds * 1000);
      timers.add(timer);
    });
  const agent = new http.Agent({ keepAlive: true });

  const take = (server: string, request: RequestKind): ArmedFault | undefined => {
    const found = armed.find((each) => each.server === server && each.request === request);
    if (found !== undefined && --found.times <= 0) armed = armed.filter((each) => each !== found);
    return found;
  };

  const forward = async (request: IncomingMessage, body: Buffer, passage?: Passage): Promise<Answer> => {
    if (passage !== undefined) passage.forwarded = true;
    const answer = await ask(target, agent, request, body);
    if (passage !== undefined) {
      passage.status = answer.status;
      const id = answer.headers['x-compute-request-id'];
      if (typeof id === 'string') passage.requestId = id;
    }
    return answer;
  };

  /** What the client gets: an answer, a closed connection, or nothing. */
  const pass = async (request: IncomingMessage, body: Buffer): Promise<Answer | 'closed' | 'silence'> => {
    const [server, what] = describeRequest(request.method ?? 'GET', new URL(pathOf(request), target), body.toString());
    const kind = kindOf(what);
    const isList = what === 'GET servers';
    if ((server === '-' && !isList) || kind === undefined) return forward(request, body);
    const found = take(server, kind);
    const fault = found?.fault;
    const passage: Passage = { server, request: kind, what, at: Date.now(), ...(fault && { fault }), forwarded: false };
    passages.push(passage);
    switch (fault) {
      case undefined:
        return forward(request, body, passage);
      case 'drop-before':
        return 'closed';
      case 'drop-after':
        await forward(request, body, passage);
        return 'closed';
      case 'hang':
        return 'silence';
      case 'late':
        await later(found?.seconds ?? 2);
        return forward(request, body, passage);
      case 'junk':
        return junk(kind === 'GET' ? 200 : 202);
      case 'cut': {
        const whole = await forward(request, body, passage);
        return kind === 'GET' ? cutJson(whole) : cutBody(whole);
      }
      default:
        return ANSWERS[fault];
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await pass(request, await bodyOf(request));
    if (answer === 'closed') request.socket.destroy();
    else if (answer !== 'silence') await deliver(response, answer);
  };

  const server = http.createServer((request, response) => {
    // A compute API that is not there looks like one behind a broken connection.
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    computeUrl: `http://127.0.0.1:${port}${target.pathname}`,
    arm: (fault) => void armed.push({ ...fault, times: fault.times ?? 1 }),
    clear: (cleared) => void (armed = armed.filter((each) => each.server !== cleared)),
    passages: (of, request) =>
      passages.filter((each) => each.server === of && (request === undefined || each.request === request)),
    async close() {
      for (const timer of timers) clearTimeout(timer);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function ask(target: URL, agent: http.Agent, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const out = http.request({
      agent,
      host: target.hostname,
      port: target.port,
      path: url,
      method,
      headers: { ...endToEnd(headers), host: target.host, 'content-length': body.length },
    });
    out.once('error', reject);
    out.once('response', (answer) => {
      bodyOf(answer).then((read) => {
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: read });
      }, reject);
    });
    out.end(body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function deliver(response: ServerResponse, { status, headers, body, ends }: Answer): Promise<void> {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, { ...endToEnd(headers), ...(!bodiless && { 'content-length': body.length }) });
  if (ends === undefined) {
    response.end(bodiless ? undefined : body);
    return;
  }
  await new Promise((resolve) => response.write(body.subarray(0, ends), resolve));
  response.destroy();
}

/** Without what is agreed between two neighbours only. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const between = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !between.includes(name)));
}

const pathOf = (request: IncomingMessage): string => new URL(request.url ?? '/', 'http://proxy').pathname;

function kindOf(what: string): RequestKind | undefined {
  const [method, action] = what.split(' ');
  if (method === 'GET') return 'GET';
  return REQUESTS.find((kind) => kind === action);
}
