/**
 * Moments and spans as people read them. Where they sit is not known: the zone is said. Pure.
 */
import { type Html, html } from './markup.ts';

/** A moment, to the minute: milliseconds since 1970. */
export function shortTime(language: string, at: number): Html {
  const said = new Intl.DateTimeFormat(language, {
    ...{ day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' },
    ...{ timeZone: 'UTC', timeZoneName: 'short' },
  }).format(at);
  return html`<time datetime="${new Date(at).toISOString()}">${said}</time>`;
}

/** A span in whole minutes or hours; seconds. */
export function span(language: string, seconds: number): string {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  const [count, unit] = minutes >= 120 ? [Math.floor(minutes / 60), 'hour'] : [minutes, 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
