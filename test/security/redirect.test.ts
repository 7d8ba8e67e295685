/** Attacks on where people are sent: return targets, rooms, tenants and overrides, through the real routes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { mayJoin } from '../../src/tokens/prosody.ts';
import { claimsOf } from '../support/claims-of.ts';
import { openAddress } from '../support/jitsi-address.ts';
import { readHtml } from '../support/read-html.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const RULES = [
  { name: 'tenant b is for b', when: { tenants: ['b'], groups: ['b'] }, then: 'participant' },
  { name: 'tenant a is for everybody', when: { tenants: ['a'] }, then: 'participant' },
  { name: 'no tenant is for everybody', when: { tenants: [''] }, then: 'participant' },
] as const;

let stage: Stage;
let person: Visitor;

before(async () => {
  stage = await startStage({
    config: { rules: RULES, limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 } },
  });
  person = stage.visitor();
  await person.signIn();
});
after(() => stage.close());

const path = (below: string) => `${PREFIX}${below}`;
/** As a script would write it, so that every odd character arrives as it was meant. */
const query = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');

/** Every way a return target comes in: what each answers. */
async function everyWay(to: string): Promise<readonly Answer[]> {
  return [
    await person.get(path(`/sign-in?${query({ to })}`)),
    await person.get(path(`/join?${query({ to })}`)),
    await stage.ask(path(`/sign-in?${query({ to })}`)),
    await stage.ask(path(`/join?${query({ to })}`)),
  ];
}

/** An answer that leads nowhere but to our own origin, whatever its status. */
function staysHere(answer: Answer, why: string): void {
  assert.ok([200, 302, 303, 400, 403].includes(answer.status), `${answer.status} for ${why}`);
  const location = answer.headers.get('location');
  if (location === null) return;
  assert.match(location, /^(?:\/_ostiary\/|https:\/\/meet\.example\.org\/)/, why);
  assert.equal(new URL(location, ORIGIN).origin, ORIGIN, why);
}

/** Targets that lead to nowhere in particular: the session's own page, or the refusal of a room. */
async function isNobodysTarget(to: string): Promise<void> {
  const [signIn, join, page] = await everyWay(to);
  assert.equal(signIn?.headers.get('location'), path('/session'), to);
  assert.deepEqual([join?.status, join?.headers.get('location')], [400, null], to);
  assert.doesNotMatch(page?.text ?? '', /evil/, to);
}

for (const to of [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '\\/evil.example',
  '/%09/evil.example',
  '/%5cevil.example',
  '/%2f%2fevil.example',
  '\t//evil.example',
  '\n//evil.example',
  ' //evil.example',
  '/ /evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:///evil.example',
  '/./evil.example',
  '/../evil.example',
  '/.//evil.example',
  '/%2e%2e//evil.example',
  '/;@evil.example/x/y',
  '/x/y//evil.example',
])
  test(`the return target ${JSON.stringify(to)} leads to no other host [REDIR-01]`, () =>
    isNobodysTarget(to));

