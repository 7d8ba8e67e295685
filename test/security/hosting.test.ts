/**
 * The page of whoever leads a room: nobody else sees or does anything there, what is done holds at every door and in
 * every process, and each act is written down with who, where, whom.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeInvite } from '../../src/admission/invite.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { claimsOf } from '../support/claims-of.ts';
import { listenAs } from '../support/events.ts';
import { createFickleStore } from '../support/fickle-store.ts';
import { HOSTING_RULES, type HostingStage, pageOf, startHostingStage } from '../support/hosting-stage.ts';
import { startMutableOp } from '../support/mutable-op.ts';
import { type Answer, PREFIX } from '../support/server-stage.ts';
import { directoryFor } from '../support/store-directory.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

const JSON_ONLY = { accept: 'application/json' };
const codeOf = ({ text }: Answer) => JSON.parse(text).code;

for (const door of ['token service', 'gateway'] as const)
  describe(`at the ${door}`, () => {
    let jitsi: UpstreamStandIn;
    let house: HostingStage;
    before(async () => {
      jitsi = await startUpstream();
      house = await startHostingStage({
        config: { ...(door === 'gateway' && { upstream: { url: jitsi.url } }) },
      });
    });
    after(async () => {
      await house.stage.close();
      await jitsi.close();
    });

    const isIn = ({ status, headers }: Answer) =>
      status === 302 &&
      /\/standup/.test(headers.get('location') ?? '') &&
      !/sign-in/.test(headers.get('location') ?? '');
    const wayIn = async (visitor: Visitor) =>
      door === 'gateway'
        ? (await visitor.get('/standup', { accept: 'text/html', 'sec-fetch-mode': 'navigate' })).status
        : (await house.joins(visitor)).status;

    test('a host sees who waits, lets one in, and they are in though no host is there; the other waits on', async () => {
      const linus = await house.guest('Linus');
      house.stage.clock.advance(1);
      const mallory = await house.guest('Mallory');
      const ada = await house.signedIn('ada');
      const page = await ada.get(pageOf());
      assert.equal(page.status, 200);
      assert.match(page.text, /<bdi>Linus<\/bdi>[\s\S]*<bdi>Mallory<\/bdi>/);
      const person = await house.waitingId(ada, 'Linus');
      const answer = await house.does(ada, { do: 'let-in', person });
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, pageOf()]);
      assert.match((await ada.get(pageOf())).text, /role="status">[^\n]*Linus[^\n]*may come in/);
      assert.ok(isIn(await house.joins(linus)));
      assert.equal(await wayIn(linus), door === 'gateway' ? 200 : 302);
      assert.match((await house.joins(mallory)).text, /wait to be let in/);
      if (door === 'token service') {
        const { context } = claimsOf(await house.joins(linus));
        const { user } = context as { readonly user: Readonly<Record<string, unknown>> };
        assert.deepEqual([user.name, user.moderator], ['Linus (guest)', false]);
      }
    });

    test('all are let in at once', async () => {
      const guests = [await house.guest('One'), await house.guest('Two')];
      const ada = await house.signedIn('ada');
      const answer = await ada.post(pageOf(), { do: 'let-all-in' }, JSON_ONLY);
      assert.equal(answer.status, 200);
      assert.ok(JSON.parse(answer.text).people.length >= 2);
      for (const visitor of guests) assert.ok(isIn(await house.joins(visitor)));
      assert.deepEqual((await house.seen(ada)).waiting, []);
    });

    test('all who stand on the page are let in by its button, and nobody who came since', async () => {
      const seen = [await house.guest('Seen'), await house.guest('Seen too')];
      const ada = await house.signedIn('ada');
      const [, before = ''] = /name="before" value="(\d+)"/.exec((await ada.get(pageOf())).text) ?? [];
      house.stage.clock.advance(1);
      const late = await house.guest('Late');
      await house.does(ada, { do: 'let-all-in', before });
      for (const visitor of seen) assert.ok(isIn(await house.joins(visitor)));
      assert.match((await house.joins(late)).text, /wait to be let in/);
      await house.does(ada, { do: 'let-all-in' });
    });

    test('who is turned away is told so where they wait, is refused whatever the rules say, and later may wait again', async () => {
      const eve = await house.guest('Eve');
      const waiting = await listenAs(eve, {
        ...{ port: house.stage.ports.public, path: '/standup', address: '198.51.100.1' },
      });
      const ada = await house.signedIn('ada');
      const person = await house.waitingId(ada, 'Eve');
      assert.equal((await house.does(ada, { do: 'turn-away', person })).status, 303);
      await waiting.ended;
      assert.match(waiting.said(), /^event: away$/m);
      const refused = await house.joins(eve);
      assert.deepEqual([refused.status, /did not let you in/.test(refused.text)], [403, true]);
      assert.equal(codeOf(await eve.get(`${PREFIX}/join?room=standup`, JSON_ONLY)), 'entry.turned-away');
      assert.deepEqual((await house.seen(ada)).waiting, []);
      const leave = house.stage.parts.presence.hostIn(parseRoomPath('/standup'));
      assert.equal((await house.joins(eve)).status, 403);
      leave();
      house.stage.clock.advance(901);
      assert.match((await house.joins(eve)).text, /wait to be let in/);
    });

    test('the word of a host for somebody they turned away is taken back', async () => {
      const eve = await house.guest('Eva');
      const ada = await house.signedIn('ada');
      const person = await house.waitingId(ada, 'Eva');
      await house.does(ada, { do: 'turn-away', person });
      assert.match((await ada.get(pageOf())).text, /turned away at the door/);
      await house.does(ada, { do: 'undo', person });
      house.stage.clock.advance(2);
      assert.match((await house.joins(eve)).text, /wait to be let in/);
    });

    test('who waits hears within two seconds that they may come in', async () => {
      const visitor = await house.guest('Quick');
      const waiting = await listenAs(visitor, {
        ...{ port: house.stage.ports.public, path: '/standup', address: '198.51.100.2' },
      });
      const ada = await house.signedIn('ada');
      await house.does(ada, { do: 'let-in', person: await house.waitingId(ada, 'Quick') });
      await waiting.ended;
      assert.match(waiting.said(), /^event: go$/m);
      assert.ok(isIn(await house.joins(visitor)));
    });

    test('who goes away is not on the list any more', async () => {
      const visitor = await house.guest('Brief');
      const waiting = await listenAs(visitor, {
        ...{ port: house.stage.ports.public, path: '/standup', address: '198.51.100.3' },
      });
      const ada = await house.signedIn('ada');
      await house.waitingId(ada, 'Brief');
      waiting.leave();
      for (;;) if (!(await house.seen(ada)).waiting.some(({ name }) => name === 'Brief')) break;
    });

    test('being let in is over after some hours, and opens no other room', async () => {
      const visitor = await house.guest('Long');
      const ada = await house.signedIn('ada');
      await house.does(ada, { do: 'let-in', person: await house.waitingId(ada, 'Long') });
      assert.match((await house.joins(visitor, 'b-1')).text, /wait to be let in/);
      house.stage.clock.advance(4 * 3600 + 1);
      assert.match((await house.joins(visitor)).text, /wait to be let in/);
    });

    test('who was let in and is then put out is out', async () => {
      const visitor = await house.guest('Fickle');
      const ada = await house.signedIn('ada');
      const person = await house.waitingId(ada, 'Fickle');
      await house.does(ada, { do: 'let-in', person });
      assert.ok(isIn(await house.joins(visitor)));
      await house.does(ada, { do: 'put-out', person, for: '15m' });
      house.stage.clock.advance(2);
      assert.equal(codeOf(await visitor.get(`${PREFIX}/join?room=standup`, JSON_ONLY)), 'entry.kicked');
      house.stage.clock.advance(900);
      assert.match((await house.joins(visitor)).text, /wait to be let in/);
    });
  });

describe('who may', () => {
  let house: HostingStage;
  before(async () => {
    house = await startHostingStage();
  });
  after(() => house.stage.close());

  const ACTS = (person: string, invitation: string): readonly Readonly<Record<string, string>>[] => [
    { do: 'let-in', person },
    { do: 'let-all-in' },
    { do: 'turn-away', person },
    { do: 'invite', role: 'guest' },
    { do: 'revoke', invitation },
    { do: 'put-out', person, for: '1h' },
    { do: 'undo', person },
    { do: 'calendar', code: '0'.repeat(28), starts: '2026-12-01T09:00', minutes: '60' },
  ];

  test('a participant, a guest, the host of another room or tenant, and a stranger see nothing and do nothing', async () => {
    const waits = await house.guest('Linus');
    const ada = await house.signedIn('ada');
    const person = await house.waitingId(ada, 'Linus');
    await house.does(ada, { do: 'invite', about: 'Budget' });
    const invitation = (await house.seen(ada)).invitations.find(({ about }) => about === 'Budget');
    const before = await house.seen(ada);
    const acts = async () =>
      (await house.stage.parts.records.list()).filter(({ by }) => by !== undefined).length;
    const done = await acts();
    const grace = await house.signedIn('grace');
    for (const [who, room, status] of [
      [grace, 'standup', 403],
      [waits, 'standup', 403],
      [house.somebody(), 'standup', 401],
      [ada, 'sales/standup', 403],
      [ada, 'elsewhere', 403],
      [ada, 'board', 403],
    ] as const) {
      const told = await who.get(pageOf(room), JSON_ONLY);
      assert.equal(told.status, status, room);
      assert.doesNotMatch(told.text, /Linus|Budget|guest#/);
      const page = await who.get(pageOf(room));
      assert.ok(page.status === 302 || page.status === 403);
      assert.doesNotMatch(page.text, /Linus|Budget|guest#/);
      assert.ok([status, 200].includes((await who.get(`${pageOf(room)}?only=waiting`, JSON_ONLY)).status));
      for (const fields of ACTS(person, invitation?.id ?? '')) {
        const answer = await who.post(pageOf(room), fields, JSON_ONLY);
        assert.equal(answer.status, status, `${room} ${fields['do']}`);
        assert.doesNotMatch(answer.text, /code=|Linus/);
      }
    }
    assert.deepEqual(await house.seen(ada), before);
    assert.equal(await acts(), done);
    assert.match((await house.joins(waits)).text, /wait to be let in/);
  });

  test('a host of two rooms does in one nothing about the other', async () => {
    const waits = await house.guest('Apart');
    const ada = await house.signedIn('ada');
    const person = await house.waitingId(ada, 'Apart');
    await house.does(ada, { do: 'invite', about: 'Here' });
    const isIt = ({ about }: { readonly about?: string }) => about === 'Here';
    const invitation = (await house.seen(ada)).invitations.find(isIt);
    for (const [fields, code] of [
      [{ do: 'let-in', person }, 'host.gone'],
      [{ do: 'turn-away', person }, 'host.gone'],
      [{ do: 'revoke', invitation: invitation?.id ?? '' }, 'host.gone'],
    ] as const)
      assert.equal(codeOf(await ada.post(pageOf('b-2'), fields, JSON_ONLY)), code);
    assert.ok(invitation && (await house.seen(ada)).invitations.some(isIt));
    assert.match((await house.joins(waits)).text, /wait to be let in/);
    const { waiting, invitations, lately } = await house.seen(ada, 'b-2');
    assert.deepEqual([waiting, invitations, lately], [[], [], []]);
  });

  test('CSRF: from another site, without Origin, or as another type of form nothing happens', async () => {
    const waits = await house.guest('Forged');
    const ada = await house.signedIn('ada');
    const person = await house.waitingId(ada, 'Forged');
    for (const headers of [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'null', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://meet.example.org.evil.example' },
      { 'sec-fetch-site': 'same-site' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json' },
    ]) {
      const answer = await ada.post(pageOf(), { do: 'let-in', person }, { ...JSON_ONLY, ...headers });
      assert.equal(codeOf(answer), 'request.cross-site', JSON.stringify(headers));
    }
    for (const method of ['GET', 'HEAD'])
      await house.stage.ask(`${pageOf()}?do=let-in&person=${encodeURIComponent(person)}`, {
        method,
        headers: { cookie: ada.cookieHeader() },
      });
    assert.match((await house.joins(waits)).text, /wait to be let in/);
  });

  test('the page of a room leads over the sign-in, and back to itself once', async () => {
    const visitor = house.somebody();
    const sent = await visitor.get(pageOf());
    assert.match(sent.headers.get('location') ?? '', /\/sign-in\?auto=0&to=%2Fstandup$/);
    house.stage.op.bend.claims = (claims) => claims;
    const back = await visitor.signIn('/standup');
    const joined = await visitor.get(back.headers.get('location') ?? '');
    assert.equal(joined.headers.get('location'), pageOf());
    assert.equal((await visitor.get(pageOf())).status, 200);
    assert.doesNotMatch((await house.joins(visitor)).headers.get('location') ?? '', /_ostiary\/room/);
  });

  test('a guest who looks at the page is asked for an account, and goes in as a guest when they are let in', async () => {
    const visitor = await house.guest('Curious');
    const sent = await visitor.get(pageOf());
    assert.match(sent.headers.get('location') ?? '', /\/sign-in\?auto=0/);
    assert.match((await house.joins(visitor)).text, /wait to be let in/);
    const ada = await house.signedIn('ada');
    await house.does(ada, { do: 'let-in', person: await house.waitingId(ada, 'Curious') });
    assert.doesNotMatch((await house.joins(visitor)).headers.get('location') ?? '', /_ostiary/);
  });

  test('a room is found by the name that somebody types, and what is none is no address', async () => {
    const ada = await house.signedIn('ada');
    for (const [typed, location] of [
      ['Standup', pageOf()],
      [' sales/Größe ', `${PREFIX}/room/sales/gr%C3%B6%C3%9Fe`],
    ] as const) {
      const { headers } = await ada.get(`${PREFIX}/room?room=${encodeURIComponent(typed)}`);
      assert.equal(headers.get('location'), location);
    }
    for (const typed of ['', '..', '//evil.example', 'a/b/c', 'https://evil.example'])
      assert.equal((await ada.get(`${PREFIX}/room?room=${encodeURIComponent(typed)}`)).status, 400, typed);
  });

  test('names of those who wait stand on the page as text, and turn no other text around', async () => {
    const NAMES = ['<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', 'abc\u202ednuor'];
    for (const name of NAMES) await house.guest(name);
    const ada = await house.signedIn('ada');
    const { text, headers } = await ada.get(pageOf());
    assert.doesNotMatch(text, /<img|<script>|\u202e/);
    assert.match(text, /&lt;img src=x onerror=alert\(1\)&gt;/);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    const { waiting } = await house.seen(ada);
    for (const { person } of waiting) await house.does(ada, { do: 'turn-away', person });
    const after = await ada.get(pageOf());
    assert.doesNotMatch(after.text, /<img|<script>|\u202e/);
  });

  test('what is no act, names nobody, or names two, is refused', async () => {
    const ada = await house.signedIn('ada');
    for (const [body, code] of [
      ['do=become-king', 'request.malformed'],
      ['do=constructor', 'request.malformed'],
      ['', 'request.malformed'],
      ['do=let-in', 'host.unusable'],
      ['do=let-in&person=nobody', 'host.unusable'],
      ['do=let-in&person=guest%23nobody', 'host.gone'],
      ['do=let-in&person=guest%231&person=guest%232', 'request.malformed'],
      [`do=put-out&person=guest%23${'x'.repeat(500)}`, 'host.unusable'],
      ['do=put-out&person=guest%231&for=2d', 'host.unusable'],
      ['do=put-out&person=guest%231&for=-1', 'host.unusable'],
      ['do=put-out&person=sso%23ada', 'host.unusable'],
      ['do=undo&person=guest%23nobody', 'host.gone'],
      ['do=revoke&invitation=AAAA-AAAA', 'host.gone'],
      ['do=invite&until=yesterday', 'host.unusable'],
      ['do=invite&until=2020-01-01T00:00', 'host.unusable'],
      ['do=invite&until=900d', 'host.unusable'],
      ['do=invite&uses=0', 'host.unusable'],
      ['do=invite&uses=1001', 'host.unusable'],
      ['do=invite&email=nobody', 'host.unusable'],
      ['do=invite&role=owner', 'client.role'],
      ['do=calendar&code=00000000000000000000000000000', 'invite.unknown'],
    ] as const) {
      const fields = Object.fromEntries(new URLSearchParams(body));
      const answer = await house.stage.ask(pageOf(), {
        method: 'POST',
        headers: {
          ...JSON_ONLY,
          ...{ cookie: ada.cookieHeader(), origin: 'https://meet.example.org' },
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: body.replace('sso%23ada', encodeURIComponent((await idOf(ada)) ?? '')),
      });
      assert.equal(codeOf(answer), code, JSON.stringify(fields));
    }
  });

  async function idOf(visitor: Visitor): Promise<string | undefined> {
    return (await house.stage.parts.sessions.read(visitor.session() ?? ''))?.person.id;
  }

  test('what the operator said no host takes back or shortens', async () => {
    const ada = await house.signedIn('ada');
    const { kicks, clock } = house.stage.parts;
    const kick = await kicks.add({
      person: 'sso#grace',
      room: parseRoomPath('/standup'),
      seconds: 86_400 * 30,
    });
    assert.equal(
      codeOf(await ada.post(pageOf(), { do: 'undo', person: 'sso#grace' }, JSON_ONLY)),
      'host.gone',
    );
    await ada.post(pageOf(), { do: 'put-out', person: 'sso#grace', for: '15m' }, JSON_ONLY);
    const still = (await kicks.list()).find(({ person }) => person === 'sso#grace');
    assert.deepEqual([still?.id, still?.until], [kick.id, clock.now() + 86_400_000 * 30]);
    assert.match((await ada.get(pageOf())).text, /by the people who run this service/);
    await kicks.undo('sso#grace', parseRoomPath('/standup'));
  });

  test('one host puts out a hundred people and no more, and takes nobody’s places', async () => {
    const ada = await house.signedIn('ada');
    const put = (at: number, room: string) =>
      ada.post(pageOf(room), { do: 'put-out', person: `guest#n${at}`, for: '1h' }, JSON_ONLY);
    const before = (await house.stage.parts.kicks.list()).filter(({ by }) => by !== undefined).length;
    for (let at = before; at < 100; at += 1) assert.equal((await put(at, 'b-9')).status, 200);
    assert.equal((await put(100, 'b-8')).status, 429);
    await house.stage.parts.kicks.add({ person: 'sso#x', room: parseRoomPath('/b-9'), seconds: 60 });
    for (const { person } of (await house.seen(ada, 'b-9')).out)
      await ada.post(pageOf('b-9'), { do: 'undo', person }, JSON_ONLY);
  });
});

describe('invitations of hosts', () => {
  let house: HostingStage;
  before(async () => {
    house = await startHostingStage();
  });
  after(() => house.stage.close());

  const LINK = /https:\/\/meet\.example\.org\/_ostiary\/invite\?code=([0-9a-hjkmnp-tv-z]{28})/;

  /** Makes one on the page, and reads the link there. */
  async function made(host: Visitor, fields: Readonly<Record<string, string>> = {}, room?: string) {
    const answer = await house.does(host, { do: 'invite', uses: '1', ...fields }, room);
    const sealed = host.jar.get('__Host-ostiary-hosted') ?? '';
    const page = await host.get(pageOf(room));
    const code = LINK.exec(page.text)?.[1] ?? assert.fail('no link');
    return { answer, page, code, sealed };
  }

  async function press(code: string, visitor = house.somebody()) {
    const page = await visitor.get(`${PREFIX}/invite?code=${code}`);
    const answer = await visitor.post(`${PREFIX}/invite`, { code, name: 'Invited' });
    return { visitor, page, answer };
  }

  test('the link is shown once, stands in no address, no log, no record and no store, and opens the room', async () => {
    const ada = await house.signedIn('ada');
    const { answer, page, code, sealed } = await made(ada, { about: 'Budget', by: 'The King' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, pageOf()]);
    for (const text of [answer.text, ...answer.cookies, sealed]) assert.ok(!text.includes(code));
    assert.match(page.text, /Ada[^<]*invites you/);
    assert.doesNotMatch(page.text, /The King/);
    assert.ok(!(await ada.get(pageOf())).text.includes(code), 'shown a second time');
    const again = await ada.get(pageOf(), {
      cookie: `${ada.cookieHeader()}; __Host-ostiary-hosted=${sealed}`,
    });
    assert.ok(!again.text.includes(code), 'shown again to the cookie of before');
    for (const { key, value } of await house.stage.parts.store.list(''))
      assert.ok(!`${key} ${value}`.replaceAll('-', '').toLowerCase().includes(code), key);
    assert.ok(!house.stage.lines.some((line) => line.includes(code)));
    const { answer: pressed, visitor } = await press(code);
    assert.equal(pressed.status, 303);
    assert.ok((await house.joins(visitor)).headers.get('location')?.includes('/standup'));
  });

  test('what a host just made is shown to nobody else, on no other page, and not after a minute', async () => {
    const ada = await house.signedIn('ada');
    await house.does(ada, { do: 'invite' });
    const sealed = `__Host-ostiary-hosted=${ada.jar.get('__Host-ostiary-hosted')}`;
    ada.jar.delete('__Host-ostiary-hosted');
    const grace = await house.signedIn('grace');
    assert.doesNotMatch(
      (await grace.get(pageOf(), { cookie: `${grace.cookieHeader()}; ${sealed}` })).text,
      LINK,
    );
    const elsewhere = await ada.get(pageOf('b-1'), { cookie: `${ada.cookieHeader()}; ${sealed}` });
    assert.doesNotMatch(elsewhere.text, LINK);
    house.stage.clock.advance(61);
    assert.doesNotMatch((await ada.get(pageOf(), { cookie: `${ada.cookieHeader()}; ${sealed}` })).text, LINK);
  });

  test('an entry for a calendar comes of the link, and of no link to another room', async () => {
    const ada = await house.signedIn('ada');
    const { code } = await made(ada, { about: 'Budget\r\nATTENDEE:evil' });
    const fields = { do: 'calendar', code, starts: '2026-12-01T09:00', minutes: '90' };
    const { headers, text } = await house.does(ada, fields);
    assert.match(headers.get('content-type') ?? '', /^text\/calendar/);
    assert.match(headers.get('content-disposition') ?? '', /^attachment/);
    assert.match(text, /DTSTART:20261201T090000Z/);
    assert.doesNotMatch(text, /^ATTENDEE/m);
    assert.equal(codeOf(await ada.post(pageOf('b-1'), fields, JSON_ONLY)), 'invite.unknown');
  });

  test('taken back, it opens nothing, who came by it is signed out, and so is who they handed it on to', async () => {
    const ada = await house.signedIn('ada');
    const { code } = await made(ada, { role: 'host', until: '2d', about: 'Deputy' });
    const { visitor: deputy } = await press(code);
    const handed = await made(deputy, { role: 'host', until: '9d', about: 'Handed on' });
    const { invitations } = await house.seen(ada);
    const first = invitations.find(({ about }) => about === 'Deputy');
    const theirs = invitations.find(({ about }) => about === 'Handed on');
    const end = Date.parse(theirs?.until ?? '');
    assert.ok(end <= house.stage.clock.now() + 2 * 86_400_000, 'no longer than their own');
    const { visitor: last } = await press(handed.code);
    assert.equal((await last.get(pageOf())).status, 200);
    await house.does(ada, { do: 'revoke', invitation: first?.id ?? '' });
    house.stage.clock.advance(2);
    for (const visitor of [deputy, last])
      assert.match((await house.joins(visitor)).headers.get('location') ?? '', /sign-in/);
    for (const old of [code, handed.code]) assert.equal((await press(old)).page.status, 404);
  });

  test('who leads a room by an invitation leads that one alone, and only as a host', async () => {
    const ada = await house.signedIn('ada');
    const host = (await press((await made(ada, { role: 'host' })).code)).visitor;
    const participant = (await press((await made(ada, { role: 'participant' })).code)).visitor;
    assert.equal((await host.get(pageOf(), JSON_ONLY)).status, 200);
    assert.equal((await host.get(pageOf('b-1'), JSON_ONLY)).status, 401);
    assert.equal((await participant.get(pageOf(), JSON_ONLY)).status, 403);
  });

  test('INV-05 one person makes so many and no more', async () => {
    const ada = await house.signedIn('ada');
    let last = 200;
    for (let at = 0; at <= 200 && last === 200; at += 1)
      last = (await ada.post(pageOf('b-many'), { do: 'invite', until: '1h' }, JSON_ONLY)).status;
    assert.equal(last, 429);
    house.stage.clock.advance(3601);
    assert.equal((await ada.post(pageOf('b-many'), { do: 'invite' }, JSON_ONLY)).status, 200);
  });
});

