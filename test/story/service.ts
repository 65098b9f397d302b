import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that is well, until a test says otherwise: for the server whose id is in the path. */
export class Service {
  readonly #server: Server;
  readonly #ill = new Map<string, number>();
  readonly #tries = new Map<string, number>();
  readonly #held = new Map<string, (() => void)[]>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const id = (request.url ?? '').slice(1);
      this.#tries.set(id, this.tries(id) + 1);
      const answer = () => void response.writeHead(this.#ill.get(id) ?? 200).end('ok');
      const held = this.#held.get(id);
      if (held === undefined) answer();
      else held.push(answer);
    });
  }

  static async start(): Promise<Service> {
    const service = new Service();
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  tries(id: string): number {
    return this.#tries.get(id) ?? 0;
  }

  /** From now on it answers with this status, also what it has been asked already. */
  answers(id: string, status: number): void {
    this.#ill.set(id, status);
    const held = this.#held.get(id) ?? [];
    this.#held.delete(id);
    for (const answer of held) answer();
  }

  /** From now on it lets everybody wait, until it is told what to answer. */
  holds(id: string): void {
    this.#held.set(id, []);
  }

  /** How many wait for an answer. */
  waiting(id: string): number {
    return this.#held.get(id)?.length ?? 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
