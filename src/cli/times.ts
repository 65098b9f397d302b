/** Times and spans as people read them. */

/** `2026-01-02 03:04:05Z` from ISO 8601. */
export function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+/, '');
}

/** `45s`, `12m 03s`, `2h 05m`, `3d 04h` from ms. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** `in 5m 00s` or `5m 00s ago`. */
export function fromNow(iso: string, now: number): string {
  const distance = Date.parse(iso) - now;
  return distance >= 0 ? `in ${span(distance)}` : `${span(-distance)} ago`;
}
