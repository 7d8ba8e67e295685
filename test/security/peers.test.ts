/**
 * What once went wrong in other adapters between Jitsi and a sign-in service, each as a promise of ours.
 *
 * The first four cost one click of somebody who was signed in at their provider; the others are the kinds of
 * fault that most of them shared. Whose they were is not said here: not all of them are mended there.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mayJoin } from '../../src/tokens/prosody.ts';
import { claimsOf, tokenIn } from '../support/claims-of.ts';
import { complaintsOf, leastWith, load } from '../support/config.ts';
import { ADA } from '../support/mutable-op.ts';
import { readHtml } from '../support/read-html.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

let stage: Stage;
let victim: Visitor;

before(async () => {
  stage = await startStage({
    config: { limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 } },
  });
  victim = stage.visitor();
  await victim.signIn();
});
after(() => stage.close());

const path = (below: string) => `${PREFIX}${below}`;
const enc = encodeURIComponent;

/** Wherever this answer leads, it is our own origin; a token only to a room that is named and not every room. */
function keepsTheToken(answer: Answer, why: string): void {
  const location = answer.headers.get('location');
  assert.doesNotMatch(answer.text, /eyJ[\w-]+\./, why);
  if (location === null) return;
  assert.equal(new URL(location, ORIGIN).origin, ORIGIN, why);
  if (!location.includes('jwt')) return;
  const { room, sub } = claimsOf(answer);
  assert.ok(room !== '*' && sub !== '*' && typeof room === 'string' && room !== '', why);
}

const ELSEWHERE = [
  'https://evil.example',
  'https://evil.example/',
  '//evil.example',
  '//evil.example//*',
  'https:evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  'http://evil.example/x?y#z',
];

for (const to of ELSEWHERE)
  test(`the room ${to} sends no token to that host: it was taken for an address, and the page went there by itself`, async () => {
    for (const written of [to, enc(to), enc(enc(to))])
      for (const target of [
        `/join?room=${enc(written)}`,
        `/join?state=${enc(JSON.stringify({ room: written }))}`,
        `/join?room=${enc(written)}&tenant=${enc(written)}`,
      ])
        keepsTheToken(await victim.get(path(target)), target);
  });

for (const to of ELSEWHERE)
  test(`the path ${to} below a route of ours joins no other host to the address of Jitsi`, async () => {
    for (const target of [`/room/${enc(to)}`, `/${enc(to)}`, `/join/${enc(to)}`, `/callback/${enc(to)}`]) {
      const answer = await victim.get(path(target));
      keepsTheToken(answer, target);
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
    }
  });

test('a room that cannot be read ends one request, not the process', async () => {
  for (const room of [
    '%',
    '%ff',
    '%zz',
    '\ud800',
    '',
    ' ',
    'http://[',
    'https://[::1',
    '\u0000',
    'x'.repeat(9000),
  ]) {
    const answer = await victim.get(path(`/join?room=${enc(room.toWellFormed())}`));
    assert.ok(answer.status < 500, `${answer.status} ${JSON.stringify(room.slice(0, 9))}`);
    keepsTheToken(answer, room);
  }
  assert.ok(await victim.isSignedIn());
});

for (const to of ELSEWHERE)
  test(`a callback whose path or return target is ${to} redeems no code for it and leads nowhere, with an error or without`, async () => {
    const clean = stage.visitor();
    const asked = stage.op.count('/token');
    for (const target of [
      `/callback/sso?path=${enc(to)}&code=x&session_state=y`,
      `/callback/sso?path=${enc(to)}&error=login_required`,
      `/callback/sso?redirect_uri=${enc(to)}&state=${enc(to)}&code=x`,
      `/callback/sso?error=x&error_uri=${enc(to)}&state=${enc(JSON.stringify({ path: to, room: '*' }))}`,
    ]) {
      const answer = await clean.get(path(target));
      assert.deepEqual([answer.status, answer.headers.get('location')], [400, null], target);
      assert.doesNotMatch(answer.text, /evil\.example/);
    }
    assert.equal(stage.op.count('/token'), asked);
  });

test('a provider’s address that somebody built themselves, with prompt=none and a path of theirs, ends at our callback with nothing to open', async () => {
  const stranger = stage.visitor();
  const away = await stranger.leave();
  const built = new URL(away.location);
  built.searchParams.set('prompt', 'none');
  const bystander = stage.visitor();
  await bystander.signIn();
  const before = bystander.session();
  const answer = await bystander.get(stranger.callbackOf({ location: built.href }));
  assert.equal(answer.status, 400);
  keepsTheToken(answer, 'built');
  assert.equal(bystander.session(), before);
});

