/**
 * The moments of freezes, by the rules of their time zones. `Temporal` is the standard of JavaScript for that; as long as
 * Node has none, it is the polyfill of those who wrote the standard. Its zones are those of Node, which change.
 */
import { Temporal } from '@js-temporal/polyfill';
import type { Freeze, FreezeSpan } from '../resize/freeze';
import { iso } from '../resize/iso-time';

/** As `Temporal` counts them, from 1. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A freeze that comes again every week. */
export interface FreezeRule {
  /** On which it begins, in its zone. */
  days: (typeof DAYS)[number][];
  /** `16:00`. */
  from: string;
  /** Of the same day, or of the next one where it is not later than `from`; `24:00` is its end. */
  to: string;
  /** IANA. */
  zone: string;
  reason: string;
}

/** The end of a day. */
const MIDNIGHT = '24:00';

/** The most that a run carries. */
const MOST_SPANS = 200;

/** Is it the name of an IANA time zone? An offset is none: it knows no summer time. */
export function isZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

/**
 * All freezes that end after the one moment and begin until the other.
 * @param start ms
 * @param end ms
 */
export function freezesBetween(rules: readonly FreezeRule[], start: number, end: number): Freeze {
  const spans = rules.flatMap((rule) => spansOf(rule, start, end));
  spans.sort((one, other) => one.from.localeCompare(other.from));
  const [firstLeftOut] = spans.slice(MOST_SPANS);
  return { spans: spans.slice(0, MOST_SPANS), knownUntil: firstLeftOut?.from ?? iso(end) };
}

function spansOf({ days, from, to, zone, reason }: FreezeRule, start: number, end: number): FreezeSpan[] {
  const dayOf = (moment: number) =>
    Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone).toPlainDate();
  const last = dayOf(end);
  const spans: FreezeSpan[] = [];
  // One that began the day before may last until now; and a zone may leave out a day.
  for (
    let day = dayOf(start).subtract({ days: 2 });
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    if (!days.includes(nameOf(day))) continue;
    // Of a time that comes twice, a freeze begins with the first and ends with the second one.
    const begins = momentOf(day, from, zone, 'earlier');
    const ends = momentOf(to > from && to < MIDNIGHT ? day : day.add({ days: 1 }), to, zone, 'later');
    const [first, after] = [begins.epochMilliseconds, ends.epochMilliseconds];
    if (first >= after || after <= start || first > end) continue;
    spans.push({ from: iso(first), to: iso(after), reason, shown: `${shown(begins)} to ${shown(ends)} ${zone}` });
  }
  return spans;
}

/** When the clocks of a zone show this time. @param disambiguation which one is meant where they show it twice */
function momentOf(
  day: Temporal.PlainDate,
  timeOfDay: string,
  zone: string,
  disambiguation: 'earlier' | 'later',
): Temporal.ZonedDateTime {
  const time = day.toPlainDateTime(Temporal.PlainTime.from(timeOfDay === MIDNIGHT ? '00:00' : timeOfDay));
  const moment = time.toZonedDateTime(zone, { disambiguation });
  if (moment.toPlainDateTime().equals(time)) return moment;
  // Clocks leave this time out: they show a later one from the moment on at which they are changed.
  const later = time.toZonedDateTime(zone, { disambiguation: 'later' });
  // It may be that moment itself.
  return later.add({ nanoseconds: 1 }).getTimeZoneTransition('previous') ?? later;
}

const nameOf = ({ dayOfWeek }: { dayOfWeek: number }) => DAYS[dayOfWeek - 1] ?? 'mon';

/** `Fri 2026-11-27 16:00` */
function shown(moment: Temporal.ZonedDateTime): string {
  const day = nameOf(moment);
  const time = moment.toPlainTime().toString({ smallestUnit: 'minute' });
  return `${day.slice(0, 1).toUpperCase()}${day.slice(1)} ${moment.toPlainDate().toString()} ${time}`;
}
