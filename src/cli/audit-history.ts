/** `audit history`: the histories of resizes held against what this program promises. */
import { existsSync, readFileSync } from 'node:fs';
import { ResizeError } from '../client/resize-error';
import { PROMISES, type Breach } from '../record/breach';
import { historyIn, NoHistory, type RunHistory } from '../record/history';
import { breachesIn } from '../record/promises';
import { EXIT } from './exit-codes';
import type { Invocation } from './invocation';
import { codeOf } from '../resize/error-code';

/** One resize, judged. */
export interface AuditedResize {
  workflowId: string;
  /** Run ids, oldest first. */
  runs: string[];
  events: number;
  /** Has it ended? What a resize still does is not judged. */
  ended: boolean;
  /** The run that it goes on from is not here: what that one knew is taken as it is. */
  continuesUnseen: boolean;
  kept: boolean;
  breaches: Breach[];
}

/**
 * @param of a file with the history of one run, as Temporal exports it, or a server
 * @returns the exit code
 */
export async function auditHistoryCommand(invocation: Invocation, of: string): Promise<number> {
  const chains = isFile(of) ? [[historyInFile(of)]] : await (await invocation.client()).histories(of);
  const resizes = chains.map(audited);
  invocation.data({ resizes }, () => resizes.flatMap(auditView));
  return resizes.every(({ kept }) => kept) ? EXIT.ok : EXIT.error;
}

/** A server has no name that is a path. */
const isFile = (of: string) => of.includes('/') || of.endsWith('.json') || existsSync(of);

function historyInFile(file: string): RunHistory {
  const refused = (why: string) => new ResizeError('InvalidRequest', `${file}: ${why}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw refused(
      `cannot be read (${codeOf(error)}); give a file that "temporal workflow show -o json" has written, or a server`,
    );
  }
  try {
    return historyIn(JSON.parse(text) as unknown);
  } catch (error) {
    if (error instanceof NoHistory) throw refused(`is no history of a resize: ${error.message}`);
    if (error instanceof SyntaxError) throw refused('is no JSON; export it with "temporal workflow show -o json"');
    throw error;
  }
}

function audited(chain: readonly RunHistory[]): AuditedResize {
  const breaches = breachesIn(chain);
  const [first] = chain;
  return {
    workflowId: first?.workflowId ?? '',
    runs: chain.map(({ runId }) => runId),
    events: chain.reduce((sum, { events }) => sum + events.length, 0),
    ended: chain.at(-1)?.events.some(({ is }) => is === 'closed') === true,
    continuesUnseen: first?.carried !== undefined,
    kept: breaches.length === 0,
    breaches,
  };
}

function auditView({ workflowId, runs, ended, continuesUnseen, kept, breaches }: AuditedResize): string[] {
  const which = `${workflowId}, run ${runs[0] ?? ''}${runs.length > 1 ? ` and ${runs.length - 1} after it` : ''}`;
  const open = ended ? '' : ' so far; it has not ended';
  const unseen = continuesUnseen
    ? '; it goes on from a run whose history is not here, and what that one knew is taken as it is'
    : '';
  if (kept) return [`${which}: keeps what is promised${open}${unseen}`];
  return [
    `${which}: does NOT keep what is promised${open}${unseen}`,
    ...breaches
      .map(({ promise, sentence, runId }) => `  ${PROMISES[promise]}:\n    run ${runId}, ${sentence}`)
      .flatMap((text) => text.split('\n')),
  ];
}
