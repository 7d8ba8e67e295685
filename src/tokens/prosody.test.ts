/** What Prosody says to a token, case by case. @see jitsi-meet, resources/prosody-plugins, as seen on Debian's Prosody 0.12 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JoinOptions, type JudgeParts, judge, mayJoin, type ProsodyOptions } from './prosody.ts';

const NOW = 1_772_442_000;
const SHARED: ProsodyOptions = {
  algorithm: 'HS256',

  issuers: ['ostiary'],
  audiences: ['jitsi'],
};
const FETCHED: ProsodyOptions = { ...SHARED, algorithm: 'RS256' };
const CLAIMS = {
  iss: 'ostiary',
  aud: 'jitsi',
  sub: 'meet.jitsi',
  room: 'standup',
  exp: NOW + 60,
  nbf: NOW - 60,
};

const encoded = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A signature that holds reads "good". */
const GOOD = encoded('good');

function parts(more: Partial<JudgeParts> = {}): JudgeParts {
  return {
    now: NOW,
    verify: (...told) => Buffer.from(told[3]).toString() === 'good',
    ...more,
  };
}

/** The reason Prosody gives, or "accepted"; what hangs is named so. */
async function says(
  token: string | undefined,
  options = SHARED,
  more: Partial<JudgeParts> = {},
): Promise<string> {
  const verdict = await judge(token, options, parts(more));
  if (verdict.accepted) return 'accepted';
  if (verdict.unanswered) return 'no answer';
  return verdict.condition === 'not-allowed' ? verdict.text : `${verdict.condition}: ${verdict.text}`;
}

const token = (header: unknown, body: unknown, signature = GOOD) =>
  `${encoded(header)}.${encoded(body)}.${signature}`;
const withClaims = (claims: object) => token({ typ: 'JWT', alg: 'HS256' }, { ...CLAIMS, ...claims });
const withHeader = (header: unknown) => token(header, CLAIMS);
const without = (claim: keyof typeof CLAIMS) => withClaims({ [claim]: undefined });

test('a sound token is accepted, and its claims are handed on as they are', async () => {
  const verdict = await judge(withClaims({ context: { user: { name: 'Ada' } } }), SHARED, parts());
  assert.deepEqual(verdict, { accepted: true, claims: { ...CLAIMS, context: { user: { name: 'Ada' } } } });
});

const TIMES: readonly [string, object, string][] = [
  ['a token that never ends', { exp: undefined }, 'accepted'],
  ['a token whose exp is false', { exp: false }, 'accepted'],
  ['a token that ends in half a second', { exp: NOW + 0.5 }, 'accepted'],
  ['a token that ends now', { exp: NOW }, 'Not acceptable by exp (0.0 sec since expired)'],
  ['a token that ended a second ago', { exp: NOW - 1 }, 'Not acceptable by exp (1.0 sec since expired)'],
  [
    'an ended token that says when it was made',
    { exp: NOW - 1, iat: NOW - 61 },
    'Not acceptable by exp (1.0 sec since expired, valid for:60.0 sec)',
  ],
  ['an ended token with a word for iat', { exp: NOW - 1, iat: 'soon' }, 'no answer'],
  ['an exp in quotes', { exp: `${NOW + 60}` }, 'exp must be number'],
  ['an exp of null', { exp: null }, 'exp must be number'],
  ['a token from now on', { nbf: NOW }, 'accepted'],
  ['a token from three seconds ahead', { nbf: NOW + 3 }, 'Not acceptable by nbf'],
  ['an nbf in quotes', { nbf: '0' }, 'nbf must be number'],
  ['a token without nbf', { nbf: undefined }, 'accepted'],
  ['a token made tomorrow', { iat: NOW + 86_400 }, 'accepted'],
];
for (const [what, claims, expected] of TIMES)
  test(`Prosody answers ${what}: ${expected}`, async () =>
    assert.equal(await says(withClaims(claims)), expected));

const NAMES: readonly [string, string, string][] = [
  ['no iss', without('iss'), "'iss' claim is missing"],
  ['somebody else for iss', withClaims({ iss: 'Ostiary' }), "invalid 'iss' claim"],
  ['an iss of null', withClaims({ iss: null }), "invalid 'iss' claim"],
  ['no aud', without('aud'), "'aud' claim is missing"],
  ['another aud', withClaims({ aud: 'jitsi2' }), "invalid 'aud' claim"],
  ['our aud in a list', withClaims({ aud: ['jitsi'] }), "invalid 'aud' claim"],
  ['no room', without('room'), 'not-authorized: room claim is missing'],
  ['no sub', without('sub'), 'not-authorized: sub claim is missing'],
  ['a number for sub', withClaims({ sub: 7 }), 'accepted'],
  ['a context of null', withClaims({ context: null }), 'no answer'],
];
for (const [what, text, expected] of NAMES)
  test(`Prosody answers a token with ${what}: ${expected}`, async () =>
    assert.equal(await says(text), expected));

test('where any audience will do, a list of them passes', async () =>
  assert.equal(await says(withClaims({ aud: ['jitsi', 'x'] }), { ...SHARED, audiences: ['*'] }), 'accepted'));

