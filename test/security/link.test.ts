/** Attacks on links of other applications: what their tokens open, for whom, and what is left of them afterwards. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { digest } from '../../src/base/random.ts';
import { displayToken } from '../../src/tokens/display.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { type Answer, APP_ID, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

const BOOKING_SECRET = 'booking-tools-sign-with-this-and-nobody-else';
const RULES = [
  { name: 'no hosts in the hall', when: { rooms: ['hall'] }, then: 'participant' },
  { name: 'the board is for accounts', when: { rooms: ['board'], providers: ['moodle'] }, then: 'sign-in' },
  { name: 'moodle stays out', when: { rooms: ['vault'], providers: ['moodle'] }, then: 'refuse' },
  { name: 'raises', when: { rooms: ['stage'] }, then: 'host' },
];

let jitsi: UpstreamStandIn;
let stage: Stage;

before(async () => {
  jitsi = await startUpstream();
  stage = await startStage({
    config: {
      issuers: [
        MOODLE,
        {
          ...{ iss: 'booking', secret: BOOKING_SECRET, rooms: ['booked-*'] },
          ...{ role: 'participant', wildcard: 'refuse' },
        },
      ],
      rules: RULES,
      access: 'members',
      upstream: { url: jitsi.url },
      limits: { signInsPerBrowser: 1_000_000 },
    },
  });
});
after(async () => {
  await stage.close();
  await jitsi.close();
});
beforeEach(() => {
  jitsi.arrived.length = 0;
});

const link = (more: object = {}) => linkToken(linkClaims(stage.clock, more));
const linkTo = (room: string, more: object = {}) => link({ room, ...more });

/** Whom the page of a room shows. */
function shownIn({ text }: Answer): readonly [id: string, moderator: boolean, room: string] {
  const token = /\}\)\(\{"token":"([^"]+)"/.exec(text)?.[1] ?? '';
  const { room, context } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return [context.user.id, context.user.moderator, room];
}

/** Follows a link and goes where it leads, which is never an address with a token in it. */
async function opened(visitor: Visitor, token: string, path = '/standup'): Promise<Answer> {
  const first = await visitor.get(`${path}?jwt=${token}`);
  assert.equal(first.status, 302, first.text);
  return goOn(visitor, first, token);
}

function goOn(visitor: Visitor, first: Answer, token: string): Promise<Answer> {
  const to = first.headers.get('location') ?? '';
  assert.ok(to.startsWith('/') && !to.includes(token) && !to.includes('jwt'), to);
  assert.ok(!first.text.includes(token));
  assert.match(first.headers.get('referrer-policy') ?? '', /^(?:same-origin|no-referrer)$/);
  return visitor.get(to.split('#', 1)[0] ?? '');
}

async function refused(
  token: string,
  path: string,
  [status, words]: readonly [number, RegExp],
): Promise<Answer> {
  jitsi.arrived.length = 0;
  const page = await opened(stage.visitor(), token, path);
  assert.equal(page.status, status, page.text);
  assert.match(page.text, words);
  for (const part of token.split('.').slice(1)) assert.ok(part === '' || !page.text.includes(part));
  assert.deepEqual(jitsi.arrived, []);
  return page;
}

const auditOf = async (person: string) => stage.parts.records.list({ person });

test('a link opens its room as the person and in the role it names, and leaves the address', async () => {
  const page = await opened(stage.visitor(), link());
  assert.equal(page.status, 200);
  assert.deepEqual(shownIn(page), ['moodle#17', true, 'standup']);
});

test('the rest of the address stays, and what would be a second token goes', async () => {
  const answer = await stage.visitor().get(`/stand!up?lang=de&jwt=${link()}&token=x`);
  assert.equal(answer.headers.get('location'), '/standup?lang=de');
  assert.equal(answer.cookies.length, 1);
});

test('two tokens in one address are none, and neither stays there', async () => {
  const answer = await stage.visitor().get(`/standup?jwt=${link()}&jwt=${link({ jti: '2' })}`);
  assert.deepEqual([answer.headers.get('location'), answer.cookies.length], ['/standup', 0]);
});

test('a link to another room lets nobody in, and the refusal shows no token', async () => {
  await refused(link(), '/other', [403, /another room/]);
  await refused(link({ sub: 'physics' }), '/chemistry/standup', [403, /another room/]);
  await refused(link(), '/physics/standup', [403, /another room/]);
});

