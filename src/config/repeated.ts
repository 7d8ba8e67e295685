/**
 * Names that stand twice where each may stand once.
 */
import type { Complaint } from './complaints.ts';

/** One complaint for each name that stood there before, at the path of the later one. */
export function repeated(names: readonly string[], path: (at: number) => string): Complaint[] {
  return names.flatMap((name, at) =>
    names.indexOf(name) < at
      ? [{ path: path(at), wrong: 'stands here a second time', right: 'each name once' }]
      : [],
  );
}
