/** Keys while they turn over: nobody is turned away for it, nothing private gets out, nothing old comes back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { asapPath } from '../../src/keys/publish.ts';
import { createSealingKeys } from '../../src/keys/sealing-keys.ts';
import { openShort } from '../../src/keys/short-seal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { tokenIn } from '../support/claims-of.ts';
import { headerOf, startProsodyJudge } from '../support/prosody-judge.ts';
import { APP_ID, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { directoryFor } from '../support/store-directory.ts';
import type { Visitor } from '../support/visitor.ts';

let stage: Stage;
let person: Visitor;
let rooms = 0;

before(async () => {
  stage = await startStage();
  person = stage.visitor();
  await person.signIn();
});
after(() => stage.close());

/** A fresh token: each room is a new one, so that none is handed out twice. */
async function newToken(by: Visitor = person): Promise<string> {
  rooms += 1;
  return tokenIn(await by.get(`${PREFIX}/join?room=room-${rooms}`));
}

const published = async (of: Stage = stage, on: 'public' | 'inner' = 'inner') =>
  (JSON.parse((await of.ask(`${PREFIX}/jwks.json`, { on })).text) as { keys: { kid: string }[] }).keys.map(
    ({ kid }) => kid,
  );

test('through rotation after rotation every token is accepted until it ends, by PEM and by JWKS, though Prosody asks for keys seldom [ROT-01]', async () => {
  const prosodies = [startProsodyJudge(stage, 'asap'), startProsodyJudge(stage, 'jwks')];
  const alive: { readonly token: string; readonly until: number }[] = [];
  const kids = new Set<string | undefined>();
  let judged = 0;
  // A new rotation can begin only when the one before it is over; twelve of them keep the suite short.
  for (let rotation = 0; rotation < 12; rotation += 1) {
    await stage.parts.storedKeys?.rotateNow();
    for (let step = 0; step < 16; step += 1) {
      // Out of step with Prosody, which asks at every third of these.
      stage.clock.advance(97);
      const token = await newToken();
      kids.add(headerOf(token).kid);
      alive.push({ token, until: stage.clock.now() + 21_600_000 });
      const old = alive.filter(({ until }, at) => until > stage.clock.now() && at % 7 === step % 7);
      for (const one of [...old.map(({ token: known }) => known), token])
        for (const prosody of prosodies) {
          judged += 1;
          assert.deepEqual((await prosody.judge(one)).accepted, true, `rotation ${rotation}, step ${step}`);
        }
    }
  }
  assert.ok(kids.size >= 12 && judged > 3000, `${kids.size} keys, ${judged} judgements`);
});

test('a new key signs nothing before every copy of the key list made without it has run out, with a margin [ROT-02]', async () => {
  const { headers } = await stage.ask(`${PREFIX}/jwks.json`);
  const maxAge = Number(/max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1]);
  const coming = await stage.parts.storedKeys?.rotateNow();
  assert.ok((await published()).includes(coming ?? '-'), 'published at once');
  let seconds = 0;
  while (headerOf(await newToken()).kid !== coming) {
    stage.clock.advance(15);
    seconds += 15;
    assert.ok(seconds < 3600, 'it never signs');
  }
  assert.ok(seconds >= maxAge + 60, `${seconds} seconds`);
});

test('no token ever names a key that is not published at that moment [ROT-02]', async () => {
  for (let step = 0; step < 40; step += 1) {
    if (step % 13 === 0) await stage.parts.storedKeys?.rotateNow();
    stage.clock.advance(97);
    const { kid } = headerOf(await newToken());
    assert.ok((await published()).includes(kid ?? '-'), `${kid}`);
  }
});

test('the key list holds public members, algorithm, use and a kid of its own for each key, for minutes, on both listeners alike [ROT-06]', async () => {
  await stage.parts.storedKeys?.rotateNow();
  const [outside, inside] = [
    await stage.ask(`${PREFIX}/jwks.json`),
    await stage.ask(`${PREFIX}/jwks.json`, { on: 'inner' }),
  ];
  assert.equal(outside.text, inside.text);
  const { keys, ...rest } = JSON.parse(inside.text);
  assert.deepEqual(rest, {});
  assert.ok(keys.length >= 2);
  for (const key of keys) {
    assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
    assert.deepEqual([key.alg, key.use, key.kty], ['RS256', 'sig', 'RSA']);
  }
  assert.equal(new Set(keys.map(({ kid }: { kid: string }) => kid)).size, keys.length);
  const maxAge = Number(/^max-age=(\d+)$/.exec(inside.headers.get('cache-control') ?? '')?.[1]);
  assert.ok(maxAge >= 60 && maxAge <= 3600, `${maxAge}`);
});