test('a link that has expired lets nobody in, and what is told is not what is forged', async () => {
  await refused(link({ exp: stage.clock.now() / 1000 - 1 }), '/standup', [401, /expired/]);
  await refused(linkToken(linkClaims(stage.clock), { secret: BOOKING_SECRET }), '/standup', [
    401,
    /cannot use/,
  ]);
  await refused('x', '/standup', [401, /cannot use/]);
  await refused(link({ iss: 'nobody' }), '/standup', [401, /cannot use/]);
});

test('every room at once is the one that was asked for, and no other afterwards', async () => {
  const visitor = stage.visitor();
  assert.deepEqual(shownIn(await opened(visitor, linkTo('*'))), ['moodle#17', true, 'standup']);
  assert.match((await visitor.get('/other')).headers.get('location') ?? '', /sign-in/);
});

test('an application speaks for its own rooms, in no higher role than it has, and for every room at once if it may', async () => {
  const booking = (more: object) =>
    linkToken(linkClaims(stage.clock, { iss: 'booking', ...more }), { secret: BOOKING_SECRET });
  const page = await opened(stage.visitor(), booking({ room: 'booked-1' }), '/booked-1');
  assert.deepEqual(shownIn(page), ['booking#17', false, 'booked-1']);
  await refused(booking({}), '/standup', [403, /may not let anybody/]);
  await refused(booking({ room: '*' }), '/booked-1', [403, /may not let anybody/]);
});

test('a rule lowers what a link proposes, and raises nothing', async () => {
  assert.deepEqual(shownIn(await opened(stage.visitor(), linkTo('hall'), '/hall')), [
    'moodle#17',
    false,
    'hall',
  ]);
  const member = linkTo('stage', { context: { user: { id: '18' } } });
  assert.deepEqual(shownIn(await opened(stage.visitor(), member, '/stage')), ['moodle#18', false, 'stage']);
});

test('who came by a link is a stranger in every other room, and in the same room of a tenant', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link());
  for (const path of ['/other', '/physics/standup', '/'])
    if (path !== '/') assert.match((await visitor.get(path)).headers.get('location') ?? '', /sign-in/, path);
});

test('a link’s session under the name of an account’s, or of another room’s link, opens nothing', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link());
  const [[name = '', id = ''] = []] = [...visitor.jar].filter(([cookie]) =>
    cookie.startsWith('__Host-ostiary-in-'),
  );
  const other = stage.visitor();
  await opened(other, linkTo('other'), '/other');
  const [otherName = ''] = [...other.jar.keys()].filter((cookie) => cookie.startsWith('__Host-ostiary-in-'));
  assert.notEqual(name, otherName);
  for (const cookie of [
    `__Host-ostiary=${id}`,
    `${otherName}=${id}`,
    `__Host-ostiary=${id}; ${otherName}=${id}`,
  ]) {
    const answer = await stage.ask('/other', { headers: { cookie } });
    assert.equal(answer.status, 302, cookie);
    assert.match(answer.headers.get('location') ?? '', /sign-in/, cookie);
  }
  const again = await stage.ask('/standup', { headers: { cookie: `${name}=${id}` } });
  assert.equal(again.status, 200);
});