test('a return target of our own, by contrast, is followed [REDIR-01]', async () => {
  const [signIn, join] = await everyWay('/a/standup');
  assert.equal(signIn?.headers.get('location'), `${PREFIX}/join?to=%2Fa%2Fstandup`);
  assert.match(join?.headers.get('location') ?? '', /^https:\/\/meet\.example\.org\/a\/standup#jwt=/);
});

for (const to of [
  'https://meet.example.org@evil.example/x',
  'https://meet.example.org.evil.example/x',
  'https://evilmeet.example.org/x',
  'https://meet.example.org:443@evil.example/x',
  'http://meet.example.org/x',
  'https://meet.example.org:8443/x',
  'https://meet.example.org/x',
  '//meet.example.org/x',
  '/@evil.example//x',
  'https://meet.example.org%00.evil.example/',
])
  test(`the return target ${to} is not followed, not even where it names us [REDIR-03]`, () =>
    isNobodysTarget(to));

for (const to of [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://meet.example.org/x',
  'intent://x#Intent;end',
  'file:///etc/passwd',
  'org.jitsi.meet://x',
])
  test(`the return target ${JSON.stringify(to)} is not followed [REDIR-04]`, () => isNobodysTarget(to));

for (const odd of [
  '\r\nSet-Cookie: x=y',
  '\nSet-Cookie: x=y',
  '\r\n\r\n<h1>',
  '\u560d\u560aSet-Cookie: x=y',
  '%0d%0aSet-Cookie: x=y',
])
  test(`${JSON.stringify(odd)} in a target, room, tenant, state or callback adds no header [REDIR-06]`, async () => {
    const state = JSON.stringify({ room: `standup${odd}`, tenant: odd });
    for (const target of [
      path(`/sign-in?${query({ to: `/standup${odd}` })}`),
      path(`/join?${query({ to: `/standup${odd}` })}`),
      path(`/join?${query({ room: `standup${odd}` })}`),
      path(`/join?${query({ room: 'standup', tenant: odd })}`),
      path(`/join?${query({ state })}`),
      path(`/callback/sso?${query({ state: odd, code: odd, error: odd })}`),
    ]) {
      const answer = await person.get(target);
      staysHere(answer, target);
      assert.deepEqual([answer.cookies, answer.headers.get('x')], [[], null], target);
      const location = answer.headers.get('location') ?? '';
      assert.match(location, /^[\x21-\x7e]*$/, 'a header of plain characters');
    }
  });

test('a raw line feed in a request target is no request [REDIR-06]', async () => {
  const said = await stage.raw(
    `GET ${PREFIX}/join?room=a\nSet-Cookie: x=y HTTP/1.1\r\nHost: meet.example.org\r\n\r\n`,
  );
  assert.match(said, /^HTTP\/1\.1 400 /);
  assert.doesNotMatch(said, /x=y/);
});

for (const [what, to] of [
  ['of ten kilobytes', `/${'a'.repeat(10_000)}`],
  ['that is a room of two kilobytes', `/${'a'.repeat(1900)}`],
  ['that is our sign-out', '/_ostiary/sign-out'],
  ['that is our callback', '/_ostiary/callback/sso'],
  ['that is an action below us', '/_ostiary/sign-out?confirm=1'],
  ['that is our sign-in, for ever', '/_ostiary/sign-in?to=/_ostiary/sign-in'],
  ['that is somebody else’s sign-out', '/oauth2/sign_out'],
  ['that is a callback', '/oidc/callback'],
  ['that is the administration', '/admin/users'],
] as const)
  test(`a return target ${what} leads to the default page and sets nothing off [REDIR-07]`, async () => {
    await isNobodysTarget(to);
    assert.ok(await person.isSignedIn());
  });

test('a return target encoded three times over is decoded once, and names a room at the most [REDIR-07]', async () => {
  const to = `/${encodeURIComponent(encodeURIComponent(encodeURIComponent('//evil.example')))}`;
  for (const answer of await everyWay(to)) staysHere(answer, to);
});

/** What people who look for holes write. */
const hostile = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        '/',
        '\\',
        '//',
        '.',
        '..',
        '@',
        ':',
        ';',
        '#',
        '?',
        '&',
        '%2f',
        '%5c',
        '%09',
        '%0a',
        '%00',
        '%25',
        '%',
        ' ',
        '\t',
        '\n',
        'https:',
        'javascript:',
        'evil.example',
        'meet.example.org',
        '_ostiary',
        'sign-out',
        'room',
        '[',
        ']',
        '|',
        '\u2028',
        '\uff0f',
        '\u3002',
        '\u00df',
        '{',
        '"',
        "'",
        '<',
        '*',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
);

