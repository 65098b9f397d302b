const pollEvery = 50;

/** Asks until there is an answer other than undefined; the error says what was waited for and what was seen last. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { within = 30_000, seen = () => '' }: { within?: number; seen?: () => string } = {},
): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) {
      const last = seen();
      throw new Error(`waited ${within} ms for ${what}, in vain${last && `; seen last: ${last}`}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
}
