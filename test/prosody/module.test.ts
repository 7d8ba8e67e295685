/**
 * Our module in a real Prosody with stream management, and the token-service door beside it: who is in a meeting is
 * known here, and whose session ends is seen to leave.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { APPS, askToken, tokenOf } from '../support/apps.ts';
import { freePort } from '../support/http-server.ts';
import { until } from '../support/until.ts';
import { startClient } from '../support/xmpp-client.ts';
import { isGone, letIn, muc, speaks, startMeetings } from './gate-stage.ts';
import { inside, openBeside, type Reporting, startReporting, straightTo, tokenFor } from './module-stage.ts';

/** Nobody is put out later than that; milliseconds. */
const SOON = 2000;

suite('our module in Prosody', () => {
  let reporting: Reporting;
  before(async () => {
    reporting = await startReporting();
  });
  after(() => reporting.prosody.stop());

  test('a host whom Prosody reports lets in who waits in the token-service door, and their going is seen', async (t) => {
    const beside = await openBeside(t, reporting);
    const { presence, lobby } = beside.stage.parts;
    const [ada, bob] = [await beside.person('ada', ['staff']), await beside.person('bob')];
    const room = parseRoomPath('/standup');
    assert.equal(await tokenFor(beside, bob, 'standup'), undefined, 'nobody leads the room yet');
    const turn = new Promise((called) => lobby.wait({ ...waiter(bob.handle), room, called }));
    const from = performance.now();
    const leader = await inside(beside, ada, 'standup');
    assert.equal(await turn, 'go');
    t.diagnostic(`let in after ${Math.round(performance.now() - from)} ms`);
    const follower = await inside(beside, bob, 'standup');
    assert.equal(presence.isHostThere(parseRoomPath('/retro')), false, 'of no other room');
    await Promise.all([leader.leave(), follower.leave()]);
    await until(() => beside.stage.parts.reports.state().heard[0]?.connections === 0);
    beside.stage.clock.advance(beside.stage.config.waiting.hostGrace + 1);
    assert.equal(presence.isHostThere(room), false);
  });

  test('who is signed out is seen to leave within two seconds, and their token opens nothing more', async (t) => {
    const beside = await openBeside(t, reporting, { config: { access: 'members' } });
    const [ada, bob] = [await beside.person('ada'), await beside.person('bob')];
    const one = await inside(beside, ada, 'out');
    const other = await inside(beside, bob, 'out');
    const token = await tokenFor(beside, ada, 'out');
    const from = performance.now();
    await beside.stage.parts.sessions.end(ada.handle, 'signed-out');
    await other.until(() => isGone(other, 'ada'));
    const took = performance.now() - from;
    t.diagnostic(`seen to leave after ${Math.round(took)} ms`);
    assert.ok(took < SOON, `${took} ms`);
    assert.deepEqual(await startClient(straightTo(beside, 'out', token)), {
      kind: 'failure',
      condition: 'not-allowed',
      text: 'This session was ended',
    });
    assert.ok(other.isOpen());
    await other.leave();
  });

  test('whose connection broke off is ended too, though Prosody keeps them to be resumed', async (t) => {
    const beside = await openBeside(t, reporting, { config: { access: 'members' } });
    const [ada, bob] = [await beside.person('ada'), await beside.person('bob')];
    const one = await inside(beside, ada, 'cut');
    const other = await inside(beside, bob, 'cut');
    one.cut();
    const from = performance.now();
    await beside.stage.parts.sessions.end(ada.handle, 'signed-out');
    await other.until(() => isGone(other, 'ada'));
    const took = performance.now() - from;
    t.diagnostic(`seen to leave after ${Math.round(took)} ms`);
    assert.ok(took < SOON, `${took} ms`);
    assert.notEqual(await one.resume(), 'resumed');
    await other.leave();
  });

  test('who took their connection up again after a new sign-in stays when the old session ends', async (t) => {
    const beside = await openBeside(t, reporting, { config: { access: 'members' } });
    const [ada, bob] = [await beside.person('ada'), await beside.person('bob')];
    const one = await inside(beside, ada, 'resumed');
    const other = await inside(beside, bob, 'resumed');
    one.cut();
    const anew = await beside.person('ada');
    const token = await tokenFor(beside, anew, 'resumed');
    assert.equal(await one.resume({ query: `room=resumed&token=${token}` }), 'resumed');
    await beside.stage.parts.sessions.end(ada.handle, 'signed-out');
    // Whoever is ended after that is ended later than she would have been.
    const carol = await inside(beside, await beside.person('carol'), 'resumed');
    await beside.stage.parts.sessions.endAllOf('sso#carol', 'operator');
    await other.until(() => isGone(other, 'carol'));
    assert.ok(!isGone(other, 'ada') && one.isOpen());
    await beside.stage.parts.sessions.end(anew.handle, 'signed-out');
    await other.until(() => isGone(other, 'ada'));
    await Promise.all([carol.leave(), other.leave()]);
  });

  test('who is put out of one room is out of it and stays in the other, until it is taken back', async (t) => {
    const beside = await openBeside(t, reporting, { config: { access: 'members' } });
    const { kicks } = beside.stage.parts;
    const [ada, bob] = [await beside.person('ada'), await beside.person('bob')];
    const [one, elsewhere] = [await inside(beside, ada, 'kicked'), await inside(beside, ada, 'kept')];
    const other = await inside(beside, bob, 'kicked');
    const token = await tokenFor(beside, ada, 'kicked');
    const room = parseRoomPath('/kicked');
    await kicks.add({ person: 'sso#ada', room, seconds: 3600, reason: 'Shouting' });
    await other.until(() => isGone(other, 'ada'));
    const refused = await startClient(straightTo(beside, 'kicked', token));
    assert.deepEqual(refused, { kind: 'failure', condition: 'not-allowed', text: 'Shouting' });
    assert.ok(elsewhere.isOpen());
    await kicks.undo('sso#ada', room);
    await until(async () => (await startClient(straightTo(beside, 'kicked', token))).kind === 'in');
    await Promise.all([elsewhere.leave(), other.leave()]);
  });

  test('somebody for whom an application asked stays in the meeting, and is out when their session is ended', async (t) => {
    const beside = await openBeside(t, reporting, { config: { access: 'members', apps: APPS } });
    const token = tokenOf(await askToken(beside.stage));
    const one = letIn(await startClient(straightTo(beside, 'crm-7', token)));
    assert.equal(await one.join(muc('/crm-7'), 'grace'), 'joined');
    const [bob, carol] = [await beside.person('bob'), await beside.person('carol')];
    const other = await inside(beside, bob, 'crm-7');
    // Whoever is ended after they came is ended later than they would have been.
    await inside(beside, carol, 'crm-7');
    await beside.stage.parts.sessions.end(carol.handle, 'operator');
    await other.until(() => isGone(other, 'carol'));
    assert.ok(one.isOpen() && !isGone(other, 'grace'));
    await beside.stage.parts.sessions.endAllOf('app:crm#4711', 'operator');
    await other.until(() => isGone(other, 'grace'));
    await other.leave();
  });

  test('without the module tokens open rooms as ever, and whoever waits for a host goes on waiting', async (t) => {
    const prosody = await startMeetings();
    t.after(() => prosody.stop());
    const bare = { prosody, port: await freePort() };
    const beside = await openBeside(t, bare, {}, { reports: false });
    const [ada, bob] = [await beside.person('ada', ['staff']), await beside.person('bob')];
    const one = await inside(beside, ada, 'alone');
    assert.deepEqual(beside.stage.parts.reports.state().heard, []);
    assert.equal(await tokenFor(beside, bob, 'alone'), undefined, 'nobody knows of a host');
    await beside.stage.parts.sessions.end(ada.handle, 'signed-out');
    await speaks(one, { room: '/alone', others: [], text: 'nobody ends what nobody sees' });
    await one.leave();
  });

  test('while we are away meetings go on, and afterwards what ended meanwhile is ended', async (t) => {
    // It outlives the first of us.
    const memory = createMemoryStore({ clock: fixedClock(Date.now() - 60_000) });
    const store = { ...memory, close: async () => {} };
    const options = { config: { access: 'members' }, store: () => store };
    const first = await openBeside(t, reporting, options);
    const [ada, bob] = [await first.person('ada'), await first.person('bob')];
    const [one, other] = [await inside(first, ada, 'away'), await inside(first, bob, 'away')];
    await first.stage.close();
    await speaks(one, { room: '/away', others: [other], text: 'still here' });
    const { sessions } = first.stage.parts;
    await sessions.end(ada.handle, 'operator');
    await openBeside(t, reporting, options);
    await other.until(() => isGone(other, 'ada'));
    assert.ok(other.isOpen());
    await other.leave();
  });

  const waiter = (session: string) => ({
    session,
    address: '192.0.2.1',
    stands: async () => 'waits' as const,
  });
});
