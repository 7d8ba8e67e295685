import assert from 'node:assert/strict';
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { countingRandom, randomToken } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import { open, seal, sealingKeyFrom } from './jwt.ts';
import type { SealingKey } from './signing-key.ts';

const random = countingRandom();
const sealingKey = (kid: string): SealingKey => ({ kid, secret: new Secret(randomToken(random)) });
const [first, second] = [sealingKey('s1'), sealingKey('s2')];
const clock = fixedClock();
const how = { keys: [first], purpose: 'sign-in', ttl: 600, clock };
const payload = { to: '/standup', nonce: 'n' };
const sealed = await seal(payload, how);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What somebody who had our key could make. */
function forged(header: object, plaintext: Buffer = Buffer.from(JSON.stringify(payload))): string {
  const head = part({
    alg: 'dir',
    enc: 'A256GCM',
    typ: 'ostiary-sign-in',
    kid: 's1',
    exp: unixSeconds(clock) + 60,
    ...header,
  });
  const key = new Uint8Array(hkdfSync('sha256', first.secret.reveal(), '', 'ostiary content sign-in', 32));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(head));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [
    head,
    '',
    iv.toString('base64url'),
    body.toString('base64url'),
    cipher.getAuthTag().toString('base64url'),
  ].join('.');
}

test('what was sealed opens, and shows nothing of itself', async () => {
  assert.deepEqual(await open(sealed, how), payload);
  assert.ok(!Buffer.from(sealed.split('.').join(''), 'base64url').includes('standup'));
  assert.notEqual(await seal(payload, how), sealed);
});

test('the newest key seals and the older ones still open (ROT-07)', async () => {
  const keys = [second, first];
  assert.deepEqual(await open(sealed, { ...how, keys }), payload);
  const renewed = await seal(payload, { ...how, keys });
  assert.deepEqual(await open(renewed, { ...how, keys: [second] }), payload);
  assert.equal(await open(renewed, how), undefined);
});

test('one purpose is not another (SESS-05)', async () => {
  assert.equal(await open(sealed, { ...how, purpose: 'session' }), undefined);
});

test('a sealed text ends when it was said to end', async () => {
  const later = fixedClock(clock.now());
  later.advance(599);
  assert.deepEqual(await open(sealed, { ...how, clock: later }), payload);
  later.advance(1);
  assert.equal(await open(sealed, { ...how, clock: later }), undefined);
});

test('whatever single character changes, it does not open (SESS-05)', async () => {
  for (let at = 0; at < sealed.length; at += 1) {
    const other = sealed[at] === 'A' ? 'B' : 'A';
    assert.equal(await open(sealed.slice(0, at) + other + sealed.slice(at + 1), how), undefined, `at ${at}`);
  }
});

test('neither does the same text written otherwise, cut, or with a tail (SESS-05)', async () => {
  const next = String.fromCharCode(sealed.charCodeAt(sealed.length - 1) + 1);
  for (const text of [
    '',
    `${sealed}=`,
    `${sealed} `,
    `${sealed}.`,
    sealed.slice(0, -4),
    sealed.slice(0, -1) + next,
    sealed.replace('..', '.AA.'),
  ])
    assert.equal(await open(text, how), undefined);
});

test('an unknown key id and a key of the same id do not open it (SESS-05)', async () => {
  assert.equal(await open(sealed, { ...how, keys: [second] }), undefined);
  assert.equal(await open(sealed, { ...how, keys: [{ kid: 's1', secret: second.secret }] }), undefined);
  assert.equal(await open(sealed, { ...how, keys: [] }), undefined);
});

test('a text with the right key opens only as we would have written it', async () => {
  assert.deepEqual(await open(forged({}), how), payload);
  for (const header of [
    { alg: 'A256KW' },
    { alg: 'PBES2-HS256+A128KW', p2s: 'c2FsdHNhbHQ', p2c: 2 ** 31 - 1 },
    { enc: 'A128GCM' },
    { typ: 'ostiary-session' },
    { exp: unixSeconds(clock) },
    { exp: '9999999999' },
    { exp: undefined },
    { kid: undefined },
    { crit: ['exp'] },
  ])
    assert.equal(await open(forged(header), how), undefined, JSON.stringify(header));
});

test('nothing compressed is ever inflated, not even under our own key (JWT-15)', async () => {
  const zipped = deflateRawSync(Buffer.from(JSON.stringify(payload)));
  assert.equal(await open(forged({ zip: 'DEF' }, zipped), how), undefined);
});

test('what would not open again is not sealed', async () => {
  await assert.rejects(seal({ text: 'x'.repeat(7000) }, how), (thrown) =>
    isProblem(thrown, 'request.too-large'),
  );
  await assert.rejects(seal(payload, { ...how, keys: [] }), (thrown) => isProblem(thrown, 'key.none'));
});

test('opening never throws, whatever the text', async () => {
  const segment = fc.oneof(
    fc.base64String(),
    fc.string(),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary', maxLength: 10_000 }),
    fc.array(segment, { maxLength: 7 }).map((parts) => parts.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (any) => {
      assert.equal(await open(any, how), undefined);
    }),
    { numRuns: 500 },
  );
});

test('opening never throws, whatever the header, even under our own key', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.constantFrom('alg', 'enc', 'typ', 'kid', 'exp', 'zip', 'crit', 'b64', 'epk', 'x'),
        fc.jsonValue(),
      ),
      async (header) => {
        const opened = await open(forged(header), how);
        assert.ok(opened === undefined || opened['to'] === '/standup');
      },
    ),
    { numRuns: 300 },
  );
});

test('what one session seals, no other opens', async () => {
  const mine = sealingKeyFrom('session of ada', 'refresh');
  const text = await seal(payload, { ...how, keys: [mine], purpose: 'refresh' });
  const asked = { purpose: 'refresh', clock };
  assert.deepEqual(
    await open(text, { ...asked, keys: [sealingKeyFrom('session of ada', 'refresh')] }),
    payload,
  );
  assert.equal(
    await open(text, { ...asked, keys: [sealingKeyFrom('session of eve', 'refresh')] }),
    undefined,
  );
  assert.equal(await open(text, { ...asked, keys: [sealingKeyFrom('session of ada', 'other')] }), undefined);
});

test('the id of a derived key tells nothing of what it was derived from', () => {
  assert.equal(sealingKeyFrom('one', 'refresh').kid, sealingKeyFrom('two', 'refresh').kid);
});
