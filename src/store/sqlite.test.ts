/**
 * The promise of every store, kept by a file; and what a file has to promise besides.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { storeContract } from '../../test/contract/store.ts';
import { directoryFor } from '../../test/support/store-directory.ts';
import { fixedClock } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { createSqliteStore, SQLITE_STEPS } from './sqlite.ts';

storeContract('sqlite', ({ clock }) => createSqliteStore({ path: ':memory:', clock }));

const clock = fixedClock();

function fileFor(t: TestContext): string {
  return join(directoryFor(t), 'ostiary.db');
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** Runs SQL on the file as a stranger would. */
function outside(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

test('what was put is there after closing and opening again', async (t) => {
  const path = fileFor(t);
  const first = createSqliteStore({ path, clock });
  await first.put('key', 'value', 60);
  await first.close();
  const second = createSqliteStore({ path, clock });
  assert.equal(await second.get('key'), 'value');
  await second.close();
});

test('the file and the files beside it are for their owner alone, whatever the umask', async (t) => {
  const path = fileFor(t);
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const store = createSqliteStore({ path, clock });
  await store.put('key', 'value', 60);
  assert.deepEqual([modeOf(path), modeOf(`${path}-wal`), modeOf(`${path}-shm`)], ['600', '600', '600']);
  await store.close();
});

test('a file that others could read is closed to them', async (t) => {
  const path = fileFor(t);
  await createSqliteStore({ path, clock }).close();
  chmodSync(path, 0o644);
  const store = createSqliteStore({ path, clock });
  assert.equal(modeOf(path), '600');
  await store.close();
});

test('expired rows leave the file, a few at every few writes', async (t) => {
  const path = fileFor(t);
  const moving = fixedClock();
  const store = createSqliteStore({ path, clock: moving });
  for (let count = 0; count < 200; count += 1) await store.put(`old/${count}`, 'value', 10);
  moving.advance(10);
  for (let count = 0; count < 64; count += 1) await store.put('key', 'value', 10);
  await store.close();
  const db = new DatabaseSync(path);
  assert.equal(db.prepare('SELECT count(*) AS count FROM entries').get()?.count, 1);
  db.close();
});

test('what was taken cannot be read from the bytes of the file', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  await store.put('key', 'unmistakable-value', 60);
  await store.take('key');
  await store.close();
  assert.equal(readFileSync(path).includes('unmistakable-value'), false);
});

test('a file of a newer version is refused and left as it is [FAIL-14]', async (t) => {
  const path = fileFor(t);
  await createSqliteStore({ path, clock }).close();
  outside(path, 'PRAGMA user_version = 99');
  const before = readFileSync(path);
  assert.throws(
    () => createSqliteStore({ path, clock }),
    (thrown) => isProblem(thrown, 'store.newer') && thrown.facts.found === 99,
  );
  assert.deepEqual(readFileSync(path), before);
});

test('a file of an older version is copied beside itself, then brought up to date [FAIL-14]', async (t) => {
  const path = fileFor(t);
  const old = createSqliteStore({ path, clock });
  await old.put('key', 'value', 60);
  await old.close();
  const renamed = createSqliteStore({
    path,
    clock,
    steps: [...SQLITE_STEPS, 'ALTER TABLE entries ADD COLUMN note TEXT'],
  });
  assert.equal(await renamed.get('key'), 'value');
  await renamed.close();
  assert.throws(
    () => createSqliteStore({ path, clock }),
    (thrown) => isProblem(thrown, 'store.newer'),
  );
  const copy = createSqliteStore({ path: `${path}.version-1`, clock });
  assert.equal(await copy.get('key'), 'value');
  assert.equal(modeOf(`${path}.version-1`), '600');
  await copy.close();
});

test('a step that fails leaves the file at the version it had [FAIL-14]', async (t) => {
  const path = fileFor(t);
  const old = createSqliteStore({ path, clock });
  await old.put('key', 'value', 60);
  await old.close();
  assert.throws(
    () =>
      createSqliteStore({ path, clock, steps: [...SQLITE_STEPS, 'DELETE FROM entries; SELECT nonsense'] }),
    /nonsense/,
  );
  const store = createSqliteStore({ path, clock });
  assert.equal(await store.get('key'), 'value');
  await store.close();
});

test("another program's database is refused and left as it is", (t) => {
  const path = fileFor(t);
  outside(path, 'CREATE TABLE entries (something TEXT)');
  const before = readFileSync(path);
  assert.throws(
    () => createSqliteStore({ path, clock }),
    (thrown) => isProblem(thrown, 'store.unavailable') && thrown.facts.why === 'foreign',
  );
  assert.deepEqual(readFileSync(path), before);
});