test('INV-05 whose maker leads the room no more it opens nothing: by the rules of now, or put out of it', async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  const path = join(directoryFor(t), 'store.sqlite');
  const node = async (config: Readonly<Record<string, unknown>> = {}) => {
    const house = await startHostingStage({
      clock,
      op,
      config,
      store: () => createSqliteStore({ path, clock }),
    });
    t.after(() => house.stage.close());
    return house;
  };
  const house = await node();
  const ada = await house.signedIn('ada');
  const answer = await ada.post(pageOf(), { do: 'invite', uses: 'any' }, JSON_ONLY);
  const { link } = JSON.parse(answer.text);
  const address = new URL(link).pathname + new URL(link).search;
  const opens = async ({ stage }: HostingStage) => (await stage.ask(address, { headers: JSON_ONLY })).status;
  assert.equal(await opens(house), 200);
  assert.equal(await opens(await node({ rules: HOSTING_RULES.slice(1) })), 410, 'demoted');
  assert.equal(await opens(await node()), 200);
  const room = parseRoomPath('/standup');
  const { person } = (await house.stage.parts.sessions.read(ada.session() ?? '')) ?? assert.fail();
  await house.stage.parts.kicks.add({ person: person.id, room, seconds: 60 });
  clock.advance(2);
  assert.equal(await opens(house), 410, 'put out');
  clock.advance(60);
  assert.equal(await opens(house), 200);
  // The operator's own is nobody's who could lose anything.
  const wish = { room, role: 'guest', until: clock.now() / 1000 + 3600 } as const;
  const { code } = await makeInvite(wish, { role: 'host' }, house.stage.parts);
  const theirs = await node({ rules: HOSTING_RULES.slice(1) });
  assert.equal((await theirs.stage.ask(`${PREFIX}/invite?code=${code.reveal()}`)).status, 200);
});

