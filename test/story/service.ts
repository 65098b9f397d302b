import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service that is well, until a test says otherwise: for the server whose id is in the path. */
export class Service {
  readonly #server: Server;
  readonly #ill = new Map<string, number>();
  readonly #tries = new Map<string, number>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const id = (request.url ?? '').slice(1);
      this.#tries.set(id, this.tries(id) + 1);
      response.writeHead(this.#ill.get(id) ?? 200).end('ok');
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

  /** From now on it answers with this status. */
  answers(id: string, status: number): void {
    this.#ill.set(id, status);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
