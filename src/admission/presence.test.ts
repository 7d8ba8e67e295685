/** Is a host in the room? */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { parseRoomPath, roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { createPresence } from './presence.ts';

const room = parseRoomPath('/standup');
const open = () => {
  const clock = fixedClock();
  return { clock, presence: createPresence({ clock, grace: 120 }) };
};

test('a room without a host is led by nobody', () => assert.equal(open().presence.isHostThere(room), false));

test('a host is there from the first connection to a moment after the last', () => {
  const { clock, presence } = open();
  const first = presence.hostIn(room);
  const second = presence.hostIn(room);
  first();
  // Said twice of one connection, it is one connection that is gone.
  first();
  clock.advance(600);
  assert.equal(presence.isHostThere(room), true);
  second();
  clock.advance(119);
  assert.equal(presence.isHostThere(room), true);
  clock.advance(2);
  assert.equal(presence.isHostThere(room), false);
});

test('rooms of one name in two tenants are two rooms', () => {
  const { presence } = open();
  presence.hostIn(roomOf(roomFromPath('standup'), tenantFromPath('sales')));
  assert.equal(presence.isHostThere(room), false);
});

test('a tenant with a dot is the one with an underscore, as it is to Prosody: who waits in one sees the host in the other', () => {
  const { presence } = open();
  presence.hostIn(roomOf(roomFromPath('standup'), tenantFromPath('sales.berlin')));
  const same = roomOf(roomFromPath('standup'), tenantFromPath('sales_berlin'));
  assert.equal(presence.isHostThere(same), true);
});

test('whoever watches hears of a host that comes where none was, and of no second one', () => {
  const { presence } = open();
  const heard: string[] = [];
  const stop = presence.watch((key) => heard.push(key));
  const leave = presence.hostIn(room);
  presence.hostIn(room);
  assert.deepEqual(heard, ['/standup']);
  leave();
  stop();
  presence.hostIn(parseRoomPath('/other'));
  assert.deepEqual(heard, ['/standup']);
});

test('a host who is reported is there until the report is too old, and after it says that they left a moment longer', () => {
  const { clock, presence } = open();
  const until = () => clock.now() + 8000;
  presence.reported('prosody', new Set(['/standup']), until());
  assert.equal(presence.isHostThere(room), true);
  assert.equal(presence.isHostThere(parseRoomPath('/sales/standup')), false);
  clock.advance(7);
  presence.reported('prosody', new Set(), until());
  clock.advance(119);
  assert.equal(presence.isHostThere(room), true, 'who reloads is not gone');
  clock.advance(2);
  assert.equal(presence.isHostThere(room), false);
  presence.reported('prosody', new Set(['/standup']), until());
  clock.advance(9);
  assert.equal(presence.isHostThere(room), false, 'nobody has said so for nine seconds');
});

test('a host who is open here and reported came once, and is there until neither says so', () => {
  const { clock, presence } = open();
  const heard: string[] = [];
  presence.watch((key) => heard.push(key));
  const leave = presence.hostIn(room);
  presence.reported('one', new Set(['/standup']), clock.now() + 600_000);
  presence.reported('another', new Set(['/standup', '/retro']), clock.now() + 600_000);
  assert.deepEqual(heard, ['/standup', '/retro']);
  leave();
  clock.advance(300);
  assert.equal(presence.isHostThere(room), true);
  presence.reported('one', new Set(), clock.now() + 600_000);
  clock.advance(200);
  assert.equal(presence.isHostThere(room), true, 'the other still says so');
});

test('rooms that were left long ago are not remembered, however many there were', () => {
  const { clock, presence } = open();
  for (let at = 0; at < 5000; at += 1) {
    presence.hostIn(parseRoomPath(`/r${at}`))();
    clock.advance(1);
  }
  assert.equal(presence.isHostThere(parseRoomPath('/r4999')), true);
  assert.equal(presence.isHostThere(parseRoomPath('/r0')), false);
});
