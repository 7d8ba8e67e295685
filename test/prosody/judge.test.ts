/**
 * Our judge and real Lua say the same of every token, however it was twisted.
 *
 * The Lua is our own test module, written to Jitsi's behaviour (plugins/token_check.lua), unless OSTIARY_JITSI_PLUGINS
 * names a checkout of Jitsi's modules: then, for shared secrets, it is Jitsi's luajwtjitsi.lib.lua.
 */
import assert from 'node:assert/strict';
import { createHmac, createVerify } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { SigningKey } from '../../src/keys/signing-key.ts';
import { judge, mayJoin, type ProsodyClaims, type ProsodyOptions } from '../../src/tokens/prosody.ts';
import { type LuaJudge, type LuaVerdict, startLuaJudge } from './lua-judge.ts';
import { APP_ID, AUDIENCE, forge, makeKeyPair, sharedSecret, signed, soundClaims } from './minted.ts';
import { DOMAIN } from './prosody.ts';

const SECRET = 'a shared secret of more than thirty-two bytes';
const SHARED = sharedSecret(SECRET);
const OURS = makeKeyPair('ours-1');
const { iss, aud, sub, room, nbf, exp } = soundClaims();
const NOW = Number(nbf) + 60;

let lua: LuaJudge;
before(async () => {
  lua = await startLuaJudge();
});
after(() => lua?.close());

/** Which sign a NaN has is the processor's affair, and a Lua error has no words. */
function comparable({ accepted, condition, text, child, unanswered }: LuaVerdict): object {
  if (accepted) return { accepted };
  if (unanswered) return { unanswered };
  return { condition, text: text?.replaceAll('-nan', 'nan'), ...(child === undefined ? {} : { child }) };
}

/** Long tokens would drown the difference. */
function shown(token: string): string {
  return token.length > 1000 ? `${token.slice(0, 1000)}…` : token;
}

function holds(
  _algorithm: string,
  kid: string | undefined,
  ...[input, signature]: [string, Uint8Array]
): boolean {
  if (kid !== undefined) return createVerify('sha256').update(input).verify(OURS.published.pem, signature);
  return createHmac('sha256', SECRET).update(input).digest().equals(signature);
}

/** How Prosody is set up in one run. */
type Setup = Required<Pick<ProsodyOptions, 'issuers' | 'audiences' | 'requireRoom'>> & {
  readonly key: SigningKey;
};

async function sameVerdict(token: string, { key, issuers, audiences, requireRoom }: Setup): Promise<void> {
  const { algorithm } = key;
  const fetched = algorithm === 'RS256';
  const ours = await judge(
    token,
    { algorithm, issuers, audiences, requireRoom },
    { now: NOW, verify: holds, hasKey: (kid) => kid === OURS.published.kid },
  );
  const theirs = await lua.ask({
    token,
    now: NOW,
    algorithm,
    ...(fetched ? { keys: { [OURS.published.kid]: OURS.published.pem } } : { secret: SECRET }),
    iss: issuers,
    aud: audiences,
    require_room: requireRoom,
  });
  assert.deepEqual(
    { token: shown(token), ...comparable(ours) },
    { token: shown(token), ...comparable(theirs) },
  );
}

const setups: fc.Arbitrary<Setup> = fc.record({
  key: fc.constantFrom(SHARED, OURS.signing),
  issuers: fc.constantFrom([APP_ID], [APP_ID, 'second'], ['*']),
  audiences: fc.constantFrom([AUDIENCE], ['*'], ['x', '*']),
  requireRoom: fc.boolean(),
});

/** Values that look right, nearly right, and like nothing at all. */
function near(...values: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, null, false, true, 0, -1.5, '', 'x', [], {}) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
}

const times = near(
  NOW + 60,
  NOW - 60,
  NOW,
  NOW + 0.25,
  NOW - 0.25,
  1e15,
  -1e20,
  `${NOW + 60}`,
  ' 0x10 ',
  undefined,
);
const claims = fc.record({
  iss: near(iss, 'second', 'stranger', [iss]),
  aud: near(aud, [aud], 'x', '*'),
  sub: near(sub, '*', 7),
  room: near(room, '*', 7),
  exp: times,
  nbf: times,
  iat: times,
  context: near({ user: { name: 'Ada' } }, undefined, 'text'),
});
const twistedHeaders = fc.record({
  typ: near('JWT', 'JWT', 'JWT', 'jwt', 'at+jwt'),
  alg: near('HS256', 'RS256', 'HS256', 'RS256', 'none', 'RS512', 'HS512', 'PS256'),
  kid: near(OURS.published.kid, 'other', 7, undefined),
});

/** Mostly as it should be, or no token would ever be looked at further. */
const headers = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: twistedHeaders });

/** Signs with the right key most of the time. */
const signers = fc.constantFrom<'right' | 'wrong'>('right', 'right', 'right', 'right', 'wrong');
const keyOf = (setup: Setup, signer: 'right' | 'wrong'): SigningKey =>
  signer === 'right' ? setup.key : sharedSecret('wrong');

const RUNS = { numRuns: 1500 };

test('whatever stands in header and claims, our judge and Lua agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      setups,
      fc.record({ header: headers, claims }),
      signers,
      async (setup, forgery, signer) => {
        await sameVerdict(forge(keyOf(setup, signer), forgery), setup);
      },
    ),
    RUNS,
  );
});

