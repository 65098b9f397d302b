#!/usr/bin/env node
/** Entry: the process that runs workflows and activities. The only one that holds credentials of clouds. */
import { Command } from 'commander';
import { runWorker } from './worker/run-worker';
import { stopRequest } from './worker/stop-request';
import { reasonOf } from './worker/worker-error';

const program = new Command('durable-resize-worker')
  .description(
    'Runs resizes: the workflows, and the activities of every cloud in clouds.yaml. Ctrl-C shuts it down gracefully.',
  )
  .addHelpText('after', '\nSettings are variables: TEMPORAL_*, OS_*, DURABLE_RESIZE_*; see docs/settings.md.');

/** Errors whose message is one sentence for people; any other is a fault of this program or of a library. */
const SENTENCES = ['WorkerError', 'SettingsError', 'ProfileError', 'TemporalConfigError'];

program.action(async () => {
  const stop = stopRequest();
  const say = (message: string) => void process.stderr.write(`${message}\n`);
  let code = 0;
  try {
    await runWorker(process.env, say, stop);
  } catch (error) {
    const known = error instanceof Error && SENTENCES.includes(error.name);
    const sentence = known ? error.message : `the worker failed: ${reasonOf(error)}`;
    say(process.env['DURABLE_RESIZE_DEBUG'] && error instanceof Error ? (error.stack ?? sentence) : sentence);
    code = 1;
  }
  // The native runtime keeps a process alive that has nothing to do any more.
  process.exit(code);
});

void program.parseAsync();
