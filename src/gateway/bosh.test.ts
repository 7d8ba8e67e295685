/** Every request of a BOSH stream belongs to whoever opened it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ADA,
  begun,
  bytes,
  DOMAIN,
  MALLORY,
  on,
  ROOM,
  sidOf,
  stage,
  start,
  told,
  WAY,
  XMLNS,
} from '../../test/support/bosh-stage.ts';
import { isProblem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { roomFromPath, roomOf } from '../base/room.ts';
import { ended } from './bosh-body.ts';

test('a stream goes on for whoever opened it', async () => {
  const { bosh, opened } = stage();
  const sid = await opened();
  const decision = await bosh.judge(on(sid, 101), ADA);
  assert.ok(decision.kind === 'continue');
  assert.deepEqual([decision.owner, decision.room], [ADA.owner, ROOM]);
});

test('whoever learnt the sid of somebody else hears that there is no such stream, on every node [PROXY-28]', async () => {
  const { bosh, opened, node } = stage();
  const sid = await opened();
  const elsewhere = node().bosh;
  for (const at of [bosh, elsewhere])
    for (const caller of [MALLORY, { ...ADA, owner: undefined }, { ...ADA, owner: { machine: 'ada' } }]) {
      const decision = await at.judge(on(sid, 101), caller);
      assert.deepEqual(decision, { kind: 'answer', xml: ended('item-not-found'), why: 'not-yours' });
    }
  assert.equal((await bosh.judge(on(sidOf(99), 101), ADA)).kind, 'answer');
  assert.equal(told(await bosh.judge(on(sid, 101), ADA)), 'continue');
});

test('a stream to another host is answered by the gate alone, and nobody takes a place for it', async () => {
  const { bosh, sockets } = stage();
  const decision = await bosh.judge(bytes(`<body ${XMLNS} rid='1' to='guest.${DOMAIN}'/>`), ADA);
  assert.deepEqual(decision, { kind: 'answer', xml: ended('host-unknown'), why: 'host-unknown' });
  assert.deepEqual(sockets.list(), []);
});

test('a recorder’s stream names the host it is known by, and no other', async () => {
  const { bosh } = stage();
  const recorder = { ...WAY, owner: { machine: 'jibri' }, xmppDomain: `recorder.${DOMAIN}` };
  assert.equal(told(await bosh.judge(start, recorder)), 'host-unknown');
  const other = bytes(`<body ${XMLNS} rid='1' to='recorder.${DOMAIN}' wait='60'/>`);
  assert.equal(told(await bosh.judge(other, recorder)), 'start');
});

test('a machine’s stream goes on for that machine, with no session and no room', async () => {
  const { bosh, node } = stage();
  const owner = { machine: 'jibri' };
  const decision = await bosh.judge(start, { ...WAY, owner });
  assert.ok(decision.kind === 'start');
  await decision.opens({ ...WAY, owner }).answered(begun(sidOf(7)));
  for (const at of [bosh, node().bosh])
    assert.equal(told(await at.judge(on(sidOf(7), 101), { ...WAY, owner })), 'continue');
});

test('the store holds whose a stream is, and never the sid itself', async () => {
  const { opened, fickle } = stage();
  const sid = await opened();
  const entries = await fickle.store.list('');
  assert.deepEqual(
    entries.filter(({ key }) => key.startsWith('bosh/')).map(({ key, value }) => [key, JSON.parse(value)]),
    [[`bosh/${digest(sid)}`, { session: 'ada', room: 'stand-up', tenant: 'acme' }]],
  );
  assert.doesNotMatch(JSON.stringify(entries), new RegExp(sid));
});

test('a stream goes on at another node, and after our own restart', async () => {
  const { opened, node } = stage();
  const sid = await opened();
  const { bosh, sockets } = node();
  const [one, two] = await Promise.all([bosh.judge(on(sid, 101), ADA), bosh.judge(on(sid, 102), ADA)]);
  assert.deepEqual([told(one), told(two)], ['continue', 'continue']);
  assert.equal(sockets.list().length, 1);
});

test('a stream that belongs to one room is spoken to at the address of that room', async () => {
  const { bosh, opened } = stage();
  const sid = await opened();
  const elsewhere = { ...ADA, room: roomOf(roomFromPath('board')) };
  assert.equal(told(await bosh.judge(on(sid, 101), elsewhere)), 'stream.unusable');
});

test('a session that has ended goes on with nothing, also where it was not known before', async () => {
  const { bosh, opened, gone, node, clock } = stage();
  const sid = await opened();
  gone.add('ada');
  assert.equal(told(await node().bosh.judge(on(sid, 101), ADA)), 'session.ended');
  clock.advance(1);
  assert.equal(told(await bosh.judge(on(sid, 101), ADA)), 'session.ended');
});

test('a session holds as many streams as it may have connections, and a new one when an old one is over', async () => {
  const { bosh, opened } = stage();
  const [sid = ''] = [await opened(), await opened(), await opened()];
  await assert.rejects(opened(), (thrown) => isProblem(thrown, 'socket.too-many'));
  await bosh.judge(on(sid, 101, "type='terminate'"), ADA);
  await opened();
});

test('while the store is away, who is inside goes on; who is not known here does not', async () => {
  const { bosh, opened, fickle, clock, node } = stage();
  const sid = await opened();
  fickle.mood = 'gone';
  clock.advance(120);
  assert.equal(told(await bosh.judge(on(sid, 101), ADA)), 'continue');
  assert.equal(told(await bosh.judge(on(sid, 102), MALLORY)), 'not-yours');
  await assert.rejects(node().bosh.judge(on(sid, 101), ADA), (thrown) =>
    isProblem(thrown, 'store.unavailable'),
  );
});

test('a stream that was ended on another node is over here within a second', async () => {
  const { bosh, opened, node, clock } = stage();
  const sid = await opened();
  await node().bosh.judge(on(sid, 101, "type='terminate'"), ADA);
  clock.advance(1);
  assert.equal(told(await bosh.judge(on(sid, 102), ADA)), 'unknown');
  assert.equal(bosh.open, 0);
});

test('who brought no token is answered without a place, a store or Prosody', async () => {
  const { bosh, sockets, fickle, said } = stage();
  fickle.mood = 'gone';
  const decision = await bosh.judge(start, { ...WAY, owner: undefined });
  assert.ok(decision.kind === 'start');
  const sid = /sid='([^']+)'/.exec(decision.tokenRequired)?.[1];
  const next = bytes(
    `<body ${XMLNS} rid='101' sid='${sid}'><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></body>`,
  );
  assert.equal(told(await bosh.judge(next, { ...WAY, owner: undefined })), 'token-required');
  assert.deepEqual([sockets.list(), said], [[], []]);
});
