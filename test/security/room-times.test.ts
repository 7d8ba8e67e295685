/**
 * A room with times lets nobody in too early or too late, by whichever door: not by the page, the way in, an app's
 * ticket, XMPP, BOSH or a conference request. Who is inside stays.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { claimsOf } from '../support/claims-of.ts';
import { ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import { type GateStage, startGate, XMPP } from './gate-stage.ts';

const TIMES = {
  access: 'open',
  hosts: ['staff'],
  trustedProxies: ['127.0.0.1'],
  // A whole morning without a word from the provider.
  session: { recheck: '12h' },
  rooms: [
    {
      names: ['standup'],
      times: [
        '06:00-06:30 2026-12-01..2026-12-01 Europe/Berlin',
        '2026-12-01T09:00..2026-12-01T10:00 Europe/Berlin',
      ],
      title: 'Written <examination>',
      hostsEarly: '15m',
    },
    { names: ['never'], times: [] },
  ],
};
const BEFORE = Date.parse('2026-12-01T05:00Z');
const EARLY = Date.parse('2026-12-01T07:30Z');
const OPEN = Date.parse('2026-12-01T08:00Z');
const OVER = Date.parse('2026-12-01T09:00Z');

/** A gateway, or a server beside Jitsi, at an hour of its own. */
async function gateAt(t: TestContext, instant: number): Promise<GateStage & { itIs(instant: number): void }> {
  const clock = fixedClock(instant);
  const gate = await startGate({ clock, config: TIMES });
  t.after(() => gate.close());
  return { ...gate, itIs: (next) => clock.advance((next - clock.now()) / 1000) };
}

async function besideAt(
  t: TestContext,
  instant: number,
): Promise<{ readonly stage: Stage; itIs(instant: number): void }> {
  const clock = fixedClock(instant);
  const stage = await startStage({ clock, config: TIMES });
  t.after(() => stage.close());
  return { stage, itIs: (next) => clock.advance((next - clock.now()) / 1000) };
}

/** Somebody signed in at this server, and the cookie they show. */
async function member(stage: Stage, name: string, groups: readonly string[] = []): Promise<string> {
  const about = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups };
  const { id } = await stage.parts.sessions.issue({ person: about });
  return `${SESSION_COOKIE}=${id.reveal()}`;
}

/** Every door of the gateway, and what it says. */
async function everyDoor(gate: GateStage, cookie: string, ticket: string) {
  const asked = (target: string, more: object = {}) =>
    gate.stage.ask(target, { headers: { cookie, origin: ORIGIN, accept: 'application/json' }, ...more });
  const posted = (target: string, type: string, body: string) =>
    asked(target, {
      method: 'POST',
      headers: { cookie, origin: ORIGIN, accept: 'application/json', 'content-type': type },
      body,
    });
  const pages = [
    () => asked(`${PREFIX}/join?room=standup`),
    () => asked('/standup'),
    () => posted('/conference-request/v1?room=standup', 'application/json', '{}'),
    () =>
      posted(
        '/http-bind?room=standup',
        'text/xml',
        `<body rid='1234567' to='${XMPP_DOMAIN}' xml:lang='en' wait='60' hold='1' content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh' xmlns='http://jabber.org/protocol/httpbind'/>`,
      ),
  ];
  const sockets = [
    { target: XMPP, headers: { Origin: ORIGIN, Cookie: cookie } },
    { target: `${XMPP}&token=${ticket}` },
    { target: XMPP, headers: { Authorization: `Bearer ${ticket}` } },
  ];
  const said: (readonly [status: number, code: string, reached: number])[] = [];
  for (const ask of pages) {
    const { result, connections } = await gate.reaching(ask);
    said.push([result.status, /entry\.[a-z]+/.exec(result.text)?.[0] ?? '', connections]);
  }
  for (const ask of sockets) {
    const { result, connections } = await gate.reaching(() => gate.at(ask));
    said.push([result.status, result.status === 101 ? '' : await result.code(), connections]);
    result.socket.destroy();
  }
  return said;
}

test('too early and too late every door of the gateway is shut, with a code of its own, and Jitsi hears nothing', async (t) => {
  const gate = await gateAt(t, BEFORE);
  const ada = await gate.person('ada');
  const ticket = await gate.ticketFor(ada, '/standup');
  for (const [instant, code] of [
    [EARLY, 'entry.early'],
    [OPEN - 1000, 'entry.early'],
    [OVER, 'entry.closed'],
  ] as const) {
    gate.itIs(instant);
    const said = await everyDoor(gate, ada.cookie, ticket);
    assert.deepEqual(
      said,
      said.map(() => [403, code, 0]),
    );
  }
});

test('while it is open, the same person comes in', async (t) => {
  const gate = await gateAt(t, OPEN);
  const bob = await gate.person('bob');
  const { result } = await gate.reaching(() =>
    gate.at({ target: XMPP, headers: { Origin: ORIGIN, Cookie: bob.cookie } }),
  );
  assert.equal(result.status, 101);
  result.socket.destroy();
});

