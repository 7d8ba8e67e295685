/** How BOSH streams begin, keep step and end: the end of a session is the end of its streams. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ADA,
  begun,
  bytes,
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
import { ended } from './bosh-body.ts';

test('when a session ends, Prosody is told in its stead, at the turn that is next and where the caller last spoke', async () => {
  const { bosh, opened, gone, said, sockets, scene, fickle } = stage();
  const sid = await opened();
  await bosh.judge(on(sid, 101), { ...ADA, path: '/acme/http-bind?room=stand-up&x=1' });
  scene.prosody.rid = 101;
  gone.add('ada');
  await sockets.tick();
  await new Promise(setImmediate);
  assert.deepEqual(said, [
    {
      xml: `<body ${XMLNS} rid='102' sid='${sid}' type='terminate'/>`,
      path: '/acme/http-bind?room=stand-up&x=1',
    },
  ]);
  assert.equal(scene.prosody.over, true);
  assert.deepEqual([bosh.open, sockets.list().length], [0, 0]);
  assert.equal(await fickle.store.get(`bosh/${digest(sid)}`), undefined);
  gone.clear();
  assert.equal(told(await bosh.judge(on(sid, 102), ADA)), 'unknown');
});

for (const behind of [0, 1, 2])
  test(`the end reaches Prosody when ${behind} of the last requests never did`, async () => {
    const { bosh, opened, sockets, scene } = stage();
    const sid = await opened();
    for (const rid of [101, 102, 103]) assert.equal(told(await bosh.judge(on(sid, rid), ADA)), 'continue');
    scene.prosody.rid = 103 - behind;
    await sockets.endSession('ada');
    assert.equal(scene.prosody.over, true, scene.prosody.asked.join());
  });

test('the end reaches Prosody when a request came before its turn and the one before it never did', async () => {
  const { bosh, opened, sockets, scene } = stage();
  const sid = await opened();
  assert.equal(told(await bosh.judge(on(sid, 102), ADA)), 'continue');
  scene.prosody.waits = { rid: 102, ends: false };
  await sockets.endSession('ada');
  assert.equal(scene.prosody.over, true);
});

test('requests come one before the other or twice, as two connections carry them, and no further out of step', async () => {
  const { bosh, opened } = stage();
  const sid = await opened();
  const says: string[] = [];
  for (const rid of [102, 101, 102, 101, 103, 105, 104, 103, 107, 200, 108, 106])
    says.push(`${rid} ${told(await bosh.judge(on(sid, rid), ADA))}`);
  assert.deepEqual(says, [
    ...['102 continue', '101 continue', '102 continue', '101 continue', '103 continue', '105 continue'],
    ...[
      '104 continue',
      '103 out-of-step',
      '107 continue',
      '200 out-of-step',
      '108 out-of-step',
      '106 continue',
    ],
  ]);
});

test('whoever says goodbye is forgotten at once, here and in the store', async () => {
  const { bosh, opened, sockets, fickle, said } = stage();
  const sid = await opened();
  assert.equal(told(await bosh.judge(on(sid, 101, "type='terminate'"), ADA)), 'continue');
  assert.deepEqual([bosh.open, sockets.list().length], [0, 0]);
  assert.equal(await fickle.store.get(`bosh/${digest(sid)}`), undefined);
  assert.equal(told(await bosh.judge(on(sid, 102), ADA)), 'unknown');
  assert.deepEqual(said, []);
});

test('a start that Prosody refuses, or never answers, leaves nothing behind', async () => {
  const { bosh, sockets, fickle } = stage();
  for (const answer of [ended('host-unknown'), '<html/>', '']) {
    const decision = await bosh.judge(start, ADA);
    assert.ok(decision.kind === 'start');
    await decision.opens({ ...WAY, owner: { session: 'ada' }, room: ROOM }).answered(bytes(answer));
  }
  const decision = await bosh.judge(start, ADA);
  assert.ok(decision.kind === 'start');
  decision.opens({ ...WAY, owner: { session: 'ada' }, room: ROOM }).failed();
  assert.deepEqual([bosh.open, sockets.list().length, await fickle.store.list('bosh/')], [0, 0, []]);
});

test('a stream nobody can write down is given to nobody, and ended', async () => {
  const { bosh, fickle, scene } = stage();
  const decision = await bosh.judge(start, ADA);
  assert.ok(decision.kind === 'start');
  const opening = decision.opens({ ...WAY, owner: { session: 'ada' }, room: ROOM });
  fickle.mood = 'full';
  await assert.rejects(opening.answered(begun(sidOf(1))), (thrown) => isProblem(thrown, 'store.full'));
  assert.deepEqual([scene.prosody.over, bosh.open], [true, 0]);
});

test('a session that ends while its stream begins gets no stream', async () => {
  const { bosh, scene, sockets, fickle } = stage();
  const decision = await bosh.judge(start, ADA);
  assert.ok(decision.kind === 'start');
  const opening = decision.opens({ ...WAY, owner: { session: 'ada' }, room: ROOM });
  await sockets.endSession('ada');
  await assert.rejects(opening.answered(begun(sidOf(1))), (thrown) => isProblem(thrown, 'session.ended'));
  assert.equal(scene.prosody.over, true);
  assert.deepEqual(await fickle.store.list('bosh/'), []);
});

test('a stream that speaks is kept for hours, and written down once a minute at most', async () => {
  const { bosh, opened, written, clock } = stage();
  const sid = await opened();
  for (let rid = 101; rid < 101 + 720; rid += 1) {
    clock.advance(20);
    assert.equal(told(await bosh.judge(on(sid, rid), ADA)), 'continue');
  }
  const puts = written.filter((key) => key.startsWith('bosh/')).length;
  assert.ok(puts >= 239 && puts <= 241, `${puts}`);
});

test('a stream that says nothing for long is forgotten, and Prosody, which ended it by itself, is not asked', async () => {
  const { bosh, opened, clock, sockets, said } = stage();
  const sid = await opened();
  clock.advance(301);
  await sockets.tick();
  assert.deepEqual([bosh.open, sockets.list().length, said], [0, 0, []]);
  clock.advance(400);
  assert.equal(told(await bosh.judge(on(sid, 101), ADA)), 'unknown');
});

test('our restart ends no stream: it is dropped here, and goes on at whoever takes over', async () => {
  const { bosh, opened, sockets, said, node } = stage();
  const sid = await opened();
  await sockets.drain(0);
  assert.deepEqual([bosh.open, said], [0, []]);
  await assert.rejects(bosh.judge(on(sid, 101), ADA), (thrown) => isProblem(thrown, 'server.draining'));
  assert.equal(told(await node().bosh.judge(on(sid, 101), ADA)), 'continue');
});

test('a stream that Prosody ends by itself holds no place any more; one request it does not take ends none', async () => {
  const { bosh, opened, sockets, said } = stage();
  const sid = await opened();
  const first = await bosh.judge(on(sid, 101), ADA);
  const second = await bosh.judge(on(sid, 102), ADA);
  assert.ok(first.kind === 'continue' && second.kind === 'continue');
  first.answered(bytes(ended('item-not-found')));
  first.answered(bytes(`<body ${XMLNS}><message xmlns='jabber:client'/></body>`));
  assert.equal(sockets.list().length, 1);
  second.answered(bytes(ended()));
  assert.deepEqual([bosh.open, sockets.list().length, said], [0, 0, []]);
});

test('what Prosody holds back is broken off when a session has ended, and not before Prosody was told', async () => {
  const { bosh, opened, sockets, said } = stage();
  const sid = await opened();
  const decision = await bosh.judge(on(sid, 101), ADA);
  assert.ok(decision.kind === 'continue');
  const told: number[] = [];
  decision.ending.addEventListener('abort', () => told.push(said.length));
  await sockets.endSession('ada');
  assert.equal(told.length, 1);
  assert.ok((told[0] ?? 0) > 0);
});

test('a stream whose beginning nobody heard is ended', async () => {
  const { bosh, scene, sockets } = stage();
  const decision = await bosh.judge(start, ADA);
  assert.ok(decision.kind === 'start');
  const opening = decision.opens({ ...WAY, owner: { session: 'ada' }, room: ROOM });
  assert.equal(await opening.answered(begun(sidOf(1))), true);
  opening.failed();
  await new Promise(setImmediate);
  assert.deepEqual([scene.prosody.over, bosh.open, sockets.list()], [true, 0, []]);
});
