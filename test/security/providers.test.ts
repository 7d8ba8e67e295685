/** Several sign-in services at once: who is who, what is offered, and what an address that is typed is used for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { gatewayStageFor } from '../support/gateway-stage.ts';
import { type MutableOp, startMutableOp } from '../support/mutable-op.ts';
import { readHtml } from '../support/read-html.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const clock = fixedClock();
let stage: Stage;
let acme: MutableOp;

before(async () => {
  acme = await startMutableOp({ clock });
  const oidc = (id: string, more: object) => ({
    id,
    name: `${id} accounts`,
    issuer: `https://${id}.example.org`,
    clientId: 'jitsi',
    ...more,
  });
  stage = await startStage({
    clock,
    others: [{ id: 'acme', op: acme }],
    config: {
      jitsi: { roles: 'enforced', xmppDomain: 'meet.jitsi', oldLoginPaths: true },
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
      providers: [oidc('sso', { domains: ['example.org'] }), oidc('acme', { domains: ['acme.example'] })],
    },
  });
});
after(() => stage.close());

/** The ids of the buttons, in order. */
function buttons(html: string): readonly (string | undefined)[] {
  return readHtml(html)
    .filter(({ tag, attributes }) => tag === 'button' && attributes['name'] === 'provider')
    .map(({ attributes }) => attributes['value']);
}

const alone = (html: string) =>
  readHtml(html).find(({ tag, attributes }) => tag === 'input' && attributes['name'] === 'provider')
    ?.attributes['value'];

const page = async (visitor: Visitor, more = '') =>
  (await visitor.get(`${PREFIX}/sign-in?to=%2Fstandup${more}`)).text;

async function signInAt(visitor: Visitor, provider: string, op: MutableOp) {
  const away = await visitor.leave('/standup', provider);
  await visitor.get(visitor.callbackOf(away, op));
  assert.ok(await visitor.isSignedIn(), stage.lines.join(''));
}

test('the same subject at two services is two people', async () => {
  assert.equal(acme.user['sub'], stage.op.user['sub']);
  const [one, other] = [stage.visitor(), stage.visitor()];
  await signInAt(one, 'sso', stage.op);
  await signInAt(other, 'acme', acme);
  const people = (await stage.parts.sessions.list()).map(({ person }) => person.id).sort();
  const sub = String(acme.user['sub']);
  assert.deepEqual(people, [`acme#${sub}`, `sso#${sub}`]);
  await stage.parts.sessions.endAllOf(`acme#${sub}`, 'operator');
  assert.deepEqual([await one.isSignedIn(), await other.isSignedIn()], [true, false]);
});

test('an answer of one service finishes no sign-in at the other', async () => {
  const visitor = stage.visitor();
  const away = await visitor.leave('/standup', 'sso');
  const answer = visitor.callbackOf(away).replace('/callback/sso', '/callback/acme');
  assert.equal((await visitor.get(answer)).status, 400);
  assert.equal(await visitor.isSignedIn(), false);
});

test('a link names the service, if it is one that is offered; any other name is ignored', async () => {
  const visitor = stage.visitor();
  assert.equal(alone(await page(visitor, '&provider=acme')), 'acme');
  for (const name of ['nobody', '', '__proto__', 'sso%22', 'https:%2F%2Fevil.example'])
    assert.deepEqual(buttons(await page(visitor, `&provider=${name}`)), ['sso', 'acme'], name);
  const joined = await visitor.get(`${PREFIX}/join?room=standup&provider=acme`);
  assert.equal(joined.headers.get('location'), `${PREFIX}/sign-in?to=%2Fstandup&provider=acme`);
  const ignored = await visitor.get(`${PREFIX}/join?room=standup&provider=evil`);
  assert.equal(ignored.headers.get('location'), `${PREFIX}/sign-in?to=%2Fstandup`);
});

test('the browser remembers the service and nothing else, and the others stay a press away', async () => {
  const visitor = stage.visitor();
  const { answer } = await visitor.leave('/standup', 'acme');
  const line = answer.cookies.find((cookie) => cookie.startsWith('__Host-ostiary-by='));
  assert.equal(line, '__Host-ostiary-by=acme; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax');
  assert.deepEqual(buttons(await page(visitor)), ['acme', 'sso']);
  visitor.jar.set('__Host-ostiary-by', 'evil');
  assert.deepEqual(buttons(await page(visitor)), ['sso', 'acme']);
});