test('two processes on one file: who waits at one is seen at the other, and let in and turned away from there', async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  const path = join(directoryFor(t), 'store.sqlite');
  const [one, other] = await Promise.all(
    [0, 1].map(() => startHostingStage({ clock, op, store: () => createSqliteStore({ path, clock }) })),
  );
  assert.ok(one && other);
  t.after(async () => {
    await one.stage.close();
    await other.stage.close();
  });
  const ada = await other.signedIn('ada');
  for (const [name, act, told] of [
    ['Linus', 'let-in', 'go'],
    ['Mallory', 'turn-away', 'away'],
  ] as const) {
    const visitor = await one.guest(name);
    const waiting = await listenAs(visitor, {
      ...{ port: one.stage.ports.public, path: '/standup', address: '198.51.100.9' },
    });
    const person = await other.waitingId(ada, name);
    // What was said at the other is felt here within a second; that second passes.
    const passes = setInterval(() => clock.advance(1), 1000);
    await other.does(ada, { do: act, person });
    await waiting.ended;
    clearInterval(passes);
    assert.match(waiting.said(), new RegExp(`^event: ${told}$`, 'm'));
    assert.equal((await one.joins(visitor)).status, act === 'let-in' ? 302 : 403);
  }
});

test('a room of a tenant, of whatever letters, is led like any other', async (t) => {
  const house = await startHostingStage();
  t.after(() => house.stage.close());
  const room = 'sales/gr%C3%B6%C3%9Fe';
  const waits = await house.guest('Linus', 'sales/größe');
  const ada = await house.signedIn('ada', 'sales/größe');
  const person = await house.waitingId(ada, 'Linus', room);
  const answer = await house.does(ada, { do: 'let-in', person }, room);
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, pageOf(room)]);
  assert.match((await ada.get(pageOf(room))).text, /Linus[^\n]*may come in/);
  assert.equal((await house.joins(waits, 'sales/größe')).status, 302);
  const made = await ada.post(pageOf(room), { do: 'invite', role: 'guest' }, JSON_ONLY);
  const path = JSON.parse(made.text).link.slice('https://meet.example.org'.length);
  assert.match((await house.somebody().get(path)).text, /sales\/größe/);
  assert.equal((await ada.get(pageOf('gr%C3%B6%C3%9Fe'), JSON_ONLY)).status, 403);
});

