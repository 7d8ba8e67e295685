/**
 * "2026-12-01T09:00+01:00" or "2h" becomes a moment, once, at the border.
 */
import { parseSpan } from './duration.ts';

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)$/;

/** Unix seconds; a span counts from `now`. Without a zone it is nobody's hour: undefined, as whatever else is no moment. */
export function readMoment(said: string, now: number): number | undefined {
  const span = parseSpan(said);
  if (span !== undefined) return now + span;
  const [, day, time, zone] = MOMENT.exec(said) ?? [];
  const at = Date.parse(`${day}T${time}${zone}`);
  return day === undefined || Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}

/**
 * A date of the calendar, which means its beginning in UTC, or a moment with its zone, as `2026-12-01T08:00:00.000Z`;
 * undefined for anything else. @see RFC 3339
 */
export function isoMoment(said: string): string | undefined {
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)(?:$|[T ])/.exec(said) ?? [];
  const midnight = Date.parse(`${day}T00:00Z`);
  // There is a 29th of February in some years alone.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  if (said === day) return new Date(midnight).toISOString();
  const [, , time, zone] = MOMENT.exec(said) ?? [];
  const at = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
