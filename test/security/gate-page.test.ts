/**
 * Attacks on the conference page behind the gateway, and on the way a browser is led to it: whatever address
 * somebody follows, they stay on our origin, and page, token and address line name one room.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { mayJoin, type ProsodyClaims } from '../../src/tokens/prosody.ts';
import { openAddress } from '../support/jitsi-address.ts';
import { readHtml } from '../support/read-html.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

const RULES = [
  { name: 'tenant b is for b', when: { tenants: ['b'], groups: ['b'] }, then: 'participant' },
  { name: 'board', when: { rooms: ['board'], groups: ['b'] }, then: 'participant' },
  { name: 'nobody else', when: { rooms: ['board'] }, then: 'refuse', reason: 'For the <board>.' },
  { name: 'tenant a is for everybody', when: { tenants: ['a'] }, then: 'participant' },
  { name: 'no tenant is for everybody', when: { tenants: [''] }, then: 'participant' },
] as const;

let jitsi: UpstreamStandIn;
let stage: Stage;
let person: Visitor;

before(async () => {
  jitsi = await startUpstream();
  stage = await startStage({
    config: {
      rules: RULES,
      upstream: { url: jitsi.url },
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
    },
  });
  person = stage.visitor();
  await person.signIn();
});
after(async () => {
  await stage.close();
  await jitsi.close();
});
beforeEach(() => {
  jitsi.arrived.length = 0;
});

/** What the script in the page is told. */
function scriptData({ text }: Answer): { readonly token: string; readonly key: string } {
  const data = /\}\)\((\{"token".*?\})\);<\/script>/s.exec(text)?.[1];
  assert.ok(data !== undefined, text.slice(0, 200));
  return JSON.parse(data) as ReturnType<typeof scriptData>;
}

const claimsIn = (token: string): ProsodyClaims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as ProsodyClaims;

/** What Jitsi's client makes of its own address. */
const clientsRoom = (path: string) => openAddress(`${ORIGIN}${path}`).roomSafe;

/** Goes nowhere but to our own origin; gives the path of the page that was reached, where one was. */
function judge(answer: Answer, target: string): string | undefined {
  const why = JSON.stringify(target);
  // 502: Jitsi's web server has a file under a name that would be a room's.
  assert.ok([200, 302, 400, 403, 404, 502].includes(answer.status), `${answer.status} for ${why}`);
  const location = answer.headers.get('location');
  if (location !== null) {
    assert.match(location, /^\/(?![/\\])[\x21-\x7e]*$/, why);
    assert.equal(new URL(location, `${ORIGIN}${target.startsWith('/') ? '/x' : ''}`).origin, ORIGIN, why);
    assert.deepEqual(answer.cookies, [], why);
    return undefined;
  }
  return answer.status === 200 && answer.text.includes('"token"') ? target.split('?', 1)[0] : undefined;
}

/** Page, token and what Jitsi's client makes of the address line name one room of one tenant. */
function namesOneRoom(answer: Answer, path: string): void {
  const { token, key } = scriptData(answer);
  const claims = claimsIn(token);
  assert.equal(claims.room, clientsRoom(path), path);
  assert.equal(clientsRoom(key.split(' ')[1] ?? ''), clientsRoom(path), path);
  const [tenant, ...rest] = path.slice(1).split('/');
  assert.equal(claims.sub, rest.length > 0 ? tenant?.toLowerCase().replaceAll('.', '_') : XMPP_DOMAIN, path);
}

