/**
 * One file and several processes: who wins, what a kill costs, what a full disk says.
 */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { directoryFor } from '../../test/support/store-directory.ts';
import { systemClock } from '../base/clock.ts';
import { createSqliteStore } from './sqlite.ts';

const CHILD = join(import.meta.dirname, '../../test/support/store-child.ts');

type Child = ChildProcessByStdio<Writable, Readable, null>;

function start(t: TestContext, command: string, args: readonly string[]): Child {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Every line the child says, to its end; `seen` hears each as it comes. */
async function linesOf(child: Child, seen: (line: string, count: number) => void): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) seen(line, lines.push(line));
  return lines;
}

const everyKey = Array.from({ length: 400 }, (_, index) => index);

async function raceOf(t: TestContext, path: string, how: 'take' | 'swap'): Promise<number[]> {
  let ready = 0;
  const children = [1, 2].map(() => start(t, process.execPath, [CHILD, path, how, `${everyKey.length}`]));
  const said = await Promise.all(
    children.map((child) =>
      linesOf(child, (line) => {
        if (line === 'ready') ready += 1;
        if (line === 'ready' && ready === children.length)
          for (const each of children) each.stdin.end(`${Date.now() + 30}\n`);
      }),
    ),
  );
  return said.flatMap(([, won = '[]']) => JSON.parse(won) as number[]).sort((a, b) => a - b);
}

test('of two processes that take the same keys, each key goes to exactly one', async (t) => {
  const path = join(directoryFor(t), 'ostiary.db');
  const store = createSqliteStore({ path, clock: systemClock });
  for (const index of everyKey) await store.put(`key/${index}`, 'value', 3600);
  assert.deepEqual(await raceOf(t, path, 'take'), everyKey);
  await store.close();
});

test('of two processes that make a new file and the same keys, each key is made by exactly one', async (t) => {
  const path = join(directoryFor(t), 'ostiary.db');
  assert.deepEqual(await raceOf(t, path, 'swap'), everyKey);
});

test('a process killed in the middle of writing loses nothing it was answered [FAIL-06]', async (t) => {
  const path = join(directoryFor(t), 'ostiary.db');
  let from = 1;
  // Among them counts beyond the thousand pages at which the log is carried over into the file.
  for (const kills of [7, 60, 333, 500, 900]) {
    const child = start(t, process.execPath, [CHILD, path, 'write', `${from}`]);
    const exited = once(child, 'exit');
    const lines = await linesOf(child, (_line, count) => {
      if (count === kills) child.kill('SIGKILL');
    });
    assert.deepEqual((await exited)[1], 'SIGKILL');

    const answered = Number(lines.at(-1));
    assert.ok(answered >= from + kills - 1);
    const store = createSqliteStore({ path, clock: systemClock });
    const last = Number(await store.get('last'));
    assert.ok(last === answered || last === answered + 1, `${last} stands, ${answered} was answered`);
    assert.match((await store.get(`step/${answered}`)) ?? '', new RegExp(`^${answered} x{600}$`));
    assert.equal(await store.get(`step/${answered - 2}`), undefined);
    await store.take(`step/${last - 1}`);
    await store.close();
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
    db.close();
    from = last + 1;
  }
});

test('a disk that takes no more is told as such, and what stands there stands', async (t) => {
  const path = join(directoryFor(t), 'ostiary.db');
  // The system's own limit on the size of files stands in for the end of the disk: 512 KiB.
  const child = start(t, '/bin/sh', [
    '-c',
    'ulimit -f 1024; exec "$0" "$@"',
    process.execPath,
    CHILD,
    path,
    'fill',
  ]);
  assert.deepEqual(await linesOf(child, () => {}), ['store.full undefined value']);
});
