import { once } from 'node:events';
import { createServer } from 'node:net';

/** Two ports of the loopback interface that nobody uses at this moment. */
export async function freePorts(): Promise<[number, number]> {
  // Both are held at once, so that they differ.
  const [first, second] = [createServer(), createServer()];
  const ports = await Promise.all([first, second].map(listening));
  await Promise.all([first, second].map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port of the loopback interface is free');
  return address.port;
}
