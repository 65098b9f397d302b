/** Nova writes times in UTC without saying so. */
export function utc(time: string): string {
  return /(z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
}

/** A time in one form, so that two can be compared as text; undefined for what is none. */
export function isoTime(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
