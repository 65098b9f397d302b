/** `approve` and `reject`: the votes of people, for one server or several. */
import { ResizeError } from '../client/resize-error';
import type { VoteResult } from '../client/messages-to-run';
import type { ResizeRun } from '../client/resize-run';
import type { Choice } from '../resize/decision';
import { present } from '../resize/present';
import { EXIT } from './exit-codes';
import { asResizeError, type Invocation } from './invocation';
import { personOf } from './settings';
import { loss } from './status-view';

/** The options of `approve` and `reject`. */
export interface DecideOptions {
  by?: string;
  reason?: string;
  run?: string;
  /** Only `reject`: do not ask. */
  yes?: boolean;
}

/** One element of the JSON array. */
type Answer = { server: string } & ({ error: ReturnType<ResizeError['toJSON']> } | VoteResult);

/**
 * Votes on each server; one that fails does not keep the others from being tried.
 * @returns the first exit code that is not 0
 */
export async function decideCommand(
  invocation: Invocation,
  choice: Choice,
  servers: readonly string[],
  options: DecideOptions,
): Promise<number> {
  if (options.run !== undefined && servers.length > 1) {
    throw new ResizeError('Usage', '--run: names the run of one server; give one server, or leave it out');
  }
  const { terminal } = invocation;
  const asks = choice === 'reject' && options.yes !== true && terminal.interactive;
  if (asks && !invocation.mayAsk) {
    throw new ResizeError('Usage', 'reject: asks before it reverts, and --no-input forbids to ask; give --yes');
  }
  // Without Temporal there is one failure, not one for each server.
  await invocation.client();
  const runs: { server: string; run: ResizeRun | ResizeError }[] = [];
  for (const server of servers) runs.push({ server, run: await invocation.find(server).catch(asResizeError) });
  if (asks) await confirmPrice(invocation, runs);

  const input = { by: personOf(options.by, terminal), ...present({ reason: options.reason, run: options.run }) };
  const answers: Answer[] = [];
  const open: string[] = [];
  let code: number = EXIT.ok;
  for (const { server, run } of runs) {
    try {
      if (run instanceof ResizeError) throw run;
      const result = await (choice === 'approve' ? run.approve(input) : run.reject(input));
      answers.push({ server, ...result });
      if (result.status.execution === 'running') open.push(run.server);
      if (!invocation.json) invocation.output.data(`${server}: ${result.message}`);
    } catch (error) {
      const failure = asResizeError(error);
      answers.push({ server, error: failure.toJSON() });
      invocation.complain(failure, server);
      if (code === EXIT.ok) code = failure.exitCode;
    }
  }
  if (invocation.json) invocation.output.json(answers);
  else if (open.length === 1) invocation.note(`to see what follows: ${invocation.command('wait', open)}`);
  return code;
}

/** Shows what a revert loses and asks. @throws ResizeError Declined */
async function confirmPrice(
  invocation: Invocation,
  runs: readonly { server: string; run: ResizeRun | ResizeError }[],
): Promise<void> {
  const { output } = invocation;
  let open = 0;
  for (const { server, run } of runs) {
    if (run instanceof ResizeError) continue;
    const status = await run.recorded();
    const price = loss(status);
    // A resize that is over cannot be reverted any more: the answer to the vote says so.
    if (price === undefined) continue;
    open++;
    const from = status.from?.name ?? 'its old flavor';
    output.note(`${status.server.name ?? server}: goes back to ${from}; a revert loses ${price}`);
  }
  if (open === 0) return;
  const answer = await output.ask(`reject ${open === 1 ? 'this resize' : `these ${open} resizes`}? [y/N] `);
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new ResizeError('Declined', 'not rejected: nothing was sent');
}
