/**
 * "2026-12-01T09:00+01:00" or "2h" becomes a moment, once, at the border.
 */
import { parseSpan } from './duration.ts';

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)$/;

/** Unix seconds; a span counts from `now`. Without a zone it is nobody's hour: undefined, as whatever else is no moment. */
export function readMoment(said: string, now: number): number | undefined {
  const span = parseSpan(said);
  if (span !== undefined) return now + span;
  const [, day, time, zone] = MOMENT.exec(said) ?? [];
  const at = Date.parse(`${day}T${time}${zone}`);
  return day === undefined || Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}
