import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { parseRoomPath, type Room, type RoomName } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { verifyJwt } from '../keys/jwt.ts';
import { createSharedSecretKeys } from '../keys/shared-secret.ts';
import { CLAIMS, type ClaimOptions, type Entry, type JitsiClaims, toClaims } from './claims.ts';
import { mintToken } from './mint.ts';

const ada: Person = {
  id: 'school#ada',
  provider: 'school',
  name: 'Ada Lovelace',
  email: 'ada@example.org',
  emailVerified: true,
  avatar: 'https://img.example.org/ada.png',
  groups: ['staff'],
};
const entry: Entry = { person: ada, room: parseRoomPath('/Stand-Up'), role: 'host', lobby: false };
const options: ClaimOptions = {
  issuer: 'ostiary',
  audience: 'jitsi',
  xmppDomain: 'meet.example.org',
  lifetime: 21_600,
  now: 1_800_000_000,
  jti: 'j-1',
  email: false,
};
const secret = new Secret('a secret of thirty-two characters');
const userOf = (person: Partial<Person>, changed: Partial<ClaimOptions> = {}) =>
  toClaims({ ...entry, person: { ...ada, ...person } }, { ...options, ...changed }).context.user;

/** Every name in the claims, as the table writes it. */
function namesIn(value: object, before = ''): readonly string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = `${before}${name}`;
    const isBranch = ['context', 'context.user', 'context.room'].includes(path);
    if (path === 'context.features') return 'lobby_bypass' in inner ? [path, `${path}.lobby_bypass`] : [path];
    return isBranch ? namesIn(inner as object, `${path}.`) : [path];
  });
}

const KNOWN = new Set<string>(CLAIMS.map(({ claim }) => claim));

test('the claims of a host, as Jitsi reads them', () => {
  assert.deepEqual(toClaims(entry, options), {
    iss: 'ostiary',
    aud: 'jitsi',
    sub: 'meet.example.org',
    room: 'stand-up',
    iat: 1_800_000_000,
    nbf: 1_799_999_940,
    exp: 1_800_021_600,
    jti: 'j-1',
    context: {
      user: {
        id: 'school#ada',
        name: 'Ada Lovelace',
        avatar: 'https://img.example.org/ada.png',
        affiliation: 'owner',
        moderator: true,
        lobby_bypass: true,
      },
    },
  });
});

test('a room is named as Prosody compares it, and its tenant is the sub', () => {
  const claims = toClaims(
    { ...entry, room: parseRoomPath('/Uni.Nord/Gr%C3%B6%C3%9Fe%20und%20Ma%C3%9F') },
    options,
  );
  assert.deepEqual([claims.sub, claims.room], ['uni_nord', 'gr%c3%b6%c3%9fe%20und%20ma%c3%9f']);
});

for (const [role, lobby, affiliation, moderator, bypass] of [
  ['host', false, 'owner', true, true],
  ['host', true, 'owner', true, undefined],
  ['participant', false, 'member', false, true],
  ['guest', false, 'member', false, undefined],
  ['guest', true, 'member', false, undefined],
] as const)
  test(`a ${role} who ${lobby ? 'must' : 'need not'} knock is ${affiliation}${bypass ? ' and passes the lobby' : ''}`, () => {
    const { user } = toClaims({ ...entry, role, lobby }, options).context;
    assert.deepEqual([user.affiliation, user.moderator, user.lobby_bypass], [affiliation, moderator, bypass]);
  });

test('the address is in the token only where that is switched on and the address is verified', () => {
  assert.equal('email' in userOf({}), false);
  assert.equal(userOf({}, { email: true }).email, 'ada@example.org');
  assert.equal('email' in userOf({ emailVerified: false }, { email: true }), false);
});

test('features that nobody set are left out, because an empty object forbids even hosts', () => {
  assert.equal('features' in toClaims(entry, options).context, false);
  assert.equal('features' in toClaims(entry, { ...options, features: {} }).context, false);
  assert.deepEqual(toClaims(entry, { ...options, features: { recording: false } }).context.features, {
    recording: false,
  });
});

test('a group is in the token where one is set', () => {
  assert.equal('group' in toClaims(entry, options).context, false);
  assert.equal(toClaims(entry, { ...options, group: 'north' }).context.group, 'north');
});