const HOSTS = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/%09/evil.example',
  '/%5cevil.example',
  '/%2f%2fevil.example',
  '/!/evil.example',
  '/(/evil.example',
  '/;/evil.example',
  '/$//evil.example',
  '/!%2fevil.example',
  '/./evil.example',
  '/.//evil.example',
  '/%2e%2e//evil.example',
  '/;@evil.example/x/y',
  '/x/y//evil.example',
];
const NAMES_US = [
  '/@evil.example//x',
  '/https://meet.example.org@evil.example/x',
  'https://meet.example.org@evil.example/x',
  'https://meet.example.org.evil.example/x',
  'https://meet.example.org:443@evil.example/x',
  'http://evil.example/x',
];
const SCHEMES = [
  '/javascript:alert(1)',
  '/data:text/html,x',
  'javascript:alert(1)',
  '/intent://x#Intent;end',
  '/java%0ascript:alert(1)',
];

/** Followed by a stranger and by somebody signed in: a room's own page on our origin at the most. */
async function staysHere(target: string): Promise<void> {
  for (const who of [stage.visitor(), person]) {
    const path = judge(await who.get(target), target);
    if (path !== undefined) assert.fail(`${target} is a page`);
  }
  for (const { target: asked } of jitsi.arrived) assert.doesNotMatch(asked, /evil|script|intent/, target);
}

for (const target of HOSTS)
  test(`a link to ${JSON.stringify(target)} on our host leads to no other, and to no meeting [REDIR-01]`, () =>
    staysHere(target));
for (const target of NAMES_US)
  test(`a request for ${target} is led nowhere, not even where it names us [REDIR-03]`, () =>
    staysHere(target));
for (const target of SCHEMES)
  test(`a link to ${target} on our host runs nothing and opens nothing [REDIR-04]`, () => staysHere(target));

test('line ends in a path, room or query add no header to the way to the sign-in [REDIR-06]', async () => {
  for (const odd of ['%0d%0aSet-Cookie:x=y', '%0aSet-Cookie:x=y', '%e5%98%8d%e5%98%8aSet-Cookie:x=y'])
    for (const target of [`/standup${odd}`, `/${odd}/standup`, `/standup?${odd}`, `/standup?jwt=x&${odd}`])
      for (const who of [stage.visitor(), person]) {
        const answer = await who.get(target);
        judge(answer, target);
        assert.deepEqual([answer.cookies, answer.headers.get('set-cookie')], [[], null], target);
      }
});

test('a link to an action of ours, or a path without end, sets nothing off and is no meeting [REDIR-07]', async () => {
  for (const target of [
    `/${'a'.repeat(10_000)}`,
    `/${'a'.repeat(2000)}`,
    '/logout',
    '/oauth2/callback',
    '/_OSTIARY/sign-out',
    `/${encodeURIComponent(encodeURIComponent('/_ostiary/sign-out'))}`,
  ]) {
    const answer = await person.get(target);
    assert.ok(answer.status === 200 || answer.status >= 400, target);
    if (answer.status === 200) namesOneRoom(answer, target);
  }
  assert.ok(await person.isSignedIn());
});

const pieces = fc.constantFrom(
  ...['/', '//', '\\', '.', '..', '@', ':', ';', '!', '(', '*', '+', '=', '%2f', '%5c', '%09', '%00', '%25'],
  ...['%', '%c3%9f', '%C3%9F', '%EF%BC%8F', '%E3%80%82', '%e2%80%ae', '[', '%5b', '%3c', '%22', '%27', '%20'],
  ...[
    'a',
    'b',
    'A',
    'board',
    'Room',
    'evil.example',
    '_ostiary',
    'config.js',
    'static',
    'http-bind',
    '?jwt=x',
  ],
);

test('of thousands of addresses none leads off our origin, and every page is of the room in its address [REDIR-08] [REDIR-15]', {
  timeout: 60_000,
}, async () => {
  let pages = 0;
  const stranger = stage.visitor();
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 7 }), async (words) => {
      const target = `/${words.join('')}`;
      jitsi.arrived.length = 0;
      assert.equal(judge(await stranger.get(target), target), undefined, target);
      assert.deepEqual(jitsi.arrived, [], target);
      const answer = await person.get(target);
      const path = judge(answer, target);
      if (path === undefined) return;
      namesOneRoom(answer, path);
      // What was judged is what Jitsi is asked for, to the letter.
      assert.deepEqual(
        jitsi.arrived.map(({ target: asked }) => asked),
        [target],
      );
      assert.notEqual(claimsIn(scriptData(answer).token).sub, 'b');
      pages += 1;
    }),
    { numRuns: 1000 },
  );
  assert.ok(pages > 50, `only ${pages} pages: the property tried too little`);
});