test('of thousands of return targets none leads off our origin [REDIR-08]', { timeout: 40_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(hostile, fc.boolean(), async (target, slashed) => {
      const to = slashed ? `/${target}` : target;
      for (const way of ['/sign-in', '/join'])
        staysHere(await person.get(path(`${way}?${query({ to })}`)), JSON.stringify(to));
    }),
    { numRuns: 1500 },
  );
});

test('of thousands of rooms, states and tenants none leads off our origin, and each token is for the room of its page [REDIR-08]', {
  timeout: 40_000,
}, async () => {
  let entered = 0;
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom('room', 'state', 'tenant', 'both'), async (value, where) => {
      const state = JSON.stringify({ room: value, 'config.startWithAudioMuted': true });
      const fields = {
        room: { room: value },
        state: { state },
        tenant: { room: 'standup', tenant: value },
        both: { room: value, state },
      }[where];
      const answer = await person.get(path(`/join?${query(fields)}`));
      if (answer.status === 403) return;
      staysHere(answer, JSON.stringify(fields));
      if (answer.status === 302) entered += isTokenForItsPage(answer);
    }),
    { numRuns: 1500 },
  );
  assert.ok(entered > 100, `only ${entered} got in: the property tried too little`);
});

/** The token in a way back opens the room its own address names, as Jitsi's client reads it. */
function isTokenForItsPage(answer: Answer): 1 {
  const address = answer.headers.get('location') ?? '';
  const { origin, roomSafe, tenant } = openAddress(address);
  const { room, sub } = claimsOf(answer);
  assert.equal(origin, ORIGIN, address);
  assert.equal(room, roomSafe, address);
  assert.notEqual(room, '*');
  assert.equal(sub, tenant?.replaceAll('.', '_') ?? XMPP_DOMAIN);
  return 1;
}

/** The overrides that stand in the fragment of a way back. */
async function overridesFrom(
  state: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await person.get(
    path(`/join?${query({ state: JSON.stringify({ room: 'standup', ...state }) })}`),
  );
  assert.equal(answer.status, 302, JSON.stringify(state));
  return Object.fromEntries(openAddress(answer.headers.get('location') ?? '').parameters);
}

test('muted, audio only, prejoin and language are the overrides that reach the meeting, typed [REDIR-10]', async () => {
  assert.deepEqual(
    await overridesFrom({
      'config.startWithAudioMuted': true,
      'config.startWithVideoMuted': false,
      'config.startAudioOnly': true,
      'config.defaultLanguage': 'de',
    }),
    {
      'config.startWithAudioMuted': true,
      'config.startWithVideoMuted': false,
      'config.startAudioOnly': true,
      'config.defaultLanguage': 'de',
    },
  );
});

test('no other override reaches the meeting, nor one of another type [REDIR-10]', async () => {
  assert.deepEqual(
    await overridesFrom({
      'config.bosh': 'https://evil.example/http-bind',
      'config.externalConnectUrl': 'https://evil.example',
      'config.p2p.stunServers': [{ urls: 'stun:evil.example' }],
      'config.deploymentUrls': { userDocumentationURL: 'javascript:alert(1)' },
      'config.brandingDataUrl': 'https://evil.example',
      'config.startWithAudioMuted': 'true',
      'config.startAudioOnly': { toString: 'x' },
      'config.defaultLanguage': 'de"><script>',
      'config.startSilent': [true],
      'config.__proto__.x': true,
      'interfaceConfig.SUPPORT_URL': 'javascript:alert(1)',
      'iceServers.replace': '[]',
      'appData.localStorageContent': 'x',
      __proto__: { 'config.startSilent': true },
      jwt: 'a.b.c',
      refreshToken: 'x',
      devices: { cameraDeviceId: 'x' },
    }),
    {},
  );
});

