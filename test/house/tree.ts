/**
 * What git tracks, and what is about to be tracked: the tree the rules are held against.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Sources } from './rules.ts';

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