/** Pieces whose meaning hangs on who reads them. */
const PIECES = [
  '\0',
  '\t',
  '\n',
  '"',
  '\\',
  '\\u0000',
  '\\ud83d\\ude00',
  '\\ud800',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  ' ',
];
const NUMBERS = [
  'nan',
  'inf',
  '-inf',
  'Infinity',
  '0x7fffffffff',
  '01',
  '1.',
  '.5',
  '+1',
  '-0',
  '1e400',
  '9e9',
  'null',
];

/** One change of a text: so much of it from here on is replaced. */
interface Change {
  readonly at: number;
  readonly length: number;
  readonly by: string;
}

function changesOf(...pieces: readonly string[]): fc.Arbitrary<readonly Change[]> {
  const change = fc.record({
    at: fc.nat(),
    length: fc.constantFrom(0, 0, 1, 1, 2, 7),
    by: fc.oneof(fc.constantFrom(...pieces), fc.constant(''), fc.string({ maxLength: 2, unit: 'binary' })),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 });
}

function changed(text: string, changes: readonly Change[]): string {
  const twisted = changes.reduce((sofar, { at, length, by }) => {
    const start = at % (sofar.length + 1);
    return sofar.slice(0, start) + by + sofar.slice(start + length);
  }, text);
  // Half a surrogate pair cannot be told to Lua, nor be sent by anybody.
  return twisted.toWellFormed();
}

const jsonChanges = changesOf(...PIECES, ...NUMBERS, 'true', 'false');
const numbers = fc.constantFrom(...NUMBERS, `${NOW + 60}`);
const twists = fc.record({ part: fc.constantFrom('header', 'claims'), end: numbers, changes: jsonChanges });

test('whatever the JSON was twisted into before it was signed, our judge and Lua agree', async () => {
  await fc.assert(
    fc.asyncProperty(setups, twists, async (setup, { part, end, changes }) => {
      const { key } = setup;
      const head = JSON.stringify({ alg: key.algorithm, typ: 'JWT', kid: key.kid });
      const body = JSON.stringify({ iss, aud, sub, room, nbf }).replace(/}$/, `,"exp":${end}}`);
      const twisted =
        part === 'header' ? { header: changed(head, changes) } : { claims: changed(body, changes) };
      await sameVerdict(forge(key, { header: head, claims: body, ...twisted }), setup);
    }),
    RUNS,
  );
});

const textChanges = changesOf('.', '..', '\\', '=', '==', '+', '/', '-', '_', 'A', ' ', 'é', '.x', 'e30');

test('whatever was done to the text of a token, our judge and Lua agree [JWT-19]', async () => {
  await fc.assert(
    fc.asyncProperty(setups, fc.boolean(), textChanges, async (setup, signedAgain, changes) => {
      const token = forge(setup.key, { claims: { exp } });
      const signature = token.lastIndexOf('.');
      const head = changed(token.slice(0, signature), changes);
      const twisted = signedAgain ? `${head}.${signed(head, setup.key)}` : changed(token, changes);
      await sameVerdict(twisted, setup);
    }),
    RUNS,
  );
});

test('a token of 1 MB, and one nested 50,000 deep, are refused alike', async () => {
  const setup: Setup = { key: SHARED, issuers: [APP_ID], audiences: [AUDIENCE], requireRoom: true };
  await sameVerdict(forge(SHARED, { header: 'a'.repeat(750_000) }), setup);
  await sameVerdict('.'.repeat(100_000), setup);
  await sameVerdict(forge(SHARED, { claims: '['.repeat(50_000) }), setup);
  await sameVerdict(forge(SHARED, { claims: `{"context":${'['.repeat(999)}${']'.repeat(999)}}` }), setup);
});

const joins = fc.record({
  claims: fc.record(
    {
      room: near('standup', 'StandUp', '*', 'seminar', 'größe', 'gr%C3%B6%c3%9fe', '7.0'),
      sub: near(DOMAIN, 'physics', 'Physics', '*'),
    },
    { requiredKeys: [] },
  ),
  node: fc.oneof(
    fc.constantFrom(
      'standup',
      '[physics]standup',
      '[x]standup',
      'gr%c3%b6%c3%9fe',
      '[physics]',
      '[]standup',
      ']standup',
      '7.0',
    ),
    fc.string({ minLength: 1, maxLength: 6 }),
  ),
  domainVerification: fc.boolean(),
  requireRoom: fc.boolean(),
});

test('whoever wants to join whatever room, our judge and Lua agree', async () => {
  await fc.assert(
    fc.asyncProperty(joins, async ({ claims: wanted, node, domainVerification, requireRoom }) => {
      const join = JSON.stringify(wanted);
      const ours = mayJoin(JSON.parse(join) as ProsodyClaims, {
        node,
        xmppDomain: DOMAIN,
        domainVerification,
        requireRoom,
      });
      const theirs = await lua.ask({
        join,
        node,
        domain: DOMAIN,
        domain_verification: domainVerification,
        require_room: requireRoom,
      });
      assert.deepEqual(comparable(ours), comparable(theirs));
    }),
    RUNS,
  );
});