for (const [room, is] of [
  ['x?jwt=evil', 'xjwtevil'],
  ['x#frag', 'xfrag'],
  ['x&y', 'xy'],
  ['a;b', 'ab'],
  ['x"y', 'xy'],
  ['<img src=x onerror=alert(1)>', 'img%20srcx%20onerroralert1'],
  ['foo!bar', 'foobar'],
  ['../admin', '..admin'],
  ['*x*', 'x'],
] as const)
  test(`the room ${room} becomes ${is} in address and token alike, as Jitsi's client makes it [REDIR-12]`, async () => {
    const answer = await person.get(path(`/join?${query({ state: JSON.stringify({ room }) })}`));
    const { pathname } = new URL(answer.headers.get('location') ?? '');
    assert.deepEqual([pathname.toLowerCase(), claimsOf(answer).room], [`/${is}`, is]);
  });

for (const room of [
  '%2e%2e%2fadmin',
  '%2e%2e',
  'a%2fb',
  'a%5cb',
  'a%0ab',
  'a\nb',
  'a%22b',
  'a%27b',
  'a%26b',
  'a%3ab',
  'a%3fb',
  '%',
  '%ff',
  '*%2a',
  '%2a',
  '%5ba%5db',
  'a%00',
  'a%e2%80%aeb',
  '..%ef%bc%8fadmin',
])
  test(`the room ${JSON.stringify(room)}, which is a path, a pattern or nothing to whoever decodes it, is refused [REDIR-12]`, async () => {
    const answer = await person.get(path(`/join?${query({ state: JSON.stringify({ room }) })}`));
    assert.deepEqual([answer.status, answer.headers.get('location')], [400, null]);
  });

test('markup in a room or tenant stays text on every page that shows it [REDIR-12]', async () => {
  const room = 'party <img src=x onerror=alert(1)>';
  const shown = await stage.ask(path(`/sign-in?${query({ to: `/${encodeURIComponent(room)}` })}`));
  assert.match(shown.text, /&lt;img src=x onerror=alert1&gt;/);
  assert.ok(!readHtml(shown.text).some(({ tag, attributes }) => tag === 'img' || 'onerror' in attributes));
});

for (const [name, address, claim] of [
  ['sharp s', 'Straße', 'stra%c3%9fe'],
  ['dotted capital I', 'İstanbul', 'i%cc%87stanbul'],
  ['a final sigma', 'ΟΔΟΣ', encodeURIComponent('οδος').toLowerCase()],
  ['the ligature fi', 'ﬁnance', 'finance'],
  ['the Kelvin sign', '\u212Aelvin', 'kelvin'],
  ['full-width letters', 'ＲＯＯＭ', 'room'],
  ['a letter and its accent apart', 'cafe\u0301', 'caf%c3%a9'],
  ['the same in one', 'café', 'caf%c3%a9'],
  ['a Cyrillic look-alike', 'rооm', encodeURIComponent('rооm').toLowerCase()],
  ['a dot', 'v1.2', 'v1.2'],
] as const)
  test(`a room with ${name} has one name in page and token, and its token opens that room alone [REDIR-13]`, async () => {
    const answer = await person.get(
      path(`/join?${query({ state: JSON.stringify({ room: encodeURIComponent(address) }) })}`),
    );
    isTokenForItsPage(answer);
    const claims = claimsOf(answer);
    assert.equal(claims.room, claim);
    assert.ok(mayJoin(claims, { node: claim, xmppDomain: XMPP_DOMAIN }).accepted);
    for (const node of ['room', 'kelvin', 'finance', 'strasse', 'istanbul', 'other', `${claim}x`])
      if (node !== claim) assert.ok(!mayJoin(claims, { node, xmppDomain: XMPP_DOMAIN }).accepted, node);
  });

async function claimsIn(tenant: string) {
  return claimsOf(await person.get(path(`/join?${query({ to: `/${tenant}/standup` })}`)));
}

