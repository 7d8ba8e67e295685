/**
 * Into a meeting through the gateway, on a real Prosody with stream management, and back into it when the
 * connection breaks off.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ORIGIN, PREFIX } from '../support/server-stage.ts';
import { startClient } from '../support/xmpp-client.ts';
import {
  appAt,
  browserAt,
  enter,
  type Gate,
  isGone,
  letIn,
  muc,
  openGate,
  speaks,
  startMeetings,
} from './gate-stage.ts';
import { DOMAIN, GUEST_DOMAIN, type Prosody } from './prosody.ts';

const TOKEN_REQUIRED = { kind: 'failure', condition: 'not-allowed', text: 'token required' };
const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';

suite('into a meeting through the gateway', () => {
  let prosody: Prosody;
  before(async () => {
    prosody = await startMeetings();
  });
  after(() => prosody.stop());

  test('who is cut off is there again, and nobody saw them go', async (t) => {
    const gate = await openGate(t, prosody);
    const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
    const [one, other] = [await enter(gate, ada, '/cut'), await enter(gate, bob, '/cut')];
    one.cut();
    await one.closed;
    await speaks(other, { room: '/cut', others: [], text: 'where is Ada?' });
    assert.equal(await one.resume(), 'resumed');
    await one.until(() => one.seen.some(({ text }) => text === 'where is Ada?'));
    await speaks(one, { room: '/cut', others: [other], text: 'here again' });
    assert.equal(isGone(other, 'ada'), false);
    await Promise.all([one.leave(), other.leave()]);
  });

  test('who loads the page anew leaves, and is in the room again', async (t) => {
    const gate = await openGate(t, prosody);
    const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
    const [one, other] = [await enter(gate, ada, '/reload'), await enter(gate, bob, '/reload')];
    await one.leave();
    await other.until(() => isGone(other, 'ada'));
    const again = await enter(gate, ada, '/reload');
    await speaks(again, { room: '/reload', others: [other], text: 'here again' });
    assert.equal(await one.resume(), 'item-not-found', 'a stream that was closed is taken up by nobody');
    await Promise.all([again.leave(), other.leave()]);
  });

  for (const address of ['/Gr%C3%B6%C3%9Fe%20und%20Ma%C3%9F', '/physics/standup', '/a.b-c/R%C3%A4t'])
    test(`the room ${decodeURIComponent(address)} is entered and taken up again`, async (t) => {
      const gate = await openGate(t, prosody);
      const client = await enter(gate, await gate.person('ada'), address);
      client.cut();
      await client.closed;
      assert.equal(await client.resume(), 'resumed');
      await speaks(client, { room: address, others: [], text: 'here again' });
      await client.leave();
    });

  for (const [asked, joined] of [
    ['/one', '/two'],
    ['/physics/one', '/one'],
    ['/one', '/physics/one'],
    ['/physics/one', '/chemistry/one'],
  ] as const)
    test(`a session that asks for ${asked} is let into ${joined} by nobody`, async (t) => {
      const gate = await openGate(t, prosody);
      const client = letIn(await startClient(browserAt(gate, await gate.person('ada'), asked)));
      assert.equal(await client.join(muc(joined), 'ada'), 'not-allowed');
      await client.leave();
    });

  test('a stream to the guest host is refused in XMPP and written down, at its beginning and later [PROXY-28]', async (t) => {
    const gate = await openGate(t, prosody);
    const options = browserAt(gate, await gate.person('ada'), '/standup');
    assert.deepEqual(await startClient({ ...options, domain: GUEST_DOMAIN }), {
      kind: 'stream-error',
      condition: 'host-unknown',
    });
    const written = gate.stage.lines.filter((line) => line.includes('audit.stream-refused'));
    assert.equal(written.length, 1);
    assert.match(written[0] ?? '', /"room":"standup".*"code":"stream.unusable"/);
    const bare = letIn(await startClient({ ...options, origin: prosody.origin, domain: GUEST_DOMAIN }));
    await bare.leave();
    const again = await startClient({ ...options, restartsTo: GUEST_DOMAIN });
    assert.notEqual(again.kind, 'in');
    assert.equal(gate.stage.lines.filter((line) => line.includes('audit.stream-refused')).length, 2);
  });

  test('an app without anything is told to sign in, comes with a ticket, is cut off and back, and out with its session', async (t) => {
    const gate = await openGate(t, prosody);
    const address = '/physics/standup';
    assert.deepEqual(await startClient(appAt(gate, address)), TOKEN_REQUIRED);
    const { ticket, handle } = await signInForApp(gate, address);
    const app = appAt(gate, address, ticket);
    const one = letIn(await startClient(app));
    assert.equal(await one.join(muc(address), 'ada'), 'joined');
    const other = await enter(gate, await gate.person('bob'), address);
    one.cut();
    await one.closed;
    assert.equal(await one.resume(), 'resumed');
    await speaks(one, { room: address, others: [other], text: 'here again' });
    assert.equal(isGone(other, 'ada'), false);
    await gate.stage.parts.sessions.end(handle, 'operator');
    await other.until(() => isGone(other, 'ada'));
    await one.closed;
    assert.equal(await one.resume(), 'HTTP 401');
    assert.deepEqual(await startClient(app), { kind: 'http', status: 401 });
    await other.leave();
  });

  test('a ticket opens the one room it is for', async (t) => {
    const gate = await openGate(t, prosody);
    const { ticket } = await signInForApp(gate, '/physics/standup');
    for (const address of ['/physics/other', '/standup', '/chemistry/standup'])
      assert.deepEqual(
        await startClient(appAt(gate, address, ticket)),
        { kind: 'http', status: 403 },
        address,
      );
  });
});

/** What an app does that is told to sign in: to the address in config.js in a browser, and back with what that has for it. */
async function signInForApp(gate: Gate, address: string): Promise<{ ticket: string; handle: string }> {
  const [, tenant = '', room = ''] = /^(?:\/([^/]+))?\/([^/]+)$/.exec(address) ?? [];
  const { text } = await gate.stage.ask(`/${tenant}/config.js`);
  const config = JSON.parse(text.replace(/^var config = |;\s*$/g, '')) as {
    tokenAuthUrl: string;
    hosts: { domain: string };
  };
  assert.equal(config.hosts.domain, DOMAIN);
  const state = JSON.stringify({ room, roomSafe: room, ...(tenant !== '' && { tenant }), android: true });
  const signIn = new URL(
    config.tokenAuthUrl.replace('{room}', room).replace('{state}', encodeURIComponent(state)),
  );
  assert.equal(signIn.origin, ORIGIN);
  const phone = gate.stage.visitor({ 'user-agent': ANDROID });
  const away = await phone.get(`${signIn.pathname}${signIn.search}`);
  assert.equal(away.status, 302);
  await phone.signIn(address);
  // Whom the app sent goes back into the app, past Jitsi's page.
  const choice = await phone.get(`${signIn.pathname}${signIn.search}`);
  assert.equal(choice.status, 200);
  assert.match(choice.text, /action="\/_ostiary\/hand-off"/);
  assert.equal(/eyJ/.test(choice.text), false, 'the page that offers the app holds no token');
  const tapped = await phone.post(`${PREFIX}/hand-off`, { how: 'app', to: address });
  const [, ticket] = /\?jwt=([\w.-]+)#Intent/.exec(tapped.headers.get('location') ?? '') ?? [];
  const [session] = await gate.stage.parts.sessions.list();
  if (ticket === undefined || session === undefined) assert.fail(String(tapped.status));
  return { ticket, handle: session.handle };
}