for (const [what, bad] of [
  ['an image', '<img src=x onerror=alert(1)>'],
  ['the end of an attribute', '"><script>alert(1)</script>'],
  ['an apostrophe', "'-alert(1)-'"],
  ['a script for an address', 'javascript:alert(1)'],
] as const)
  test(`${what} in room, tenant, state or error is nowhere markup on our origin`, async () => {
    const stranger = stage.visitor();
    const { state } = await stranger.leave();
    for (const answer of [
      await stranger.get(path(`/sign-in?to=${enc(`/${enc(bad)}`)}`)),
      await stranger.get(path(`/join?room=${enc(bad)}`)),
      await stranger.get(path(`/join?room=x&tenant=${enc(bad)}`)),
      await stranger.get(path(`/join?state=${enc(JSON.stringify({ room: bad, tenant: bad, ios: true }))}`)),
      await stranger.get(
        path(`/callback/sso?code=x&state=${enc(JSON.stringify({ room: bad, tenant: bad, electron: true }))}`),
      ),
      await stranger.get(
        path(
          `/callback/sso?error=${enc(bad)}&error_description=${enc(bad)}&state=${state}&iss=https://sso.example.org`,
        ),
      ),
      await stranger.get(path(`/callback/${enc(bad)}`)),
      await stranger.get(path(`/signed-out?at=${enc(bad)}`)),
    ]) {
      assert.doesNotMatch(answer.text, /<img src=x|<script>alert/);
      if (!answer.headers.get('content-type')?.startsWith('text/html')) continue;
      for (const { tag, attributes } of readHtml(answer.text)) {
        assert.ok(!('onerror' in attributes) && (tag !== 'script' || 'nonce' in attributes));
        assert.doesNotMatch(attributes['href'] ?? '', /^javascript:/i);
      }
    }
  });

test('a state that somebody wrote is believed in nothing: another browser’s callback signs nobody in', async () => {
  const attacker = stage.visitor();
  const callback = attacker.callbackOf(await attacker.leave());
  const clean = stage.visitor();
  assert.equal((await clean.get(callback)).status, 400);
  assert.equal(clean.session(), undefined);
});

test('each sign-in has a nonce and a verifier of its own, and what comes back with another is refused', async () => {
  const one = stage.visitor();
  const [first, second] = [await one.leave(), await one.leave()];
  const said = [first, second].map(({ location }) => new URL(location).searchParams);
  for (const name of ['state', 'nonce', 'code_challenge']) {
    const values = said.map((query) => query.get(name) ?? '');
    assert.ok(
      values.every((value) => value.length >= 43),
      name,
    );
    assert.notEqual(values[0], values[1], name);
  }
  assert.ok(said.every((query) => query.get('code_challenge_method') === 'S256'));
  // The code of the second in the attempt of the first: verifier and nonce are both another's.
  stage.op.bend.forgetsPkce = true;
  const crossed = one.callbackOf(second).replace(second.state, first.state);
  const answer = await one.get(crossed);
  stage.op.bend = {};
  assert.deepEqual([answer.status, one.session()], [502, undefined]);
});

test('nobody is believed for what the userinfo endpoint says alone: the ID token comes first', async () => {
  stage.op.bend.tokens = ({ id_token: _, ...rest }) => rest;
  const visitor = stage.visitor();
  const answer = await visitor.signIn();
  stage.op.bend = {};
  assert.deepEqual([answer.status, visitor.session()], [502, undefined]);
});

for (const [what, target] of [
  ['a star', '/join?room=*'],
  ['a star in the state', `/join?state=${enc('{"room":"*","tenant":"*"}')}`],
  ['a star for the tenant', '/join?room=standup&tenant=*'],
  ['an escaped star', `/join?state=${enc('{"room":"%2a"}')}`],
  ['a full-width star', `/join?room=${enc('＊')}`],
  ['two rooms, one of them a star', '/join?room=standup&room=*'],
  ['a star in brackets', '/join?room[]=*'],
  ['no room at all', '/join'],
  ['an empty room', '/join?room='],
  ['a pattern', `/join?room=${enc('.*')}`],
] as const)
  test(`${what} is no room, and opens not every room`, async () => {
    const answer = await victim.get(path(target));
    if (answer.status !== 302) return assert.equal(answer.status, 400);
    const claims = claimsOf(answer);
    for (const node of ['standup', 'other', '*', 'x'])
      if (node !== claims.room) assert.ok(!mayJoin(claims, { node, xmppDomain: XMPP_DOMAIN }).accepted, node);
    assert.ok(claims.room !== '*' && claims.sub !== '*');
  });

test('a room asked for in the body of a form is not asked for: no guard looks in one place while the token is made from another', async () => {
  const answer = await victim.post(path('/join?room=standup'), {
    room: '*',
    tenant: '*',
    affiliation: 'owner',
  });
  assert.deepEqual([answer.status, answer.headers.get('location')], [405, null]);
});

test('nobody chooses their own role, name, picture, length or features by the way they ask', async () => {
  const wishes = {
    affiliation: 'owner',
    moderator: 'true',
    role: 'host',
    avatar: 'https://evil.example/a.png',
    avatarURL: 'https://evil.example/a.png',
    name: 'Director',
    email: 'boss@example.org',
    exp: '99999999999',
    expire: '0',
    validity: '0',
    lobby_bypass: 'true',
    context: '{"user":{"moderator":"true"}}',
  };
  const plain = await victim.get(path('/join?room=wishes'));
  const asked = await victim.get(path(`/join?${new URLSearchParams({ room: 'wishes', ...wishes })}`));
  const inState = await victim.get(path(`/join?state=${enc(JSON.stringify({ room: 'wishes', ...wishes }))}`));
  for (const answer of [asked, inState]) assert.deepEqual(claimsOf(answer), claimsOf(plain));
});