test('the person of the link is who somebody is in that room; everywhere else their account stays', async () => {
  const ada = stage.visitor();
  await ada.signIn('/standup');
  const [account] = shownIn(await ada.get('/standup'));
  assert.match(account, /^sso#/);
  assert.equal(shownIn(await opened(ada, link()))[0], 'moodle#17');
  assert.equal(shownIn(await ada.get('/standup'))[0], 'moodle#17');
  assert.equal(shownIn(await ada.get('/other'))[0], account);
  assert.ok(await ada.isSignedIn());
});

test('when the link is over the account counts again', async () => {
  const ada = stage.visitor();
  await ada.signIn('/standup');
  const [account] = shownIn(await ada.get('/standup'));
  await opened(ada, link({ exp: stage.clock.now() / 1000 + 60 }));
  stage.clock.advance(61);
  assert.equal(shownIn(await ada.get('/standup'))[0], account);
});

test('where a rule wants an account, a link does not stand in its way', async () => {
  const ada = stage.visitor();
  const away = await opened(ada, linkTo('board'), '/board');
  assert.match(away.headers.get('location') ?? '', /sign-in/);
  await ada.signIn('/board');
  assert.match(shownIn(await ada.get('/board'))[0], /^sso#/);
});

test('whom the rules refuse may leave the link behind, and go on by their account', async () => {
  const ada = stage.visitor();
  await ada.signIn('/vault');
  const page = await opened(ada, linkTo('vault'), '/vault');
  assert.equal(page.status, 403);
  assert.match(page.text, /Grace Hopper/);
  assert.match(page.text, new RegExp(`action="${PREFIX}/link"`));
  const left = await ada.post(`${PREFIX}/link`, { to: '/vault', how: 'leave' });
  assert.equal(left.headers.get('location'), '/vault');
  assert.match(shownIn(await ada.get('/vault'))[0], /^sso#/);
  const [reference] = page.text.match(/[0-9A-Z]{4}-[0-9A-Z]{4}/) ?? [];
  const [entry] = await stage.parts.records.find(reference ?? '');
  const { person, room, proposed, rule } = entry ?? {};
  assert.deepEqual([person, room, proposed, rule], ['moodle#17', 'vault', 'host', 'moodle stays out']);
});

test('a link may be followed again while its token holds, and its session is not another one', async () => {
  const visitor = stage.visitor();
  const token = linkTo('again');
  await opened(visitor, token, '/again');
  const before = visitor.cookieHeader();
  await opened(visitor, token, '/again');
  await opened(visitor, linkTo('again', { jti: 'fresh' }), '/again');
  assert.equal(visitor.cookieHeader(), before);
});

test('who has no id goes on as the person they are in this browser, for as long as the name is the same', async () => {
  const visitor = stage.visitor();
  const nameless = (name: string, jti: string) =>
    linkTo('nameless', { jti, context: { user: { id: '', name } } });
  const [first] = shownIn(await opened(visitor, nameless('Ada', '1'), '/nameless'));
  assert.match(first, /^moodle#link-/);
  assert.equal(shownIn(await opened(visitor, nameless('Ada', '2'), '/nameless'))[0], first);
  assert.notEqual(shownIn(await opened(visitor, nameless('Bob', '3'), '/nameless'))[0], first);
  assert.notEqual(shownIn(await opened(stage.visitor(), nameless('Ada', '4'), '/nameless'))[0], first);
});

test('somebody else’s link in the same browser takes the place of the one before, and both end at the sign-out', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link());
  const [, first = ''] = [...visitor.jar].find(([name]) => name.startsWith('__Host-ostiary-in-')) ?? [];
  const standing = async () => {
    stage.clock.advance(2);
    return (await stage.parts.sessions.standing([digest(first)])).get(digest(first));
  };
  const other = link({ context: { user: { id: '18' } } });
  assert.equal(shownIn(await opened(visitor, other))[0], 'moodle#18');
  assert.ok(!visitor.cookieHeader().includes(first));
  assert.equal(await standing(), 'live', 'a link that somebody was led to cuts no meeting off');
  await visitor.post(`${PREFIX}/sign-out`, {});
  assert.equal(await standing(), 'gone');
});

test('a session of a link ends with its token, however much it is used', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link({ exp: stage.clock.now() / 1000 + 600 }));
  for (let minute = 0; minute < 9; minute += 1) {
    stage.clock.advance(60);
    assert.equal((await visitor.get('/standup')).status, 200);
  }
  stage.clock.advance(61);
  assert.match((await visitor.get('/standup')).headers.get('location') ?? '', /sign-in/);
});

test('no provider is asked about somebody who came by a link', async () => {
  const visitor = stage.visitor();
  await opened(
    visitor,
    link({ exp: stage.clock.now() / 1000 + 8 * 3600, context: { user: { id: 'long' } } }),
  );
  const asked = stage.op.requests.length;
  for (let hour = 0; hour < 7; hour += 1) {
    stage.clock.advance(3600);
    assert.equal(shownIn(await visitor.get('/standup'))[0], 'moodle#long');
  }
  assert.equal(stage.op.requests.length, asked);
});

test('a fresh link lengthens the session that is there', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link({ exp: stage.clock.now() / 1000 + 60 }));
  await opened(visitor, link({ exp: stage.clock.now() / 1000 + 600 }));
  stage.clock.advance(120);
  assert.equal((await visitor.get('/standup')).status, 200);
  const [session] = await stage.parts.sessions.endAllOf('moodle#17', 'operator');
  assert.equal(session?.person.id, 'moodle#17');
});

