/** A moment as it is told and carried: ISO 8601 in UTC. @param time ms since 1970 */
export const iso = (time: number): string => new Date(time).toISOString();
