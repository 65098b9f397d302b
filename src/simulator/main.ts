import { simulate } from './command';

/** `npm run simulator`: the simulated cloud in the foreground, with a clouds.yaml for it on stdout. */
async function main(): Promise<void> {
  const stopped = new Promise((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
  });
  const simulator = await simulate(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  });
  await stopped;
  await simulator.close();
  process.stderr.write('The simulated cloud has stopped; its servers are gone.\n');
}

main().catch((error: unknown) => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const what = error instanceof Error ? error.message : String(error);
  process.stderr.write(`simulator: ${inUse ? 'the port is in use; choose another with --port' : what}\n`);
  process.exitCode = 1;
});
