/**
 * Changing a text by whole lines and nothing else in it: what is not touched stays byte for byte.
 *
 * Pure. Does not know what the lines mean.
 */

/** Some lines in place of others. */
export interface Edit {
  /** The first line that goes, from 1; where none goes, the line before which the new ones stand. */
  readonly line: number;
  /** So many go. */
  readonly goes: number;
  readonly comes: readonly string[];
}

/** The lines of a text, without what ends them. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** The text with these changes, its line ends kept. Two that touch one line contradict each other: the first stays. */
export function edited(text: string, edits: readonly Edit[]): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const pieces = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const taken = new Set<number>();
  const byLine = [...edits].sort((a, b) => b.line - a.line || b.goes - a.goes);
  for (const { line, goes, comes } of byLine) {
    const touched = Array.from({ length: goes }, (_, at) => line + at);
    if (touched.some((one) => taken.has(one))) continue;
    for (const one of touched) taken.add(one);
    const before = pieces[line - 2];
    if (before !== undefined && !before.endsWith('\n')) pieces[line - 2] = before + end;
    pieces.splice(line - 1, goes, ...comes.map((one) => one + end));
  }
  return pieces.join('');
}

/** Takes lines out by making comments of them. `mark` begins a comment in this file. */
export function commentedOut(
  text: string,
  { first, last, mark }: { readonly first: number; readonly last: number; readonly mark: string },
): Edit {
  const lines = linesOf(text).slice(first - 1, last);
  return { line: first, goes: last - first + 1, comes: lines.map((line) => `${mark} ${line}`.trimEnd()) };
}

/** Lines at the end of a text. */
export function appended(text: string, comes: readonly string[]): Edit {
  return { line: linesOf(text).length + 1, goes: 0, comes };
}

/** The blanks a line begins with. */
export function indentOf(line: string | undefined): string {
  return /^[ \t]*/.exec(line ?? '')?.[0] ?? '';
}
