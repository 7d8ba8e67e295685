import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';
import { Problem } from '../base/problem.ts';
import { failureLines } from './failure.ts';

/** A port nobody uses at this moment. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise<void>((done) => probe.once('listening', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

async function configured(terminal: Terminal) {
  const inner = await freePort();
  const settings = { listen: { public: { port: 0 }, inner: { port: inner } }, log: { level: 'silent' } };
  terminal.configure(settings);
  return {
    settings,
    ask: (path: string) => fetch(`http://127.0.0.1:${inner}${path}`, { signal: AbortSignal.timeout(5000) }),
  };
}

test('the server answers, takes a new configuration, keeps the old where the new is no good, and stops', async (context) => {
  const terminal = openTerminal(context);
  const { settings, ask } = await configured(terminal);
  const running = terminal.run('serve');
  await terminal.listens('SIGHUP');
  assert.equal((await ask('/_ostiary/ready')).status, 200);

  terminal.configure({ ...settings, prefix: '/_door' });
  terminal.send('SIGHUP');
  for (let tries = 0; tries < 500 && (await ask('/_door/ready')).status !== 200; tries += 1);
  assert.equal((await ask('/_door/ready')).status, 200);
  assert.equal((await ask('/_ostiary/ready')).status, 404);

  writeFileSync(join(terminal.folder, 'ostiary.yaml'), 'nothing: right\n');
  terminal.send('SIGHUP');
  assert.equal((await ask('/_door/ready')).status, 200);

  terminal.send('SIGTERM');
  assert.deepEqual(await running, { code: 0, out: '', err: '' });
  await assert.rejects(ask('/_door/ready'));
});

test('a port that is taken is told in two lines', async (context) => {
  const terminal = openTerminal(context);
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise<void>((done) => taken.once('listening', done));
  context.after(() => taken.close());
  terminal.configure({
    listen: { public: { port: (taken.address() as AddressInfo).port }, inner: { port: 0 } },
    log: { level: 'silent' },
  });
  const { code, err } = await terminal.run('serve');
  assert.equal(code, 1);
  const { port } = taken.address() as AddressInfo;
  assert.equal(
    err,
    `127.0.0.1:${port} is taken by another program.\nStop it, or set listen.public.port (listen.inner.port).`,
  );
});

test('a stylesheet that is not there stops the start, and is named', async (context) => {
  const terminal = openTerminal(context);
  const { settings } = await configured(terminal);
  terminal.configure({ ...settings, pages: { css: './none.css' } });
  const { code, err } = await terminal.run('serve');
  assert.equal(code, 1);
  assert.match(err, /pages\.css: .*none\.css, why: ENOENT/);
});

for (const [why, what] of [
  ['EACCES', '127.0.0.1:80 is not for this user to listen at.'],
  ['EADDRNOTAVAIL', '127.0.0.1:80 is no address of this machine.'],
] as const)
  test(`a socket that cannot be opened because of ${why} is told by its address`, () => {
    const [told, whatToDo] = failureLines(new Problem('config.unusable', { listen: '127.0.0.1:80', why }));
    assert.equal(told, what);
    assert.match(whatToDo, /^Set listen\.public\./);
  });

test('the demo says that its port is taken', { timeout: 60_000 }, async (context) => {
  const terminal = openTerminal(context);
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise<void>((done) => taken.once('listening', done));
  context.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { code, out, err } = await terminal.run('demo', '--port', String(port));
  assert.deepEqual([code, out, err], [1, '', `Port ${port} is taken.\nGive another, or leave --port out.`]);
});

test('keys for SAML that cannot be used are told before anybody is answered', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    listen: { public: { port: 0 }, inner: { port: 0 } },
    log: { level: 'silent' },
    providers: [{ id: 'uni', kind: 'saml', saml: { metadataFile: 'idp.xml' } }],
    saml: { keys: [{ keyFile: 'none.key', certFile: 'none.pem' }] },
  });
  const { code, err } = await terminal.run('serve');
  assert.equal(code, 1);
  assert.match(err, /none\.key[\s\S]*certificate/);
});
