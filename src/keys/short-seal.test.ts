/** A sealed text without its header: as tight as one with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { countingRandom, randomToken } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import { open, seal } from './jwt.ts';
import { openShort, sealShort } from './short-seal.ts';
import type { SealingKey } from './signing-key.ts';

const random = countingRandom();
const sealingKey = (kid: string): SealingKey => ({ kid, secret: new Secret(randomToken(random)) });
const [first, second] = [sealingKey('s1'), sealingKey('s2')];
const clock = fixedClock();
const how = { keys: [first], purpose: 'sign-in', ttl: 600, clock };
const payload = { to: '/standup' };
const sealed = await sealShort(payload, how);

test('what was sealed opens, under whichever of our keys it was', async () => {
  assert.deepEqual(await openShort(sealed, how), payload);
  assert.deepEqual(await openShort(sealed, { ...how, keys: [second, first] }), payload);
  assert.equal(await openShort(sealed, { ...how, keys: [second] }), undefined);
  assert.equal(await openShort(sealed, { ...how, keys: [{ ...first, kid: 's3' }] }), undefined);
  assert.equal(await openShort(sealed, { ...how, keys: [] }), undefined);
});

test('it is the JWE of the same text without the header', async () => {
  const whole = await seal(payload, how);
  assert.equal(sealed.length, whole.length - (whole.split('.')[0]?.length ?? 0) - 2 + '.t1e0qo'.length);
  const [header] = whole.split('.');
  assert.deepEqual(await open(`${header}..${sealed.split('.').slice(1).join('.')}`, how), payload);
});

test('one purpose is not another', async () =>
  assert.equal(await openShort(sealed, { ...how, purpose: 'posted' }), undefined));

test('it ends when it was said to end, and nobody can say otherwise', async () => {
  const later = fixedClock(clock.now());
  later.advance(599);
  assert.deepEqual(await openShort(sealed, { ...how, clock: later }), payload);
  later.advance(1);
  assert.equal(await openShort(sealed, { ...how, clock: later }), undefined);
  const [end = '', ...body] = sealed.split('.');
  const longer = (Number.parseInt(end, 36) + 600).toString(36);
  assert.equal(await openShort([longer, ...body].join('.'), { ...how, clock: later }), undefined);
});

test('whatever single character changes, it does not open', async () => {
  for (let at = 0; at < sealed.length; at += 1) {
    const other = sealed[at] === 'A' ? 'B' : 'A';
    assert.equal(
      await openShort(sealed.slice(0, at) + other + sealed.slice(at + 1), how),
      undefined,
      `at ${at}`,
    );
  }
});

test('neither does the same text written otherwise, cut, or with a tail', async () => {
  for (const text of [
    '',
    '...',
    `0${sealed}`,
    sealed.toUpperCase(),
    `${sealed}=`,
    `${sealed}.`,
    `${sealed}.x`,
    ` ${sealed}`,
    sealed.slice(0, -1),
    sealed.slice(sealed.indexOf('.')),
    await seal(payload, how),
  ])
    assert.equal(await openShort(text, how), undefined, text);
});
