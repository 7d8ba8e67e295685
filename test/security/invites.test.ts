/** Invitations: looked at by anybody, spent once, good for one room in one role, and gone when they are taken back. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type InviteWish, makeInvite, revokeInvite } from '../../src/admission/invite.ts';
import { fixedClock } from '../../src/base/clock.ts';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { claimsOf } from '../support/claims-of.ts';
import { startMutableOp } from '../support/mutable-op.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { directoryFor } from '../support/store-directory.ts';
import type { Visitor } from '../support/visitor.ts';

let stage: Stage;
before(async () => {
  stage = await startStage({
    config: {
      trustedProxies: ['127.0.0.1'],
      access: 'members',
      rules: [{ name: 'board is closed', when: { rooms: ['board'] }, then: 'refuse' }],
    },
  });
});
after(() => stage.close());

const room = (name: string) => roomOf(roomFromPath(name));
const seconds = () => Math.floor(stage.clock.now() / 1000);

async function made(wish: Partial<InviteWish> = {}, maker: 'host' | 'participant' = 'host') {
  const whole = {
    room: room('standup'),
    role: 'participant',
    until: seconds() + 3600,
    uses: 1,
    ...wish,
  } as const;
  const { code, invite } = await makeInvite(whole, { role: maker }, stage.parts);
  return { code: code.reveal(), invite, address: `${PREFIX}/invite?code=${code.reveal()}` };
}

let others = 0;
/** A browser at an address of its own. */
function somebody(): Visitor {
  others += 1;
  return stage.visitor({ 'x-forwarded-for': `203.0.113.${others % 250}` });
}

/** Opens the page and presses its button. */
async function press(code: string, { visitor = somebody(), name = 'Ada' } = {}) {
  const page = await visitor.get(`${PREFIX}/invite?code=${code}`);
  const answer = await visitor.post(`${PREFIX}/invite`, { code, name });
  return { visitor, page, answer };
}

async function joins(visitor: Visitor, name = 'standup'): Promise<Answer> {
  return visitor.get(`${PREFIX}/join?room=${name}`);
}

function userOf(answer: Answer): Readonly<Record<string, unknown>> {
  return (claimsOf(answer)['context'] as { readonly user: Readonly<Record<string, unknown>> }).user;
}

const isAskedToSignIn = ({ headers }: Answer) => headers.get('location')?.includes('/sign-in?') === true;
const people = async (id: string) =>
  (await stage.parts.sessions.list()).filter(({ person }) => person.invite?.id === id);

test('INV-01 an invitation for one is used once: again, by another browser, and after signing out it is refused', async () => {
  const { code } = await made();
  const { visitor, page, answer } = await press(code);
  assert.deepEqual([page.status, answer.status], [200, 303]);
  assert.equal(userOf(await joins(visitor)).name, 'Ada (guest)');
  for (const late of [await press(code), await press(code)])
    assert.deepEqual([late.page.status, late.answer.status], [410, 400]);
  await visitor.post(`${PREFIX}/sign-out`, {});
  assert.ok(isAskedToSignIn(await joins(visitor)));
  assert.equal((await press(code, { visitor })).answer.status, 410);
});

