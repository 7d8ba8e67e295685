/** What somebody leaves behind who never signs in. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDemo } from '../../demo/demo.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

test('a stranger who begins sign-ins, comes back with errors and knocks at every page writes nothing into the store', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-strangers-'));
  const path = join(folder, 'store.sqlite');
  const demo = await startDemo({
    port: 0,
    door: 'token-service',
    env: { OSTIARY_STORE: path },
    logLevel: 'silent',
  });
  const store = createSqliteStore({ path, clock: systemClock });
  t.after(async () => {
    await store.close();
    await demo.close();
    rmSync(folder, { recursive: true });
  });
  const home = `${demo.url}/_ostiary`;
  const keysOnly = async () => (await store.list('')).map(({ key }) => key).filter((key) => !/key/.test(key));
  // The first sign-in page makes the keys; they are ours, not the stranger's.
  for (const page of [
    'join?room=standup',
    'sign-in?to=%2Fstandup',
    'pass',
    'session',
    'signed-out',
    'jwks.json',
    'nothing',
  ])
    await fetch(`${home}/${page}`, { redirect: 'manual' });
  const probe = (await fetch(`${home}/sign-in`)).headers.getSetCookie()[0]?.split(';')[0] ?? '';
  for (let round = 0; round < 5; round += 1) {
    const begun = await fetch(`${home}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: demo.url, cookie: probe, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'provider=example&to=%2Fstandup',
    });
    assert.equal(begun.status, 303);
    const attempt = begun.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
    const back = new URLSearchParams({ error: 'access_denied', state: state ?? '', iss: demo.issuer });
    const answer = await fetch(`${home}/callback/example?${back}`, {
      headers: { cookie: `${probe}; ${attempt}` },
    });
    assert.equal(answer.status, 403);
  }
  assert.deepEqual(await keysOnly(), []);
});
