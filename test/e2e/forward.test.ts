/**
 * Proxies that people run already, with the file we print for them, before a real Prosody: a whole meeting starts
 * through each, strangers get what the gateway lets them have, and nothing that is said from outside is believed.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { surfaceOf } from '../../src/gateway/surface.ts';
import { type Gate, muc, speaks } from '../prosody/gate-stage.ts';
import { DOMAIN } from '../prosody/prosody.ts';
import { startBoshClient } from '../support/bosh-client.ts';
import { type ForwardStage, FRONTS, type Person, startForwardStage } from '../support/forward-stage.ts';
import { startFrontNginx, startFrontTraefik, startNginxBefore } from '../support/real/front.ts';
import { ORIGIN, PREFIX } from '../support/server-stage.ts';
import { startClient } from '../support/xmpp-client.ts';

/** What of Jitsi's stands at which path; every one of these texts is in no answer of ours. */
const PATHS: readonly (readonly [path: string, text: string])[] = [
  ['/', 'JITSI'],
  ['/standup', 'JITSI'],
  ['/physics/standup', 'JITSI'],
  ['/config.js', 'subdir'],
  ['/physics/config.js', 'subdir'],
  ['/external_api.js', 'EMBED'],
  ['/libs/external_api.min.js', 'EMBED'],
  ['/libs/app.bundle.min.js', 'APP'],
  ['/physics/libs/app.bundle.min.js', 'APP'],
  ['/css/all.css', 'CSS'],
  ['/static/close3.html', 'CLOSED'],
  ['/manifest.json', '{}'],
  ['/pwa-worker.js', 'WORKER'],
  ['/interface_config.js', 'INTERFACE'],
  ['/.well-known/acme-challenge/TOKEN', 'CHALLENGE'],
];

const TEXTS = [
  'JITSI',
  'subdir',
  'EMBED',
  'APP',
  'CSS',
  'CLOSED',
  'WORKER',
  'INTERFACE',
  'CHALLENGE',
  'BACK END',
];
/** Of Jitsi's own files, in the head of its page. */
const OPEN = ['acme', 'apps', 'embed'];

/** What stands in a token; its signature is Prosody's business. */
const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

const hasOpen = (path: string) => {
  const surface = surfaceOf(path);
  return surface.kind === 'asset' && surface.groups.some((group) => OPEN.includes(group));
};

/** What a browser in the meeting says of itself. */
const browser = ({ cookie }: Person) => ({ cookie, origin: ORIGIN, host: new URL(ORIGIN).host });

