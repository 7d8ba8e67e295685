/** Grants become tokens, and the same one is handed out again for half a minute. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { countingRandom } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { createSealingKeys } from '../keys/sealing-keys.ts';
import { createSharedSecretKeys } from '../keys/shared-secret.ts';
import type { Beside } from '../policy/rule.ts';
import { createMemoryStore } from '../store/memory.ts';
import { isDisplayToken } from '../tokens/display.ts';
import { admit } from './admit.ts';
import { createMint, type MintAs } from './mint.ts';
import type { Grant } from './outcome.ts';

const ada: Person = {
  id: 'corp#ada',
  provider: 'corp',
  name: 'Ada',
  email: 'ada@example.org',
  emailVerified: true,
  groups: [],
};

/** What a session is known by. */
const HANDLE = 'h'.repeat(43);

async function grantFor(
  segment: string,
  {
    role = 'host',
    session = HANDLE,
    person = ada,
    resumes,
    anyHour,
    beside,
  }: {
    role?: Role;
    session?: string;
    person?: Person;
    resumes?: true;
    anyHour?: true;
    beside?: Beside;
  } = {},
): Promise<Grant> {
  const [first = '', second] = segment.split('/');
  const room =
    second === undefined ? roomOf(roomFromPath(first)) : roomOf(roomFromPath(second), tenantFromPath(first));
  const asked = {
    method: 'GET',
    path: '/',
    query: '',
    header: () => undefined,
    address: '',
    id: '',
    socket: '',
    raw: [],
  };
  const outcome = await admit(
    { asked, wants: { kind: 'enter', room, ...(resumes && { resumes }), ...(anyHour && { anyHour }) } },
    {
      recognise: async () => ({ person, session }),
      rules: () => [{ name: 'all', when: {}, then: role, ...beside }],
    },
  );
  assert.ok(outcome.kind === 'admitted');
  return outcome.grant;
}

function stage() {
  const clock = fixedClock();
  const keys = createSharedSecretKeys(new Secret('0123456789abcdef0123456789abcdef'));
  const sealing = createSealingKeys({
    store: createMemoryStore({ clock }),
    clock,
    random: countingRandom('sealing'),
  });
  const mint = createMint({
    keys,
    clock,
    random: countingRandom(),
    claims: { issuer: 'jitsi', audience: 'jitsi', xmppDomain: 'meet.jitsi', email: false },
    features: { guest: { recording: false } },
    lifetimes: { client: 21_600, app: 21_600, bearer: 300 },
    gate: { gate: 'https://meet.example.org/_ostiary', sealing },
  });
  return { clock, mint };
}

const claimsOf = (token: Secret) =>
  JSON.parse(Buffer.from(token.reveal().split('.')[1] ?? '', 'base64url').toString());

test('a token names its room and tenant, begins a minute ago and lasts as long as a meeting', async () => {
  const { mint } = stage();
  const claims = claimsOf((await mint(await grantFor('acme/Standup'), 'client')).token);
  assert.deepEqual(
    [claims.room, claims.sub, claims.exp - claims.iat, claims.iat - claims.nbf],
    ['standup', 'acme', 21_600, 60],
  );
});

test('a bearer towards Prosody lives five minutes', async () => {
  const { mint } = stage();
  const claims = claimsOf((await mint(await grantFor('standup'), 'bearer')).token);
  assert.equal(claims.exp - claims.iat, 300);
});

test('a page gets the claims of the bearer for a day, but for the session, and nobody signed them', async () => {
  const { mint } = stage();
  const bearer = claimsOf((await mint(await grantFor('acme/Standup'), 'bearer')).token);
  const { token, expires } = await mint(await grantFor('acme/Standup'), 'display');
  const shown = claimsOf(token);
  assert.ok(isDisplayToken(token.reveal()));
  assert.deepEqual([shown.exp - shown.iat, shown.exp], [86_400, expires]);
  assert.deepEqual({ ...shown, exp: bearer.exp, jti: bearer.jti, sid: bearer.sid }, bearer);
});

test('what Prosody is shown names the session, and what others are shown does not', async () => {
  const { mint } = stage();
  const grant = await grantFor('standup');
  const sids = await Promise.all(
    (['bearer', 'client', 'app', 'errand', 'display'] as const).map(
      async (as) => claimsOf((await mint(grant, as)).token).sid,
    ),
  );
  assert.deepEqual(sids, [grant.session, grant.session, grant.session, undefined, undefined]);
});

test('whom an application vouched for where nobody holds a session for it has none in the token', async () => {
  const { mint } = stage();
  const grant = await grantFor('standup', { session: 'K7QP-M2XD' });
  assert.equal('sid' in claimsOf((await mint(grant, 'client')).token), false);
});

test('what opens something is no display token', async () => {
  const { mint } = stage();
  for (const as of ['bearer', 'client', 'ticket'] as const)
    assert.equal(isDisplayToken((await mint(await grantFor('standup'), as)).token.reveal()), false);
});

test('a connection that goes on after the end of a one-time entry gets its minutes, and nothing that lasts', async () => {
  const { clock, mint } = stage();
  const pass = { room: 'standup', role: 'host', until: clock.now() / 1000 - 120 } as const;
  const person = { ...ada, pass };
  const claims = claimsOf((await mint(await grantFor('standup', { person, resumes: true }), 'bearer')).token);
  assert.equal(claims.exp - claims.iat, 300);
  for (const as of ['client', 'ticket', 'display'] as const)
    await assert.rejects(mint(await grantFor('standup', { person, resumes: true }), as), {
      code: 'server.bug',
    });
});

