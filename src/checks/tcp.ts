import { connect } from 'node:net';
import { once } from 'node:events';
import type { Check } from '../resize/checks';
import { filledHost } from '../resize/placeholders';
import { connectionFault } from './connection-fault';
import { Deadline } from './deadline';
import type { Probe } from './probe';

/** Opens a connection, and closes it. */
export const probeTcp: Probe<NonNullable<Check['tcp']>> = async (
  options,
  { target, timeout, signal },
  { networks },
) => {
  const began = performance.now();
  const host = filledHost(options.host, target);
  const deadline = new Deadline(timeout, signal);
  try {
    networks.refuseLiteral(host);
    const socket = connect({ host, port: options.port, lookup: networks.lookup });
    try {
      await once(socket, 'connect', { signal: deadline.signal });
    } finally {
      // What comes after the verdict is nobody's concern.
      socket.on('error', () => undefined).destroy();
    }
    return { verdict: 'pass', figure: `open in ${Math.round(performance.now() - began)} ms` };
  } catch (error) {
    signal.throwIfAborted();
    return connectionFault(error, deadline.passed);
  } finally {
    deadline.end();
  }
};
