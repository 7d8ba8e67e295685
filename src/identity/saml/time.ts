/**
 * SAML's times. Pure.
 *
 * @see SAML Core 2.0, section 1.3.3: UTC, no leap seconds, no zone but Z
 */

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?Z$/;

/** Unix seconds; undefined for whatever is no such time. */
export function instant(text: string | undefined): number | undefined {
  const parts = text === undefined ? null : TIME.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  const at = Date.UTC(year, month - 1, day, hours, minutes, seconds);
  // What rolls over is no date: the thirteenth month, the sixtieth second.
  return new Date(at).toISOString().slice(0, 19) === (text ?? '').slice(0, 19) ? at / 1000 : undefined;
}

const SPAN =
  /^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?$/;

/**
 * Seconds of an `xs:duration`; undefined for whatever is none, or a negative one. Years have 365 days, months 30.
 *
 * @see XML Schema Part 2, section 3.2.6
 */
export function duration(text: string): number | undefined {
  const parts = /\d[A-Z]$/.test(text) ? SPAN.exec(text) : null;
  if (parts === null) return undefined;
  const [years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (((years * 365 + months * 30 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** A time as our own messages write it. */
export function instantText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
