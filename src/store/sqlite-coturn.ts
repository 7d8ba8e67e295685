/**
 * coturn's own database of people, in one SQLite file that it reads at each allocation.
 *
 * Makes no file and no table: both are coturn's. Knows nothing of who is in it and why.
 *
 * @see coturn, turndb/schema.sql; src/apps/relay/dbdrivers/dbd_sqlite.c
 */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../base/problem.ts';
import type { TurnUsers } from '../base/turn-server.ts';
import { isBusy, translated } from './sqlite-fault.ts';

/** Milliseconds we wait for coturn, and everybody with us: it is no store of ours, and the next look will do. */
const BUSY_TIMEOUT = 250;

/** Opens it when it is first needed, and again after a failure. */
export function createCoturnUsers(path: string): TurnUsers {
  let opened: ReturnType<typeof open> | undefined;
  const using = <T>(work: (parts: ReturnType<typeof open>) => T): T => {
    try {
      return translated(() => {
        opened ??= open(path);
        return work(opened);
      });
    } catch (cause) {
      opened?.db.close();
      opened = undefined;
      throw cause;
    }
  };
  return {
    put: ({ realm, name, key }) => void using(({ put }) => put.run(realm, name, key)),
    remove: (realm, names) =>
      using(({ remove }) => {
        for (const name of names) remove.run(realm, name);
      }),
    close: () => {
      opened?.db.close();
      opened = undefined;
    },
  };
}

function open(path: string) {
  // SQLite would make an empty one, which coturn then takes for its own.
  if (!existsSync(path)) throw new Problem('store.unavailable', { why: 'no coturn database' });
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
  try {
    readAndWriteTogether(db);
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'turnusers_lt'").get() === undefined)
      throw new Problem('store.unavailable', { why: 'no table turnusers_lt' });
    return {
      db,
      put: db.prepare('INSERT OR REPLACE INTO turnusers_lt (realm, name, hmackey) VALUES (?, ?, ?)'),
      remove: db.prepare('DELETE FROM turnusers_lt WHERE realm = ? AND name = ?'),
    };
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** Otherwise coturn, which waits for nobody, refuses whom it looks up while we write. The file remembers it. */
function readAndWriteTogether(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  } catch (cause) {
    // coturn is reading at this moment: the next time will do.
    if (!isBusy(cause)) throw cause;
  }
}
