/**
 * An application says when its rooms are open: only one that may, only of its own rooms, only with its own proof. What
 * it says holds at the door at once, and says nothing of anybody's right to come in.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type FixedClock, fixedClock } from '../../src/base/clock.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { askToken, basic, CRM_SECRET, SHOP_SECRET, told } from '../support/apps.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';

const NOW = Date.parse('2026-12-01T07:00Z');
let clock: FixedClock;
let stage: Stage;
let kim: string;
before(async () => {
  clock = fixedClock(NOW);
  stage = await startStage({
    clock,
    config: {
      access: 'members',
      apps: [
        { name: 'crm', secret: CRM_SECRET, rooms: ['crm-*'], tenants: ['', 'sales'], roomTimes: true },
        { name: 'shop', secret: SHOP_SECRET, rooms: ['shop-*', 'crm-open'], roomTimes: true },
        { name: 'mute', secret: `mute-${SHOP_SECRET}`, rooms: ['*'] },
      ],
      rooms: [{ names: ['crm-shut'], times: [] }],
    },
  });
  const person = { id: 'sso#kim', provider: 'sso', name: 'Kim', emailVerified: false, groups: [] };
  kim = `${SESSION_COOKIE}=${(await stage.parts.sessions.issue({ person })).id.reveal()}`;
});
after(() => stage.close());
beforeEach(async () => {
  for (const { room, by } of await stage.parts.bookings.list())
    await stage.parts.bookings.remove({ name: room.name, claim: room.claim } as never, by);
});

const HOUR = { from: '2026-12-01T09:00:00+01:00', until: '2026-12-01T10:00:00+01:00', zone: 'Europe/Berlin' };

function ask(
  fields: Readonly<Record<string, string>>,
  { way = '', ...headers }: Readonly<Record<string, string>> = basic('crm', CRM_SECRET),
) {
  return stage.ask(`${PREFIX}/room-times${way}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: String(new URLSearchParams(fields)),
  });
}

const CRM = basic('crm', CRM_SECRET);
const SHOP = basic('shop', SHOP_SECRET);

/** What somebody signed in is told at this room's door. */
async function enters(room: string): Promise<string> {
  const headers = { cookie: kim, accept: 'application/json' };
  const answer = await stage.ask(`${PREFIX}/join?room=${room}`, { headers });
  return answer.status === 302 ? 'in' : JSON.parse(answer.text).code;
}

test('a booking opens and shuts the room, for everybody and at once, and is taken back', async () => {
  assert.equal(await enters('crm-7'), 'in');
  const answer = await ask({ room: 'crm-7', ...HOUR, title: 'Demo', hosts_early: '10m' });
  assert.deepEqual(
    [answer.status, told(answer)],
    [
      200,
      {
        ...{ room: 'crm-7', title: 'Demo', hosts_early: 600 },
        times: ['2026-12-01T09:00..2026-12-01T10:00 Europe/Berlin'],
        forgotten_at: '2027-01-02T10:00:00.000Z',
      },
    ],
  );
  assert.equal(await enters('crm-7'), 'entry.early');
  assert.equal(
    told(await askToken(stage, { grant_type: 'client_credentials', room: 'crm-7', subject_id: '1' }))['code'],
    'entry.early',
  );
  assert.deepEqual(told(await ask({}, { way: '/list', ...CRM })), { rooms: [told(answer)] });
  await ask({ room: 'crm-7', times: 'mon-sun 07:00-08:00 UTC; 2027-01-01..2027-01-02' });
  assert.equal(await enters('crm-7'), 'in');
  assert.deepEqual(told(await ask({ room: 'crm-7' }, { way: '/remove', ...CRM })), { removed: true });
  assert.deepEqual(told(await ask({ room: 'crm-7' }, { way: '/remove', ...CRM })), { removed: false });
  assert.equal(await enters('crm-7'), 'in');
});

test('a room that the configuration shuts opens by a booking, and by its own hours alone', async () => {
  assert.equal(await enters('crm-shut'), 'entry.closed');
  await ask({ room: 'crm-shut', times: '07:00-08:00 UTC' });
  assert.equal(await enters('crm-shut'), 'in');
});

