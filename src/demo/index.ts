/** Entry: `npm run demo`. Six resizes side by side, on real parts but for the cloud. */
import { parseArgs } from 'node:util';
import { runDemo } from './run-demo';
import { STORIES } from './stories';

const USAGE = `Usage: npm run demo

Starts a Temporal server with its UI, a simulated cloud and a worker on free ports, resizes six servers
side by side in about half a minute, and says what became of them. On a terminal it then stays up, for you to
try more; Ctrl-C ends it. It exits with 0 if all six ended as expected, with 1 if not.
`;

function main(): Promise<number> {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
    if (values.help !== true) return runDemo(STORIES, process.stdout);
    process.stdout.write(USAGE);
    return Promise.resolve(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return Promise.resolve(2);
  }
}

void main().then((code) => process.exit(code));
