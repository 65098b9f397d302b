/** What keeps a worker from working; the message is one sentence. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/** What a server or a library said, fit for a sentence: one line of bearable length, without control characters. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = ''] = text.trim().split('\n');
  return line.replaceAll(/\p{Cc}/gu, ' ').slice(0, 300);
}