for (const avatar of [
  'javascript:alert(1)',
  'http://img.example.org/a.png',
  'data:image/png;base64,AA',
  '//img.example.org/a',
  'https://me:pw@img.example.org/',
  '',
  `https://img.example.org/${'a'.repeat(600)}`,
])
  test(`a picture at ${avatar.slice(0, 30)} is left out (JWT-20)`, () => {
    assert.equal('avatar' in userOf({ avatar }), false);
  });

for (const [name, shown] of [
  ['  Ada\u0000\u0007  Lovelace\n', 'Ada Lovelace'],
  ['Ada\u202egnp.exe\u2066', 'Ada gnp.exe'],
  ['Ada\ud800', 'Ada'],
  ['\udc00', undefined],
  ['Zoë 👩‍🚀 محمد', 'Zoë 👩‍🚀 محمد'],
  ['a'.repeat(65_536), 'a'.repeat(100)],
  ['👋'.repeat(200), '👋'.repeat(100)],
  [' \t ', undefined],
] as const)
  test(`the name ${JSON.stringify(name.slice(0, 20))} is shown clean and short (JWT-20)`, () => {
    assert.equal(userOf({ name }).name, shown);
  });

test('two ids that differ only in what is cleaned or cut stay two (JWT-20)', () => {
  const ids = [
    'school#a',
    'school#a\u0000',
    'school# a',
    `school#${'a'.repeat(300)}`,
    `school#${'a'.repeat(301)}`,
    `school#${'ä'.repeat(200)}`,
  ];
  const claimed = ids.map((id) => userOf({ id }).id);
  assert.equal(new Set(claimed).size, ids.length);
  assert.equal(claimed[0], 'school#a');
  assert.ok(claimed.every((id) => Buffer.byteLength(id) <= 256));
});

test('no token opens every room', () => {
  for (const claim of ['*', '', 'a*']) {
    const room: Room = { name: 'x' as RoomName, claim };
    assert.throws(
      () => toClaims({ ...entry, room }, options),
      (thrown) => isProblem(thrown, 'room.unusable'),
    );
  }
});

test('no tenant passes for all tenants, nor for the domain whose rooms have none', () => {
  const refused = (thrown: unknown) => isProblem(thrown, 'tenant.unusable');
  const tenant = parseRoomPath('/meet/standup');
  for (const xmppDomain of ['meet', 'MEET'])
    assert.throws(() => toClaims({ ...entry, room: tenant }, { ...options, xmppDomain }), refused);
  for (const xmppDomain of ['*', ''])
    assert.throws(() => toClaims(entry, { ...options, xmppDomain }), refused);
});

const anything = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 3000 }),
  fc.constantFrom('","moderator":"true', '"}}', '\\', '\u2028', '"'.repeat(500)),
);
const anybody = fc.record({
  id: anything,
  name: anything,
  email: anything,
  avatar: anything,
  group: anything,
});
const longest = `/${'t'.repeat(64)}/${'r'.repeat(512)}`;
const features = Object.fromEntries(
  [
    'branding',
    'calendar',
    'create-polls',
    'file-upload',
    'flip',
    'inbound-call',
    'list-visitors',
    'live-translation',
    'livestreaming',
    'lobby',
    'moderation',
    'outbound-call',
    'recording',
    'room',
    'screen-sharing',
    'send-groupchat',
    'sip-inbound-call',
    'sip-outbound-call',
    'transcription',
  ].map((name) => [name, false]),
);

async function tokenOf(claims: JitsiClaims): Promise<string> {
  return (await mintToken(claims, createSharedSecretKeys(secret))).reveal();
}