test('what is no database is refused and left as it is', (t) => {
  const path = fileFor(t);
  writeFileSync(
    path,
    'no database at all, but longer than the header of one, which has a hundred bytes. '.repeat(20),
  );
  const before = readFileSync(path);
  assert.throws(
    () => createSqliteStore({ path, clock }),
    (thrown) => isProblem(thrown, 'store.unavailable'),
  );
  assert.deepEqual(readFileSync(path), before);
});

test('a path that leads to no file is refused: no such directory, a directory, a link to nowhere', (t) => {
  const directory = directoryFor(t);
  mkdirSync(join(directory, 'inner'), 0o755);
  symlinkSync(join(directory, 'nowhere'), join(directory, 'link'));
  for (const path of ['missing/file.db', 'inner', 'link'])
    assert.throws(
      () => createSqliteStore({ path: join(directory, path), clock }),
      (thrown) => isProblem(thrown, 'store.unavailable'),
      path,
    );
  assert.equal(modeOf(join(directory, 'inner')), '755');
});

test('a damaged file is a failure of the store, never "absent"', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  for (let count = 0; count < 100; count += 1) await store.put(`key/${count}`, 'x'.repeat(500), 60);
  await store.close();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xaa, 4096 * 2));
  const damaged = createSqliteStore({ path, clock });
  await assert.rejects(damaged.list(''), (thrown) => isProblem(thrown, 'store.unavailable'));
  await assert.rejects(damaged.get('key/5'), (thrown) => isProblem(thrown, 'store.unavailable'));
  await damaged.close();
});

test('a full file says so, keeps what it has, and takes nothing halfway', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock, steps: [...SQLITE_STEPS, 'PRAGMA max_page_count = 20'] });
  await store.put('first', 'value', 60);
  const full = (thrown: unknown) => isProblem(thrown, 'store.full');
  await assert.rejects(store.put('large', 'x'.repeat(200_000), 60), full);
  await assert.rejects(store.swap('large', undefined, 'x'.repeat(200_000), 60), full);
  await assert.rejects(store.swap('first', 'value', 'x'.repeat(200_000), 60), full);
  assert.equal(await store.get('large'), undefined);
  assert.equal(await store.take('first'), 'value');
  await store.close();
});

test('a backup holds what was there, is for its owner alone, and replaces the one before it', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  for (const value of ['first', 'second']) {
    await store.put('key', value, 60);
    await store.backup(`${path}.copy`);
  }
  await store.put('key', 'third', 60);
  const copy = createSqliteStore({ path: `${path}.copy`, clock });
  assert.equal(await copy.get('key'), 'second');
  assert.equal(modeOf(`${path}.copy`), '600');
  assert.deepEqual(
    readdirSync(join(path, '..')).filter((name) => name.includes('part')),
    [],
  );
  await copy.close();
  await store.close();
});

test('a backup onto the store itself is refused, by whatever name', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  await store.put('key', 'value', 60);
  symlinkSync(path, `${path}.link`);
  for (const name of [path, `${path}.link`])
    await assert.rejects(store.backup(name), (thrown) => isProblem(thrown, 'store.unavailable'));
  assert.equal(await store.get('key'), 'value');
  await store.close();
});

test('a backup that cannot be written is a failure of the store', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  await assert.rejects(store.backup(join(path, 'beneath-a-file')), (thrown) =>
    isProblem(thrown, 'store.unavailable'),
  );
  await store.close();
});

test('of what is written at once, one that cannot be written costs none of the others', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  const [first, never, last] = await Promise.allSettled([
    store.put('first', 'value', 60),
    store.put('never', 'value', Number.NaN),
    store.swap('last', undefined, 'value', 60),
  ]);
  assert.deepEqual([first.status, never.status, last.status], ['fulfilled', 'rejected', 'fulfilled']);
  await store.close();
  const again = createSqliteStore({ path, clock });
  assert.deepEqual(
    (await again.list('')).map(({ key }) => key),
    ['first', 'last'],
  );
  await again.close();
});

test('what is written at once is in the file together, before any of it is answered', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  const seen: number[] = [];
  const keys = Array.from({ length: 20 }, (_, at) => `key-${at}`);
  await Promise.all(
    keys.map(async (key) => {
      await store.put(key, 'value', 60);
      const other = new DatabaseSync(path);
      seen.push(Number(other.prepare('SELECT count(*) AS count FROM entries').get()?.['count']));
      other.close();
    }),
  );
  assert.deepEqual(seen, Array(20).fill(20));
  await store.close();
});

test('what still waits to be written when the store is closed is written', async (t) => {
  const path = fileFor(t);
  const store = createSqliteStore({ path, clock });
  const [, written] = await Promise.allSettled([store.close(), store.put('late', 'value', 60)]);
  assert.equal(written.status, 'rejected');
  const again = createSqliteStore({ path, clock });
  const putting = again.put('in time', 'value', 60);
  await Promise.all([again.close(), putting]);
  const third = createSqliteStore({ path, clock });
  assert.equal(await third.get('in time'), 'value');
  await third.close();
});