test('the e-mail address stays out, because clients show it to everybody in the room', async () => {
  const { mint } = stage();
  assert.ok(!JSON.stringify(claimsOf((await mint(await grantFor('standup'), 'client')).token)).includes('@'));
});

test('the same session gets the same token for the same room within half a minute, and a new one after that', async () => {
  const { clock, mint } = stage();
  const first = await mint(await grantFor('standup'), 'client');
  clock.advance(29);
  assert.equal((await mint(await grantFor('standup'), 'client')).jti, first.jti);
  clock.advance(2);
  assert.notEqual((await mint(await grantFor('standup'), 'client')).jti, first.jti);
});

for (const [what, segment, other] of [
  ['another room', 'retro', {}],
  ['another tenant', 'acme/standup', {}],
  ['another session', 'standup', { session: 'two' }],
  ['another role', 'standup', { role: 'guest' }],
  ['another person', 'standup', { person: { ...ada, id: 'corp#bob' } }],
] as const)
  test(`${what} never gets that token`, async () => {
    const { mint } = stage();
    const first = await mint(await grantFor('standup'), 'client');
    assert.notEqual((await mint(await grantFor(segment, other), 'client')).jti, first.jti);
  });

test('what is made of a one-time entry ends with it', async () => {
  const { clock, mint } = stage();
  const until = clock.now() / 1000 + 120;
  const pass = { room: 'standup', role: 'host', until } as const;
  const claims = claimsOf(
    (await mint(await grantFor('standup', { person: { ...ada, pass } }), 'client')).token,
  );
  assert.equal(claims.exp, until);
});

test('a clock moved back does not keep an old token in use', async () => {
  const { clock, mint } = stage();
  const first = await mint(await grantFor('standup'), 'client');
  clock.advance(-3600);
  assert.notEqual((await mint(await grantFor('standup'), 'client')).jti, first.jti);
});

test('features follow the role, and are absent where none are set', async () => {
  const { mint } = stage();
  assert.deepEqual(
    claimsOf((await mint(await grantFor('standup', { role: 'guest' }), 'client')).token).context.features,
    { recording: false },
  );
  assert.equal(claimsOf((await mint(await grantFor('standup'), 'client')).token).context.features, undefined);
});

test('what a rule says of features stands over what its role has, name by name', async () => {
  const { mint } = stage();
  const featuresOf = async (role: Role, features?: Record<string, boolean>) => {
    const grant = await grantFor('standup', { role, ...(features && { beside: { features } }) });
    return claimsOf((await mint(grant, 'bearer')).token).context.features;
  };
  assert.deepEqual(await featuresOf('guest'), { recording: false });
  assert.deepEqual(await featuresOf('guest', { flip: true }), { recording: false, flip: true });
  assert.deepEqual(await featuresOf('guest', { recording: true }), { recording: true });
  assert.deepEqual(await featuresOf('host', { recording: true }), { recording: true });
  assert.equal(await featuresOf('host'), undefined);
});

test('the password of a room stands in what Prosody reads at the beginning of a stream, and in nothing else', async () => {
  const { mint } = stage();
  const beside = { password: new Secret('open-sesame'), lobby: { room: true }, group: 'staff' };
  const grant = await grantFor('standup', { beside });
  const kinds: readonly MintAs[] = ['bearer', 'errand', 'client', 'app', 'display', 'ticket'];
  for (const as of kinds) {
    const { context } = claimsOf((await mint(grant, as)).token);
    assert.deepEqual(context.room, { lobby: true, ...(as === 'bearer' && { password: 'open-sesame' }) }, as);
    assert.equal(context.user.security_bypass, as === 'bearer' ? true : undefined, as);
    assert.equal(context.group, 'staff');
  }
});

test('a rule makes the life of a token shorter, and never longer', async () => {
  const { mint, clock } = stage();
  const livesFor = async (as: MintAs, beside: Beside) => {
    const { expires } = await mint(await grantFor('standup', { beside }), as);
    return expires - clock.now() / 1000;
  };
  assert.equal(await livesFor('client', { lifetimes: { client: 600, app: 900 } }), 600);
  assert.equal(await livesFor('app', { lifetimes: { client: 600, app: 900 } }), 900);
  assert.equal(await livesFor('client', { lifetimes: { client: 99_999 } }), 21_600);
  assert.equal(await livesFor('bearer', { lifetimes: { client: 600 } }), 300);
});

for (const [about, one, other] of [
  ['features', { features: { flip: true } }, { features: { flip: false } }],
  ['the lobby', { lobby: { person: 'pass' } }, { lobby: { person: 'knock' } }],
  ['the password', { password: new Secret('one') }, { password: new Secret('other') }],
  ['the group', { group: 'one' }, { group: 'other' }],
  ['the life', { lifetimes: { client: 60 } }, { lifetimes: { client: 90 } }],
  ['nothing', {}, { group: 'other' }],
] as const)
  test(`a token is not handed out again where the rules now say otherwise of ${about}`, async () => {
    const { mint } = stage();
    const first = await mint(await grantFor('standup', { role: 'participant', beside: one }), 'bearer');
    const again = await mint(await grantFor('standup', { role: 'participant', beside: one }), 'bearer');
    const now = await mint(await grantFor('standup', { role: 'participant', beside: other }), 'bearer');
    assert.equal(first.jti, again.jti);
    assert.notEqual(first.jti, now.jti);
  });

test('of what leads a room from its page no token is made, though one was a moment ago', async () => {
  const { mint } = stage();
  await mint(await grantFor('standup'), 'client');
  for (const as of ['client', 'bearer', 'ticket', 'display', 'app', 'errand'] as const)
    await assert.rejects(mint(await grantFor('standup', { anyHour: true }), as), /went wrong/);
});
