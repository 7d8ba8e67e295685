/**
 * The files around a SQLite database: their mode, their names, their faults.
 *
 * Never opens a database that exists: closing any handle on it would drop the
 * locks SQLite holds in this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
import { chmodSync, closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { Problem } from '../base/problem.ts';

/** For the owner alone. */
const MODE = 0o600;

/** Runs what touches files; throws `store.full` where the disk or the mode forbids writing, otherwise `store.unavailable`. */
function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause) || !('code' in cause)) throw cause;
    const errno = String(cause.code);
    throw new Problem(
      ['ENOSPC', 'EDQUOT', 'EROFS'].includes(errno) ? 'store.full' : 'store.unavailable',
      { errno },
      cause,
    );
  }
}

function make(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', MODE));
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  }
}

/** Sees to it that the file is there and readable by its owner alone; SQLite gives the files beside it the same mode. */
export function tightenFile(path: string): void {
  translated(() => {
    if (make(path)) return;
    if (!statSync(path).isFile()) throw new Problem('store.unavailable', { why: 'not-a-file' });
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      const found = statSync(file, { throwIfNoEntry: false });
      if (found !== undefined && (found.mode & 0o777) !== MODE) chmodSync(file, MODE);
    }
  });
}

/** Makes an empty file for the owner alone, under this name or, where that is taken, with `~2`, `~3`… behind it, and gives back its name. */
export function freshFile(path: string): string {
  return translated(() => {
    let name = path;
    for (let count = 2; !make(name); count += 1) name = `${path}~${count}`;
    return name;
  });
}

/** Do both names lead to one file? */
export function sameFile(one: string, other: string): boolean {
  return translated(() => {
    const [a, b] = [statSync(one, { throwIfNoEntry: false }), statSync(other, { throwIfNoEntry: false })];
    return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
  });
}

/** Puts a finished file in the place of another, in one step. */
export function moveFile(from: string, to: string): void {
  translated(() => renameSync(from, to));
}

/** Removes a file if it is there. */
export function removeFile(path: string): void {
  translated(() => rmSync(path, { force: true }));
}
