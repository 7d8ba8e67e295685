import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';

const ada = { person: { id: 'idp#ada', provider: 'idp', emailVerified: false, groups: [] } };

async function signIn(terminal: Terminal): Promise<string> {
  const server = await terminal.server();
  const { id } = await server.sessions.issue(ada);
  await server.close();
  return id.reveal();
}

async function knows(terminal: Terminal, id: string): Promise<boolean> {
  const server = await terminal.server();
  const session = await server.sessions.read(id);
  await server.close();
  return session !== undefined;
}

test('a copy made while the server runs, put back, holds what was there then', async (context) => {
  const terminal = openTerminal(context);
  const before = await signIn(terminal);
  const server = await terminal.server();
  assert.equal((await terminal.run('backup', 'copy.sqlite')).code, 0);
  assert.equal(statSync(join(terminal.folder, 'copy.sqlite')).mode & 0o777, 0o600);
  await server.close();
  const after = await signIn(terminal);
  const { code, out } = await terminal.run('restore', 'copy.sqlite');
  assert.equal(code, 0);
  assert.match(out, /What was there is now .*ostiary\.sqlite\.before-20260302090000\.$/);
  assert.equal(await knows(terminal, before), true);
  assert.equal(await knows(terminal, after), false);
  assert.deepEqual(
    readdirSync(terminal.folder).filter((name) => name.includes('restoring')),
    [],
  );
});

test('a copy is put back on a machine that has no store yet', async (context) => {
  const terminal = openTerminal(context);
  const id = await signIn(terminal);
  await terminal.run('backup', 'copy.sqlite');
  terminal.configure({ store: { path: join(terminal.folder, 'elsewhere.sqlite') } });
  assert.deepEqual(await terminal.json('restore', 'copy.sqlite'), {
    store: join(terminal.folder, 'elsewhere.sqlite'),
  });
  assert.equal(await knows(terminal, id), true);
});

test('a copy that is newer than this version, or no copy at all, leaves everything as it is', async (context) => {
  const terminal = openTerminal(context);
  const id = await signIn(terminal);
  await terminal.run('backup', 'copy.sqlite');
  const newer = readFileSync(join(terminal.folder, 'copy.sqlite'));
  // The version stamp: https://www.sqlite.org/fileformat.html, section 1.3.11
  newer.writeUInt32BE(99, 60);
  writeFileSync(join(terminal.folder, 'newer.sqlite'), newer);
  assert.match(
    (await terminal.run('restore', 'newer.sqlite')).err,
    /^The store was written by a newer version/,
  );
  assert.match((await terminal.run('restore', 'ostiary.yaml')).err, /is no copy of a store\.\n/);
  assert.match((await terminal.run('restore', 'none')).err, /is no copy of a store\.\n/);
  assert.equal(await knows(terminal, id), true);
  assert.deepEqual(
    readdirSync(terminal.folder).filter((name) => /restoring|before/.test(name)),
    [],
  );
});

test('nothing is put back under a running server', async (context) => {
  const terminal = openTerminal(context);
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise<void>((done) => listener.once('listening', done));
  context.after(() => listener.close());
  terminal.configure({
    listen: { public: { port: 0 }, inner: { port: (listener.address() as AddressInfo).port } },
  });
  await signIn(terminal);
  await terminal.run('backup', 'copy.sqlite');
  assert.equal((await terminal.run('restore', 'copy.sqlite')).err.split('\n')[0], 'The server is running.');
});

test('a file that is no copy of a store is never written over', async (context) => {
  const terminal = openTerminal(context);
  await signIn(terminal);
  const before = readFileSync(join(terminal.folder, 'ostiary.yaml'), 'utf8');
  assert.equal((await terminal.run('backup', 'ostiary.yaml')).code, 1);
  assert.equal(readFileSync(join(terminal.folder, 'ostiary.yaml'), 'utf8'), before);
});

test('a copy that cannot be written names where it was to go, and not the store', async (context) => {
  const terminal = openTerminal(context);
  await signIn(terminal);
  mkdirSync(join(terminal.folder, 'taken'));
  for (const [name, why] of [
    ['nowhere/copy.sqlite', 'ENOENT'],
    ['ostiary.yaml/copy.sqlite', 'ENOTDIR'],
    ['taken', 'EISDIR'],
  ] as const) {
    const { code, err } = await terminal.run('backup', name);
    assert.equal(code, 1);
    assert.equal(
      err.split('\n')[0],
      `The copy cannot be written to ${join(terminal.folder, name)} (${why}).`,
    );
    assert.doesNotMatch(err, /store\.path/);
  }
});
