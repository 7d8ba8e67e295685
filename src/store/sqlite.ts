/**
 * The store in one file, for one machine; several processes may share it.
 *
 * The only door to node:sqlite. Knows nothing of what is kept in it; a fault of
 * the file never reads as "absent".
 */
import { resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Store, StoreEntry } from '../base/store.ts';
import { expiry } from './expiry.ts';
import { isBusy, problemOf, translated } from './sqlite-fault.ts';
import { freshFile, moveFile, removeFile, sameFile, tightenFile } from './sqlite-file.ts';
import { writing } from './sqlite-writes.ts';

/** A store in a file, which can be copied while it is in use. */
export interface SqliteStore extends Store {
  /**
   * Writes a copy to `path` (mode 0600), as of one moment, while the store is in use.
   * What stood at `path` is replaced only once the copy is whole.
   * Throws `store.full` or `store.unavailable`.
   */
  backup(path: string): Promise<void>;
}

/** What a store in a file is made of. */
export interface SqliteParts {
  /** A file, or `:memory:` for tests. */
  readonly path: string;
  readonly clock: Clock;
  /** The SQL by which each version came of the one before it; only tests hand in their own. */
  readonly steps?: readonly string[];
}

/** "OSTR": tells our file from another program's. */
const APPLICATION_ID = 0x4f535452;

/** The SQL that makes each version of the one before it, the first of an empty file; a step that was released is never changed. */
export const SQLITE_STEPS: readonly string[] = [
  `CREATE TABLE entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
   CREATE INDEX entries_by_expiry ON entries (expires_at);`,
];

/** Milliseconds a writer waits for another one. */
const BUSY_TIMEOUT = 5000;

/** Expired rows that go at once, four times as many as were written since the last: the file cannot outgrow what is alive. */
const ROWS_PER_SWEEP = 128;

/** A BLOB is greater than every TEXT: the upper end of a list without one. */
const AFTER_EVERYTHING = new Uint8Array(1);

/** The first text after all that begin with `prefix`, in the order of code points, which is that of UTF-8. */
function afterPrefix(prefix: string): string | Uint8Array {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // The surrogates between are no characters.
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return AFTER_EVERYTHING;
}

function pragma(db: DatabaseSync, name: string): unknown {
  return db.prepare(`PRAGMA ${name}`).get()?.[name];
}

/** The version stamped in the file, 0 for a new one. Throws `store.newer`, or `store.unavailable` for another program's file. */
function versionOf(db: DatabaseSync, newest: number): number {
  const version = Number(pragma(db, 'user_version'));
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count;
  const ours = pragma(db, 'application_id') === APPLICATION_ID;
  if (!ours && (version !== 0 || tables !== 0)) throw new Problem('store.unavailable', { why: 'foreign' });
  if (version > newest) throw new Problem('store.newer', { found: version, known: newest });
  return version;
}

