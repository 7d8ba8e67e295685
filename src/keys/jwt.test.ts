import assert from 'node:assert/strict';
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { isProblem, type Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { type RemoteKeys, signJwt, thumbprintOf, type VerifyOptions, verifyJwt } from './jwt.ts';
import { makeRsaKey, publicPemOf } from './rsa.ts';
import type { PublicKey, SigningKey } from './signing-key.ts';

const clock = fixedClock();
const now = unixSeconds(clock);
const secret = new Secret(await makeRsaKey());
const key: SigningKey = { kid: 'k1', algorithm: 'RS256', secret };
const published: PublicKey = { kid: 'k1', algorithm: 'RS256', pem: publicPemOf(secret.reveal()) };
const options: VerifyOptions = {
  keys: [published],
  algorithms: ['RS256'],
  issuer: 'https://id.example.org',
  audience: 'ostiary',
  requiredClaims: ['exp'],
  clock,
  leewaySeconds: 0,
};
const claims = { iss: 'https://id.example.org', aud: 'ostiary', sub: 'ada', exp: now + 60 };
const holding = await signJwt(claims, key);

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const signed = (header: unknown, payload: unknown, by: string | KeyObject = secret.reveal()) => {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), by).toString('base64url')}`;
};
const withClaims = (changed: object) => signed({ alg: 'RS256', kid: 'k1' }, { ...claims, ...changed });

async function refusal(token: string, changed: Partial<VerifyOptions> = {}): Promise<Problem> {
  const thrown = await verifyJwt(token, { ...options, ...changed }).then(
    () => assert.fail('the token was taken'),
    (problem: unknown) => problem,
  );
  assert.ok(isProblem(thrown, 'token.unacceptable'), String(thrown));
  return thrown;
}

test('a token of ours holds, and says alg, typ and kid in its header', async () => {
  assert.deepEqual(await verifyJwt(holding, options), claims);
  assert.deepEqual(JSON.parse(Buffer.from(holding.split('.')[0] ?? '', 'base64url').toString()), {
    alg: 'RS256',
    typ: 'JWT',
    kid: 'k1',
  });
});

test('a token of a shared secret holds with that secret alone', async () => {
  const shared = {
    kid: 'shared',
    algorithm: 'HS256',
    secret: new Secret('a secret of thirty-two characters'),
  } as const;
  const token = await signJwt(claims, shared);
  assert.deepEqual(
    await verifyJwt(token, { ...options, keys: shared.secret, algorithms: ['HS256'] }),
    claims,
  );
  await refusal(token, { keys: new Secret('another one of thirty-two letters'), algorithms: ['HS256'] });
});

test('many tokens signed at the same moment all hold', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => signJwt({ ...claims, n }, key)));
  for (const [n, token] of tokens.entries()) assert.equal((await verifyJwt(token, options))['n'], n);
});

test('another key under a known kid signs with that other key', async () => {
  const other = new Secret(await makeRsaKey());
  const token = await signJwt(claims, { kid: 'k1', algorithm: 'RS256', secret: other });
  await refusal(token);
  await verifyJwt(token, { ...options, keys: [{ ...published, pem: publicPemOf(other.reveal()) }] });
});

test('a key that cannot be read signs nothing, and its text is not told', async () => {
  const broken = { kid: 'k9', algorithm: 'RS256', secret: new Secret('-----BEGIN canary-----') } as const;
  await assert.rejects(
    signJwt(claims, broken),
    (thrown) => isProblem(thrown, 'key.unusable') && !JSON.stringify(thrown).includes('canary'),
  );
});

for (const alg of ['none', 'None', 'nOnE', '', undefined, 'HS256', 'RS512', 'PS256', 'ES256'])
  test(`a token whose alg is ${JSON.stringify(alg)} does not hold (JWT-01)`, async () => {
    await refusal(signed({ alg, kid: 'k1' }, claims));
    await refusal(`${part({ alg, kid: 'k1' })}.${part(claims)}.`);
  });

test('the public key is never taken for a shared secret (JWT-02)', async () => {
  const der = createPrivateKey(secret.reveal());
  const spellings = [
    published.pem,
    published.pem.trim(),
    JSON.stringify(der.export({ format: 'jwk' })),
    JSON.stringify({ keys: [] }),
  ];
  for (const text of spellings) {
    const input = `${part({ alg: 'HS256', kid: 'k1', typ: 'JWT' })}.${part(claims)}`;
    await refusal(`${input}.${createHmac('sha256', text).update(input).digest('base64url')}`);
  }
});

test('asking for a shared-secret algorithm with public keys is a mistake of ours, not a refusal', async () => {
  await assert.rejects(verifyJwt(holding, { ...options, algorithms: ['RS256', 'HS256'] }), TypeError);
  await assert.rejects(
    verifyJwt(holding, { ...options, keys: new Secret('x'), algorithms: ['RS256'] }),
    TypeError,
  );
  await assert.rejects(verifyJwt(holding, { ...options, algorithms: [] }), TypeError);
});

test('a key in the header of the token is not believed (JWT-04, JWT-05)', async () => {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = own.publicKey.export({ format: 'jwk' });
  for (const header of [
    { jwk },
    { x5c: ['MIIB'] },
    { x5t: 'abc' },
    { jku: 'https://attacker.example/jwks' },
    { x5u: 'file:///etc/passwd' },
  ]) {
    await refusal(signed({ alg: 'RS256', kid: 'k1', ...header }, claims, own.privateKey));
    await refusal(signed({ alg: 'RS256', ...header }, claims, own.privateKey));
  }
});

for (const header of [{ crit: ['exp'], exp: 1 }, { crit: ['b64'], b64: false }, { crit: [] }])
  test(`a header with ${JSON.stringify(header)} is refused (JWT-07)`, async () => {
    await refusal(signed({ alg: 'RS256', kid: 'k1', ...header }, claims));
  });

for (const exp of [undefined, null, '9999999999', -1, 1e300, 2 ** 53, now - 1, now])
  test(`a token whose exp is ${JSON.stringify(exp)} does not hold (JWT-08)`, async () => {
    await refusal(withClaims({ exp }));
  });

test('a token may end at a fraction of a second, and not after the year 9999 (JWT-08)', async () => {
  await verifyJwt(withClaims({ exp: now + 0.5 + 1 }), options);
  await verifyJwt(withClaims({ exp: 253_402_300_799 }), options);
  await refusal(
    signed({ alg: 'RS256', kid: 'k1' }, `{"iss":"https://id.example.org","aud":"ostiary","exp":1e999}`),
  );
});

for (const claim of ['nbf', 'iat'])
  for (const value of [null, '1', -1, 2 ** 53])
    test(`a token whose ${claim} is ${JSON.stringify(value)} does not hold (JWT-08)`, async () => {
      await refusal(withClaims({ [claim]: value }));
    });

test('a token that is not good yet does not hold, but for the leeway', async () => {
  await refusal(withClaims({ nbf: now + 5 }));
  await verifyJwt(withClaims({ nbf: now + 5 }), { ...options, leewaySeconds: 5 });
});

for (const aud of [
  'ostiar',
  'ostiary2',
  'Ostiary',
  [],
  {},
  null,
  ['ostiary', 'other'],
  [['ostiary']],
  ['OSTIARY'],
])
  test(`a token for ${JSON.stringify(aud)} is not for us (JWT-10)`, async () => {
    await refusal(withClaims({ aud }));
  });

test('a token for us and others holds where azp says it was made for us', async () => {
  await verifyJwt(withClaims({ aud: ['ostiary'] }), options);
  await verifyJwt(withClaims({ aud: ['other', 'ostiary'], azp: 'ostiary' }), options);
  await refusal(withClaims({ aud: ['other', 'ostiary'], azp: 'other' }));
});

for (const iss of [
  'https://id.example.org/',
  'https://ID.example.org',
  'https://id.example.org:443',
  null,
  ['https://id.example.org'],
])
  test(`a token from ${JSON.stringify(iss)} is from somebody else (JWT-11)`, async () => {
    await refusal(withClaims({ iss }));
  });

test('a required typ and required claims must be there', async () => {
  await verifyJwt(holding, { ...options, typ: 'JWT', requiredClaims: ['exp', 'sub'] });
  await refusal(holding, { typ: 'logout+jwt' });
  await refusal(holding, { requiredClaims: ['exp', 'sid'] });
});

test('a token of no key of ours, or without a kid, does not hold', async () => {
  await refusal(signed({ alg: 'RS256', kid: 'k2' }, claims));
  await refusal(signed({ alg: 'RS256' }, claims));
});

test('no token but the one we made holds, whatever single character changes (JWT-13)', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \n';
  const place = fc.integer({ min: 0, max: holding.length - 1 });
  const mutant = fc
    .tuple(place, fc.constantFrom(...alphabet), fc.constantFrom('replace', 'insert', 'delete'))
    .map(([at, character, how]) => {
      const rest = how === 'insert' ? holding.slice(at) : holding.slice(at + 1);
      return holding.slice(0, at) + (how === 'delete' ? '' : character) + rest;
    });
  await fc.assert(
    fc.asyncProperty(mutant, async (token) => {
      fc.pre(token !== holding);
      await refusal(token);
    }),
    { numRuns: 300 },
  );
});

test('unused bits, padding, other alphabets and tails are refused (JWT-13)', async () => {
  const last = holding.at(-1) ?? '';
  const next = String.fromCharCode(last.charCodeAt(0) + 1);
  for (const token of [
    holding.slice(0, -1) + next,
    `${holding}=`,
    `${holding}.x`,
    `${holding}.`,
    `${holding} `,
    `\n${holding}`,
    holding.replace('.', '..'),
  ])
    await refusal(token);
});

test('any header and claims whatever, signed by a stranger, are refused and nothing else (JWT-16)', async () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.json(), fc.boolean(), async (header, payload, ours) => {
      const head = ours ? { alg: 'RS256', kid: 'k1' } : header;
      await refusal(signed(head, payload, stranger));
    }),
    { numRuns: 100 },
  );
});

test('any text whatever is refused and nothing else', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.base64String(), fc.base64String(), fc.base64String()).map((parts) => parts.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (token) => {
      await refusal(token);
    }),
    { numRuns: 300 },
  );
});

test('what is too long or has too many parts is not even read (JWT-15, JWT-16)', async () => {
  assert.deepEqual((await refusal(`a.${'a'.repeat(1_000_000)}.a`)).facts, { why: 'too-long' });
  assert.deepEqual((await refusal('.'.repeat(100_000))).facts, { why: 'too-long' });
  assert.deepEqual((await refusal('.'.repeat(10_000))).facts, { why: 'segments' });
  assert.deepEqual((await refusal('a.a.a.a.a')).facts, { why: 'segments' });
  await refusal(signed({ alg: 'RS256', kid: 'k1' }, '['.repeat(8000)));
  await refusal(holding, { maxBytes: holding.length - 1 });
});

for (const signature of [
  '',
  Buffer.alloc(256).toString('base64url'),
  Buffer.alloc(64).toString('base64url'),
  Buffer.alloc(300, 1).toString('base64url'),
])
  test(`a signature of ${signature.length} characters that says nothing is refused (JWT-22)`, async () => {
    await refusal(`${part({ alg: 'RS256', kid: 'k1' })}.${part(claims)}.${signature}`);
  });

test('an elliptic signature of zeros, of another length or in DER is refused (JWT-22)', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys: RemoteKeys = { find: () => Promise.resolve(publicKey) };
  const input = `${part({ alg: 'ES256' })}.${part(claims)}`;
  const ieee = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const der = sign('sha256', Buffer.from(input), privateKey);
  const asked = { keys, algorithms: ['ES256'] };
  await verifyJwt(`${input}.${ieee.toString('base64url')}`, { ...options, ...asked });
  for (const bad of [der, Buffer.alloc(64), ieee.subarray(0, 63), Buffer.concat([ieee, Buffer.alloc(1)])])
    await refusal(`${input}.${bad.toString('base64url')}`, asked);
});

test('no refusal repeats anything of the token (SEC-01)', async () => {
  const canary = 'canary-5d1f';
  const tokens = [
    withClaims({ aud: canary }),
    withClaims({ exp: now - 1, sub: canary }),
    withClaims({ exp: canary }),
    withClaims({ iss: canary }),
    signed({ alg: canary, kid: 'k1' }, claims),
    signed({ alg: 'RS256', kid: canary }, claims),
    signed({ alg: 'RS256', kid: 'k1', crit: [canary] }, claims),
    signed({ alg: 'RS256', kid: 'k1' }, `{"${canary}`),
    `${canary}.${canary}.${canary}`,
  ];
  for (const token of tokens) {
    const problem = await refusal(token);
    assert.equal(problem.cause, undefined);
    const told = [problem.message, problem.stack, JSON.stringify(problem.facts)].join();
    assert.ok(
      !told.includes(canary) && !token.split('.').some((segment) => segment !== '' && told.includes(segment)),
      told,
    );
  }
});

test('a thumbprint is that of RFC 7638, section 3.1', async () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const pem = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
  assert.equal(await thumbprintOf(pem), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});
