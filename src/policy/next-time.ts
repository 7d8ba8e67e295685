/**
 * When a window of time opens next, and when one that is open closes.
 *
 * Pure, and of the same clocks as `isWithin`, which has the last word about every instant that is found here.
 */
import { DAYS, type Day, isWithin, localAt, readTimeWindow, type TimeWindow } from './times.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A week, and another where the clocks leave out what was to be the hour. */
const LOOKED_AT = 16;

/** The next instant (milliseconds since 1970) at which this window opens; undefined where it does not any more. */
export function opensAfter(window: TimeWindow, now: number): number | undefined {
  const since = wholeDate(window.since);
  const from = window.hours?.from ?? '00:00';
  for (const date of datesFrom(window, now)) {
    const local = `${date}T${from}`;
    const at = instantOf(since !== undefined && since > local ? since : local, window.zone);
    if (at > now && isWithin(window, at)) return at;
  }
  return undefined;
}

/** The next instant at which this window, which is open now, is closed; undefined where it stays open for weeks. */
export function closesAfter(window: TimeWindow, now: number): number | undefined {
  const { hours, until, zone } = window;
  const ends = datesFrom(window, now).map((date) => {
    if (hours === undefined || hours.to === '24:00') return `${dayAfter(date)}T00:00`;
    return `${hours.to <= hours.from ? dayAfter(date) : date}T${hours.to}`;
  });
  const last = until === undefined || until.includes('T') ? until : `${dayAfter(until)}T00:00`;
  const instants = [...ends, ...(last === undefined ? [] : [last])].map((local) => instantOf(local, zone));
  return instants.toSorted((one, other) => one - other).find((at) => at > now && !isWithin(window, at));
}

/** The days on which it may begin, from the one before now or before its first. */
function datesFrom({ since, days, zone }: TimeWindow, now: number): readonly string[] {
  const today = localAt(now, zone).date;
  const first = since !== undefined && since.slice(0, 10) > today ? since.slice(0, 10) : today;
  const start = Date.parse(`${first}T00:00Z`) - DAY;
  const dates = Array.from({ length: LOOKED_AT }, (_, at) => dateText(start + at * DAY));
  // What begins in the middle of a day does so whichever day it is.
  return days === undefined ? dates : dates.filter((date) => date <= first || days.includes(dayOf(date)));
}

function dateText(utc: number): string {
  return new Date(utc).toISOString().slice(0, 10);
}

function dayAfter(date: string): string {
  return dateText(Date.parse(`${date}T00:00Z`) + DAY);
}

function dayOf(date: string): Day {
  return DAYS[(new Date(`${date}T00:00Z`).getUTCDay() + DAYS.length - 1) % DAYS.length] as Day;
}

function wholeDate(date: string | undefined): string | undefined {
  return date === undefined || date.includes('T') ? date : `${date}T00:00`;
}

function localText(instant: number, zone: string): string {
  const { date, time } = localAt(instant, zone);
  return `${date}T${time}`;
}

/** The first instant at which the clocks of a zone show this, `YYYY-MM-DDTHH:MM`, or where they leave it out what follows. */
export function instantOf(local: string, zone: string): number {
  const asUtc = Date.parse(`${local}Z`);
  const candidates = [asUtc - DAY, asUtc + DAY].map((near) => asUtc - offsetAt(near, zone));
  const shown = candidates.filter((at) => localText(at, zone) === local);
  if (shown.length > 0) return Math.min(...shown);
  let [before, after] = [Math.min(...candidates), Math.max(...candidates)];
  while (after - before > MINUTE) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
    if (localText(middle, zone) >= local) after = middle;
    else before = middle;
  }
  return after;
}

/**
 * The one window between two instants (milliseconds since 1970), to the minute, by the clocks of a zone; by UTC's where
 * those show an hour twice. Undefined where there is none, or no such zone.
 */
export function windowBetween(from: number, until: number, zone: string): TimeWindow | undefined {
  if (!(from < until)) return undefined;
  const minutes = [from, until].map((at) => Math.floor(at / MINUTE) * MINUTE);
  const between = (by: string) => {
    const [since, last] = minutes.map((at) => localText(at, by));
    return readTimeWindow(`${since}..${last} ${by}`);
  };
  if (readTimeWindow(zone)?.zone !== zone) return undefined;
  const exact = minutes.every((at) => instantOf(localText(at, zone), zone) === at);
  return between(exact ? zone : 'UTC');
}

/** Milliseconds by which the clocks of a zone are ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
  return Date.parse(`${localText(instant, zone)}Z`) - Math.floor(instant / MINUTE) * MINUTE;
}
