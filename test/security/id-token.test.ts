/** Attacks on the ID token itself. It comes from the right place over a sound connection, and is not believed for that. */
import assert from 'node:assert/strict';
import { createPublicKey, sign } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { fixedClock } from '../../src/base/clock.ts';
import { isProblem } from '../../src/base/problem.ts';
import type { Provider } from '../../src/identity/provider.ts';
import { hmac, makeKey, segment, signature, signToken, type TestKey } from '../support/jws.ts';
import { type Bends, type MutableOp, startMutableOp } from '../support/mutable-op.ts';
import { providerFor, signIn } from '../support/oidc-stage.ts';

interface Stage {
  readonly op: MutableOp;
  readonly provider: Provider;
  /** Every address that was asked. */
  readonly asked: string[];
}

/** A provider at which a sign-in has just worked, so that whatever fails now fails by the attack. */
async function stage(t: TestContext, key?: TestKey): Promise<Stage> {
  const op = await startMutableOp({ clock: fixedClock(), ...(key && { key }) });
  t.after(() => op.close());
  const asked: string[] = [];
  const provider = providerFor(op, {
    outbound: (url, options) => {
      asked.push(url);
      return op.shortcut(url, options);
    },
  });
  assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
  return { op, provider, asked };
}

type Forge = NonNullable<Bends['idToken']>;

async function refuses({ op, provider }: Stage, forge: Forge, why = ''): Promise<void> {
  const idToken: Forge = (token, claims) => {
    const forged = forge(token, claims);
    assert.notEqual(forged, token, 'nothing was forged');
    return forged;
  };
  const outcome = await signIn(op, provider, { idToken }).catch((cause: unknown) => cause);
  // A turned bit may make a date of another day, which names the clock before anything else is looked at.
  const refused = isProblem(outcome, 'provider.response-invalid') || isProblem(outcome, 'provider.clock');
  assert.ok(refused, `${why} ${inspect(outcome)}`);
}

const STRANGER = makeKey('op-1');

for (const alg of ['none', 'None', 'nOnE', 'NONE', '', null, undefined, ['RS256']])
  test(`an ID token that says ${JSON.stringify(alg) ?? 'nothing'} of how it is signed is refused [JWT-01]`, async (t) => {
    const staged = await stage(t);
    await refuses(staged, (_token, claims) => `${segment({ alg, kid: 'op-1' })}.${segment(claims)}.`);
    await refuses(staged, (_token, claims) => {
      const input = `${segment({ alg, kid: 'op-1' })}.${segment(claims)}`;
      return `${input}.${signature(input, 'RS256', staged.op.key.privateKey)}`;
    });
  });

test('an ID token with an empty signature is refused [JWT-01]', async (t) =>
  refuses(await stage(t), (token) => `${token.split('.').slice(0, 2).join('.')}.`));

test('the provider’s public key is nobody’s shared secret, however it is written [JWT-02]', async (t) => {
  const staged = await stage(t);
  const key = createPublicKey({ key: { ...staged.op.key.jwk }, format: 'jwk' });
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  const der = key.export({ type: 'spki', format: 'der' });
  const pkcs1 = key.export({ type: 'pkcs1', format: 'pem' }).toString();
  const { jwk } = staged.op.key;
  for (const secret of [
    pem,
    pem.trim(),
    der,
    pkcs1,
    JSON.stringify(jwk),
    JSON.stringify({ keys: [jwk] }),
    String(jwk.n),
  ])
    for (const kid of ['op-1', undefined])
      await refuses(staged, (_, claims) => {
        const input = `${segment({ alg: 'HS256', kid })}.${segment(claims)}`;
        return `${input}.${hmac(input, secret)}`;
      });
});

test('a key that the token brings along is not looked at [JWT-04]', async (t) => {
  const staged = await stage(t);
  const { alg: _alg, use: _use, kid: _kid, ...bare } = STRANGER.jwk;
  const certificate = Buffer.from('a certificate of my own').toString('base64');
  for (const header of [
    { jwk: bare },
    { jwk: bare, kid: undefined },
    { x5c: [certificate] },
    { x5t: 'AAAA', 'x5t#S256': 'AAAA' },
  ] as Record<string, unknown>[])
    await refuses(staged, (_, claims) => signToken(claims, STRANGER, header), inspect(header));
});