test('whatever somebody writes about themselves, the token holds the claims we meant and is under 4 kB (JWT-20)', async () => {
  const clock = fixedClock(options.now * 1000);
  const asked = {
    keys: secret,
    algorithms: ['HS256'],
    issuer: 'ostiary',
    audience: 'jitsi',
    requiredClaims: ['exp'],
    clock,
    leewaySeconds: 0,
  };
  await fc.assert(
    fc.asyncProperty(
      anybody,
      fc.constantFrom('/standup', longest),
      fc.boolean(),
      async ({ group, ...person }, path, many) => {
        const guest: Entry = {
          ...entry,
          person: { ...ada, ...person },
          room: parseRoomPath(path),
          role: 'guest',
          lobby: true,
        };
        const claims = toClaims(guest, { ...options, email: true, group, ...(many ? { features } : {}) });
        const token = await tokenOf(claims);
        // A signature of 4096 bits is 640 characters longer than this one, a kid may be 100.
        assert.ok(token.length < 4096 - 740, String(token.length));
        assert.deepEqual(await verifyJwt(token, asked), claims);
        assert.ok(namesIn(claims).every((name) => KNOWN.has(name)));
        assert.equal(claims.context.user.moderator, false);
        const values = [...Object.values(claims.context.user), claims.context.group ?? ''].join('');
        assert.ok(
          values.isWellFormed() && !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(values),
          values,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('the longest of everything leaves out the picture first, and at the last cuts the name', () => {
  const long = {
    name: '"'.repeat(100),
    email: `${'e'.repeat(240)}@example.org`,
    avatar: `https://img.example.org/${'a'.repeat(480)}`,
  };
  const room = parseRoomPath(longest);
  const asked = { ...options, email: true, group: 'g'.repeat(100) };
  const user = (changed: Partial<ClaimOptions>, id = 'school#ada') =>
    toClaims({ ...entry, room, person: { ...ada, ...long, id } }, { ...asked, ...changed }).context.user;
  assert.deepEqual(Object.keys(user({})).slice(0, 4), ['id', 'name', 'email', 'avatar']);
  assert.deepEqual(Object.keys(user({ features })).slice(0, 3), ['id', 'name', 'email']);
  const cut = user(
    { features, xmppDomain: 'd', issuer: 'i'.repeat(360), audience: 'a'.repeat(360) },
    `school#${'i'.repeat(240)}`,
  );
  assert.equal(cut.name?.length, 30);
});

test('every claim of a token is in the table, and every claim of the table can be in a token', () => {
  const all = { email: true, group: 'north', features: { recording: true } };
  const more = { sid: 'by its session', roomLobby: true, password: new Secret('sesame') };
  const opening = toClaims(entry, { ...options, ...all, ...more });
  const passing = toClaims({ ...entry, role: 'guest' }, { ...options, lobbyFor: 'pass' });
  const knocking = toClaims({ ...entry, lobby: true }, options);
  assert.deepEqual(
    [...new Set([opening, knocking, passing].flatMap((claims) => namesIn(claims)))].toSorted(),
    [...KNOWN].toSorted(),
  );
});

for (const [role, lobby, lobbyFor, says] of [
  ['host', false, undefined, { lobby_bypass: true }],
  ['participant', false, 'knock', { lobby: true }],
  ['guest', false, undefined, {}],
  ['guest', false, 'pass', { lobby_bypass: true }],
  ['guest', true, undefined, { lobby: true }],
  ['guest', true, 'pass', { lobby: true }],
] as const)
  test(`a ${role}${lobby ? ' who knocks' : ''}, with a rule that says ${lobbyFor ?? 'nothing'} of the lobby, is to Jitsi's modules ${JSON.stringify(says)}`, () => {
    const { user } = toClaims(
      { ...entry, role, lobby },
      { ...options, ...(lobbyFor && { lobbyFor }) },
    ).context;
    const { lobby: knocks, lobby_bypass: passes } = user;
    assert.deepEqual({ ...(knocks && { lobby: knocks }), ...(passes && { lobby_bypass: passes }) }, says);
  });

test('who knocks is not led past the lobby by the password of the room', () => {
  const knocking = { ...options, password: new Secret('sesame'), lobbyFor: 'knock' } as const;
  assert.equal(toClaims(entry, knocking).context.user.security_bypass, undefined);
  assert.equal(
    toClaims(entry, { ...options, password: new Secret('sesame') }).context.user.security_bypass,
    true,
  );
});

for (const [role, features, lobbyFor, says] of [
  ['guest', undefined, 'pass', { lobby_bypass: true }],
  ['participant', undefined, 'pass', { lobby_bypass: true }],
  ['participant', { recording: false }, 'pass', { recording: false, lobby_bypass: true }],
  ['host', { recording: true }, 'pass', { recording: true, lobby_bypass: true }],
  // One alone would take everything else from them.
  ['host', undefined, 'pass', undefined],
  ['host', {}, 'pass', undefined],
  ['host', { recording: true }, undefined, { recording: true }],
  ['participant', undefined, undefined, undefined],
  ['guest', { recording: false }, 'knock', { recording: false }],
] as const)
  test(`of a ${role} with ${JSON.stringify(features)}, where the rule says ${lobbyFor ?? 'nothing'} of the lobby, the features are ${JSON.stringify(says)}`, () => {
    const said = { ...options, ...(features && { features }), ...(lobbyFor && { lobbyFor }) };
    assert.deepEqual(toClaims({ ...entry, role, lobby: false }, said).context.features, says);
  });
