import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One message as it came. */
export interface Delivered {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  at: number;
  /** What was answered. */
  status: number;
}

/** Where notifications come in: it keeps them all, and answers as a test says. */
export class Mailbox {
  readonly #server: Server;
  readonly all: Delivered[] = [];
  /** @returns the status to answer with, or undefined for no answer at all */
  answer: (message: Omit<Delivered, 'status'>) => { status: number; headers?: Record<string, string> } | undefined =
    () => ({ status: 204 });

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url = '', headers } = request;
        const message = { path: url, headers, body: Buffer.concat(chunks).toString(), at: Date.now() };
        const answer = this.answer(message);
        this.all.push({ ...message, status: answer?.status ?? 0 });
        if (answer !== undefined) response.writeHead(answer.status, answer.headers).end('thank you');
      });
    });
  }

  static async start(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    mailbox.#server.listen(0, '127.0.0.1');
    await once(mailbox.#server, 'listening');
    return mailbox;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What came to a path about a server. */
  about(server: string, path: string): Delivered[] {
    return this.all.filter((one) => one.path === path && one.body.includes(server));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
