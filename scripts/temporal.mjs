// @ts-check

// A Temporal server for development, in the foreground: `npm run temporal`.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import temporal from './temporal-cli.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const usage = `Usage: npm run temporal -- [options]

A Temporal server for development, with its web UI and the search attributes of Durable Resize registered.
What it holds survives a restart.

  --port PORT         where workers and clients connect (default: DURABLE_RESIZE_TEMPORAL_PORT, else 7233)
  --ui-port PORT      the web UI (default: DURABLE_RESIZE_TEMPORAL_UI_PORT, else --port + 1000)
  --ip ADDRESS        address to listen on (default: 127.0.0.1)
  --db-filename FILE  where it keeps everything (default: .cache/temporal/dev.db)
  --help

The server is the Temporal CLI, fetched if it is not here; DURABLE_RESIZE_TEMPORAL_CLI names another one.
`;

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * @param {string} text
 * @param {string} from
 */
function portOf(text, from) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TypeError(`${from}: '${text}' is not a port.`);
  return port;
}

function settings() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'ui-port': { type: 'string' },
      ip: { type: 'string', default: '127.0.0.1' },
      'db-filename': { type: 'string', default: path.join(root, '.cache', 'temporal', 'dev.db') },
      help: { type: 'boolean', default: false },
    },
  });
  const env = process.env;
  const port = values.port
    ? portOf(values.port, '--port')
    : portOf(env['DURABLE_RESIZE_TEMPORAL_PORT'] || '7233', 'DURABLE_RESIZE_TEMPORAL_PORT');
  const uiPort = values['ui-port']
    ? portOf(values['ui-port'], '--ui-port')
    : portOf(env['DURABLE_RESIZE_TEMPORAL_UI_PORT'] || String(port + 1000), 'DURABLE_RESIZE_TEMPORAL_UI_PORT');
  return { port, uiPort, ip: values.ip, dbFile: path.resolve(values['db-filename']), help: values.help };
}

async function main() {
  const { help, ...options } = settings();
  if (help) {
    process.stdout.write(usage);
    return;
  }
  // From here on, so that Ctrl-C while the server starts ends it in order as well.
  const asked = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal));
  });
  const server = await Promise.race([
    temporal
      .findTemporal({ say })
      .then((executable) => temporal.startTemporal({ ...options, ui: true, quiet: false, executable })),
    asked.then(() => undefined),
  ]);
  if (!server) process.exit(130); // what was started ends with us
  process.stdout.write(
    `Temporal is running.\n` +
      `  address   ${server.address}   (what worker and command line use by default: localhost:7233)\n` +
      `  web UI    ${server.uiAddress}\n` +
      `  data      ${path.relative(process.cwd(), options.dbFile)}   (kept across restarts)\n` +
      `Ctrl-C stops it.\n`,
  );
  const end = await Promise.race([asked, server.exited]);
  if (typeof end !== 'string') {
    say(`The Temporal server ended by itself (${end.signal || `exit ${end.code}`}).`);
    process.exit(1);
  }
  await server.stop();
  process.stdout.write('Temporal has stopped.\n');
}

main().then(
  () => process.exit(process.exitCode ?? 0),
  (/** @type {unknown} */ error) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(error instanceof TypeError ? 2 : 1);
  },
);
