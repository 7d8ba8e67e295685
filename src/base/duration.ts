/**
 * "15m" becomes seconds, once, at the border.
 */

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * Reads a duration such as `30s`, `15m`, `6h`, `7d`, `1h30m` or a bare number of seconds.
 * Returns seconds, or undefined where the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  const bare = text.trim();
  if (/^\d{1,9}$/.test(bare)) return Number(bare);
  if (!/^(\d{1,9}[smhdw])+$/.test(bare)) return undefined;
  let total = 0;
  for (const [, count, unit] of bare.matchAll(/(\d+)([smhdw])/g))
    total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return total;
}

/** The same where somebody writes by hand: a number alone could mean minutes as well as hours, and is none. */
export function parseSpan(text: string): number | undefined {
  return /^\s*[1-9]\d*\s*$/.test(text) ? undefined : parseDuration(text);
}

/** Says a number of seconds as an operator would write it: 21600 → `6h`. */
export function formatDuration(seconds: number): string {
  if (seconds === 0) return '0s';
  let rest = seconds;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = UNITS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
