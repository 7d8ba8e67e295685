/**
 * What changes in a file, as people read it (unified diff), without the secrets that stand in it. The only door to diff.
 *
 * Pure.
 */
import { structuredPatch } from 'diff';
import { masked } from './masked.ts';
import type { FileChange } from './step.ts';

/** More lines than anybody reads. */
const MOST = 2000;

/** Longer than any line a person reads. */
const LONGEST = 2000;

/** The change as a diff; every secret reads `[secret]`. */
export function diffOf({ file, before, after }: FileChange): string {
  const from = before === undefined ? '/dev/null' : file;
  const patch = structuredPatch(from, file, before ?? '', after, undefined, undefined, {
    context: 2,
    maxEditLength: MOST,
  });
  if (patch === undefined) return `${file}: more changes than can be shown`;
  // Which lines differ is told by the texts, and what they say by the masked ones: a secret may go over several lines.
  const [old, now] = [masked(before ?? '').split('\n'), masked(after).split('\n')];
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: all }) => {
    let [ours, theirs] = [oldStart - 1, newStart - 1];
    return [
      `@@ -${oldLines === 0 ? oldStart - 1 : oldStart},${oldLines} +${newLines === 0 ? newStart - 1 : newStart},${newLines} @@`,
      ...all.map((line) => {
        const mark = line.charAt(0);
        if (mark === '-') return `-${old[ours++] ?? ''}`;
        if (mark === '+') return `+${now[theirs++] ?? ''}`;
        if (mark !== ' ') return line;
        ours += 1;
        return ` ${now[theirs++] ?? ''}`;
      }),
    ];
  });
  return [`--- ${from}`, `+++ ${file}`, ...lines]
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line))
    .join('\n');
}