test('who signs in is no host by that alone', async () => {
  const { context } = claimsOf(await victim.get(path('/join?room=role'))) as {
    context?: { user?: Record<string, unknown> };
  };
  assert.deepEqual([context?.user?.['affiliation'], context?.user?.['moderator']], ['member', false]);
});

test('a token ends after hours, not after days and not never', async () => {
  const { iat, nbf, exp } = claimsOf(await victim.get(path('/join?room=life')));
  assert.ok(typeof exp === 'number' && typeof iat === 'number' && typeof nbf === 'number');
  assert.equal(exp - iat, 6 * 3600);
  assert.ok(nbf <= iat);
});

test('the token is never in a query of an address on the web, and no page holds one', async () => {
  const answer = await victim.get(path(`/join?state=${enc('{"room":"where"}')}`));
  const to = new URL(answer.headers.get('location') ?? '');
  assert.ok(!to.search.includes('jwt') && to.hash.startsWith('#jwt='));
  assert.equal(answer.text, '');
  assert.equal(answer.headers.get('refresh'), null);
  assert.ok(tokenIn(answer));
  for (const app of ['ios', 'android', 'electron']) {
    const page = await victim.get(path(`/join?state=${enc(`{"room":"where","${app}":true}`)}`));
    assert.equal(page.status, 200, app);
    assert.doesNotMatch(page.text, /jwt|eyJ/);
    const fields = { to: `/where#ostiary.app=%22${app}%22`, how: 'app' };
    const led = await victim.post(path('/hand-off'), fields);
    assert.doesNotMatch(led.headers.get('location') ?? '', /^https?:/);
    assert.match(led.headers.get('location') ?? '', /jwt=/);
    assert.equal(led.text, '');
  }
});

for (const secret of ['JITSI_SECRET', 'myappsecret', 'my_jitsi_app_secret', '', 'changeme'])
  test(`there is no default secret, and ${JSON.stringify(secret)} is none`, () => {
    assert.deepEqual(
      complaintsOf(load(leastWith('tokens.secret', secret))).map((complaint) => complaint.path),
      ['tokens.secret'],
    );
  });

test('left to ourselves we make a key of our own, another at each installation', async () => {
  const another = await startStage();
  try {
    const of = async (one: Stage) => (await one.ask(path('/jwks.json'))).text;
    assert.notEqual(await of(stage), await of(another));
  } finally {
    await another.close();
  }
});

test('a provider is asked over https, and no setting takes that back', () => {
  assert.deepEqual(
    complaintsOf(load(leastWith('providers[].issuer', 'http://id.example.org'))).map(
      (complaint) => complaint.path,
    ),
    ['providers[0].issuer'],
  );
  for (const name of ['allowUnsecureCert', 'insecureTls', 'rejectUnauthorized'])
    assert.equal(complaintsOf(load(leastWith(`providers[].${name}`, true))).length, 1, name);
});

test('a thousand strangers who begin and never finish leave nothing behind in the store', async () => {
  const before = (await stage.parts.store.list('')).length;
  for (let from = 0; from < 1000; from += 50)
    await Promise.all(Array.from({ length: 50 }, () => stage.ask(path('/join?room=standup'))));
  for (let from = 0; from < 200; from += 20)
    await Promise.all(Array.from({ length: 20 }, () => stage.visitor().leave()));
  assert.equal((await stage.parts.store.list('')).length, before);
});

test('who cancels at the provider reads that they cancelled, not an empty page', async () => {
  const visitor = stage.visitor();
  const { state } = await visitor.leave();
  const answer = await visitor.get(
    path(`/callback/sso?error=access_denied&state=${state}&iss=https://sso.example.org`),
  );
  assert.equal(answer.status, 403);
  assert.match(answer.text, /<h1>[^<]*cancel/i);
});

test('the host a request names changes neither the way back nor what a token says', async () => {
  for (const host of ['evil.example', 'meet.example.org:1']) {
    const answer = await victim.get(path('/join?room=host'), { host });
    assert.deepEqual([answer.status, answer.headers.get('location')], [421, null]);
  }
  const answer = await victim.get(path('/join?room=host'), { 'x-forwarded-host': 'evil.example' });
  assert.deepEqual(
    [new URL(answer.headers.get('location') ?? '').origin, claimsOf(answer).sub],
    [ORIGIN, XMPP_DOMAIN],
  );
});

test('an e-mail address goes to no third party for a picture, and none is made from it', async () => {
  const visitor = stage.visitor();
  const { picture: _, ...faceless } = ADA;
  stage.op.user = faceless;
  await visitor.signIn();
  stage.op.user = ADA;
  const { context } = claimsOf(await visitor.get(path('/join?room=face'))) as {
    context?: { user?: Record<string, unknown> };
  };
  assert.deepEqual([context?.user?.['avatar'], context?.user?.['email']], [undefined, undefined]);
});
