/**
 * What modules in the field read of our tokens beside Jitsi's own checks: the lobby, who leads, who may begin a meeting.
 *
 * The modules are ours, written to what jitsi-contrib's do; with OSTIARY_CONTRIB_PLUGINS naming a checkout of
 * jitsi-contrib's prosody-plugins, and OSTIARY_JITSI_PLUGINS one of Jitsi's, they are those. See prosody.ts.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Role } from '../../src/base/role.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { type ClaimOptions, toClaims } from '../../src/tokens/claims.ts';
import { mintToken } from '../../src/tokens/mint.ts';
import { APP_ID, AUDIENCE, nowSeconds, sharedSecret } from './minted.ts';
import { CONTRIB_PLUGINS, DOMAIN, type ProsodySetup, startProsody } from './prosody.ts';
import { connect, type Session } from './xmpp.ts';

const SECRET = 'a shared secret of more than thirty-two bytes';
const ROOM = parseRoomPath('/standup');
const KEY = sharedSecret(SECRET);

/** How somebody comes: their role, whether they knock, and what the rule says beside it. */
interface Coming extends Partial<Pick<ClaimOptions, 'features' | 'lobbyFor'>> {
  readonly role: Role;
  readonly lobby?: true;
}

async function tokenFor({
  role,
  lobby = false,
  ...more
}: { role: Role; lobby?: boolean } & Omit<Coming, 'lobby'>): Promise<string> {
  const person = { id: 'staff#ada', provider: 'staff', name: 'Ada', emailVerified: false, groups: [] };
  const fixed = {
    issuer: APP_ID,
    audience: AUDIENCE,
    xmppDomain: DOMAIN,
    lifetime: 3600,
    jti: 'test',
    email: false,
  };
  const claims = toClaims({ person, room: ROOM, role, lobby }, { ...fixed, now: nowSeconds(), ...more });
  return (await mintToken(claims, { signing: async () => KEY, published: async () => [] })).reveal();
}

/** A Prosody that reads so much more, and the way in for somebody. */
async function reading(t: TestContext, more: Pick<ProsodySetup, 'lobby' | 'fields'>) {
  const keys = { secret: SECRET };
  const prosody = await startProsody({
    appId: APP_ID,
    audience: AUDIENCE,
    keys,
    domainVerification: false,
    ...more,
  });
  t.after(() => prosody.stop());
  return async (coming: Coming): Promise<Session> => {
    const connected = await connect(prosody, await tokenFor(coming), {
      via: 'query',
      transport: 'websocket',
    });
    if (!connected.accepted) assert.fail(connected.text);
    t.after(() => connected.session.close());
    return connected.session;
  };
}

const joins = async (session: Session) => {
  const said = await session.join('standup');
  return said === 'joined' ? said : said.condition;
};

const KEPT = 'registration-required';

const features = { recording: true };

/** What comes of it wherever the module looks. */
const ANYWHERE: readonly (readonly [Coming, string])[] = [
  [{ role: 'guest', lobbyFor: 'pass' }, 'joined'],
  [{ role: 'guest', lobbyFor: 'pass', features }, 'joined'],
  [{ role: 'participant', lobbyFor: 'pass' }, 'joined'],
  [{ role: 'host', lobbyFor: 'pass', features }, 'joined'],
  [{ role: 'guest' }, KEPT],
  [{ role: 'guest', features }, KEPT],
  [{ role: 'guest', lobby: true }, KEPT],
  [{ role: 'guest', lobby: true, lobbyFor: 'pass' }, KEPT],
  [{ role: 'participant', lobbyFor: 'knock', features }, KEPT],
  [{ role: 'host', lobbyFor: 'knock', features }, KEPT],
];

/** Where no rule asks for it the word stands beside the name alone; so it does for hosts of whom no feature is named. */
const BESIDE_THE_NAME: readonly Coming[] = [
  { role: 'participant' },
  { role: 'participant', features },
  { role: 'host' },
  { role: 'host', features },
  { role: 'host', lobbyFor: 'pass' },
];

for (const place of ['user', 'features'] as const)
  test(`a token_lobby_bypass that looks in context.${place} lets past whom a rule lets past, and nobody who knocks`, async (t) => {
    const enter = await reading(t, { lobby: true, fields: [`token_lobby_bypass ${place}`] });
    const more = BESIDE_THE_NAME.map((coming) => [coming, place === 'user' ? 'joined' : KEPT] as const);
    // Which version a checkout has is its own affair.
    for (const [coming, said] of [...ANYWHERE, ...(CONTRIB_PLUGINS === undefined ? more : [])]) {
      const session = await enter(coming);
      assert.equal(await joins(session), said, JSON.stringify(coming));
      await session.close();
    }
  });

test('token_lobby_ondemand keeps who knocks and lets past who does not', async (t) => {
  const enter = await reading(t, { lobby: true, fields: ['token_lobby_ondemand'] });
  for (const [coming, said] of [
    [{ role: 'participant' }, 'joined'],
    [{ role: 'guest' }, 'joined'],
    [{ role: 'guest', lobby: true }, KEPT],
    [{ role: 'participant', lobbyFor: 'knock' }, KEPT],
  ] as const) {
    const session = await enter(coming);
    assert.equal(await joins(session), said, JSON.stringify(coming));
    await session.close();
  }
});

test('without such a module the lobby keeps everybody, whatever the token says', async (t) => {
  const enter = await reading(t, { lobby: true });
  for (const role of ['host', 'guest'] as const)
    assert.equal(await joins(await enter({ role, lobbyFor: 'pass' })), KEPT);
});

test('token_affiliation makes owners of hosts, and members of everybody else', async (t) => {
  const enter = await reading(t, { fields: ['token_affiliation'] });
  await (await enter({ role: 'host' })).joinAs('standup', 'host', 'owner');
  for (const role of ['participant', 'guest'] as const)
    await (await enter({ role })).joinAs('standup', role, 'member');
});

test('token_owner_party begins with hosts, and with nobody else', async (t) => {
  const enter = await reading(t, { fields: ['token_owner_party'] });
  for (const role of ['participant', 'guest'] as const)
    assert.equal(await joins(await enter({ role })), 'not-allowed');
  // Jicofo is one of those who are there; here another host is.
  for (const nick of ['one', 'two']) await (await enter({ role: 'host' })).joinAs('standup', nick);
  assert.equal(await joins(await enter({ role: 'participant' })), 'joined');
});
