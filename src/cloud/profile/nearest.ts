/** The word that a misspelt one is near to; undefined when none is. */
export function nearest(misspelt: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((word) => ({ word, distance: editDistance(misspelt, word) }))
    .sort((one, other) => one.distance - other.distance);
  // Two letters off in a word of four would be a match for anything.
  const near =
    best !== undefined && best.distance <= 2 && best.distance * 3 <= Math.max(misspelt.length, best.word.length);
  return near ? best.word : undefined;
}

/** Levenshtein: how many letters must be put in, left out or changed. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of Array.from(from).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