test('where any audience will do, there must be one', async () =>
  assert.equal(await says(without('aud'), { ...SHARED, audiences: ['*'] }), "'aud' claim is missing"));

test('where any issuer will do, a stranger passes', async () =>
  assert.equal(await says(withClaims({ iss: 'stranger' }), { ...SHARED, issuers: ['*'] }), 'accepted'));

test('a token without a room passes where none is asked for', async () =>
  assert.equal(await says(without('room'), { ...SHARED, requireRoom: false }), 'accepted'));

const HEADERS: readonly [string, unknown, string][] = [
  ['no typ', { alg: 'HS256' }, 'Invalid typ'],
  ['typ in small letters', { typ: 'jwt', alg: 'HS256' }, 'Invalid typ'],
  ['typ at+jwt', { typ: 'at+jwt', alg: 'HS256' }, 'Invalid typ'],
  ['no alg', { typ: 'JWT' }, 'Invalid or incorrect alg'],
  ['alg none', { typ: 'JWT', alg: 'none' }, 'Invalid or incorrect alg'],
  ['the other family', { typ: 'JWT', alg: 'RS256' }, 'Invalid or incorrect alg'],
  ['a sister of its algorithm', { typ: 'JWT', alg: 'HS512' }, 'Invalid or incorrect alg'],
  ['a kid nobody asked for', { typ: 'JWT', alg: 'HS256', kid: 'x' }, 'accepted'],
  ['a header that is a word', '"JWT"', 'Invalid typ'],
  ['a header that is a list', [], 'Invalid typ'],
  ['a header that is null', 'null', 'no answer'],
  ['a header that is no JSON', '{"typ"', 'Invalid header'],
];
for (const [what, header, expected] of HEADERS)
  test(`Prosody answers a token with ${what}: ${expected}`, async () =>
    assert.equal(await says(withHeader(header)), expected));

const [HEAD, BODY] = withClaims({}).split('.');
const SHAPES: readonly [string, string | undefined, string][] = [
  ['no token', undefined, 'token required'],
  ['an empty token', '', 'Invalid token'],
  ['junk', 'junk', 'Invalid token'],
  ['two segments', `${HEAD}.${BODY}`, 'Invalid token'],
  ['an empty signature', `${HEAD}.${BODY}.`, 'Invalid token'],
  ['four segments', `${HEAD}.${BODY}.${GOOD}.x`, 'Invalid token'],
  ['an empty segment in between', `.${HEAD}..${BODY}.${GOOD}`, 'accepted'],
  ['a backslash for a dot', `${HEAD}\\${BODY}\\${GOOD}`, 'accepted'],
  ['another signature', `${HEAD}.${BODY}.${encoded('bad')}`, 'Invalid signature'],
  ['a signature in the other base64', `${HEAD}.${BODY}.a+b/`, 'Invalid signature'],
  ['a header in the other base64', `+/${HEAD}.${BODY}.${GOOD}`, 'no answer'],
  ['a body that is no JSON', token({ typ: 'JWT', alg: 'HS256' }, 'junk'), 'Invalid body'],
  ['a body that is a list', token({ typ: 'JWT', alg: 'HS256' }, []), "'iss' claim is missing"],
  ['a body that is a number', token({ typ: 'JWT', alg: 'HS256' }, '5'), 'no answer'],
];
for (const [what, text, expected] of SHAPES)
  test(`Prosody answers ${what}: ${expected}`, async () => assert.equal(await says(text), expected));

test('the signature is over header and body, whatever stood between them', async () => {
  const inputs: string[] = [];
  await says(`.${HEAD}..${BODY}.${GOOD}`, SHARED, { verify: (_alg, _kid, input) => inputs.push(input) > 0 });
  assert.deepEqual(inputs, [`${HEAD}.${BODY}`]);
});

test('with a shared secret no kid is told to whoever verifies', async () => {
  const kids: unknown[] = [];
  await says(withHeader({ typ: 'JWT', alg: 'HS256', kid: '../x' }), SHARED, {
    verify: (_alg, kid) => kids.push(kid) > 0,
  });
  assert.deepEqual(kids, [undefined]);
});

test('an empty connection passes where none needs a token, an empty or expired token does not', async () => {
  const options = { ...SHARED, allowEmptyToken: true };
  assert.equal(await says(undefined, options), 'accepted');
  assert.equal(await says('', options), 'Invalid token');
  assert.match(await says(withClaims({ exp: 1 }), options), /^Not acceptable by exp/);
});

