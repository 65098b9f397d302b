/** Microseconds and no zone, as Nova writes most times: 2026-11-21T20:48:22.979000. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000`;
}

/** Whole seconds and Z: `created` and `updated` of a server. */
export function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Reads a date-time as Nova does: UTC where no zone is given. Undefined where it is none. */
export function parseTime(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(text)) return undefined;
  const date = new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
