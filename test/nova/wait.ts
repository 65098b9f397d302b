/** Probes at first so often, then ever less often: ms. */
const FIRST = 10;
const LAST = 250;
/** A pause adds at most this part to what was waited for so far. */
const PART = 0.1;

/** Asks until there is an answer other than undefined; the error says what was waited for and what was seen last. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { within = 30_000, seen = () => '' }: { within?: number; seen?: () => string } = {},
): Promise<T> {
  const began = Date.now();
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    const waited = Date.now() - began;
    if (waited > within) {
      const last = seen();
      throw new Error(`waited ${within} ms for ${what}, in vain${last && `; seen last: ${last}`}`);
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(LAST, FIRST + waited * PART)));
  }
}