test('signing out ends the links too', async () => {
  const visitor = stage.visitor();
  await visitor.signIn();
  await opened(visitor, link());
  const cookie = visitor.cookieHeader();
  await visitor.post(`${PREFIX}/sign-out`, {});
  assert.deepEqual(
    [...visitor.jar.keys()].filter((name) => name.startsWith('__Host-ostiary-in-')),
    [],
  );
  stage.clock.advance(2);
  assert.match(
    (await stage.ask('/standup', { headers: { cookie } })).headers.get('location') ?? '',
    /sign-in/,
  );
});

test('who has only a link is asked before they sign out, as everybody is', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link());
  const page = await visitor.get(`${PREFIX}/sign-out`);
  assert.equal(page.status, 200);
  assert.match(page.text, /Grace Hopper/);
});

test('files of Jitsi’s are for who came by a link, and settings too', async () => {
  const visitor = stage.visitor();
  await opened(visitor, link());
  for (const path of ['/libs/app.bundle.min.js', '/config.js?room=standup'])
    assert.equal((await visitor.get(path)).status, 200, path);
  assert.equal(
    (await stage.visitor().get('/libs/app.bundle.min.js', { 'sec-fetch-mode': 'no-cors' })).status,
    401,
  );
});

test('a browser keeps the links of a dozen rooms, and forgets the oldest', async () => {
  const visitor = stage.visitor();
  for (let number = 1; number <= 14; number += 1)
    await opened(visitor, linkTo(`room-${number}`), `/room-${number}`);
  const kept = [...visitor.jar.keys()].filter((name) => name.startsWith('__Host-ostiary-in-'));
  assert.equal(kept.length, 12);
  assert.equal((await visitor.get('/room-14')).status, 200);
  assert.equal((await visitor.get('/room-1')).status, 302);
});

test('what a machine fetches with a link leaves no session behind', async () => {
  const answer = await stage.ask(`/standup?jwt=${link()}`, { headers: { accept: '*/*' } });
  assert.deepEqual([answer.headers.get('location'), answer.cookies.length], ['/standup', 0]);
});

test('a token of our own in an address is passed over, and nobody is told of a broken link', async () => {
  const ticketLike = link({ iss: APP_ID });
  const answer = await stage.visitor().get(`/standup?jwt=${ticketLike}`);
  assert.deepEqual([answer.headers.get('location'), answer.cookies.length], ['/standup', 0]);
});

test('a token from behind the # is posted by our own page, and by no other', async () => {
  const visitor = stage.visitor();
  const token = link();
  const first = await visitor.post(`${PREFIX}/link`, { to: '/standup', jwt: token });
  assert.equal(first.status, 303);
  assert.deepEqual(shownIn(await goOn(visitor, first, token)), ['moodle#17', true, 'standup']);
  for (const headers of [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-site' },
    { 'content-type': 'text/plain' },
  ]) {
    const answer = await stage.visitor().post(`${PREFIX}/link`, { to: '/standup', jwt: token }, headers);
    assert.deepEqual([answer.status, answer.cookies.length], [403, 0], JSON.stringify(headers));
  }
});

test('what Jitsi’s page put back behind the # is no link', async () => {
  const token = displayToken({ room: 'standup' } as never).reveal();
  const answer = await stage.visitor().post(`${PREFIX}/link`, { to: '/standup', jwt: token });
  assert.deepEqual([answer.headers.get('location'), answer.cookies.length], ['/standup', 0]);
});

test('a link leads to a room of ours and nowhere else [REDIR-01] [REDIR-12]', async () => {
  const token = link();
  for (const to of [
    '//evil',
    'https://evil.example/standup',
    '/\\evil',
    '',
    '/a/b/c',
    `${PREFIX}/sign-out`,
  ]) {
    const answer = await stage.visitor().post(`${PREFIX}/link`, { to, jwt: token });
    assert.deepEqual([answer.status, answer.headers.get('location')], [400, null], to);
    const shown = await stage
      .visitor()
      .get(`${PREFIX}/link?to=${encodeURIComponent(to)}&problem=link.expired`);
    assert.equal(shown.status, 400, to);
  }
});

test('the page that tells of a link tells of nothing else', async () => {
  for (const problem of ['server.bug', 'entry.refused', 'link.nothing', '__proto__', '<script>'])
    assert.equal(
      (await stage.visitor().get(`${PREFIX}/link?to=/standup&problem=${encodeURIComponent(problem)}`)).status,
      404,
      problem,
    );
  const page = await stage
    .visitor()
    .get(`${PREFIX}/link?to=/standup&problem=link.expired&id=${encodeURIComponent('<b>XX-XX')}`);
  assert.equal(page.status, 401);
  assert.ok(!page.text.includes('<b>XX'));
});