test('a room that is shut at this hour is led from its page, and entered by nobody', async (t) => {
  const house = await startHostingStage({ config: { rooms: [{ names: ['standup'], times: [] }] } });
  t.after(() => house.stage.close());
  const ada = await house.signedIn('ada');
  assert.equal((await house.joins(ada)).status, 403);
  assert.equal((await ada.get(pageOf())).status, 200);
  const made = await ada.post(pageOf(), { do: 'invite', role: 'host', until: '2d' }, JSON_ONLY);
  const { link } = JSON.parse(made.text);
  assert.equal((await house.somebody().get(link.slice('https://meet.example.org'.length))).status, 200);
});

test('a store that is away shows no page, and lets nobody in', async (t) => {
  const clock = fixedClock();
  const fickle = createFickleStore(clock);
  const house = await startHostingStage({ clock, store: () => fickle.store });
  t.after(() => house.stage.close());
  const visitor = await house.guest('Linus');
  const ada = await house.signedIn('ada');
  const person = await house.waitingId(ada, 'Linus');
  fickle.mood = 'gone';
  clock.advance(2);
  assert.equal((await ada.get(pageOf(), JSON_ONLY)).status, 503);
  assert.equal((await ada.post(pageOf(), { do: 'let-in', person }, JSON_ONLY)).status, 503);
  fickle.mood = 'good';
  house.stage.clock.advance(2);
  assert.match((await house.joins(visitor)).text, /wait to be let in/);
});

