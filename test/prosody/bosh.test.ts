/** A meeting by BOSH through the gateway, on a real Prosody. */
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { type BoshClient, type BoshStarted, startBoshClient } from '../support/bosh-client.ts';
import { ORIGIN } from '../support/server-stage.ts';
import type { ClientOptions } from '../support/xmpp-client.ts';
import {
  browserAt,
  enter,
  type Gate,
  isGone,
  muc,
  openGate,
  type Person,
  startMeetings,
} from './gate-stage.ts';
import { GUEST_DOMAIN, type Prosody } from './prosody.ts';

/** How a browser on the page of this room connects by BOSH. */
function boshAt(gate: Gate, who: Pick<Person, 'cookie'>, address: string): ClientOptions {
  const options = browserAt(gate, who, address);
  return { ...options, path: options.path?.replace('xmpp-websocket', 'http-bind') ?? '' };
}

function letIn(started: BoshStarted): BoshClient {
  if (started.kind !== 'in') assert.fail(JSON.stringify(started));
  return started.client;
}

async function enterByBosh(gate: Gate, person: Person, address: string): Promise<BoshClient> {
  const client = letIn(await startBoshClient(boshAt(gate, person, address)));
  assert.equal(await client.join(muc(address), person.name), 'joined');
  return client;
}

suite('a meeting by BOSH through the gateway', () => {
  let prosody: Prosody;
  before(async () => {
    prosody = await startMeetings();
  });
  after(() => prosody.stop());

  async function pair(t: TestContext, address: string, options?: Parameters<typeof openGate>[2]) {
    const gate = await openGate(t, prosody, options);
    const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
    const [one, other] = [await enterByBosh(gate, ada, address), await enter(gate, bob, address)];
    return { gate, ada, bob, one, other };
  }

  for (const address of ['/standup', '/physics/standup', '/Gr%C3%B6%C3%9Fe%20und%20Ma%C3%9F'])
    test(`two speak in the room ${decodeURIComponent(address)}, one by BOSH and one by WebSocket`, async (t) => {
      const { one, other } = await pair(t, address);
      one.say(muc(address), 'by BOSH');
      await other.until(() => other.seen.some(({ text }) => text === 'by BOSH'));
      other.say(muc(address), 'by WebSocket');
      await one.until(() => one.seen.some(({ text }) => text === 'by WebSocket'));
      await one.leave();
      await other.until(() => isGone(other, 'ada'));
      await other.leave();
    });

  test('who is signed out is seen to leave within two seconds, and is out', async (t) => {
    const { gate, ada, one, other } = await pair(t, '/bosh-out');
    const from = performance.now();
    await gate.stage.parts.sessions.end(ada.handle, 'signed-out');
    await other.until(() => isGone(other, 'ada'));
    t.diagnostic(`seen to leave after ${Math.round(performance.now() - from)} ms`);
    assert.match(await one.over, /^(?:terminate|HTTP 401|item-not-found)$/);
    const again = await startBoshClient(boshAt(gate, ada, '/bosh-out'));
    assert.deepEqual(again, { kind: 'failure', condition: 'not-allowed', text: 'token required' });
    await other.leave();
  });

  test('who is signed out while two requests are under way is seen to leave', async (t) => {
    const { gate, ada, one, other } = await pair(t, '/bosh-busy');
    for (let at = 0; at < 20; at += 1) one.say(muc('/bosh-busy'), `word ${at}`);
    await other.until(() => other.seen.some(({ text }) => text === 'word 5'));
    await gate.stage.parts.sessions.end(ada.handle, 'operator');
    await other.until(() => isGone(other, 'ada'));
    await one.over;
    await other.leave();
  });

  test('a stranger, and somebody else who is signed in, have nothing by a stolen sid', async (t) => {
    const { gate, bob, one, other } = await pair(t, '/bosh-stolen');
    const word = `<message xmlns='jabber:client' type='groupchat' to='${muc('/bosh-stolen')}'><body>stolen</body></message>`;
    const host = { host: new URL(ORIGIN).host };
    assert.equal(await one.stolen({ headers: { ...host, origin: ORIGIN } }, word), 'item-not-found');
    assert.equal(
      await one.stolen({ headers: { ...host, origin: ORIGIN, cookie: bob.cookie } }, word),
      'item-not-found',
    );
    assert.equal(await one.stolen({ headers: { ...host, cookie: bob.cookie } }, word), 'HTTP 403');
    one.say(muc('/bosh-stolen'), 'mine');
    await other.until(() => other.seen.some(({ text }) => text === 'mine'));
    assert.ok(!other.seen.some(({ text }) => text === 'stolen'));
    // Prosody itself would have taken it.
    assert.equal(
      await one.stolen({ origin: prosody.origin, path: '/http-bind', headers: {} }, word),
      'taken',
    );
    await gate.stage.parts.sessions.end(bob.handle, 'operator');
  });

  test('a room is entered by nobody who asked for another one', async (t) => {
    const gate = await openGate(t, prosody);
    const ada = await gate.person('ada');
    const client = letIn(await startBoshClient(boshAt(gate, ada, '/one')));
    assert.equal(await client.join(muc('/two'), 'ada'), 'not-allowed');
    await client.leave();
  });

  test('a stream to the guest host is refused by the gate, though Prosody would open it [PROXY-28]', async (t) => {
    const gate = await openGate(t, prosody);
    const options = { ...boshAt(gate, await gate.person('ada'), '/standup'), domain: GUEST_DOMAIN };
    assert.deepEqual(await startBoshClient(options), { kind: 'ended', condition: 'host-unknown' });
    const bare = await startBoshClient({ ...options, origin: prosody.origin, path: '/http-bind' });
    await letIn(bare).leave();
  });

  test('who is not signed in is told so in XMPP, and Prosody hears nothing of them', async (t) => {
    const gate = await openGate(t, prosody);
    const started = await startBoshClient(boshAt(gate, { cookie: '' }, '/standup'));
    assert.deepEqual(started, { kind: 'failure', condition: 'not-allowed', text: 'token required' });
  });
});
