/** What a proxy answers in place of a compute API. */
import type { IncomingHttpHeaders } from 'node:http';

export type AnsweredFault = '401' | '403' | '429' | '500' | '502' | '503';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** After so many bytes the connection breaks. */
  ends?: number;
}

const json = (status: number, body: object, headers: IncomingHttpHeaders = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});

const page = (status: number, title: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: Buffer.from(
    `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  ),
});

/** 401 as its middleware, 403, 429 and 500 as Nova itself, 502 and 503 as what stands in front of it. */
export const ANSWERS: Readonly<Record<AnsweredFault, Answer>> = {
  '401': json(
    401,
    { error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' } },
    { 'www-authenticate': 'Keystone uri="http://127.0.0.1/identity"' },
  ),
  '403': json(403, { forbidden: { code: 403, message: "Policy doesn't allow this to be performed." } }),
  '429': json(429, { overLimit: { code: 429, message: 'This request was rate-limited.' } }, { 'retry-after': '1' }),
  '500': json(500, { computeFault: { code: 500, message: 'Unexpected API Error. Please report this.' } }),
  '502': page(502, '502 Bad Gateway'),
  '503': { status: 503, headers: { 'content-type': 'text/plain' }, body: Buffer.from('no server is available\n') },
};

/** A portal that asks for a login, with the status of a success. */
export const junk = (status: number): Answer => page(status, 'Please log in');

export const cutJson = (whole: Answer): Answer => ({
  ...whole,
  body: whole.body.subarray(0, Math.floor(whole.body.length / 2)),
});

/** Accepted, as the status says, and then the body ends before it should. */
export const cutBody = ({ headers }: Answer): Answer => ({
  status: 202,
  headers: { ...headers, 'content-type': 'application/json' },
  body: Buffer.from('{"half": "and the other half"}'),
  ends: 9,
});