test('a member of one tenant does not get into another, however it is written [REDIR-15]', async () => {
  for (const to of ['/b/standup', '/B/standup', '/%62/standup', '/%42/standup'])
    assert.equal((await person.get(path(`/join?${query({ to })}`))).status, 403, to);
  for (const tenant of ['b', 'B', '%62'])
    assert.equal((await person.get(path(`/join?${query({ room: 'standup', tenant })}`))).status, 403, tenant);
});

test('a tenant hidden in slashes, brackets, stars, domains or nothing is refused [REDIR-15]', async () => {
  for (const to of [
    '/a%2fb/standup',
    '/a/b/standup',
    '//b/standup',
    '/*/standup',
    '/%2a/standup',
    '/[b]standup/x',
  ])
    assert.equal((await person.get(path(`/join?${query({ to })}`))).status, 400, to);
  for (const room of ['%5bb%5dstandup', '[b%5dstandup'])
    assert.equal(
      (await person.get(path(`/join?${query({ state: JSON.stringify({ room }) })}`))).status,
      400,
      room,
    );
  const brackets = await person.get(path(`/join?${query({ room: '[b]standup' })}`));
  assert.equal(claimsOf(brackets).room, 'bstandup');
});

test("a token for a tenant's room opens that room of that tenant, and no other [REDIR-15]", async () => {
  const claims = await claimsIn('A');
  assert.equal(claims.sub, 'a');
  const joins = (node: string) => mayJoin(claims, { node, xmppDomain: XMPP_DOMAIN }).accepted;
  assert.deepEqual(['[a]standup', 'standup', '[b]standup', '[a]other'].map(joins), [
    true,
    false,
    false,
    false,
  ]);
});

test('a tenant that is called like the XMPP domain gets no token for the rooms without tenant [REDIR-15]', async () => {
  const answer = await person.get(path(`/join?${query({ to: `/${XMPP_DOMAIN}/standup` })}`));
  assert.notEqual(answer.status, 302);
});

for (const name of [
  'admin',
  'Admin',
  'oauth2',
  'http-bind',
  'HTTP-BIND',
  'xmpp-websocket',
  'static',
  '.well-known',
  '..',
  '.',
  'config.js',
  'Config.JS',
  'libs',
  '_ostiary',
  '_OSTIARY',
  '%5fostiary',
  'colibri-ws',
  'conference-request',
  'callback',
  'login',
  'logout',
])
  test(`no room and no tenant is called ${name} [REDIR-17]`, async () => {
    const told = async (to: string) => (await person.get(path(`/join?${query({ to })}`))).status;
    assert.deepEqual([await told(`/${name}`), await told(`/${name}/standup`)], [400, 400]);
    const state = JSON.stringify({ room: name });
    assert.equal((await person.get(path(`/join?${query({ state })}`))).status, 400);
  });

test('our own routes in another case are no routes, and no rooms either [REDIR-17]', async () => {
  for (const target of [
    '/_OSTIARY/join?room=x',
    '/_ostiary/JOIN?room=x',
    '/_ostiary/Sign-In',
    '/_ostiary/join/',
  ])
    assert.equal((await person.get(target)).status, 404, target);
});

test('whatever client asks, the way back is https and to the configured origin [REDIR-18]', async () => {
  for (const flags of [
    { electron: true, ios: true, android: true },
    { electron: true },
    { ios: true },
    { android: true },
    { electron: 'jitsi-meet', ios: 1, android: {} },
  ]) {
    const state = JSON.stringify({
      room: 'a;S.browser_fallback_url=https%3A%2F%2Fevil.example;end',
      ...flags,
    });
    const answer = await person.get(path(`/join?${query({ state })}`));
    const location = answer.headers.get('location') ?? '';
    if (answer.status === 302) assert.match(location, /^https:\/\/meet\.example\.org\/[\w.%-]+#jwt=/);
    else assert.equal(answer.status, 400);
    assert.doesNotMatch(answer.text, /intent:|org\.jitsi|<script/);
  }
});