test('an address that is typed leads to the service of its domain, and stands nowhere but in its hint', async () => {
  const visitor = stage.visitor();
  await page(visitor);
  const typed = (email: string) => visitor.post(`${PREFIX}/sign-in`, { to: '/standup', email });
  const found = await typed(' Canary.Lovelace@ACME.example ');
  assert.equal(found.status, 303);
  const asked = new URL(found.headers.get('location') ?? '');
  assert.equal(asked.searchParams.get('login_hint'), 'Canary.Lovelace@acme.example');
  assert.match(asked.searchParams.get('redirect_uri') ?? '', /\/callback\/acme$/);
  for (const email of [
    'canary@nowhere.example',
    'canary',
    'canary@acme.example@evil.example',
    '"canary@x"@acme.example',
    '',
  ]) {
    const answer = await typed(email);
    assert.equal(answer.status, 200, email);
    assert.match(answer.text, /role="alert"/);
    assert.deepEqual(new Set(buttons(answer.text)), new Set(['sso', 'acme']));
    assert.doesNotMatch(answer.text, /canary/i);
    assert.deepEqual(
      answer.cookies.filter((cookie) => /-(?:try|by)/.test(cookie)),
      [],
    );
  }
  const kept = [...stage.lines, ...visitor.jar.values()].join('\n');
  assert.doesNotMatch(kept, /canary/i);
});

test('a service that does not answer is marked, and the other one signs people in', async (t) => {
  const fresh = await startMutableOp({ clock });
  fresh.bend.hangsUp = true;
  const other = await startStage({
    clock,
    others: [{ id: 'gone', op: fresh }],
    config: {
      providers: ['sso', 'gone'].map((id) => ({
        ...{ id, issuer: `https://${id}.example.org`, clientId: 'jitsi' },
      })),
    },
  });
  t.after(() => other.close());
  const visitor = other.visitor();
  const answer = await visitor.get(`${PREFIX}/sign-in?to=%2Fstandup`);
  assert.equal(answer.status, 200);
  const marked = readHtml(answer.text).filter(({ tag }) => tag === 'small');
  assert.deepEqual(
    marked.map(({ inside }) => inside.includes('button')),
    [true],
  );
  await visitor.signIn();
  assert.ok(await visitor.isSignedIn());
});

test('the old addresses of Jicofo’s servlet lead on, by the room alone', async () => {
  for (const [path, to] of [
    ['/login/?machineUID=abc&close=true&room=Standup', '/join?room=Standup'],
    ['/login?room=standup%40conference.meet.example.org', '/join?room=standup'],
    ['/login/?room=a%2F..%2F%2Fevil.example', '/join?room=a%2F..%2F%2Fevil.example'],
    ['/login/', '/sign-in'],
    ['/logout/', '/sign-out'],
    ['/logout', '/sign-out'],
  ]) {
    const answer = await stage.ask(path ?? '');
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, `${PREFIX}${to}`], path);
  }
  assert.equal((await stage.ask('/login/', { method: 'POST', body: 'a=b' })).status, 405);
  assert.equal((await stage.ask('/login/x')).status, 404);
});

test('in front of Jitsi they are ours before they are rooms', async (t) => {
  const jitsi = { roles: 'enforced', xmppDomain: 'meet.jitsi' };
  for (const [oldLoginPaths, status, to] of [
    [true, 302, `${PREFIX}/join?room=standup`],
    [false, 400, null],
  ] as const) {
    const { stage: front } = await gatewayStageFor(t, { config: { jitsi: { ...jitsi, oldLoginPaths } } });
    const answer = await front.ask('/login?room=standup');
    assert.deepEqual([answer.status, answer.headers.get('location')], [status, to]);
  }
});

test('unless they are switched on there is nothing at the old addresses', async (t) => {
  const plain = await startStage({ clock });
  t.after(() => plain.close());
  for (const path of ['/login', '/login/', '/logout'])
    assert.equal((await plain.ask(path)).status, 404, `${ORIGIN}${path}`);
});