test('who is inside when it is over stays, and comes back in after a break of the network; another does not', async (t) => {
  const gate = await gateAt(t, OPEN);
  const [eve, mia] = [await gate.person('eve'), await gate.person('mia')];
  const join = ({ cookie }: { readonly cookie: string }) =>
    gate.at({ target: XMPP, headers: { Origin: ORIGIN, Cookie: cookie } });
  const inside = await join(eve);
  assert.equal(inside.status, 101);
  gate.itIs(OVER + 60_000);
  const { sockets } = gate.stage.parts;
  await sockets.tick();
  assert.ok(sockets.list().some(({ person }) => person === 'sso#eve'));
  assert.equal(inside.socket.destroyed, false);
  inside.socket.destroy();
  await gate.empty();
  const [again, other] = [await join(eve), await join(mia)];
  assert.deepEqual([again.status, other.status], [101, 403]);
  assert.equal(await other.code(), 'entry.closed');
  again.socket.destroy();
  await gate.empty();
  gate.itIs(OVER + 3600_000);
  assert.equal((await join(eve)).status, 403);
});

for (const [door, start] of [
  ['in front of Jitsi', gateAt],
  ['beside Jitsi', besideAt],
] as const) {
  test(`${door}: the page tells a guest when it opens, in their language, by the clocks that were meant, and looks again`, async (t) => {
    const { stage, itIs } = await start(t, EARLY);
    const visitor = stage.visitor({ 'x-forwarded-for': '203.0.113.9' });
    await visitor.get(`${PREFIX}/sign-in?to=%2Fstandup`);
    await visitor.post(`${PREFIX}/guest`, { to: '/standup', name: 'Ada' });
    for (const [language, said] of [
      [
        'en',
        /It opens: <time datetime="2026-12-01T08:00:00.000Z">Tuesday, December 1, 2026 at 9:00 AM Central European Standard Time</,
      ],
      [
        'de',
        /Geöffnet ab: <time datetime="2026-12-01T08:00:00.000Z">Dienstag, 1. Dezember 2026 um 09:00 Mitteleuropäische Normalzeit</,
      ],
      [
        'fr',
        /Ouverture : <time datetime="2026-12-01T08:00:00.000Z">mardi 1 décembre 2026 à 09:00 heure normale d’Europe centrale</,
      ],
      [
        'es',
        /Se abre: <time datetime="2026-12-01T08:00:00.000Z">martes, 1 de diciembre de 2026, 9:00 hora estándar de Europa central</,
      ],
    ] as const) {
      const answer = await visitor.get(`${PREFIX}/join?room=standup`, {
        accept: 'text/html',
        'accept-language': language,
      });
      const page =
        answer.status === 302
          ? await visitor.get('/standup', { accept: 'text/html', 'accept-language': language })
          : answer;
      assert.deepEqual([page.status, page.headers.get('retry-after')], [403, '1800']);
      assert.match(page.text, said);
      assert.ok(page.text.includes('Written &lt;examination&gt;') && !page.text.includes('<examination>'));
      assert.match(page.text, /href="\/_ostiary\/join\?to=%2Fstandup"/);
    }
    itIs(OPEN);
    const now = await visitor.get(`${PREFIX}/join?to=%2Fstandup`);
    assert.deepEqual([now.status, now.headers.get('location')?.includes('standup')], [302, true]);
  });

  test(`${door}: strangers hear nothing of a room's times`, async (t) => {
    const { stage } = await start(t, EARLY);
    const answer = await stage.ask(`${PREFIX}/join?room=standup`, { headers: { accept: 'text/html' } });
    assert.match(answer.headers.get('location') ?? '', /\/sign-in\?to=/);
    assert.ok(!/2026|examination/.test(answer.text));
  });

  test(`${door}: a room without any time is shut, and no hour is promised`, async (t) => {
    const { stage } = await start(t, EARLY);
    const headers = { cookie: await member(stage, 'kim'), accept: 'application/json' };
    const answer = await stage.ask(`${PREFIX}/join?room=never`, { headers });
    assert.deepEqual([answer.status, JSON.parse(answer.text).code], [403, 'entry.closed']);
    assert.equal(answer.headers.get('retry-after'), null);
  });

  test(`${door}: hosts come earlier, and the audit says which rule would have let others in`, async (t) => {
    const { stage } = await start(t, OPEN - 15 * 60_000);
    const enter = (cookie: string) =>
      stage.ask(`${PREFIX}/join?room=standup`, { headers: { cookie, accept: 'application/json' } });
    assert.equal((await enter(await member(stage, 'helga', ['staff']))).status, 302);
    const turned = await enter(await member(stage, 'otto'));
    const { code, id } = JSON.parse(turned.text);
    const [entry] = await stage.parts.records.find(id);
    assert.deepEqual(
      [turned.status, code, entry?.event, entry?.code, entry?.rule],
      [403, 'entry.early', 'refused', 'entry.early', 'members'],
    );
  });
}

test('beside Jitsi no token is good for longer than the room is open', async (t) => {
  const { stage } = await besideAt(t, OVER - 600_000);
  const cookie = await member(stage, 'lin');
  const answer = await stage.ask(`${PREFIX}/join?room=standup`, { headers: { cookie } });
  assert.equal(claimsOf(answer).exp, OVER / 1000);
});

test('who leads a room makes its invitations whenever it opens', async (t) => {
  const { stage } = await besideAt(t, EARLY - 3600_000);
  const headers = { cookie: await member(stage, 'helga', ['staff']), accept: 'application/json' };
  for (const [room, status] of [
    ['standup', 403],
    ['never', 403],
  ] as const) {
    assert.equal((await stage.ask(`${PREFIX}/join?room=${room}`, { headers })).status, status);
    assert.equal((await stage.ask(`${PREFIX}/room/${room}`, { headers })).status, 200);
  }
});
