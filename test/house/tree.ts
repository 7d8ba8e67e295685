/**
 * What git tracks, and what is about to be tracked: the tree the rules are held against.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Source } from './source.ts';

/** Path from the root of the repository → text. */
export type Sources = ReadonlyMap<string, string>;

/** The root of the repository. */
export const ROOT = new URL('../../', import.meta.url);

/** Every file that is not ignored, from the root. */
export function files(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\n').filter(Boolean);
}

/** The texts of those that fit. */
export function read(fits: RegExp): Sources {
  const texts = new Map<string, string>();
  for (const path of files()) {
    if (!fits.test(path)) continue;
    try {
      texts.set(path, readFileSync(new URL(path, ROOT), 'utf8'));
    } catch (cause) {
      // Listed, but taken away since.
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    }
  }
  return texts;
}

/** The same as a list, which is what the rules take. */
export function sourcesOf(texts: Sources): Source[] {
  return [...texts].map(([path, text]) => ({ path, text }));
}
