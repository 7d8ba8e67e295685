/**
 * Waiting before a room: nobody gets in by waiting, nobody learns of a room by it, and nobody waits so often that
 * others cannot.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { type Listening, listenAs } from '../support/events.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

let jitsi: UpstreamStandIn;
let stage: Stage;
before(async () => {
  jitsi = await startUpstream();
  stage = await startStage({
    config: {
      access: 'guests-wait',
      hosts: ['staff'],
      upstream: { url: jitsi.url },
      waiting: { most: 20 },
      rules: [{ name: 'board is closed', when: { rooms: ['board'] }, then: 'refuse' }],
      trustedProxies: ['127.0.0.1'],
    },
  });
});
after(async () => {
  await stage.close();
  await jitsi.close();
});

let others = 0;
async function guest(room = 'standup', address?: string): Promise<Visitor> {
  others += 1;
  const visitor = stage.visitor({ 'x-forwarded-for': address ?? `203.0.113.${others}` });
  await visitor.get(`${PREFIX}/sign-in?to=%2F${room}`);
  await visitor.post(`${PREFIX}/guest`, { to: `/${room}`, name: 'Ada' });
  return visitor;
}

/** The stream of events, as a browser would listen to it. */
function listen(visitor: Visitor, room = 'standup', method = 'GET', address = `198.51.100.${others}`) {
  return listenAs(visitor, { port: stage.ports.public, path: `/${room}`, method, address });
}

test('a guest is shown the waiting page, and Jitsi hears nothing of them', async () => {
  const visitor = await guest();
  jitsi.arrived.length = 0;
  const page = await visitor.get('/standup', { accept: 'text/html', 'sec-fetch-mode': 'navigate' });
  assert.deepEqual([page.status, page.headers.get('x-ostiary-verdict')], [200, 'entry.wait']);
  assert.match(page.text, /data-waits="\/_ostiary\/waiting\?to=%2Fstandup"/);
  const fetched = await visitor.get('/standup', { accept: '*/*' });
  assert.equal(fetched.status, 403);
  const asked = await visitor.post('/conference-request/v1?room=standup', {});
  assert.equal(asked.status, 403);
  assert.deepEqual(jitsi.arrived, []);
});

test('they hear "go" when a host is there, and not before', async () => {
  const waiting = await listen(await guest());
  assert.equal(waiting.answer.headers['content-type'], 'text/event-stream');
  assert.equal(waiting.answer.headers['cache-control'], 'no-store');
  const elsewhere = stage.parts.presence.hostIn(parseRoomPath('/sales/standup'));
  assert.doesNotMatch(waiting.said(), /event/);
  const leave = stage.parts.presence.hostIn(parseRoomPath('/standup'));
  await waiting.ended;
  assert.match(waiting.said(), /^event: go$/m);
  leave();
  elsewhere();
  stage.clock.advance(121);
});

test('whose session ends meanwhile is let in nowhere: the door asks them to sign in', async () => {
  const visitor = await guest('later');
  const waiting = await listen(visitor, 'later');
  const session = await stage.parts.sessions.read(visitor.session() ?? '');
  await stage.parts.sessions.end(session?.handle ?? '', 'operator');
  const leave = stage.parts.presence.hostIn(parseRoomPath('/later'));
  await waiting.ended;
  const join = await visitor.get(`${PREFIX}/join?to=%2Flater`);
  assert.match(join.headers.get('location') ?? '', /\/sign-in\?/);
  leave();
});

test('of a room that is closed to them, and without a session, nobody hears whether a host is there', async () => {
  const leave = stage.parts.presence.hostIn(parseRoomPath('/board'));
  const told: string[] = [];
  for (const room of ['board', 'elsewhere'])
    for (const visitor of [await guest(), stage.visitor()]) {
      const waiting = await listen(visitor, room);
      if (room === 'elsewhere' && visitor.session() !== undefined) waiting.leave();
      else {
        await waiting.ended;
        told.push(waiting.said());
      }
    }
  leave();
  assert.deepEqual(new Set(told).size, 1);
});

test('one browser waits so often, and all together so many; who goes away leaves their place', async () => {
  const one = await guest('crowd');
  const places = await Promise.all(Array.from({ length: 8 }, () => listen(one, 'crowd')));
  const ninth = await listen(one, 'crowd');
  assert.deepEqual([ninth.answer.statusCode, ninth.answer.headers['retry-after']], [503, '5']);
  const more: Listening[] = [];
  while (stage.parts.lobby.size < 20) more.push(await listen(await guest('crowd'), 'crowd'));
  const full = await listen(await guest('crowd'), 'crowd');
  assert.equal(full.answer.statusCode, 503);
  for (const place of [...places, ...more]) place.leave();
  while (stage.parts.lobby.size > 0) await new Promise(setImmediate);
  const again = await listen(one, 'crowd');
  assert.equal(again.answer.statusCode, 200);
  again.leave();
  while (stage.parts.lobby.size > 0) await new Promise(setImmediate);
});

test('one address takes half of the places and no more, however many browsers it makes up', async () => {
  const from = '203.0.113.210';
  const places: Listening[] = [];
  for (let at = 0; at < 10; at += 1)
    places.push(await listen(await guest('hall', from), 'hall', 'GET', from));
  const eleventh = await listen(await guest('hall', from), 'hall', 'GET', from);
  assert.equal(eleventh.answer.statusCode, 503);
  const elsewhere = await listen(await guest('hall'), 'hall');
  assert.equal(elsewhere.answer.statusCode, 200);
  for (const place of [...places, elsewhere]) place.leave();
  while (stage.parts.lobby.size > 0) await new Promise(setImmediate);
});

test('who asks for the head of the stream alone takes no place', async () => {
  const one = await guest('heads');
  for (let at = 0; at < 9; at += 1) {
    const { answer } = await listen(one, 'heads', 'HEAD');
    assert.equal(answer.statusCode, 200);
  }
  while (stage.parts.lobby.size > 0) await new Promise(setImmediate);
});

test('a host of the room goes in at once, whoever waits', async () => {
  const visitor = stage.visitor({ 'x-forwarded-for': '203.0.113.200' });
  await visitor.signIn('/standup');
  const page = await visitor.get('/standup', { accept: 'text/html', 'sec-fetch-mode': 'navigate' });
  assert.equal(page.headers.get('x-ostiary-verdict'), null);
  assert.equal(page.status, 200);
});