const KEYED: readonly [string, string, string][] = [
  ['a token with a kid it knows', token({ typ: 'JWT', alg: 'RS256', kid: 'k1' }, CLAIMS), 'accepted'],
  ['an unknown kid', token({ typ: 'JWT', alg: 'RS256', kid: 'k2' }, CLAIMS), 'could not obtain public key'],
  ['no kid', token({ typ: 'JWT', alg: 'RS256' }, CLAIMS), "'kid' claim is missing"],
  ['no alg', token({ typ: 'JWT', kid: 'k1' }, CLAIMS), "'alg' claim is missing"],
  [
    'alg none',
    token({ typ: 'JWT', alg: 'none', kid: 'k1' }, CLAIMS),
    "'kid' claim only support with RS family",
  ],
  [
    'HS256',
    token({ typ: 'JWT', alg: 'HS256', kid: 'k1' }, CLAIMS),
    "'kid' claim only support with RS family",
  ],
  ['RS512', token({ typ: 'JWT', alg: 'RS512', kid: 'k1' }, CLAIMS), 'Invalid or incorrect alg'],
  [
    'PS256',
    token({ typ: 'JWT', alg: 'PS256', kid: 'k1' }, CLAIMS),
    "'kid' claim only support with RS family",
  ],
  ['a number for alg', token({ typ: 'JWT', alg: 256, kid: 'k1' }, CLAIMS), 'no answer'],
  ['an object for kid', token({ typ: 'JWT', alg: 'RS256', kid: {} }, CLAIMS), 'no answer'],
  ['no typ', token({ alg: 'RS256', kid: 'k1' }, CLAIMS), 'Invalid typ'],
  ['junk', 'junk', 'Invalid token'],
  ['junk with a dot', 'junk.', 'bad token format'],
  ['a dot first', `.${withClaims({})}`, 'bad token format'],
  ['a header in the other base64', '+/.a.b', 'Invalid token'],
  ['a header that is null', token('null', CLAIMS), 'no answer'],
  [
    'another signature',
    token({ typ: 'JWT', alg: 'RS256', kid: 'k1' }, CLAIMS, encoded('x')),
    'Invalid signature',
  ],
];
for (const [what, text, expected] of KEYED)
  test(`with a key server Prosody answers ${what}: ${expected}`, async () =>
    assert.equal(await says(text, FETCHED, { hasKey: (kid) => kid === 'k1' }), expected));

const OPEN: JoinOptions = { node: 'standup', domainVerification: false, xmppDomain: 'meet.jitsi' };

/** What a join meets: "joins", the element of Jitsi's, or the text where there is none. */
function meets(claims: object, options: Partial<JoinOptions> = {}): string {
  const entry = mayJoin({ ...CLAIMS, ...claims }, { ...OPEN, ...options });
  if (entry.accepted) return 'joins';
  return entry.unanswered ? 'no answer' : (entry.child ?? entry.text);
}

const OPEN_JOINS: readonly [string, object, Partial<JoinOptions>, string][] = [
  ['its own room', {}, {}, 'joins'],
  ['its own room in capitals', { room: 'StandUp' }, {}, 'joins'],
  ['another room', { room: 'standup2' }, {}, 'room-mismatch'],
  ['a room of its name in any tenant', {}, { node: '[other]standup' }, 'joins'],
  ['any room by a star', { room: '*' }, {}, 'joins'],
  ['a room named in claim form', { room: 'gr%C3%B6%c3%9fe' }, { node: 'gr%c3%b6%c3%9fe' }, 'joins'],
  ['a room named decoded', { room: 'größe' }, { node: 'gr%c3%b6%c3%9fe' }, 'room-mismatch'],
  ['any room without a claim', { room: undefined }, {}, 'joins'],
  ['any room by a claim of false', { room: false }, {}, 'joins'],
  ['a room by a number', { room: 7 }, { node: '7' }, 'room-mismatch'],
  ['a room by a list', { room: ['standup'] }, {}, 'no answer'],
];
for (const [what, claims, options, expected] of OPEN_JOINS)
  test(`without domain verification ${what}: ${expected}`, () =>
    assert.equal(meets(claims, options), expected));

const STRICT: Partial<JoinOptions> = { domainVerification: true };
const TENANT: Partial<JoinOptions> = { ...STRICT, node: '[physics]standup' };
const MISMATCH = 'Room and token mismatched';
const STRICT_JOINS: readonly [string, object, Partial<JoinOptions>, string][] = [
  ['a room at the root with the domain for sub', {}, STRICT, 'joins'],
  ['a room at the root with a star for sub', { sub: '*' }, STRICT, 'joins'],
  ['a room at the root with a tenant for sub', { sub: 'physics' }, STRICT, MISMATCH],
  ['a room in its tenant', { sub: 'Physics' }, TENANT, 'joins'],
  ['a room in another tenant', { sub: 'chemistry' }, TENANT, MISMATCH],
  ['a room in a tenant with the domain for sub', {}, TENANT, MISMATCH],
  ['another room in its tenant', { sub: 'physics', room: 'seminar' }, TENANT, MISMATCH],
  ['any room of its tenant by a star', { sub: 'physics', room: '*' }, TENANT, 'joins'],
  ['no room claim', { room: undefined }, STRICT, 'room-name-does-not-match'],
  ['no room claim where none is asked for', { room: undefined }, { ...TENANT, requireRoom: false }, 'joins'],
  ['a Lua pattern', { context: { room: { regex: true } } }, STRICT, 'no answer'],
  ['an object for sub', { sub: {} }, STRICT, 'no answer'],
];
for (const [what, claims, options, expected] of STRICT_JOINS)
  test(`with domain verification ${what}: ${expected}`, () => assert.equal(meets(claims, options), expected));
