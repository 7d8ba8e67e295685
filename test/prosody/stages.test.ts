/**
 * Rolled out in stages before a real Prosody that takes people without a token: nothing is guarded until a date, then a
 * part is. Time is moved, never waited for.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { readObserved } from '../../src/admission/observed.ts';
import { startBoshClient } from '../support/bosh-client.ts';
import { startClient } from '../support/xmpp-client.ts';
import { appAt, browserAt, enter, letIn, muc, openGate, startMeetings } from './gate-stage.ts';
import { DOMAIN, GUEST_DOMAIN, type Prosody } from './prosody.ts';

const NOBODY = { cookie: '' };
const TOKEN_REQUIRED = { kind: 'failure', condition: 'not-allowed', text: 'token required' };
const HOUR = 3600;
const inAnHour = () => new Date(Date.now() + HOUR * 1000).toISOString();

suite('in stages, before a Prosody', () => {
  let prosody: Prosody;
  before(async () => {
    prosody = await startMeetings({ allowEmpty: true });
  });
  after(() => prosody.stop());

  test('who signs in to XMPP without a token is in the meeting until the date, is in the report, and is refused after it', async (t) => {
    const gate = await openGate(t, prosody, { config: { insecureObserveOnly: inAnHour() } });
    const inside = letIn(await startClient(browserAt(gate, NOBODY, '/observed')));
    assert.equal(await inside.join(muc('/observed'), 'Nobody'), 'joined');
    await gate.stage.app.settled();
    const seen = await readObserved(gate.stage.parts.store, 0);
    assert.deepEqual(
      seen.map(({ seenAs, code, room, count }) => [seenAs, code, room, count]),
      [['app', 'no-token', 'observed', 1]],
    );
    gate.stage.clock.advance(2 * HOUR);
    await gate.stage.parts.sockets.tick();
    await inside.closed;
    assert.deepEqual(await startClient(browserAt(gate, NOBODY, '/observed')), TOKEN_REQUIRED);
    assert.notEqual(await inside.resume(), 'resumed');
  });

  test('over BOSH too, with one line for one stream', async (t) => {
    const gate = await openGate(t, prosody, { config: { insecureObserveOnly: inAnHour() } });
    const options = { ...browserAt(gate, NOBODY, '/by-bosh'), path: '/http-bind' };
    const started = await startBoshClient(options);
    assert.ok(started.kind === 'in', JSON.stringify(started));
    assert.equal(await started.client.join(muc('/by-bosh'), 'Nobody'), 'joined');
    await started.client.leave();
    await gate.stage.app.settled();
    const seen = await readObserved(gate.stage.parts.store, 0);
    assert.deepEqual(
      seen.map(({ code, count }) => [code, count]),
      [['no-token', 1]],
    );
    gate.stage.clock.advance(2 * HOUR);
    assert.deepEqual(await startBoshClient(options), TOKEN_REQUIRED);
  });

  test('a machine that speaks to another host is told apart, with the host it needs', async (t) => {
    const gate = await openGate(t, prosody, { config: { insecureObserveOnly: inAnHour() } });
    await startClient({ ...appAt(gate, '/recorded'), domain: GUEST_DOMAIN });
    await gate.stage.app.settled();
    const seen = await readObserved(gate.stage.parts.store, 0);
    assert.ok(
      seen.some(
        ({ seenAs, host, addresses }) => seenAs === 'recorder' && host === GUEST_DOMAIN && addresses?.[0],
      ),
      JSON.stringify(seen),
    );
  });

  test('a machine that would be let in is not written down, and a guest of a browser is no machine', async (t) => {
    const machines = [
      { name: 'jibri', networks: ['127.0.0.1'], reaches: ['xmpp'], xmppDomain: GUEST_DOMAIN },
    ];
    const gate = await openGate(t, prosody, { config: { insecureObserveOnly: inAnHour(), machines } });
    await startClient({ ...appAt(gate, '/recorded'), domain: GUEST_DOMAIN });
    await gate.stage.app.settled();
    assert.deepEqual(await readObserved(gate.stage.parts.store, 0), []);
    const other = await openGate(t, prosody, { config: { insecureObserveOnly: inAnHour() } });
    const page = browserAt(other, NOBODY, '/guests');
    const headers = { ...page.headers, 'user-agent': 'Mozilla/5.0 Chrome/138.0' };
    await startClient({ ...page, headers, domain: GUEST_DOMAIN });
    await other.stage.app.settled();
    const seen = await readObserved(other.stage.parts.store, 0);
    assert.ok(seen.some(({ seenAs, host }) => seenAs === 'guest' && host === GUEST_DOMAIN));
    assert.ok(seen.every(({ seenAs, addresses }) => seenAs === 'guest' && addresses === undefined));
  });

  test('of a part that is guarded nobody gets into its rooms without a token, whatever room they came for', async (t) => {
    const gate = await openGate(t, prosody, { config: { rollout: { rooms: ['board'] } } });
    const ada = await enter(gate, await gate.person('ada'), '/board');
    const stranger = letIn(await startClient(browserAt(gate, NOBODY, '/standup')));
    assert.equal(await stranger.join(muc('/standup'), 'Stranger'), 'joined');
    stranger.say(muc('/board'), 'let me in');
    await stranger.closed;
    const guest = letIn(await startClient({ ...browserAt(gate, NOBODY, '/standup'), domain: GUEST_DOMAIN }));
    guest.say(muc('/board'), 'let me in');
    await guest.closed;
    assert.deepEqual(await startClient(browserAt(gate, NOBODY, '/board')), TOKEN_REQUIRED);
    assert.ok(!ada.seen.some(({ nick, text }) => nick !== 'ada' || text === 'let me in'));
    await ada.leave();
    assert.equal(gate.stage.config.jitsi.xmppDomain, DOMAIN);
  });
});
