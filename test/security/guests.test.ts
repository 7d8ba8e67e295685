/**
 * People who give a name and show nothing: they get what the rules leave to guests and nothing else, look like nobody
 * else, and nobody becomes one where no rule wants any.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf } from '../support/claims-of.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

let stage: Stage;
before(async () => {
  stage = await startStage({
    config: {
      trustedProxies: ['127.0.0.1'],
      access: 'open',
      hosts: ['staff'],
      rules: [
        { name: 'board is closed', when: { rooms: ['board'] }, then: 'refuse' },
        { name: 'kitchen', when: { rooms: ['kitchen'], signedIn: false }, then: 'knock' },
        { name: 'hall', when: { rooms: ['hall'] }, then: 'host' },
      ],
    },
  });
});
after(() => stage.close());

/** What the token in this answer says of the person. */
function userOf(answer: Answer): Readonly<Record<string, unknown>> {
  const { user } = claimsOf(answer)['context'] as { readonly user: Readonly<Record<string, unknown>> };
  return user;
}

let others = 0;
/** Somebody with the sign-in page before them, from an address of their own. */
async function atTheDoor(room: string): Promise<{ readonly visitor: Visitor; readonly page: Answer }> {
  others += 1;
  const visitor = stage.visitor({ 'x-forwarded-for': `203.0.113.${others}` });
  return { visitor, page: await visitor.get(`${PREFIX}/sign-in?to=${encodeURIComponent(`/${room}`)}`) };
}

/** The answer of the door after a name was given. */
async function named(room: string, name = 'Ada') {
  const { visitor } = await atTheDoor(room);
  const answer = await visitor.post(`${PREFIX}/guest`, { to: `/${room}`, name });
  return { visitor, answer, join: await visitor.get(`${PREFIX}/join?room=${room}`) };
}

test('where guests may come, the sign-in page has a form for them, and sends nobody to the provider by itself', async () => {
  const { page } = await atTheDoor('standup');
  assert.match(page.text, /action="\/_ostiary\/guest"/);
  assert.doesNotMatch(page.text, /data-auto/);
});