test('an address that the token brings along is not asked [JWT-05]', async (t) => {
  const staged = await stage(t);
  const before = new Set(staged.asked);
  for (const address of [
    'http://canary.example/k',
    'https://canary.example/k',
    'file:///etc/passwd',
    'http://169.254.169.254/',
  ])
    for (const name of ['jku', 'x5u'])
      await refuses(staged, (_, claims) => signToken(claims, STRANGER, { [name]: address }));
  assert.deepEqual(new Set(staged.asked), before);
});

for (const iss of [
  'https://sso.example.org/',
  'https://SSO.example.org',
  'https://sso.example.org:443',
  'http://sso.example.org',
  '',
  null,
  ['https://sso.example.org'],
  undefined,
])
  test(`an ID token of the issuer ${JSON.stringify(iss)} is refused [JWT-11]`, async (t) => {
    const staged = await stage(t);
    await refuses(staged, (_, claims) => signToken({ ...claims, iss }, staged.op.key));
  });

test('an ID token with one bit turned, in whichever byte of its three parts, is refused [JWT-13]', async (t) => {
  const staged = await stage(t);
  let length = 1;
  for (let at = 0; at < length; at += 1)
    await refuses(
      staged,
      (token) => {
        const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'));
        length = parts.reduce((sum, { length: own }) => sum + own, 0);
        flip(parts, at);
        return parts.map((part) => part.toString('base64url')).join('.');
      },
      `byte ${at}`,
    );
  assert.ok(length > 500);
});

/** Turns one bit of the byte at `at`, counted through all parts; another bit for each byte. */
function flip(parts: readonly Buffer[], at: number): void {
  let offset = at;
  for (const part of parts) {
    if (offset < part.length) {
      part[offset] = (part[offset] ?? 0) ^ (1 << (at % 8));
      return;
    }
    offset -= part.length;
  }
}

test('an ID token spelt in another way than the provider’s is refused [JWT-13]', async (t) => {
  const staged = await stage(t);
  for (const [what, spell] of [
    ['padding', (token: string) => `${token}==`],
    ['white space behind', (token: string) => `${token} `],
    ['white space before', (token: string) => `\n${token}`],
    ['a fourth part', (token: string) => `${token}.x`],
    ['an empty fourth part', (token: string) => `${token}.`],
    ['the plain alphabet', (token: string) => token.replace(/-/g, '+').replace(/_/g, '/')],
    ['bits that mean nothing', (token: string) => token.slice(0, -1) + nextLetter(token.at(-1) ?? '')],
  ] as const)
    await refuses(staged, spell, what);
});

/** The next letter of the alphabet: at the end of 256 bytes it differs in bits that are thrown away. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet.charAt(alphabet.indexOf(letter) + 1);
}

const EC = makeKey('op-1', 'ES256');

const withSignature =
  (make: (input: string) => Buffer): Forge =>
  (token) => {
    const input = token.split('.').slice(0, 2).join('.');
    return `${input}.${make(input).toString('base64url')}`;
  };

for (const [what, make] of [
  ['of zeros', () => Buffer.alloc(64)],
  ['of the order of the curve', () => Buffer.concat([ORDER, ORDER])],
  ['that is too short', (input) => goodEc(input).subarray(0, 63)],
  ['that is too long', (input) => Buffer.concat([goodEc(input), Buffer.alloc(1)])],
  [
    'in another form',
    (input) => sign('sha256', Buffer.from(input), { key: EC.privateKey, dsaEncoding: 'der' }),
  ],
] as readonly (readonly [string, (input: string) => Buffer])[])
  test(`an elliptic signature ${what} is refused [JWT-22]`, async (t) =>
    refuses(await stage(t, EC), withSignature(make)));

const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

function goodEc(input: string): Buffer {
  return Buffer.from(signature(input, 'ES256', EC.privateKey), 'base64url');
}

test('an RSA signature of no bytes, or of more than the key has, is refused [JWT-22]', async (t) => {
  const staged = await stage(t);
  const good = (input: string) =>
    Buffer.from(signature(input, 'RS256', staged.op.key.privateKey), 'base64url');
  await refuses(
    staged,
    withSignature(() => Buffer.alloc(0)),
  );
  await refuses(
    staged,
    withSignature((input) => Buffer.concat([good(input), Buffer.alloc(1)])),
  );
  await refuses(
    staged,
    withSignature((input) => Buffer.concat([Buffer.alloc(1), good(input)])),
  );
  await refuses(
    staged,
    withSignature(() => Buffer.alloc(256)),
  );
});