test('each key is a PEM too, and a public one [ROT-06]', async () => {
  const prosody = startProsodyJudge(stage, 'asap');
  assert.ok((await prosody.judge(await newToken())).accepted);
  for (const kid of await published()) {
    const { text, headers } = await stage.ask(`${PREFIX}/asap/${asapPath(kid)}`, { on: 'inner' });
    assert.match(text, /^-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+-----END PUBLIC KEY-----\n$/);
    assert.match(headers.get('cache-control') ?? '', /^max-age=[1-9]\d+$/);
  }
});

test('a secret shared with Prosody is published in no form [ROT-06]', async () => {
  const secret = 'a-secret-shared-with-prosody-0123456789';
  const alone = await startStage({ config: { tokens: { appId: APP_ID, secret } } });
  try {
    const visitor = alone.visitor();
    await visitor.signIn();
    const { kid, alg } = headerOf(await newToken(visitor));
    assert.equal(alg, 'HS256');
    assert.deepEqual(await published(alone), []);
    for (const name of [kid ?? '', '', secret]) {
      const { status, text } = await alone.ask(`${PREFIX}/asap/${asapPath(name)}`, { on: 'inner' });
      assert.deepEqual([status, text.includes(secret)], [404, false]);
    }
  } finally {
    await alone.close();
  }
});

/** The key that sealed this browser's newest attempt. */
async function sealedBy(visitor: Visitor): Promise<string | undefined> {
  const [, sealed = ''] = [...visitor.jar].findLast(([name]) => name.includes('-try-')) ?? [];
  for (const key of await createSealingKeys(stage.parts).sealing())
    if (await openShort(sealed, { keys: [key], purpose: 'sign-in', clock: stage.clock })) return key.kid;
  return undefined;
}

test('a sign-in under way while the sealing key turns over is finished, and the next is sealed by the new key [ROT-07]', async () => {
  const visitor = stage.visitor();
  const before = await visitor.leave();
  const old = await sealedBy(visitor);
  assert.ok(old);
  await createSealingKeys(stage.parts).rotateNow();
  stage.clock.advance(120);
  const after = await visitor.leave();
  const next = await sealedBy(visitor);
  assert.ok(next !== undefined && next !== old);
  assert.equal((await visitor.get(visitor.callbackOf(before))).status, 302);
  assert.equal((await visitor.get(visitor.callbackOf(after))).status, 302);
});

test('nobody is signed out by a sealing key that turns over, or is revoked [ROT-07]', async () => {
  const keys = createSealingKeys(stage.parts);
  const old = (await keys.sealing())[0]?.kid ?? '';
  await keys.rotateNow();
  stage.clock.advance(120);
  await keys.revoke(old);
  stage.clock.advance(2);
  assert.ok(await person.isSignedIn());
});

test('a server that starts on a backup from before a rotation says so, and no key of then signs for longer than the next one takes to be known [ROT-09]', async (t) => {
  const folder = directoryFor(t);
  const clock = fixedClock();
  const [file, copy] = [join(folder, 'ostiary.sqlite'), join(folder, 'backup.sqlite')];
  const store = createSqliteStore({ path: file, clock });
  const first = await startStage({ clock, store: () => store });
  const visitor = first.visitor();
  await visitor.signIn();
  const old = headerOf(await newToken(visitor)).kid;
  await store.backup(copy);
  await first.parts.storedKeys?.rotateNow();
  clock.advance(1000);
  const newer = headerOf(await newToken(visitor)).kid;
  assert.notEqual(newer, old);
  await first.close();

  clock.advance(2 * 3600);
  const second = await startStage({ clock, store: () => createSqliteStore({ path: copy, clock }) });
  try {
    assert.equal((await published(second)).length, 2);
    const warned = second.lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'keys.unattended');
    assert.deepEqual([...new Set(warned.map(({ level }) => level))], ['warn']);
    clock.advance(1000);
    const back = second.visitor();
    await back.signIn();
    const now = headerOf(await newToken(back)).kid;
    assert.ok(now !== old && now !== newer, 'a third key');
  } finally {
    await second.close();
  }
});