test('every act is in the audit with who, where and whom, and names are in no log', async (t) => {
  const house = await startHostingStage();
  t.after(() => house.stage.close());
  await house.guest('Linus Secretname');
  await house.guest('Mallory Secretname');
  const ada = await house.signedIn('ada');
  const linus = await house.waitingId(ada, 'Linus Secretname');
  const mallory = await house.waitingId(ada, 'Mallory Secretname');
  await house.does(ada, { do: 'let-in', person: linus });
  await house.does(ada, { do: 'turn-away', person: mallory });
  await house.does(ada, { do: 'undo', person: mallory });
  await house.does(ada, { do: 'put-out', person: linus });
  await house.does(ada, { do: 'invite', about: 'Secretname' });
  const [invitation] = (await house.seen(ada)).invitations;
  await house.does(ada, { do: 'revoke', invitation: invitation?.id ?? '' });
  const host = (await house.stage.parts.sessions.read(ada.session() ?? ''))?.person.id;
  const acts = (await house.stage.parts.records.list()).filter(({ by }) => by !== undefined);
  assert.deepEqual(acts.map(({ event, by, room, person }) => [event, by, room, person]).toSorted(), [
    ['invite-made', host, 'standup', host],
    ['invite-revoked', host, 'standup', host],
    ['kick-undone', host, 'standup', mallory],
    ['kicked', host, 'standup', linus],
    ['let-in', host, 'standup', linus],
    ['turned-away', host, 'standup', mallory],
  ]);
  assert.ok(!house.stage.lines.some((line) => line.includes('Secretname')));
  for (const event of ['let-in', 'turned-away', 'invite-made'])
    assert.ok(
      house.stage.lines.some((line) => line.includes(`audit.${event}`) && line.includes(String(host))),
    );
});
