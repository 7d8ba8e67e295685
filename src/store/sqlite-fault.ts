/**
 * What SQLite says went wrong, in our words.
 */
import { Problem } from '../base/problem.ts';

/** SQLite's own numbers. @see https://www.sqlite.org/rescode.html */
const ERROR = 1;
const BUSY = 5;
const READONLY = 8;
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4874;
const FULL = 13;

/** SQLite's number for what went wrong; undefined if this is no fault of SQLite. */
function faultOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number')
    return undefined;
  return cause.errcode;
}

/** Runs what speaks to SQLite; throws `store.full` or `store.unavailable` for its faults, and what is a bug of ours as it is. */
export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw problemOf(cause);
  }
}

/** A fault of SQLite as `store.full` or `store.unavailable`; anything else as it is. */
export function problemOf(cause: unknown): unknown {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_INVALID_STATE')
    return new Problem('store.unavailable', { why: 'closed' }, cause);
  const fault = faultOf(cause);
  // SQLITE_ERROR is wrong SQL: a bug of ours.
  if (fault === undefined || fault === ERROR) return cause;
  const primary = fault & 0xff;
  const unwritable =
    primary === FULL || primary === READONLY || fault === IOERR_WRITE || fault === IOERR_SHMSIZE;
  return new Problem(unwritable ? 'store.full' : 'store.unavailable', { sqlite: fault }, cause);
}

/** Did somebody else hold the file for longer than we wait? */
export function isBusy(cause: unknown): boolean {
  return ((faultOf(cause) ?? 0) & 0xff) === BUSY;
}