for (const [name, start] of FRONTS)
  suite(`behind ${name}`, () => {
    let all: ForwardStage;
    let ada: Person;
    before(async () => {
      all = await startForwardStage(start);
      ada = await all.person('Ada');
    });
    after(() => all.close());

    const gate = (): Gate => ({
      stage: all.stage,
      origin: all.front.origin,
      person: (who) => all.person(who),
    });
    const clientFor = (person: Person, query: string, path = '/xmpp-websocket') => ({
      ...{ origin: all.front.origin, path, query, domain: DOMAIN },
      headers: browser(person),
    });

    test('a meeting begins: the page with the name in it, the settings, and XMPP by WebSocket and by BOSH', async () => {
      const page = await all.front.ask('/standup', { headers: { cookie: ada.cookie } });
      assert.equal(page.status, 200);
      assert.match(page.text, /JITSI/);
      const [, token = ''] = /"token":"([^"]+)"/.exec(page.text) ?? [];
      assert.equal(claimsIn(token)['room'], 'standup');
      assert.equal(page.headers['cache-control'], 'no-store');
      assert.equal(page.headers['content-security-policy'], "frame-ancestors 'self'");
      const config = await all.front.ask('/config.js?room=standup', { headers: { cookie: ada.cookie } });
      assert.match(config.text, /subdir/);
      // As Jitsi's client does, with the token of the page in the address.
      const socket = await startClient(clientFor(ada, `room=standup&token=${token}`));
      assert.ok(socket.kind === 'in', JSON.stringify(socket));
      assert.equal(await socket.client.join(muc('/standup'), 'Ada'), 'joined');
      const bob = await all.person('Bob');
      const bosh = await startBoshClient(clientFor(bob, `room=standup&token=${token}`, '/http-bind'));
      assert.ok(bosh.kind === 'in', JSON.stringify(bosh));
      assert.equal(await bosh.client.join(muc('/standup'), 'Bob'), 'joined');
      await socket.client.until(() => socket.client.seen.some(({ nick }) => nick === 'Bob'));
      await speaks(socket.client, { room: '/standup', others: [], text: 'good morning' });
      await bosh.client.until(() => bosh.client.seen.some(({ text }) => text === 'good morning'));
      await bosh.client.leave();
      await socket.client.leave();
    });

    if (start === startNginxBefore)
      test('the name comes into a page that is packed for whoever takes packed ones', async () => {
        const headers = { cookie: ada.cookie, 'accept-encoding': 'gzip' };
        assert.match((await all.front.ask('/standup', { headers })).text, /"token":"/);
      });

    test('the page is made anew for whoever holds one already, and whole for who wants a part', async () => {
      for (const more of [
        { 'if-modified-since': new Date(Date.now() + 86_400_000).toUTCString() },
        { range: 'bytes=0-10' },
        // Those who can leave it out do; browsers never send it.
        ...(start === startFrontNginx || start === startFrontTraefik ? [] : [{ 'if-none-match': '*' }]),
      ]) {
        const headers = { cookie: ada.cookie, ...more } as Readonly<Record<string, string>>;
        const page = await all.front.ask('/standup', { headers });
        assert.equal(page.status, 200, JSON.stringify(more));
        assert.match(page.text, /"token":"/);
        assert.match(page.text, /<\/html>/);
      }
    });

    test("below a tenant too, and the token is good for that tenant's room alone", async () => {
      const page = await all.front.ask('/physics/standup', { headers: { cookie: ada.cookie } });
      assert.match(page.text, /subdir = 'physics\/'/);
      const [, token = ''] = /"token":"([^"]+)"/.exec(page.text) ?? [];
      assert.deepEqual([claimsIn(token)['room'], claimsIn(token)['sub']], ['standup', 'physics']);
      const started = await startClient(clientFor(ada, 'room=standup', '/physics/xmpp-websocket'));
      assert.ok(started.kind === 'in', JSON.stringify(started));
      assert.equal(await started.client.join(muc('/standup'), 'Ada'), 'not-allowed');
      assert.equal(await started.client.join(muc('/physics/standup'), 'Ada'), 'joined');
      await started.client.leave();
    });

    test('who has no session hears in XMPP that a token is required, by WebSocket and by BOSH', async () => {
      const stranger = { name: '', handle: '', cookie: '' };
      const required = { kind: 'failure', condition: 'not-allowed', text: 'token required' };
      const { cookie: _, ...headers } = browser(stranger);
      assert.deepEqual(await startClient({ ...clientFor(stranger, 'room=standup'), headers }), required);
      assert.deepEqual(
        await startBoshClient({ ...clientFor(stranger, 'room=standup', '/http-bind'), headers }),
        required,
      );
    });

    for (const [path, text] of PATHS)
      test(`${path} is there for who is signed in, and for strangers only where the gateway opens it`, async () => {
        const seen = await all.front.ask(path, { headers: { cookie: ada.cookie } });
        assert.equal(seen.status, 200);
        assert.ok(seen.text.includes(text), seen.text.slice(0, 300));
        const answer = await all.front.ask(path);
        if (hasOpen(path)) assert.ok(answer.text.includes(text));
        else
          assert.deepEqual(
            TEXTS.filter((one) => answer.text.includes(one)),
            [],
          );
      });

    if (start === startFrontNginx)
      test('everything of Jitsi comes by https alone from then on, and is what it is said to be', async () => {
        const sound = await all.front.ask('/sounds/joined.wav', { headers: { cookie: ada.cookie } });
        assert.deepEqual([sound.text, sound.headers['content-type']], ['WAVE', 'audio/wav']);
        for (const [path] of PATHS) {
          const { headers } = await all.front.ask(path, { headers: { cookie: ada.cookie } });
          const said = [headers['strict-transport-security'], headers['x-content-type-options']];
          assert.deepEqual(said, ['max-age=31536000', 'nosniff'], path);
        }
      });

    test('a browser without a session is led to the sign-in and back to its room; anything else hears 401', async () => {
      const browserAsks = await all.front.ask('/standup');
      assert.equal(browserAsks.status, 302);
      assert.equal(browserAsks.headers.location, `${PREFIX}/sign-in?to=%2Fstandup`);
      const other = await all.front.ask('/libs/app.bundle.min.js', { headers: { accept: '*/*' } });
      assert.equal(other.status, 401);
    });

    for (const [header, value] of [
      ['x-original-uri', '/external_api.js'],
      ['x-original-url', '/external_api.js'],
      ['x-forwarded-uri', '/external_api.js'],
      ['x-original-method', 'OPTIONS'],
      ['x-forwarded-method', 'OPTIONS'],
      ['x-forwarded-host', 'evil.example'],
      ['x-forwarded-prefix', '/external_api.js'],
      ['x-forwarded-for', '127.0.0.1'],
      ['x-auth-request-user', 'root'],
      ['x_auth_request_user', 'root'],
      ['remote-user', 'root'],
      ['remote_user', 'root'],
      ['remote-groups', 'staff'],
      ['x-ostiary-query', 'room=other&token=SECRET'],
      ['x-ostiary-prefix', 'other'],
      ['authorization', 'Bearer SECRET'],
    ] as const)
      test(`${header} from outside opens nothing and arrives nowhere [PROXY-05 PROXY-07 PROXY-09]`, async () => {
        const stranger = await all.front.ask('/standup', { headers: { [header]: value } });
        assert.deepEqual(
          TEXTS.filter((one) => stranger.text.includes(one)),
          [],
        );
        assert.notEqual(stranger.status, 200);
        all.arrived.length = 0;
        const headers = { ...browser(ada), [header]: value, 'content-type': 'application/json' };
        const sent = { method: 'POST', headers, body: '{}' };
        const answer = await all.front.ask('/conference-request/v1?room=standup', sent);
        assert.equal(answer.text, 'BACK END');
        const [arrived] = all.arrived;
        assert.equal(arrived?.url.includes('SECRET'), false);
        assert.equal(
          JSON.stringify(arrived?.headers).includes(value === '127.0.0.1' ? 'evil' : value),
          false,
        );
        assert.equal(claimsIn(String(arrived?.headers.authorization).slice(7))['room'], 'standup');
      });

    for (const target of [
      '//standup',
      '/external_api.js/../standup',
      '/libs/../config.js',
      '/libs/%2e%2e/config.js',
      '/libs/..%2fconfig.js',
      '/external_api.js%2f..%2fstandup',
      '/%2fstandup',
      '/standup%00.css',
      '/standup;x=.css',
      '/./standup',
      '/x/../standup',
      '/standup%5c..',
      '/external_api.js%3f/../standup',
      '/STATIC/close3.html',
      '/.well-known/acme-challenge/../../config.js',
      '/.well-known/acme-challenge/%2e%2e/%2e%2e/config.js',
      '/x/.well-known/acme-challenge/TOKEN',
      'http://meet.example.org/standup',
      'http://meet.example.org/external_api.js/../config.js',
      'http://evil.example/standup',
      '/a/b/c/http-bind?room=standup',
      '/x/http-bindfoo?room=standup',
    ])
      test(`${target} gives a stranger nothing of Jitsi's [PROXY-11 PROXY-14]`, async () => {
        const answer = await all.front.raw(
          `GET ${target} HTTP/1.1\r\nHost: ${new URL(ORIGIN).host}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
        );
        assert.deepEqual(
          TEXTS.filter((one) => answer.includes(one)),
          [],
        );
        // Caddy says so much to whoever asks for a site that it does not have.
        assert.doesNotMatch(answer, /^HTTP\/1\.1 2[\s\S]*\r\n\r\n./);
      });

    test('a token in a query is passed to nobody and written down nowhere, when something fails neither', async () => {
      all.arrived.length = 0;
      const headers = { ...browser(ada), 'content-type': 'application/json' };
      for (const path of [
        '/conference-request/v1?room=standup',
        '/http-bind?room=standup',
        '/xmpp-websocket?room=standup',
      ])
        await all.front.ask(`${path}&token=SECRET-TOKEN&jwt=SECRET-TOKEN`, {
          method: 'POST',
          headers,
          body: '{}',
        });
      const moved = await all.front.ask('/standup?jwt=SECRET-TOKEN', { headers: { cookie: ada.cookie } });
      assert.equal(moved.status, 302);
      assert.equal(new URL(moved.headers.location ?? '', ORIGIN).href, `${ORIGIN}/standup`);
      await all.front.ask('/libs/nothing-there.js?token=SECRET-TOKEN', { headers: { cookie: ada.cookie } });
      assert.ok(all.arrived.length > 0);
      assert.equal(JSON.stringify(all.arrived).includes('SECRET-TOKEN'), false);
      assert.equal(all.front.logs().includes('SECRET-TOKEN'), false);
      assert.equal(all.prosody.log().includes('SECRET-TOKEN'), false);
      assert.equal(all.stage.lines.join('').includes('SECRET-TOKEN'), false);
    });

    test('no address yields the display token but the page itself', async () => {
      for (const path of [
        '/head.html',
        `${PREFIX}/head`,
        `${PREFIX}/auth`,
        `${PREFIX}/auth/answered`,
        `${PREFIX}/auth/session`,
        `${PREFIX}/answer/standup`,
        '/index.html',
      ]) {
        const answer = await all.front.ask(path, {
          headers: { cookie: ada.cookie, 'x-original-uri': '/standup', 'x-original-method': 'GET' },
        });
        assert.equal(/"token":"/.test(answer.text), false, path);
        assert.equal(answer.headers.authorization, undefined, path);
        if (path.startsWith(PREFIX)) assert.equal(answer.status, 404, path);
      }
    });

    test('a file stays a moment for who signs out, and not longer', async () => {
      const eve = await all.person('Eve');
      const ask = () =>
        all.front.ask('/libs/app.bundle.min.js', { headers: { cookie: eve.cookie, accept: '*/*' } });
      assert.equal((await ask()).status, 200);
      await all.stage.parts.sessions.end(eve.handle, 'operator');
      // The server's own clock stands still here: what it remembers for a second it would remember for ever.
      all.stage.clock.advance(1);
      const end = AbortSignal.timeout(2500);
      while ((await ask()).status !== 401) assert.equal(end.aborted, false, 'still there after two seconds');
    });
  });
