/**
 * Rolled out in stages behind proxies that people run, with the file that we print for each, before a real Prosody; and in a real browser
 * through the gateway. Time is moved, never waited for.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { readObserved } from '../../src/admission/observed.ts';
import { muc } from '../prosody/gate-stage.ts';
import { DOMAIN } from '../prosody/prosody.ts';
import { startBoshClient } from '../support/bosh-client.ts';
import { type ForwardStage, FRONTS, startForwardStage } from '../support/forward-stage.ts';
import { startFrontNginx } from '../support/real/front.ts';
import { ORIGIN } from '../support/server-stage.ts';
import { startClient } from '../support/xmpp-client.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

const HOUR = 3600;
const TOKEN = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"iss":"old-portal"}').toString('base64url')}.canary`;
const REQUIRED = { kind: 'failure', condition: 'not-allowed', text: 'token required' };
const PAGE = { 'user-agent': 'Mozilla/5.0 Chrome/138.0', 'sec-fetch-mode': 'navigate' };

for (const [name, start] of FRONTS)
  suite(`nothing is guarded until a date, behind ${name}`, () => {
    let all: ForwardStage;
    before(async () => {
      const insecureObserveOnly = new Date(Date.now() + HOUR * 1000).toISOString();
      all = await startForwardStage(start, { config: { insecureObserveOnly }, allowEmpty: true });
    });
    after(() => all.close());
    const clientFor = (query: string, path = '/xmpp-websocket') => ({
      ...{ origin: all.front.origin, path, query, domain: DOMAIN },
      headers: { origin: ORIGIN, host: new URL(ORIGIN).host },
    });

    test('a stranger gets pages, files and settings, as Jitsi serves them and with nothing of ours in them', async () => {
      for (const [path, text] of [
        ['/standup', 'JITSI'],
        ['/physics/standup', 'JITSI'],
        ['/config.js', 'subdir'],
        ['/libs/app.bundle.min.js', 'APP'],
      ] as const) {
        const answer = await all.front.ask(path, { headers: PAGE });
        assert.equal(answer.status, 200, path);
        assert.ok(answer.text.includes(text), answer.text.slice(0, 200));
        assert.doesNotMatch(answer.text, /"token":"/);
      }
    });

    test('a link of another application keeps its token, in the page and on the way to Jitsi', async () => {
      const page = await all.front.ask(`/standup?jwt=${TOKEN}`, { headers: PAGE });
      assert.equal(page.status, 200);
      all.arrived.length = 0;
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const sent = { method: 'POST', headers, body: '{}' };
      await all.front.ask(`/conference-request/v1?room=standup&token=${TOKEN}`, sent);
      const [arrived] = all.arrived;
      assert.equal(arrived?.headers.authorization, `Bearer ${TOKEN}`);
      assert.ok(arrived?.url.includes(`token=${TOKEN}`), arrived?.url);
    });

    test('somebody without a token is in the meeting, by WebSocket and by BOSH, below a tenant too', async () => {
      const socket = await startClient(clientFor('room=standup'));
      assert.ok(socket.kind === 'in', JSON.stringify(socket));
      assert.equal(await socket.client.join(muc('/standup'), 'Nobody'), 'joined');
      const bosh = await startBoshClient(clientFor('room=standup', '/physics/http-bind'));
      assert.ok(bosh.kind === 'in', JSON.stringify(bosh));
      assert.equal(await bosh.client.join(muc('/physics/standup'), 'Nobody'), 'joined');
      await bosh.client.leave();
      await socket.client.leave();
    });

    test('what would not have passed is in the report, without a token; after the date it does not pass', async () => {
      await all.stage.app.settled();
      const seen = await readObserved(all.stage.parts.store, 0);
      const has = (kind: Partial<(typeof seen)[number]>) =>
        seen.some((one) => Object.entries(kind).every(([key, value]) => Object(one)[key] === value));
      assert.ok(has({ seenAs: 'page', code: 'sign-in', room: 'standup' }));
      assert.ok(has({ seenAs: 'link', issuer: 'old-portal' }));
      assert.ok(has({ code: 'no-token', room: 'standup', tenant: 'physics' }));
      assert.equal(JSON.stringify(seen).includes('canary'), false);
      all.stage.clock.advance(2 * HOUR);
      const page = await all.front.ask('/standup', { headers: PAGE });
      assert.equal(page.status, 302);
      // Traefik's file answers strangers in XMPP when it is printed again, and refuses them until then.
      const refused = name.includes('Traefik') ? { kind: 'http', status: 401 } : REQUIRED;
      assert.deepEqual(await startClient(clientFor('room=standup')), refused);
      const bosh = await startBoshClient(clientFor('room=standup', '/http-bind'));
      assert.equal(bosh.kind, refused.kind);
      // What nginx may keep, it kept of none of those who passed.
      const file = await all.front.ask('/libs/app.bundle.min.js', { headers: { accept: '*/*' } });
      assert.equal(file.status, 401);
    });
  });

suite('a network is guarded first, behind nginx', () => {
  for (const [network, status] of [
    ['127.0.0.0/8', 302],
    ['10.20.0.0/16', 200],
  ] as const)
    test(`whoever comes from 127.0.0.1 is answered ${status} where ${network} is`, async () => {
      const all = await startForwardStage(startFrontNginx, {
        config: { rollout: { networks: [network] } },
        allowEmpty: true,
      });
      try {
        for (const headers of [PAGE, { ...PAGE, 'x-forwarded-for': '10.20.0.1, 192.0.2.1' }])
          assert.equal((await all.front.ask('/standup', { headers })).status, status);
      } finally {
        await all.close();
      }
    });
});

suite('in a real browser, through the gateway', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      ...{ tls: false, door: 'gateway', allowEmpty: true },
      config: { rollout: { rooms: ['board*'] } },
    });
  });
  after(() => stage.close());

  test('a room outside the part is entered without a sign-in, one of the part after it, and the first is in the report', async () => {
    const page = await (await stage.visitor()).newPage();
    await page.goto(`${stage.url}/Standup`);
    assert.equal(await meetingStatus(page), 'joined');
    await page.goto(`${stage.url}/Board`);
    await signInAs(page, stage.person('ada'));
    assert.equal(await meetingStatus(page), 'joined');
    assert.equal(await page.textContent('#name'), 'Ada Lövelace');
    const rooms = async () =>
      (await readObserved(stage.parts.store, 0)).flatMap(({ seenAs, room }) =>
        room ? [`${seenAs} ${room}`] : [],
      );
    await stage.settled();
    assert.deepEqual((await rooms()).toSorted(), ['guest standup', 'page standup']);
  });
});