test('the browser that used it just goes on, by the link and by the button, and takes no second place', async () => {
  const { code, address, invite } = await made({ uses: 2 });
  const { visitor } = await press(code);
  const again = await visitor.get(address);
  assert.equal(again.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`);
  assert.equal((await visitor.post(`${PREFIX}/invite`, { code, name: 'Eve' })).status, 303);
  assert.equal((await people(invite.id)).length, 1);
  assert.equal((await press(code)).answer.status, 303);
});

test('a place outlives its session: days later the same browser comes in again, and another does not', async () => {
  const { code } = await made({ until: seconds() + 30 * 86_400 });
  const { visitor } = await press(code);
  stage.clock.advance(8 * 86_400);
  assert.ok(isAskedToSignIn(await joins(visitor)));
  assert.equal((await press(code)).page.status, 410);
  assert.equal((await press(code, { visitor })).answer.status, 303);
  assert.equal((await joins(visitor)).status, 302);
  assert.equal(userOf(await joins(visitor)).name, 'Ada (guest)');
});

test('whatever only fetches the link spends nothing: HEAD, GET, previews, a hundred times', async () => {
  const { code, address, invite } = await made();
  for (const agent of ['Slackbot-LinkExpanding 1.0', 'BarracudaCentral', 'Mozilla/5.0'])
    for (const method of ['HEAD', 'GET', 'GET'])
      assert.equal((await stage.ask(address, { method, headers: { 'user-agent': agent } })).status, 200);
  assert.deepEqual(await people(invite.id), []);
  assert.equal((await press(code)).answer.status, 303);
});

test('INV-02 of fifty browsers that press at once one gets in', async () => {
  const { code, invite } = await made();
  const all = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const visitor = somebody();
      await visitor.get(`${PREFIX}/invite?code=${code}`);
      return visitor;
    }),
  );
  const answers = await Promise.all(
    all.map((visitor) => visitor.post(`${PREFIX}/invite`, { code, name: 'Ada' })),
  );
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(
    [statuses.filter((status) => status === 303).length, statuses.filter((status) => status === 410).length],
    [1, 49],
  );
  assert.equal((await people(invite.id)).length, 1);
});

test('INV-02 of fifty browsers that press at once seven get in where there are seven places', async () => {
  const { code, invite } = await made({ uses: 7 });
  const all = await Promise.all(Array.from({ length: 50 }, () => press(code)));
  assert.equal(all.filter(({ answer }) => answer.status === 303).length, 7);
  assert.equal((await people(invite.id)).length, 7);
});

test('INV-04 nobody guesses: codes that are none are counted by address, and who holds a link is not held up elsewhere', async () => {
  const guesser = stage.visitor({ 'x-forwarded-for': '198.51.100.66' });
  const statuses: number[] = [];
  for (let at = 0; at < 60; at += 1)
    statuses.push((await guesser.get(`${PREFIX}/invite?code=${String(at).padStart(28, '0')}`)).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [404, 429]);
  const { code } = await made();
  assert.equal((await press(code)).answer.status, 303);
});

test('INV-04 only a digest is kept, of 140 bits', async () => {
  const { code } = await made({ title: 'Budget' });
  assert.match(code, /^[0-9a-hjkmnp-tv-z]{28}$/);
  for (const { key, value } of await stage.parts.store.list(''))
    assert.ok(!`${key} ${value}`.replaceAll('-', '').toLowerCase().includes(code));
});

test('INV-05 before its hour and after its end it opens nothing, and its end is that of who came by it', async () => {
  const { code } = await made({ from: seconds() + 600, until: seconds() + 1200 });
  assert.equal((await press(code)).page.status, 403);
  stage.clock.advance(600);
  const { visitor, answer } = await press(code);
  assert.equal(answer.status, 303);
  assert.ok(Number(claimsOf(await joins(visitor))['exp']) <= seconds() + 600);
  stage.clock.advance(600);
  assert.ok(isAskedToSignIn(await joins(visitor)));
  assert.equal((await press(code)).page.status, 410);
});

test('INV-05 taken back, it opens nothing, and nobody who came by it is here any more', async () => {
  const { code, invite } = await made({ uses: 5 });
  const { visitor } = await press(code);
  const [revoked] = await revokeInvite(invite.id, stage.parts);
  assert.equal(revoked?.ended.length, 1);
  assert.equal((await press(code)).page.status, 404);
  stage.clock.advance(2);
  assert.ok(isAskedToSignIn(await joins(visitor)));
});

test('INV-05 where a rule refuses, an invitation lets nobody in', async () => {
  const { code } = await made({ room: room('board'), role: 'host' });
  const { visitor } = await press(code);
  const join = await joins(visitor, 'board');
  assert.ok(join.status === 403 || isAskedToSignIn(join));
});

test('INV-07 nothing beside the code counts: no other room, role or end in the address or the form', async () => {
  const { code, address } = await made({ role: 'guest' });
  const visitor = somebody();
  await visitor.get(`${address}&room=board&role=host&until=9999999999`);
  await visitor.post(`${PREFIX}/invite`, {
    ...{ code, name: 'Ada', room: 'other', role: 'host', until: '9999999999', to: '/other' },
  });
  assert.equal(userOf(await joins(visitor)).moderator, false);
  assert.ok(isAskedToSignIn(await joins(visitor, 'other')));
  for (const wrong of [`${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`, code.slice(1), ''])
    assert.equal((await press(wrong)).page.status, 404);
});

test('INV-07 its session in another cookie opens no other room', async () => {
  const { code } = await made({ role: 'host' });
  const { visitor } = await press(code);
  const [id = ''] = [...visitor.jar]
    .filter(([name]) => name.startsWith('__Host-ostiary-in-'))
    .map(([, value]) => value);
  const thief = stage.visitor();
  thief.jar.set('__Host-ostiary', id);
  assert.ok(isAskedToSignIn(await joins(thief, 'other')));
});

test('INV-09 the code is in no title, no card, no log, and no page it leads to is told of it', async () => {
  const { code, address } = await made({ title: 'Budget', by: 'Grace' });
  const { visitor, page } = await press(code);
  assert.equal(page.headers.get('referrer-policy'), 'strict-origin');
  assert.match(page.text, /<meta property="og:title" content="Example Organisation">/);
  const head = page.text.slice(0, page.text.indexOf('</head>'));
  assert.doesNotMatch(head, /standup|Budget|Grace/);
  assert.ok(!head.includes(code));
  assert.doesNotMatch(page.text, /(?:src|href)="https?:\/\/(?!meet\.example\.org)/);
  for (const other of [code, `${code.slice(0, -2)}zz`]) {
    const refused = await somebody().get(`${PREFIX}/invite?code=${other}`);
    assert.deepEqual(
      [refused.status >= 400, refused.headers.get('referrer-policy')],
      [true, 'strict-origin'],
    );
    assert.ok(!refused.text.includes(other));
  }
  await joins(visitor);
  assert.ok(stage.lines.some((line) => line.includes('audit.invite-used')));
  assert.deepEqual(
    stage.lines.filter((line) => line.includes(code)),
    [],
  );
  assert.ok(address.includes(code));
});

test('no invitation is higher than who makes it', async () => {
  const { invite } = await made({ role: 'host' }, 'participant');
  assert.equal(invite.role, 'participant');
});

test('no other site presses the button, and a browser without cookies gets no session', async () => {
  const { code } = await made();
  const visitor = somebody();
  const foreign = { origin: 'https://elsewhere.example.net', 'sec-fetch-site': 'cross-site' };
  await visitor.get(`${PREFIX}/invite?code=${code}`);
  assert.equal((await visitor.post(`${PREFIX}/invite`, { code, name: 'Ada' }, foreign)).status, 403);
  assert.equal((await somebody().post(`${PREFIX}/invite`, { code, name: 'Ada' })).status, 400);
  assert.equal((await press(code)).answer.status, 303);
});

for (const nothing of ['', '  ', '\u200b'])
  test(`${JSON.stringify(nothing)} is no name, and takes no place`, async () => {
    const { code } = await made();
    assert.equal((await press(code, { name: nothing })).answer.status, 400);
    assert.equal((await press(code)).answer.status, 303);
  });

test('one for an address asks its owner to sign in, comes back to itself, and lets them in under their own name', async () => {
  const { code, address } = await made({ email: 'ADA@example.org', role: 'host' });
  const visitor = somebody();
  const page = await visitor.get(address);
  assert.doesNotMatch(page.text, /name="name"/);
  const unsigned = await visitor.post(`${PREFIX}/invite`, { code, name: 'Ada' });
  assert.deepEqual([unsigned.status, (await joins(visitor)).status], [403, 302]);
  await visitor.post(`${PREFIX}/invite`, { code, how: 'sign-in' });
  const back = await visitor.signIn('/standup');
  const join = await visitor.get(back.headers.get('location') ?? '');
  assert.equal(join.headers.get('location'), address);
  const answer = await visitor.post(`${PREFIX}/invite`, { code });
  assert.equal(answer.status, 303);
  const user = userOf(await joins(visitor));
  assert.doesNotMatch(String(user.name), /guest/);
  assert.match(String(user.id), /^invite#/);
});

test('one for another address is not theirs, and stays unspent', async () => {
  const { code, address, invite } = await made({ email: 'grace@example.org', role: 'host' });
  const visitor = somebody();
  await visitor.signIn('/standup');
  assert.equal((await visitor.get(address)).status, 403);
  assert.equal((await visitor.post(`${PREFIX}/invite`, { code })).status, 403);
  assert.deepEqual(await people(invite.id), []);
});

test('who has an account that does as much goes in by it, and leaves the place to somebody else', async () => {
  const { code, invite } = await made({ role: 'guest' });
  const visitor = somebody();
  await visitor.signIn('/standup');
  assert.equal((await visitor.post(`${PREFIX}/invite`, { code })).status, 303);
  assert.match(String(userOf(await joins(visitor)).id), /^sso#/);
  assert.deepEqual(await people(invite.id), []);
  assert.equal((await press(code)).answer.status, 303);
});

test('INV-02 of forty browsers that press at once at two nodes on one file one gets in', async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  const path = join(directoryFor(t), 'store.sqlite');
  const options = { clock, op, config: { trustedProxies: ['127.0.0.1'] } };
  const nodes = await Promise.all(
    [0, 1].map(() => startStage({ ...options, store: () => createSqliteStore({ path, clock }) })),
  );
  t.after(async () => {
    for (const node of nodes) await node.close();
  });
  const [first] = nodes;
  assert.ok(first);
  const until = Math.floor(clock.now() / 1000) + 3600;
  const wish = { room: room('standup'), role: 'participant', until, uses: 1 } as const;
  const { code } = await makeInvite(wish, { role: 'host' }, first.parts);
  const shown = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const node = nodes[at % 2] ?? first;
      const visitor = node.visitor({ 'x-forwarded-for': `203.0.113.${at + 1}` });
      await visitor.get(`${PREFIX}/invite?code=${code.reveal()}`);
      return visitor;
    }),
  );
  const answers = await Promise.all(
    shown.map((visitor) => visitor.post(`${PREFIX}/invite`, { code: code.reveal(), name: 'Ada' })),
  );
  assert.equal(answers.filter(({ status }) => status === 303).length, 1);
});

test('a name that somebody gave before is no account: by an invitation it still bears the mark', async (t) => {
  const open = await startStage({ config: { access: 'open' } });
  t.after(() => open.close());
  const visitor = open.visitor();
  await visitor.get(`${PREFIX}/sign-in?to=%2Fkitchen`);
  await visitor.post(`${PREFIX}/guest`, { to: '/kitchen', name: 'Director' });
  const until = Math.floor(open.clock.now() / 1000) + 3600;
  const wish = { room: room('standup'), role: 'host', until } as const;
  const { code } = await makeInvite(wish, { role: 'host' }, open.parts);
  await visitor.get(`${PREFIX}/invite?code=${code.reveal()}`);
  await visitor.post(`${PREFIX}/invite`, { code: code.reveal(), name: 'Director' });
  const user = userOf(await visitor.get(`${PREFIX}/join?room=standup`));
  assert.match(String(user.id), /^invite#/);
  assert.equal(user.name, 'Director (guest)');
});

test('who comes by another invitation is here once: the session of the first is over', async () => {
  const [first, second] = [await made(), await made()];
  const { visitor } = await press(first.code);
  await press(second.code, { visitor });
  assert.deepEqual([(await people(first.invite.id)).length, (await people(second.invite.id)).length], [0, 1]);
});

test('an invitation that waits for a sign-in is come back to from its own room alone', async () => {
  const { code, address } = await made({ email: 'ada@example.org' });
  const visitor = somebody();
  await visitor.get(address);
  await visitor.post(`${PREFIX}/invite`, { code, how: 'sign-in' });
  const back = await visitor.signIn('/kitchen');
  const join = await visitor.get(back.headers.get('location') ?? '');
  assert.doesNotMatch(join.headers.get('location') ?? '', /invite/);
});
