#!/usr/bin/env node
/** Entry: the process that runs workflows and activities. The only one that holds credentials of clouds. */
import { Command } from 'commander';
import { runWorker, sentenceFor } from './worker/run-worker';

const program = new Command('durable-resize-worker')
  .description(
    'Runs resizes: the workflows, and the activities of every cloud in clouds.yaml. Ctrl-C stops it in order.',
  )
  .addHelpText('after', '\nSettings are variables: TEMPORAL_*, OS_*, DURABLE_RESIZE_*; see docs/settings.md.');

program.action(async () => {
  const say = (message: string) => void process.stderr.write(`${message}\n`);
  try {
    await runWorker(process.env, say);
  } catch (error) {
    const debug = process.env['DURABLE_RESIZE_DEBUG'];
    const sentence =
      sentenceFor(error) ?? `the worker failed: ${error instanceof Error ? error.message : String(error)}`;
    say(debug && error instanceof Error ? (error.stack ?? sentence) : sentence);
    process.exitCode = 1;
  }
});

void program.parseAsync();
