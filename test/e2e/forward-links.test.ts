/**
 * Links and tokens of other applications behind proxies that ask, with the files we print and a real Prosody: they open
 * their room and nothing else, and no proxy, back end or log has seen them afterwards.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { muc } from '../prosody/gate-stage.ts';
import { DOMAIN } from '../prosody/prosody.ts';
import { APPS, askToken, SOMEBODY, tokenOf } from '../support/apps.ts';
import { bearerClaims } from '../support/bearers.ts';
import { type ForwardStage, FRONTS, startForwardStage } from '../support/forward-stage.ts';
import { hmac, segment } from '../support/jws.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import type { FrontAnswer } from '../support/real/front.ts';
import { ORIGIN, PREFIX } from '../support/server-stage.ts';
import { startClient } from '../support/xmpp-client.ts';

const BEARER_SECRET = 'a secret of thirty-two bytes, or of some more';
const ROOMS = 'https://rooms.example.org';

const CONFIG = {
  issuers: [MOODLE],
  apps: APPS,
  bearer: { issuers: [{ id: 'rooms', iss: ROOMS, audience: 'jitsi-api', secret: BEARER_SECRET }] },
  access: undefined,
  rules: [
    { name: 'closed', when: { rooms: ['vault'] }, then: 'refuse', reason: 'Closed today.' },
    { name: 'everybody', when: { signedIn: true }, then: 'participant' },
  ],
};

for (const [name, start] of FRONTS)
  suite(`behind ${name}`, () => {
    let all: ForwardStage;
    const shown: string[] = [];
    before(async () => {
      all = await startForwardStage(start, { config: CONFIG });
    });
    after(() => all?.close());

    const link = (more: object = {}) => {
      const token = linkToken(linkClaims(all.stage.clock, more));
      shown.push(token);
      return token;
    };
    const bearer = (more: object = {}) => {
      const claims = bearerClaims(all.stage.clock, { iss: ROOMS, sub: 'projector', ...more });
      const input = `${segment({ alg: 'HS256' })}.${segment(claims)}`;
      const token = `${input}.${hmac(input, BEARER_SECRET)}`;
      shown.push(token);
      return token;
    };
    const ask = (target: string, headers: Readonly<Record<string, string>> = {}) =>
      all.front.ask(target, { headers });
    /** Follows a link; gives back where it led and the cookies that came along. */
    const follow = async (target: string, headers: Readonly<Record<string, string>> = {}) => {
      const { status, headers: said } = await ask(target, headers);
      assert.ok(status === 302 || status === 303, `${target.slice(0, 40)}: ${status}`);
      const cookie = (said['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');
      return { to: new URL(said.location ?? '', ORIGIN), cookie };
    };
    const claimsOf = ({ text }: FrontAnswer) => {
      const [, token = ''] = /"token":"([^"]+)"/.exec(text) ?? [];
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    };
    const enters = (query: string, headers: Readonly<Record<string, string>>, path = '/xmpp-websocket') =>
      startClient({
        ...{ origin: all.front.origin, path, query, domain: DOMAIN },
        headers: { host: new URL(ORIGIN).host, ...headers },
      });

    test('a link leads into its room: the token leaves the address, the page has the name, and XMPP begins', async () => {
      const { to, cookie } = await follow(`/standup?lang=de&jwt=${link()}`);
      assert.equal(to.href, `${ORIGIN}/standup?lang=de`);
      const page = await ask('/standup?lang=de', { cookie });
      assert.equal(page.status, 200, page.text);
      assert.match(page.text, /JITSI/);
      const { room, context } = claimsOf(page);
      assert.deepEqual([room, context.user.id, context.user.name], ['standup', 'moodle#17', 'Grace Hopper']);
      assert.equal((await ask('/libs/app.bundle.min.js', { cookie, accept: '*/*' })).text, 'APP');
      const started = await enters('room=standup', { cookie, origin: ORIGIN });
      assert.ok(started.kind === 'in', JSON.stringify(started));
      assert.equal(await started.client.join(muc('/other'), 'Grace'), 'not-allowed');
      assert.equal(await started.client.join(muc('/standup'), 'Grace'), 'joined');
      await started.client.leave();
    });

    test('in every other room, and in the same of a tenant, who came by it is a stranger', async () => {
      const { cookie } = await follow(`/standup?jwt=${link()}`);
      for (const path of ['/other', '/physics/standup']) {
        const answer = await ask(path, { cookie });
        assert.equal(answer.status, 302);
        assert.match(answer.headers.location ?? '', /\/sign-in\?/);
      }
      const started = await enters('room=other', { cookie, origin: ORIGIN });
      // Traefik cannot ask us for what it passes on: with a cookie that opens nothing here this is 401.
      assert.ok(['failure', 'http'].includes(started.kind), JSON.stringify(started));
    });

    for (const [what, target, words] of [
      ['another room', () => `/other?jwt=${link()}`, /another room/],
      [
        'another secret',
        () => `/standup?jwt=${linkToken(linkClaims(all.stage.clock), { secret: 'x'.repeat(40) })}`,
        /cannot use/,
      ],
      ['nobody we know', () => `/standup?jwt=${link({ iss: 'nobody' })}`, /cannot use/],
      ['an hour ago', () => `/standup?jwt=${link({ exp: all.stage.clock.now() / 1000 - 1 })}`, /expired/],
      ['no token at all', () => '/standup?jwt=x', /cannot use/],
    ] as const)
      test(`a link of ${what} ends on a page that says so`, async () => {
        const { to, cookie } = await follow(target());
        assert.equal(to.pathname, `${PREFIX}/link`);
        assert.equal(cookie.includes('__Host-ostiary-in-'), false);
        assert.match((await ask(`${to.pathname}${to.search}`)).text, words);
      });

    test('two links in one address are none', async () => {
      const { to, cookie } = await follow(`/standup?jwt=${link()}&jwt=${link({ jti: '2' })}`);
      assert.deepEqual([to.href, cookie], [`${ORIGIN}/standup`, '']);
    });

    test('whom a link led to a room that is shut reads why', async () => {
      const { cookie } = await follow(`/vault?jwt=${link({ room: 'vault' })}`);
      const page = await ask('/vault', { cookie });
      assert.equal(page.status, 403);
      assert.match(page.text, /Closed today\./);
    });

    test("an app shows a link's own token with every connection, in the address or in the header", async () => {
      const token = link({ context: { user: { id: 'sdk', name: 'Sdk' } } });
      for (const [query, headers] of [
        [`room=standup&token=${token}`, {}],
        ['room=standup', { authorization: `Bearer ${token}` }],
      ] as const) {
        const started = await enters(query, headers);
        assert.ok(started.kind === 'in', JSON.stringify(started));
        assert.equal(await started.client.join(muc('/standup'), 'Sdk'), 'joined');
        await started.client.leave();
      }
      const elsewhere = await enters(`room=other&token=${token}`, {}).catch((thrown) => thrown);
      assert.notEqual(elsewhere.kind, 'in');
    });

    test('a ticket that an application asked for takes its person into its room', async () => {
      const ticket = tokenOf(await askToken(all.stage, SOMEBODY));
      shown.push(ticket);
      const { to, cookie } = await follow(`/crm-7?jwt=${ticket}`);
      assert.equal(to.href, `${ORIGIN}/crm-7`);
      const page = await ask('/crm-7', { cookie });
      assert.equal(page.status, 200, page.text);
      assert.equal(claimsOf(page).context.user.id, 'app:crm#4711');
      const started = await enters(`room=crm-7&token=${ticket}`, {});
      assert.ok(started.kind === 'in', JSON.stringify(started));
      assert.equal(await started.client.join(muc('/crm-7'), 'Grace'), 'joined');
      await started.client.leave();
    });

    test("a token of a provider's in the header opens page, file and XMPP, and is kept by nobody", async () => {
      const authorization = `Bearer ${bearer()}`;
      const page = await ask('/standup', { authorization });
      assert.equal(page.status, 200, page.text);
      // The web server behind the others does not hear who brought it, and asks for the name without it.
      if (name.startsWith('nginx')) assert.equal(claimsOf(page).context.user.id, 'rooms#projector');
      else assert.doesNotMatch(page.text, /"token":/);
      assert.equal((await ask('/libs/app.bundle.min.js', { authorization, accept: '*/*' })).text, 'APP');
      // Asked at once, while a yes would still be kept.
      assert.equal((await ask('/libs/app.bundle.min.js', { accept: '*/*' })).status, 401);
      assert.equal(
        (await ask('/libs/app.bundle.min.js', { authorization: `${authorization}x`, accept: '*/*' })).status,
        401,
      );
      const started = await enters('room=standup', { authorization });
      assert.ok(started.kind === 'in', JSON.stringify(started));
      assert.equal(await started.client.join(muc('/standup'), 'Projector'), 'joined');
      await started.client.leave();
      const shut = await enters('room=vault', { authorization }).catch((thrown) => thrown);
      assert.notEqual(shut.kind, 'in');
    });

    test('none of these tokens was passed on or written down', async () => {
      assert.ok(shown.length > 5);
      const written = [
        all.front.logs(),
        all.prosody.log(),
        all.stage.lines.join(''),
        JSON.stringify(all.arrived),
      ];
      for (const token of shown)
        for (const text of written)
          assert.equal(text.includes(token.split('.')[2] ?? ''), false, text.slice(0, 200));
    });
  });
