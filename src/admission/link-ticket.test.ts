/** Tokens of links where no page is: which session they are, and when they are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkClaims, linkToken, MOODLE_SECRET } from '../../test/support/links.ts';
import { fixedClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { parseRoomPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { createSessions } from '../identity/session.ts';
import { createMemoryStore } from '../store/memory.ts';
import { followLink } from './link.ts';
import { createLinkTickets } from './link-ticket.ts';
import type { NoTicket, TicketProof } from './ticket.ts';

const HOUR = 3600;
const LIMITS = { idle: 12 * HOUR, absolute: 48 * HOUR, recheck: HOUR, grace: 6 * HOUR };
const at = { room: parseRoomPath('/standup'), id: 'AB12-CD34', address: '192.0.2.9' };

function stage() {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const sessions = createSessions({ store, clock, random: systemRandom, options: LIMITS });
  const keys = new Secret(MOODLE_SECRET);
  const moodle = {
    iss: 'moodle',
    keys,
    algorithm: 'HS256',
    rooms: ['*'],
    role: 'host',
    wildcard: 'narrow',
  } as const;
  const parts = { issuers: new Map([['moodle', moodle]]), clock, domains: 'any', own: 'ostiary' } as const;
  const came: string[] = [];
  const ticket = createLinkTickets({
    ...{ sessions, store, clock, remembered: LIMITS.idle + LIMITS.grace },
    followLink: (token, room) => followLink(token, room, parts),
    count: async () => undefined,
    followed: async ({ id }) => void came.push(id),
  });
  const token = (more: object = {}) => linkToken(linkClaims(clock, more));
  return { clock, sessions, came, ticket, token };
}

const handleOf = (found: TicketProof | NoTicket) => (typeof found === 'string' ? found : found.session);

test('a token is one session, however often it is shown, and that it came is told once', async () => {
  const { ticket, token, came, clock, sessions } = stage();
  const shown = token();
  const first = handleOf(await ticket(shown, at));
  for (let time = 0; time < 5; time += 1) {
    clock.advance(600);
    await sessions.touch(first);
    assert.equal(handleOf(await ticket(shown, at)), first);
  }
  assert.deepEqual(came, ['moodle#17']);
});

test('at another room it is another token, and none where it does not open', async () => {
  const { ticket, token } = stage();
  assert.equal(await ticket(token(), { ...at, room: parseRoomPath('/other') }), 'not-ours');
  const wildcard = token({ room: '*' });
  const one = handleOf(await ticket(wildcard, at));
  assert.notEqual(handleOf(await ticket(wildcard, { ...at, room: parseRoomPath('/other') })), one);
});

test('a session that somebody ended is not begun again by an app that reconnects', async () => {
  const { ticket, token, sessions, clock } = stage();
  const shown = token({ exp: clock.now() / 1000 + 24 * HOUR });
  await sessions.end(handleOf(await ticket(shown, at)), 'operator');
  for (let hour = 0; hour < 12; hour += 1) {
    assert.equal(await ticket(shown, at), 'session-gone');
    clock.advance(HOUR);
  }
});

test('one that ran out unused is begun again while the token holds, and the meeting of the first stays', async () => {
  const { ticket, token, sessions, clock } = stage();
  const shown = token({ exp: clock.now() / 1000 + 24 * HOUR });
  const first = handleOf(await ticket(shown, at));
  clock.advance(13 * HOUR);
  const second = handleOf(await ticket(shown, at));
  assert.notEqual(second, first);
  assert.equal(typeof (await sessions.standing([first])).get(first), 'object');
  assert.equal(handleOf(await ticket(shown, at)), second);
  await sessions.end(second, 'operator');
  assert.equal((await sessions.standing([first])).get(first), 'gone');
});

test('after the end of the token it is good for the meeting that runs, and then for nothing', async () => {
  const { ticket, token, clock } = stage();
  const shown = token({ exp: clock.now() / 1000 + HOUR });
  const first = handleOf(await ticket(shown, at));
  clock.advance(2 * HOUR);
  assert.equal(handleOf(await ticket(shown, at)), first);
  clock.advance(LIMITS.grace);
  assert.equal(await ticket(shown, at), 'session-gone');
  clock.advance(2 * LIMITS.idle);
  assert.equal(await ticket(shown, at), 'expired');
});

test('many at once begin one session', async () => {
  const { ticket, token, sessions, came } = stage();
  const shown = token();
  const found = await Promise.all(Array.from({ length: 20 }, () => ticket(shown, at)));
  assert.equal(new Set(found.map(handleOf)).size, 1);
  assert.equal((await sessions.list()).length, 1);
  assert.equal(came.length, 1);
});
