/**
 * How the terminal shows things: columns, times, and nothing that a terminal would obey.
 */

/** Without what moves a cursor, colours a line or turns the order of letters: names come from outside. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?');
}

/** Unix seconds as people write it down: `2026-03-02 09:00Z`. */
export function hour(seconds: number): string {
  return `${iso(seconds).slice(0, 16).replace('T', ' ')}Z`;
}

/** Unix seconds as programs read it (RFC 3339). */
export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Rows under a heading, every column as wide as its widest cell. */
export function columns(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows].map((row) => row.map(plain));
  const widths = heading.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Lines of "what: value", the values under each other; what has no value is left out. */
export function pairs(said: Readonly<Record<string, string | undefined>>): string {
  const known = Object.entries(said).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${plain(value)}`).join('\n');
}

/** JSON as programs and people can both read it. */
export function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** `1 session`, `2 sessions`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