/** Brings the file to the newest version; an older one is copied first, beside it. */
function migrate(db: DatabaseSync, path: string, steps: readonly string[]): void {
  const found = versionOf(db, steps.length);
  if (found === steps.length) return;
  if (found > 0 && path !== ':memory:')
    db.prepare('VACUUM INTO ?').run(freshFile(`${path}.version-${found}`));
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been here since.
    const version = versionOf(db, steps.length);
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}; COMMIT`);
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

/** The change to WAL is the one statement SQLite's own waiting does not cover: two processes that make one file meet in it. */
function toWal(db: DatabaseSync): void {
  for (let waited = 0; ; waited += 20) {
    try {
      // A file system without shared memory stays with the mode it has.
      if (pragma(db, 'journal_mode') !== 'wal') db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (cause) {
      if (!isBusy(cause) || waited >= BUSY_TIMEOUT) throw cause;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function openFile(path: string, steps: readonly string[]): DatabaseSync {
  if (path !== ':memory:') tightenFile(path);
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
  try {
    // Asked before anything is changed: a newer version's file stays as it is.
    versionOf(db, steps.length);
    toWal(db);
    // NORMAL loses nothing when the process is killed; secure_delete overwrites what was forgotten.
    db.exec('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864');
    migrate(db, path, steps);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** Statements are compiled once. Times are milliseconds since 1970. */
function prepare(db: DatabaseSync) {
  return {
    put: db.prepare(
      `INSERT INTO entries (key, value, expires_at) VALUES (:key, :value, :end)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
    ),
    get: db.prepare('SELECT value FROM entries WHERE key = ? AND expires_at > ?'),
    take: db.prepare('DELETE FROM entries WHERE key = ? AND expires_at > ? RETURNING value'),
    add: db.prepare(
      `INSERT INTO entries (key, value, expires_at) VALUES (:key, :value, :end)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at WHERE expires_at <= :now`,
    ),
    absent: db.prepare(
      'SELECT NOT EXISTS (SELECT 1 FROM entries WHERE key = ? AND expires_at > ?) AS absent',
    ),
    replace: db.prepare(
      `UPDATE entries SET value = :value, expires_at = :end WHERE key = :key AND value = :expected AND expires_at > :now`,
    ),
    remove: db.prepare('DELETE FROM entries WHERE key = ? AND value = ? AND expires_at > ?'),
    list: db.prepare(
      `SELECT key, value, expires_at AS expiresAt FROM entries WHERE key >= ? AND key < ? AND expires_at > ? ORDER BY key`,
    ),
    sweep: db.prepare(
      `DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ${ROWS_PER_SWEEP})`,
    ),
    ping: db.prepare('SELECT count(*) FROM sqlite_schema'),
  };
}

/**
 * Opens the file, or makes it with mode 0600, and brings it to this version.
 * Throws `store.newer`, `store.full` or `store.unavailable`.
 */
export function createSqliteStore({ path: given, clock, steps = SQLITE_STEPS }: SqliteParts): SqliteStore {
  const path = given === ':memory:' ? given : resolve(given);
  const db = translated(() => openFile(path, steps));
  const statements = translated(() => prepare(db));
  const { write, flush } = writing({ db, clock, sweep: (now) => statements.sweep.run(now) });

  return {
    async put(key, value, ttl) {
      await write(() => statements.put.run({ key, value, end: expiry(clock, ttl) }));
    },
    async get(key) {
      return translated(() => statements.get.get(key, clock.now())?.value?.toString());
    },
    async take(key) {
      // all(), not get(): only the last step commits, and its fault must be heard before the value is given away.
      return await write((now) => statements.take.all(key, now)[0]?.value?.toString());
    },
    async swap(key, expected, next, ttl) {
      return await write((now) => {
        if (next === undefined)
          return expected === undefined
            ? statements.absent.get(key, now)?.absent === 1
            : statements.remove.run(key, expected, now).changes === 1;
        const end = expiry(clock, ttl);
        if (expected === undefined) return statements.add.run({ key, value: next, end, now }).changes === 1;
        return statements.replace.run({ key, value: next, end, expected, now }).changes === 1;
      });
    },
    async list(prefix) {
      const found = translated(() =>
        statements.list.all(prefix, afterPrefix(prefix.toWellFormed()), clock.now()),
      );
      return found.map(
        ({ key, value, expiresAt }): StoreEntry => ({
          key: `${key}`,
          value: `${value}`,
          expiresAt: Number(expiresAt),
        }),
      );
    },
    async ping() {
      translated(() => statements.ping.get());
    },
    async backup(target) {
      await copyTo(db, path, resolve(target));
    },
    async close() {
      flush();
      if (db.isOpen) translated(() => db.close());
    },
  };
}

/** A copy under another name first: a backup that breaks off does not cost the one before it. */
async function copyTo(db: DatabaseSync, path: string, target: string): Promise<void> {
  if (path !== ':memory:' && sameFile(path, target))
    throw new Problem('store.unavailable', { why: 'same-file' });
  const part = freshFile(`${target}.part`);
  try {
    await backup(db, part, { rate: 256 });
    moveFile(part, target);
  } catch (cause) {
    throw problemOf(cause);
  } finally {
    removeFile(part);
  }
}
