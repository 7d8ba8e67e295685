/**
 * What is to be written in one turn of the event loop goes into the file by one
 * commit, which costs more than the writes do. Nobody is answered before it.
 */
import type { Clock } from '../base/clock.ts';
import { isBusy, problemOf, translated } from './sqlite-fault.ts';

/** Every so many writes some expired rows are removed. */
const WRITES_PER_SWEEP = 32;

/** A way to write. */
export interface Writing {
  /** Settles once it is in the file. */
  write<T>(work: (now: number) => T): Promise<T>;
  /** Writes what still waits, now. */
  flush(): void;
}

interface WriteJob {
  readonly work: (now: number) => unknown;
  readonly done: (result: unknown) => void;
  readonly failed: (cause: unknown) => void;
}

/** What writing needs; the file as its door opened it. */
export interface WritingParts {
  readonly db: {
    readonly isOpen: boolean;
    readonly isTransaction: boolean;
    exec(sql: string): void;
  };
  readonly clock: Clock;
  /** Removes some of what has expired by now. */
  readonly sweep: (now: number) => void;
}

/** Makes a way to write. */
export function writing({ db, clock, sweep }: WritingParts): Writing {
  let waiting: WriteJob[] = [];
  let writes = 0;

  /** Now and then a sweep comes first: if that fails nothing was written yet, and saying so is true. */
  function one(work: WriteJob['work']): unknown {
    const now = clock.now();
    writes = (writes + 1) % WRITES_PER_SWEEP;
    if (writes === 0) sweep(now);
    return work(now);
  }

  function alone({ work, done, failed }: WriteJob): void {
    try {
      done(
        translated(() => {
          undo();
          return one(work);
        }),
      );
    } catch (cause) {
      failed(cause);
    }
  }

  /** Ends what could not be committed; SQLite may have done so by itself. */
  function undo(): void {
    if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
  }

  /** All or none; what came of each, or why none is in the file. */
  function together(jobs: readonly WriteJob[]): readonly unknown[] | { readonly cause: unknown } {
    try {
      undo();
      db.exec('BEGIN IMMEDIATE');
      const results = jobs.map(({ work }) => one(work));
      db.exec('COMMIT');
      return results;
    } catch (cause) {
      return { cause };
    }
  }

  function flush(): void {
    const jobs = waiting;
    waiting = [];
    if (jobs.length < 2) {
      for (const job of jobs) alone(job);
      return;
    }
    const came = together(jobs);
    if (!('cause' in came)) for (const [at, { done }] of jobs.entries()) done(came[at]);
    // Who else writes has had the time that anybody may have: it is not asked for again by each.
    else if (!db.isTransaction && isBusy(came.cause))
      for (const { failed } of jobs) failed(problemOf(came.cause));
    // One that cannot be written is no reason to lose the others.
    else for (const job of jobs) alone(job);
  }

  return {
    write: <T>(work: (now: number) => T) =>
      new Promise<T>((done, failed) => {
        waiting.push({ work, done: done as (result: unknown) => void, failed });
        if (waiting.length === 1) setImmediate(flush);
      }),
    flush,
  };
}