test('no application speaks of rooms or tenants that are not its own, nor without being allowed to', async () => {
  const MUTE = basic('mute', `mute-${SHOP_SECRET}`);
  for (const [fields, headers, code] of [
    [{ room: 'board' }, CRM, 'client.room'],
    [{ room: 'crm-7', tenant: 'law' }, CRM, 'client.room'],
    [{ room: 'crm-7' }, SHOP, 'client.room'],
    [{ room: 'crm-7' }, MUTE, 'client.not-allowed'],
    [{ room: 'crm-7' }, basic('crm', SHOP_SECRET), 'client.unknown'],
    [{ room: 'crm-7' }, {}, 'client.unknown'],
    [{ room: 'crm-7' }, { ...CRM, origin: 'https://crm.example.net' }, 'client.not-allowed'],
    [{ room: 'crm-7', client_secret: CRM_SECRET }, {}, 'client.unknown'],
    [{ room: 'crm-(7)' }, CRM, 'room.unusable'],
    [{}, CRM, 'room.missing'],
  ] as const)
    for (const way of ['', '/remove']) {
      const answer = await ask({ ...fields, ...(way === '' && HOUR) } as Record<string, string>, {
        way,
        ...headers,
      });
      assert.deepEqual(
        [answer.status === 200, told(answer)['code']],
        [false, code],
        JSON.stringify([fields, way]),
      );
    }
  assert.deepEqual(await stage.parts.bookings.list(), []);
});

test('an application neither sees nor takes back what another, or the operator, said of the same room', async () => {
  const room = { room: 'crm-open' };
  await ask({ ...room, ...HOUR }, SHOP);
  await stage.parts.bookings.set({
    ...{ by: 'operator', times: [], hostsEarly: 0 },
    room: { name: 'crm-open', claim: 'crm-open' } as never,
  });
  assert.deepEqual(told(await ask({}, { way: '/list', ...CRM })), { rooms: [] });
  assert.deepEqual(told(await ask(room, { way: '/remove', ...CRM })), { removed: false });
  assert.deepEqual((await stage.parts.bookings.list()).map(({ by }) => by).sort(), ['app:shop', 'operator']);
});

test('what is no time is refused whole: over, backwards, of no zone, both ways at once, a thousand of them', async () => {
  for (const fields of [
    {},
    { times: '' },
    { times: 'mon; nonsense' },
    { times: '2001-01-01..2001-01-02' },
    { ...HOUR, until: HOUR.from },
    { ...HOUR, from: '2026-12-01 09:00' },
    { ...HOUR, zone: 'Mars/Olympus' },
    { ...HOUR, zone: 'mon' },
    { from: HOUR.from },
    { ...HOUR, times: 'mon' },
    { ...HOUR, hosts_early: 'soon' },
    { ...HOUR, hosts_early: '7d' },
    { times: Array(1000).fill('mon').join(';') },
  ]) {
    const answer = await ask({ room: 'crm-7', ...(fields as Record<string, string>) });
    assert.deepEqual(
      [answer.status, told(answer)['code']],
      [400, 'request.malformed'],
      JSON.stringify(fields),
    );
  }
  assert.deepEqual(await stage.parts.bookings.list(), []);
});

test('what was said stands in the audit, with who said it and no secret', async () => {
  const from = stage.lines.length;
  await ask({ room: 'crm-9', ...HOUR, title: 'A <b>secret</b> meeting' });
  await ask({ room: 'board', ...HOUR });
  await ask({ room: 'crm-9' }, { way: '/remove', ...CRM });
  const audit = stage.lines
    .slice(from)
    .map((line) => JSON.parse(line))
    .filter(({ event }) => String(event).startsWith('audit.'));
  assert.deepEqual(
    audit.map(({ event, by, provider, room, code }) => [event, by ?? provider, room, code]),
    [
      ['audit.room-times-set', 'app:crm', 'crm-9', undefined],
      ['audit.app-refused', 'app:crm', 'board', 'client.room'],
      ['audit.room-times-removed', 'app:crm', 'crm-9', undefined],
    ],
  );
  assert.ok(!stage.lines.slice(from).some((line) => line.includes(CRM_SECRET) || line.includes('<b>')));
});

test('of an application that the operator took off the list, or took a room from, nothing counts any more', async () => {
  const { bookings } = stage.parts;
  const room = { name: 'gone-1', claim: 'gone-1' } as never;
  await bookings.set({ by: 'app:gone', room, times: [], hostsEarly: 0 });
  await bookings.set({ by: 'app:mute', room, times: [], hostsEarly: 0 });
  // Still on the list, and this room is none of its own any more.
  await bookings.set({ by: 'app:crm', room, times: [], hostsEarly: 0 });
  assert.equal(await enters('gone-1'), 'in');
  await bookings.set({ by: 'operator', room, times: [], hostsEarly: 0 });
  clock.advance(1);
  assert.equal(await enters('gone-1'), 'entry.closed');
});