for (const room of ['board', ''])
  test(`where they may not, at ${room || 'no room'}, there is none, and a name makes no session`, async () => {
    const { visitor, page } = await atTheDoor(room);
    assert.doesNotMatch(page.text, /\/guest"/);
    await visitor.post(`${PREFIX}/guest`, { to: `/${room}`, name: 'Ada' });
    assert.equal(visitor.session(), undefined);
  });

test('a name leads into the room, as a guest, under an id of its own and with a mark', async () => {
  const [one, other] = [await named('standup'), await named('standup')];
  const [first, second] = [one, other].map(({ join }) => userOf(join));
  assert.equal(first?.name, 'Ada (guest)');
  assert.deepEqual([first?.moderator, first?.affiliation, first?.lobby_bypass], [false, 'member', undefined]);
  assert.match(String(first?.id), /^guest#[\w-]{22}$/);
  assert.notEqual(first?.id, second?.id);
});

test('no rule makes a host of a guest, even one that speaks of everybody', async () => {
  const { join } = await named('hall');
  assert.equal(userOf(join).moderator, false);
});

test('a guest at a door that is closed to guests is asked to sign in, and goes in no circle', async () => {
  const { visitor } = await named('standup');
  const join = await visitor.get(`${PREFIX}/join?room=board`);
  assert.match(join.headers.get('location') ?? '', /^\/_ostiary\/sign-in\?to=%2Fboard$/);
  const page = await visitor.get(join.headers.get('location') ?? '');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /\/guest"/);
});

for (const [what, given, shown] of [
  ['who calls themselves host', 'Ada (host)', 'Ada (host) (guest)'],
  ['with marks that turn the writing', 'ada\u202e)tsoh(', 'ada)tsoh( (guest)'],
  ['of several lines', 'Ada\r\nLovelace', 'Ada Lovelace (guest)'],
  ['with markup', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)> (guest)'],
  ['that is very long', 'a'.repeat(500), `${'a'.repeat(60)} (guest)`],
] as const)
  test(`a name ${what} stays a name, and the mark stands behind it`, async () => {
    const { join } = await named('standup', given);
    assert.equal(userOf(join).name, shown);
  });

for (const nothing of ['', '   ', '\u200b\u200d', '\u202e'])
  test(`${JSON.stringify(nothing)} is no name, and makes no session`, async () => {
    const { visitor, answer } = await named('standup', nothing);
    assert.deepEqual([answer.status, visitor.session()], [400, undefined]);
  });

test('no other site gives a name for somebody, and a browser without our cookie gets no session', async () => {
  const { visitor } = await atTheDoor('standup');
  const foreign = { origin: 'https://elsewhere.example.net', 'sec-fetch-site': 'cross-site' };
  const fields = { to: '/standup', name: 'Ada' };
  assert.equal((await visitor.post(`${PREFIX}/guest`, fields, foreign)).status, 403);
  const fresh = stage.visitor({ 'x-forwarded-for': '203.0.113.250' });
  assert.equal((await fresh.post(`${PREFIX}/guest`, fields)).status, 400);
  assert.deepEqual([visitor.session(), fresh.session()], [undefined, undefined]);
});

test('who signs in after having been a guest is no guest any more, and that session is gone', async () => {
  const { visitor } = await named('standup');
  const before = visitor.session() ?? '';
  await visitor.signIn('/standup');
  assert.notEqual(visitor.session(), before);
  const join = await visitor.get(`${PREFIX}/join?room=standup`);
  assert.match(String(userOf(join).id), /^sso#/);
  assert.equal(await stage.parts.sessions.read(before), undefined);
});

test('who is signed in stays who they are, whatever name they give', async () => {
  const visitor = stage.visitor({ 'x-forwarded-for': '203.0.113.251' });
  await visitor.signIn('/standup');
  const before = visitor.session();
  const answer = await visitor.post(`${PREFIX}/guest`, { to: '/standup', name: 'Somebody Else' });
  assert.deepEqual([answer.status, visitor.session()], [303, before]);
  assert.equal(answer.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`);
});

test('one browser cannot make guests without end', async () => {
  const { visitor } = await atTheDoor('standup');
  const statuses: number[] = [];
  for (let at = 0; at < 40; at += 1) {
    visitor.jar.delete('__Host-ostiary');
    statuses.push((await visitor.post(`${PREFIX}/guest`, { to: '/standup', name: 'Ada' })).status);
  }
  assert.equal(statuses.at(-1), 429);
});

test('one address makes so many guests an hour, whatever browsers it makes up: each is kept for half a day', async (t) => {
  const small = await startStage({ config: { access: 'open', limits: { signInsPerAddress: 5 } } });
  t.after(() => small.close());
  const answers: Answer[] = [];
  for (let at = 0; at < 6; at += 1) {
    const visitor = small.visitor();
    visitor.jar.set('__Host-ostiary-probe', `stranger-${at}`.padEnd(22, '_'));
    answers.push(await visitor.post(`${PREFIX}/guest`, { to: '/standup', name: 'Ada' }));
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [303, 303, 303, 303, 303, 429],
  );
  assert.ok(Number(answers.at(-1)?.headers.get('retry-after')) > 3000);
});

test('no provider is asked about a guest, and hours later they still are one', async () => {
  const { visitor } = await named('kitchen');
  stage.clock.advance(2 * 3600);
  const join = await visitor.get(`${PREFIX}/join?room=kitchen`);
  assert.equal(userOf(join).name, 'Ada (guest)');
});

test('the name stands in the record and not in the log', async () => {
  const { visitor } = await named('standup', 'Peregrine Falcon');
  assert.notEqual(visitor.session(), undefined);
  assert.ok(stage.lines.some((line) => line.includes('audit.guest-named')));
  assert.ok(!stage.lines.some((line) => line.includes('Peregrine')));
});
