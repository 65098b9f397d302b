/** A gRPC server that answers as it is told: for what a Temporal server does only when it is set up so, or broken. */
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** gRPC status codes. */
export const STATUS = { invalidArgument: 3, notFound: 5, permissionDenied: 7, unavailable: 14, unauthenticated: 16 };

/** The status of an answer; undefined: OK, with an empty message. */
export type Answer = number | 'never' | undefined;

/** What to answer, by the name of the call and what was sent. */
export type Rule = (call: string, request: Buffer) => Answer;

/** Polls wait for ever; nobody may add search attributes, so that no worker waits for them. */
const usual: Rule = (call) => {
  if (call.startsWith('Poll')) return 'never';
  return call === 'AddSearchAttributes' ? STATUS.permissionDenied : undefined;
};

export interface StandIn {
  address: string;
  /** Takes precedence over what it answers usually. */
  answer: (rule: Rule) => void;
  stop: () => Promise<void>;
}

export async function startStandIn(): Promise<StandIn> {
  let rule: Rule = () => undefined;
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    const call = String(headers[':path']).split('/').pop() ?? '';
    const request: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (data: Buffer) => request.push(data));
    stream.on('end', () => {
      const sent = Buffer.concat(request);
      respond(stream, rule(call, sent) ?? usual(call, sent));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (next) => (rule = next),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function respond(stream: ServerHttp2Stream, answer: Answer): void {
  if (answer === 'never') return;
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (answer !== undefined) {
    stream.respond({ ...head, 'grpc-status': String(answer), 'grpc-message': 'as told' }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  // One message of no bytes: every field has its default.
  stream.end(Buffer.alloc(5));
}
