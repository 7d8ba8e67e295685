/** Which keys of a provider are used, and how often it is asked for them. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { makeKey } from '../../test/support/jws.ts';
import { fixedClock } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { createKeySource } from './oidc-jwks.ts';

const GOOD = makeKey('good').jwk;

function stage(answer: () => Response | Promise<Response>) {
  const clock = fixedClock();
  let asked = 0;
  const source = createKeySource({
    id: 'sso',
    clock,
    fetch: async () => {
      asked += 1;
      return answer();
    },
  });
  return { clock, source, asked: () => asked };
}

const serving = (...keys: unknown[]) => stage(() => Response.json({ keys }));
const kids = async (...keys: unknown[]) => (await serving(...keys).source.read()).keys.map(({ kid }) => kid);

test('keys for signatures are taken, their private parts and extras never', async () => {
  const { source } = serving({ ...GOOD, x5c: ['MII'], jku: 'https://evil.example' });
  const [key] = (await source.read()).keys;
  assert.deepEqual(Object.keys(key ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n']);
});

const rsa = (bits: number, publicExponent = 65_537) => ({
  ...generateKeyPairSync('rsa', { modulusLength: bits, publicExponent }).publicKey.export({ format: 'jwk' }),
  kid: 'bad',
});
const evenModulus = Buffer.from(String(GOOD.n), 'base64url');
evenModulus[evenModulus.length - 1] = 0;

for (const [what, key] of [
  ['an RSA key of 1024 bits', rsa(1024)],
  ['an RSA key with the exponent 3', rsa(2048, 3)],
  ['an RSA key with the exponent 1', { ...GOOD, kid: 'bad', e: 'AQ' }],
  ['an RSA key with an even modulus', { ...GOOD, kid: 'bad', n: evenModulus.toString('base64url') }],
  ['a key whose private part is public', { ...GOOD, kid: 'bad', d: 'AAAA' }],
  ['a shared secret', { kty: 'oct', k: 'c2VjcmV0', kid: 'bad' }],
  ['a key for encryption', { ...GOOD, kid: 'bad', use: 'enc' }],
  ['a key that must not verify', { ...GOOD, kid: 'bad', key_ops: ['sign'] }],
  ['a key of no type', { ...GOOD, kid: 'bad', kty: '__proto__' }],
  ['a key with a kid that is no text', { ...GOOD, kid: 7 }],
  ['no object at all', 'bad'],
  ['null', null],
] as const)
  test(`${what} is not used`, async () => assert.deepEqual(await kids(key, GOOD), ['good']));

test('a provider is asked once at a time, and once a minute', async () => {
  const { source, clock, asked } = serving(GOOD);
  await Promise.all(Array.from({ length: 50 }, () => source.read()));
  clock.advance(59);
  await source.read();
  assert.equal(asked(), 1);
  clock.advance(1);
  await source.read();
  assert.equal(asked(), 2);
});

test('while a provider fails it is asked once in ten seconds, and what was held stays held', async () => {
  let down = false;
  const { source, clock, asked } = stage(() =>
    down ? new Response('', { status: 503 }) : Response.json({ keys: [GOOD] }),
  );
  await source.read();
  down = true;
  clock.advance(60);
  for (let n = 0; n < 20; n += 1)
    await assert.rejects(source.read(), (thrown) => isProblem(thrown, 'provider.unreachable'));
  assert.equal(asked(), 2);
  assert.equal(source.held()?.age, 60);
  down = false;
  clock.advance(10);
  await source.read();
  assert.equal(source.held()?.age, 0);
});

for (const [what, answer] of [
  ['a page', () => new Response('<html>')],
  ['a list', () => Response.json([GOOD])],
  ['no list of keys', () => Response.json({ keys: {} })],
  ['more keys than anybody has', () => Response.json({ keys: Array.from({ length: 101 }, () => GOOD) })],
  ['a redirect', () => new Response('', { status: 302, headers: { location: 'http://169.254.169.254/' } })],
] as const)
  test(`${what} is no set of keys`, () =>
    assert.rejects(stage(answer).source.read(), (thrown) => isProblem(thrown, 'provider.response-invalid')));
