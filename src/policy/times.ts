/**
 * Hours as an operator writes them, and whether an instant lies in them.
 *
 * Pure: the zone is named, and the instant is an argument. Summer time is the zone's business.
 */

/** Days of the week, as they are written. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** One of them. */
export type Day = (typeof DAYS)[number];

/** A window of time. Whatever is present must hold. */
export interface TimeWindow {
  /** On which days it begins; without, on all. */
  readonly days?: readonly Day[];
  /** `HH:MM` to `HH:MM`, the second not included; it may lie on the next day. */
  readonly hours?: { readonly from: string; readonly to: string };
  /** A first and a last day, both included, or instants `YYYY-MM-DDTHH:MM`, the second not included. */
  readonly since?: string;
  readonly until?: string;
  /** A zone of the IANA database. */
  readonly zone: string;
}

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d)?`;
const DATES = new RegExp(`^(${DATE})?\\.\\.(${DATE})?$`);

/**
 * Reads `mon-fri 08:00-18:00 2026-12-01..2026-12-24 Europe/Berlin`: days, hours, dates and a zone, each of which may be
 * left out; without a zone it is UTC. Undefined for what cannot be read.
 */
export function readTimeWindow(text: string): TimeWindow | undefined {
  const words = text.trim().split(/\s+/);
  let window: Partial<TimeWindow> = {};
  for (const word of words) {
    const read = readWord(word);
    // Said twice, one of them would be forgotten.
    if (read === undefined || Object.keys(read).some((key) => key in window)) return undefined;
    window = { ...window, ...read };
  }
  const { since, until } = window;
  if (since !== undefined && until !== undefined && since.slice(0, until.length) > until) return undefined;
  return { zone: 'UTC', ...window };
}

/** What keeps a text from being a window, as what follows its name in a sentence; undefined for what is one. */
export function whyNoWindow(text: string): string | undefined {
  if (readTimeWindow(text) !== undefined) return undefined;
  const words = text.trim().split(/\s+/);
  const strange = words.find((word) => readWord(word) === undefined);
  if (strange !== undefined)
    return strange === ''
      ? 'is empty'
      : `is no window of time: "${strange}" is neither days, nor hours, nor dates, nor a zone`;
  const kinds = words.flatMap((word) => Object.keys(readWord(word) ?? {}));
  return new Set(kinds).size < kinds.length
    ? 'is no window of time: it says one thing twice'
    : 'is no window of time: it ends before it begins';
}

function readWord(word: string): Partial<TimeWindow> | undefined {
  const [, , , to] = HOURS.exec(word) ?? [];
  if (to !== undefined) return { hours: { from: word.slice(0, 5), to } };
  if (word.includes('..')) return readDates(word);
  const days = readDays(word.toLowerCase());
  if (days !== undefined) return { days };
  return isZone(word) ? { zone: word } : undefined;
}

function readDates(word: string): Partial<TimeWindow> | undefined {
  const [whole, since, until] = DATES.exec(word) ?? [];
  if (whole === undefined || whole === '..') return undefined;
  const isThere = (date: string | undefined) =>
    date === undefined ||
    new Date(`${date.slice(0, 10)}T00:00:00Z`).toISOString().startsWith(date.slice(0, 10));
  if (!isThere(since) || !isThere(until)) return undefined;
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

/** `mon-fri`, `sat,sun`, `fri-mon`. */
function readDays(word: string): readonly Day[] | undefined {
  const days: Day[] = [];
  for (const part of word.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [DAYS.indexOf(first as Day), DAYS.indexOf(last as Day)];
    if (from === -1 || to === -1 || more.length > 0) return undefined;
    for (let at = from; ; at = (at + 1) % DAYS.length) {
      days.push(DAYS[at] as Day);
      if (at === to) break;
    }
  }
  return days;
}

function isZone(word: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: word }).resolvedOptions().timeZone !== '';
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}

/** An instant as the clocks of a zone show it. */
export interface Local {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** `HH:MM` */
  readonly time: string;
  readonly day: Day;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show at an instant (milliseconds since 1970). */
export function localAt(instant: number, zone: string): Local {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
    day: part('weekday').slice(0, 3).toLowerCase() as Day,
  };
}

/** Does this instant (milliseconds since 1970) lie in the window? */
export function isWithin(window: TimeWindow, instant: number): boolean {
  const local = localAt(instant, window.zone);
  const { since, until, hours, days } = window;
  const at = `${local.date}T${local.time}`;
  if (since !== undefined && at.slice(0, since.length) < since) return false;
  if (until !== undefined && (until.includes('T') ? at >= until : local.date > until)) return false;
  if (hours === undefined) return days === undefined || days.includes(local.day);
  const { from, to } = hours;
  if (from < to) return local.time >= from && local.time < to && isOn(local.day, days);
  // Over midnight: what is left of the night belongs to the day before.
  return local.time >= from ? isOn(local.day, days) : local.time < to && isOn(before(local.day), days);
}

function isOn(day: Day, days: readonly Day[] | undefined): boolean {
  return days === undefined || days.includes(day);
}

function before(day: Day): Day {
  return DAYS[(DAYS.indexOf(day) + DAYS.length - 1) % DAYS.length] as Day;
}

/** The window as it is written. */
export function windowText({ days, hours, since, until, zone }: TimeWindow): string {
  const dates = since === undefined && until === undefined ? undefined : `${since ?? ''}..${until ?? ''}`;
  return [days?.join(','), hours && `${hours.from}-${hours.to}`, dates, zone]
    .filter((word) => word !== undefined)
    .join(' ');
}
