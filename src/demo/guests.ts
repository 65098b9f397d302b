/** What runs on the servers of the demo: a small HTTP service for each, which says whether it is well. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Simulator } from '../simulator';

export interface Guests {
  port: number;
  /** The service of this server does not come up with another flavor. */
  failsResized: (server: string) => void;
  close: () => Promise<void>;
}

/** Answers `GET /<server id>` with 200, or with 503 where it is not well. */
export async function startGuests(simulator: Simulator): Promise<Guests> {
  const failing = new Set<string>();
  const isWell = (id: string) => {
    if (!failing.has(id)) return true;
    const asked = simulator.control({}).counters[id] ?? {};
    return asked['POST resize'] === undefined || asked['POST revertResize'] !== undefined;
  };
  const server = createServer((request, response) => {
    response.writeHead(isWell((request.url ?? '').slice(1)) ? 200 : 503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    failsResized: (id) => void failing.add(id),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