test('what comes back from the sign-in is muted, audio only, prejoin and language, typed, and no token [REDIR-10]', async () => {
  const wild = [
    'config.startWithAudioMuted=true',
    'config.startAudioOnly=%22yes%22',
    'config.bosh=%22https%3A%2F%2Fevil.example%22',
    'config.p2p.stunServers=%5B%5D',
    'interfaceConfig.SUPPORT_URL=%22javascript%3Aalert(1)%22',
    'iceServers.replace=%5B%5D',
    'jwt=%22a.b.c%22',
  ].join('&');
  const answer = await person.get(`${PREFIX}/join?to=${encodeURIComponent(`/standup#${wild}`)}`);
  assert.equal(answer.headers.get('location'), `${ORIGIN}/standup#config.startWithAudioMuted=true`);
});

for (const room of ['%3C!--', '%3Cscript%3E', 'a%20%3Cb%3E%E2%80%A8'])
  test(`the room ${room} stays text in the script of its page [REDIR-12]`, async () => {
    let answer = await person.get(`/${room}`);
    const moved = answer.headers.get('location');
    if (moved !== null) answer = await person.get(moved);
    namesOneRoom(answer, moved ?? `/${room}`);
    // Ours are two, and a stranger's name adds none.
    assert.equal(answer.text.match(/<script\b/g)?.length, 2);
    assert.equal(answer.text.match(/<\/script>/g)?.length, 2);
    assert.doesNotMatch(answer.text, /<img|<!--/);
  });

test('markup in a room stays text on the pages of the gate [REDIR-12]', async () => {
  const refused = await person.get('/board');
  assert.equal(refused.status, 403);
  assert.match(refused.text, /For the &lt;board&gt;\./);
  const phone = stage.visitor({ 'user-agent': 'Mozilla/5.0 (Linux; Android 10; K) Chrome/138 Mobile' });
  await phone.signIn();
  const choice = await phone.get('/%3Cimg%20src%20onerror%3E');
  assert.match(choice.text, /&lt;img src onerror&gt;/);
  for (const { text } of [refused, choice])
    assert.ok(!readHtml(text).some(({ tag, attributes }) => tag === 'img' || 'onerror' in attributes));
});

for (const [name, address, claim] of [
  ['sharp s', 'Straße', 'stra%c3%9fe'],
  ['dotted capital I', 'İstanbul', 'i%cc%87stanbul'],
  ['the ligature fi', 'ﬁnance', 'finance'],
  ['the Kelvin sign', '\u212Aelvin', 'kelvin'],
  ['full-width letters', 'ＲＯＯＭ', 'room'],
  ['a letter and its accent apart', 'cafe\u0301', 'caf%c3%a9'],
  ['a Cyrillic look-alike', 'rооm', encodeURIComponent('rооm').toLowerCase()],
] as const)
  test(`a room with ${name} is moved to or served under one name, and its token opens that room alone [REDIR-13]`, async () => {
    let path = `/${encodeURIComponent(address)}`;
    let answer = await person.get(path);
    if (answer.status === 302) {
      path = answer.headers.get('location') ?? '';
      answer = await person.get(path);
    }
    namesOneRoom(answer, path);
    const claims = claimsIn(scriptData(answer).token);
    assert.equal(claims.room, claim);
    for (const node of ['room', 'kelvin', 'finance', 'strasse', 'istanbul', 'other'])
      assert.equal(mayJoin(claims, { node, xmppDomain: XMPP_DOMAIN }).accepted, node === claim, node);
  });
