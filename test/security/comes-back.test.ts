/**
 * Who was put out of a room, or turned away at its door, comes back as nobody else: not by a place that an invitation
 * keeps for them, nor by another invitation in the same browser.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type InviteWish, makeInvite } from '../../src/admission/invite.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { linkCookieName } from '../../src/web/cookies.ts';
import { type HostingStage, startHostingStage } from '../support/hosting-stage.ts';
import { type Answer, PREFIX } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const ROOM = parseRoomPath('/standup');
const JSON_ONLY = { accept: 'application/json' };
let house: HostingStage;
before(async () => {
  house = await startHostingStage();
});
after(() => house.stage.close());

async function invitation(wish: Partial<InviteWish> = {}): Promise<string> {
  const { parts, clock } = house.stage;
  const until = Math.floor(clock.now() / 1000) + 30 * 86_400;
  const { code } = await makeInvite(
    { room: ROOM, role: 'participant', until, uses: 1, ...wish },
    { role: 'host' },
    parts,
  );
  return code.reveal();
}

async function press(code: string, visitor: Visitor): Promise<Answer> {
  await visitor.get(`${PREFIX}/invite?code=${code}`);
  return visitor.post(`${PREFIX}/invite`, { code, name: 'Mallory' }, JSON_ONLY);
}

const knownAs = async (visitor: Visitor) => {
  const id = visitor.jar.get(linkCookieName(ROOM)) ?? visitor.session() ?? '';
  return (await house.stage.parts.sessions.read(id))?.person.id ?? assert.fail('nobody');
};

async function putOut(visitor: Visitor): Promise<void> {
  const { parts, clock } = house.stage;
  await parts.kicks.add({ person: await knownAs(visitor), room: ROOM, seconds: 3600 });
  clock.advance(1);
}

const isOut = async (visitor: Visitor) => {
  const { status, text } = await visitor.get(`${PREFIX}/join?room=standup`, JSON_ONLY);
  assert.deepEqual([status, JSON.parse(text).code], [403, 'entry.kicked']);
};

test('the place of an invitation is the same person, however often they sign out and come again', async () => {
  const code = await invitation();
  const visitor = house.somebody();
  assert.equal((await press(code, visitor)).status, 303);
  const kept = new Map(visitor.jar);
  await putOut(visitor);
  await isOut(visitor);
  await visitor.post(`${PREFIX}/sign-out`, {});
  for (const [name, value] of kept) visitor.jar.set(name, value);
  await press(code, visitor);
  await isOut(visitor);
});

for (const [who, comes] of [
  ['with an account', () => house.signedIn('grace')],
  ['who gave a name', () => house.guest('Mallory')],
  [
    'who came by another invitation',
    async () => {
      const visitor = house.somebody();
      await press(await invitation(), visitor);
      return visitor;
    },
  ],
] as const)
  test(`somebody ${who} comes back by no invitation in the same browser`, async () => {
    const visitor = await comes();
    await putOut(visitor);
    const code = await invitation();
    await press(code, visitor);
    await isOut(visitor);
    const other = house.somebody();
    assert.equal((await press(code, other)).status, 303, 'the place is still to be had');
  });