test('the audit names application, person, room and role, and the reference of the page leads there', async () => {
  const page = await refused(linkTo('audited'), '/elsewhere', [403, /another room/]);
  const [reference = ''] = page.text.match(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/) ?? [];
  const [entry] = await stage.parts.records.find(reference);
  const { event, person, provider, room, code } = entry ?? {};
  assert.deepEqual(
    [event, person, provider, room, code],
    ['link-refused', 'moodle#17', 'moodle', 'elsewhere', 'link.other-room'],
  );
  await opened(stage.visitor(), linkTo('audited', { context: { user: { id: 'audited' } } }), '/audited');
  const [followed] = await auditOf('moodle#audited');
  assert.deepEqual(
    [followed?.event, followed?.provider, followed?.room, followed?.proposed],
    ['link-followed', 'moodle', 'audited', 'participant'],
  );
});

test('tokens that nobody vouches for fill no audit and no store', async () => {
  const before = (await stage.parts.store.list('')).length;
  for (const token of [
    'x',
    linkToken(linkClaims(stage.clock), { secret: 'f'.repeat(40) }),
    link({ iss: 'nobody' }),
  ])
    await stage.visitor().get(`/standup?jwt=${token}`);
  assert.equal((await stage.parts.store.list('')).length, before);
});

test('no token of a link stands in the log, whatever becomes of it [SEC-01]', async () => {
  const tokens = [
    link({ jti: 'canary' }),
    linkTo('other'),
    `${link()}x`,
    link({ exp: 1 }),
    link({ iss: 'nobody' }),
  ];
  for (const token of tokens) {
    await stage.visitor().get(`/standup?jwt=${token}`);
    await stage.visitor().post(`${PREFIX}/link`, { to: '/standup', jwt: token });
  }
  const log = stage.lines.join('');
  for (const token of tokens)
    for (const part of token.split('.').slice(1)) assert.ok(!log.includes(part), part.slice(0, 20));
  assert.ok(!log.includes('grace@example.org') && !log.includes('Grace Hopper'));
});

test('the page of who came by a link knows that link again, and hands on every other', async () => {
  const page = await opened(stage.visitor(), link());
  const said = /"link":(\{[^}]*\})/.exec(page.text)?.[1] ?? '';
  const { address, mark } = JSON.parse(said);
  assert.equal(address, `${PREFIX}/link?to=%2Fstandup`);
  assert.equal(typeof mark, 'number');
  const ada = stage.visitor();
  await ada.signIn('/standup');
  assert.deepEqual(JSON.parse(/"link":(\{[^}]*\})/.exec((await ada.get('/standup')).text)?.[1] ?? ''), {
    address,
  });
});

test('in a browser without cookies a link opens nothing, and nothing goes round in circles', async () => {
  const first = await stage.ask(`/standup?jwt=${link()}`);
  const second = await stage.ask(first.headers.get('location') ?? '');
  assert.match(second.headers.get('location') ?? '', new RegExp(`^${PREFIX}/sign-in`));
});

test('one link, followed for ever without cookies, fills no store, and who is in goes on', async (t) => {
  const own = await startStage({
    config: {
      ...{ issuers: [MOODLE], access: 'members', upstream: { url: jitsi.url } },
      limits: { signInsPerAddress: 5 },
    },
  });
  t.after(() => own.close());
  const token = linkToken(linkClaims(own.clock));
  const inside = own.visitor();
  await inside.get(`/standup?jwt=${token}`);
  const statuses: number[] = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await own.visitor().get(`/standup?jwt=${token}`)).status);
  assert.deepEqual(statuses, [...Array(4).fill(302), 429, 429, 429]);
  assert.equal((await inside.get(`/standup?jwt=${token}`)).status, 302);
  assert.equal((await inside.get('/standup')).status, 200);
});

test('however many cookies of links somebody makes up, few are looked for [DOS-01]', async (t) => {
  const read = t.mock.method(stage.parts.sessions, 'read');
  const made = Array.from({ length: 150 }, (_, n) => `__Host-ostiary-in-${n}=${String(n).padStart(43, 'x')}`);
  const answer = await stage.visitor().get('/libs/app.bundle.min.js', { cookie: made.join('; ') });
  assert.notEqual(answer.status, 200);
  assert.ok(read.mock.callCount() <= 13, `${read.mock.callCount()}`);
});
