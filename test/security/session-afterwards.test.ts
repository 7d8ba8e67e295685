/** What becomes of a session whose time ran out while its person is in a meeting: in front of Jitsi, through the real routes. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { digest } from '../../src/base/random.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const PAST_IDLE = 13 * 3600;

let stage: Stage;
let ada: Stage['op']['user'];

before(async () => {
  // Nothing listens there: nobody in these tests comes as far.
  stage = await startStage({ config: { upstream: { url: 'http://127.0.0.1:9' } } });
  ada = stage.op.user;
});
after(() => stage.close());
afterEach(() => {
  stage.op.user = ada;
});

const handleOf = (visitor: Visitor) => digest(visitor.session() ?? '');
const standing = async (handle: string) => (await stage.parts.sessions.standing([handle])).get(handle);

/** Somebody signed in, and the time since then. */
async function ranOut(): Promise<{ readonly visitor: Visitor; readonly before: string }> {
  const visitor = stage.visitor();
  await visitor.signIn();
  const handle = handleOf(visitor);
  stage.clock.advance(PAST_IDLE);
  assert.ok(!(await visitor.isSignedIn()));
  assert.equal(typeof (await standing(handle)), 'object');
  return { visitor, before: handle };
}

test('who signs in again after the time ran out stays in the meeting they are in [SESS-10]', async () => {
  const { visitor, before } = await ranOut();
  await visitor.signIn('/retro');
  assert.ok(await visitor.isSignedIn());
  assert.notEqual(handleOf(visitor), before);
  assert.equal(typeof (await standing(before)), 'object');
});

test('signing out afterwards ends the meeting that began before the time ran out, too [SESS-10]', async () => {
  const { visitor, before } = await ranOut();
  await visitor.signIn();
  await visitor.post(`${PREFIX}/sign-out`, {});
  assert.equal(await standing(before), 'gone');
});

test('who is in a meeting past their time signs out of it without signing in again [SESS-10]', async () => {
  const { visitor, before } = await ranOut();
  const asked = await visitor.get(`${PREFIX}/sign-out`);
  assert.equal(asked.status, 200);
  await visitor.post(`${PREFIX}/sign-out`, {});
  assert.equal(await standing(before), 'gone');
});

test('another person who signs in in the same browser ends what was left of the one before [SESS-01]', async () => {
  const { visitor, before } = await ranOut();
  stage.op.user = { ...ada, sub: 'somebody-else', name: 'Grace' };
  await visitor.signIn();
  assert.ok(await visitor.isSignedIn());
  assert.equal(await standing(before), 'gone');
});

test('a session that ran out opens nothing: no page, no room, no token [SESS-10]', async () => {
  const { visitor } = await ranOut();
  for (const path of ['/standup', `${PREFIX}/join?room=standup`]) {
    const answer = await visitor.get(path, { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' });
    assert.equal(answer.status, 302, path);
    assert.match(answer.headers.get('location') ?? '', /\/_ostiary\/sign-in\?to=%2Fstandup#?$/, path);
  }
});

test("who wanted Jitsi's start page comes back to it, and to no other page that is named so", async () => {
  const visitor = stage.visitor();
  const first = await visitor.get('/', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' });
  assert.match(first.headers.get('location') ?? '', /\/_ostiary\/sign-in\?to=%2F$/);
  assert.equal((await visitor.signIn('/')).headers.get('location'), `${ORIGIN}/#`);
  for (const to of ['//', '/?x=1', '/#x', '/\\', '/./'])
    assert.match(
      (await visitor.signIn(to)).headers.get('location') ?? '',
      /^(?:https:\/\/meet\.example\.org\/#|\/_ostiary\/session)$/,
      to,
    );
});

test('being led to the page is no entry: who only looks at it is not counted as having entered', async () => {
  const visitor = stage.visitor();
  await visitor.signIn('/standup');
  const answer = await visitor.get(`${PREFIX}/join?room=standup`);
  assert.equal(answer.headers.get('location'), `${ORIGIN}/standup`);
  assert.doesNotMatch(await stage.parts.metrics.text(), /ostiary_entries_total\{outcome="admitted"\} [1-9]/);
});
