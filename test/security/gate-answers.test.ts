/** What the gate's own answers and Jitsi's page through it are sent with, and what never stands in them. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { readHtml } from '../support/read-html.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';
import { type WatchedUpstream, watchUpstream } from '../support/watched-upstream.ts';

const RULES = [
  { name: 'b is for b', when: { tenants: ['b'], groups: ['b'] }, then: 'participant' },
  { name: 'nobody else', when: { tenants: ['b'] }, then: 'refuse' },
  { name: 'everybody', when: {}, then: 'participant' },
] as const;

const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36';
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const FRAME = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
/** What nobody is to find again. */
const CANARY = 'eyJhbGciOiJub25lIn0.canary-token.x';

/** A page as Jitsi's is, under a policy that lets only its own files run, and that may be kept. */
const STRICT = {
  type: 'text/html',
  body: '<!doctype html><html><head><script src="libs/app.bundle.min.js"></script></head><body></body></html>',
  headers: {
    'content-security-policy': "default-src 'self'; script-src 'self'",
    etag: '"page"',
    'last-modified': 'Wed, 01 Jan 2025 00:00:00 GMT',
    'cache-control': 'public, max-age=3600',
    'x-content-type-options': 'nosniff',
  },
};

let jitsi: UpstreamStandIn;
let upstream: WatchedUpstream;
let stage: Stage;
let person: Visitor;

before(async () => {
  jitsi = await startUpstream();
  upstream = await watchUpstream(jitsi.url, { '/strict': STRICT });
  stage = await startStage({ config: { rules: RULES, upstream: { url: upstream.url } } });
  person = stage.visitor();
  await person.signIn();
});
after(async () => {
  await stage.close();
  await upstream.close();
  await jitsi.close();
});
beforeEach(() => {
  jitsi.arrived.length = 0;
});

const nonceOf = ({ text }: Answer) => /<script nonce="([\w-]{20,})">/.exec(text)?.[1] ?? assert.fail(text);

/** Our own pages at Jitsi's addresses, each by how it comes about. */
async function ownPages(): Promise<ReadonlyMap<string, Answer>> {
  const phone = stage.visitor({ 'user-agent': ANDROID });
  await phone.signIn();
  const found = new Map([
    ['refused', await person.get('/b/standup')],
    ['no room', await person.get('/oauth2')],
    ['unknown', await person.get('/x/y/z')],
    ['choice', await phone.get('/standup')],
    ['method', await person.post('/standup', {})],
  ]);
  await upstream.down();
  try {
    found.set('upstream down', await person.get('/standup'));
    found.set('upstream down, a file', await person.get('/static/close3.html', NAVIGATION));
  } finally {
    await upstream.up();
  }
  return found;
}

test("every page of ours at one of Jitsi's addresses may not be framed or sniffed and runs nothing but by its own nonce [SESS-16]", async () => {
  const pages = await ownPages();
  assert.deepEqual(
    [...pages].map(([name, { status }]) => `${name} ${status}`),
    [
      'refused 403',
      'no room 400',
      'unknown 404',
      'choice 200',
      'method 405',
      'upstream down 502',
      'upstream down, a file 502',
    ],
  );
  const nonces = new Set<string>();
  for (const [name, { headers, text }] of pages) {
    const policy = headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([\w-]{20,})'/.exec(policy)?.[1] ?? assert.fail(`${name}: ${policy}`);
    nonces.add(nonce);
    assert.match(policy, /^default-src 'none';.*frame-ancestors 'none'; base-uri 'none'$/, name);
    assert.doesNotMatch(policy, /unsafe|\*|strict-dynamic/, name);
    for (const [header, value] of [
      ['x-content-type-options', 'nosniff'],
      ['x-frame-options', 'DENY'],
      ['cross-origin-opener-policy', 'same-origin'],
      ['cache-control', 'no-store'],
      ['referrer-policy', 'same-origin'],
    ] as const)
      assert.equal(headers.get(header), value, `${name}: ${header}`);
    for (const { tag, attributes } of readHtml(text)) {
      assert.ok(!Object.keys(attributes).some((attribute) => /^on|^style$/i.test(attribute)), name);
      if (tag === 'script' || tag === 'style') assert.equal(attributes['nonce'], nonce, name);
    }
  }
  assert.equal(nonces.size, pages.size, 'each page has a nonce of its own');
});

test('the one page for frames has no form, no script and one link, which leaves the frame [SESS-16]', async () => {
  const { status, headers, text } = await stage.visitor().get('/standup', FRAME);
  assert.equal(status, 200);
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'nonce-[\w-]+'/);
  const elements = readHtml(text);
  assert.deepEqual(
    elements.filter(({ tag }) => ['script', 'form', 'button', 'input', 'iframe'].includes(tag)),
    [],
  );
  const links = elements.filter(({ tag }) => tag === 'a');
  assert.deepEqual(
    links.map(({ attributes: { href, target, rel } }) => [href, target, rel]),
    [['https://meet.example.org/standup', '_blank', 'noopener']],
  );
});

test("Jitsi's page keeps its policy, and ours alone is added to it: two scripts by a nonce of their own, no frame of others, no opener [SESS-16]", async () => {
  const answers = [await person.get('/strict'), await person.get('/strict')];
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.equal(
      answer.headers.get('content-security-policy'),
      `default-src 'self'; script-src 'self' 'nonce-${nonceOf(answer)}', frame-ancestors 'self'`,
    );
    assert.equal(answer.headers.get('cross-origin-opener-policy'), 'same-origin-allow-popups');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.text.split('nonce=').length, 3);
  }
  assert.notEqual(nonceOf(answers[0] as Answer), nonceOf(answers[1] as Answer));
});

test('a page with a token in it is kept by nobody, and is asked for whole whatever a browser kept [SESS-16]', async () => {
  const answer = await person.get('/strict', {
    'if-none-match': '"page"',
    'if-modified-since': 'Wed, 01 Jan 2025 00:00:00 GMT',
    range: 'bytes=0-10',
    'accept-encoding': 'gzip, br',
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(
    ['cache-control', 'etag', 'last-modified', 'content-length'].map((name) => answer.headers.get(name)),
    ['no-store', null, null, null],
  );
  const asked = upstream.asked.at(-1)?.headers ?? [];
  const names = asked.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  assert.deepEqual(
    names.filter((name) => /^(?:if-|range$)/.test(name)),
    [],
  );
  assert.equal(asked[asked.findIndex((name) => /^accept-encoding$/i.test(name)) + 1], 'identity');
});

test('who asks for the head alone gets the headers of the page and none of it [SESS-16]', async () => {
  const answer = await stage.ask('/strict', { method: 'HEAD', headers: { cookie: person.cookieHeader() } });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'self'/);
});

test('the way of a browser through the gate has no token in any address, any cookie or any line of the log [SEC-02]', async () => {
  const visitor = stage.visitor();
  const told: Answer[] = [await visitor.get('/standup', NAVIGATION)];
  const away = await visitor.leave('/standup');
  told.push(away.answer, await visitor.get(visitor.callbackOf(away)));
  told.push(await visitor.get(`${PREFIX}/join?to=%2Fstandup`), await visitor.get('/standup', NAVIGATION));
  const token = /"token":"([^"]+)"/.exec(told.at(-1)?.text ?? '')?.[1] ?? assert.fail('no page');
  const [, claims = ''] = token.split('.');
  for (const { headers, cookies } of told) {
    assert.doesNotMatch(headers.get('location') ?? '', /jwt|token=|eyJ/);
    assert.ok(!cookies.join().includes(claims));
  }
  for (const { headers, target } of jitsi.arrived) {
    assert.ok(!JSON.stringify([headers, target]).includes(claims));
    assert.equal(headers.authorization, undefined);
  }
  assert.ok(!stage.lines.join('').includes(claims));
});

test('a token that somebody pasted goes no further than the redirect that drops it [SEC-02]', async () => {
  for (const query of [
    `jwt=${CANARY}`,
    `JWT=${CANARY}`,
    `%6awt=${CANARY}`,
    `lang=de&token=${CANARY}`,
    `jwt=x&jwt=${CANARY}`,
  ])
    for (const who of [stage.visitor(), person]) {
      const answer = await who.get(`/standup?${query}`);
      const kept = query.startsWith('lang') ? '/standup?lang=de' : '/standup';
      assert.deepEqual([answer.status, answer.headers.get('location')], [302, kept], query);
    }
  // A file is passed on at once, without it; and what page led to it is told without it too.
  await person.get(`/libs/app.js?v=1&jwt=${CANARY}`, {
    ...{ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    referer: `https://meet.example.org/standup?jwt=${CANARY}`,
    authorization: `Bearer ${CANARY}`,
  });
  assert.deepEqual(
    jitsi.arrived.map(({ target }) => target),
    ['/libs/app.js?v=1'],
  );
  assert.ok(!JSON.stringify(jitsi.arrived).includes('canary'));
  assert.ok(!stage.lines.join('').includes('canary'));
});

test('a member of no tenant gets no page of one, however it is written, and Jitsi hears nothing [REDIR-15]', async () => {
  for (const [target, status] of [
    ['/b/standup', 403],
    ['/b/Standup', 403],
    ['/a%2fb/standup', 400],
    ['/a/b/standup', 404],
    ['//b/standup', 400],
    ['/*/standup', 400],
    ['/%2a/standup', 400],
    ['/[b]standup', 400],
    ['/%5bb%5dstandup', 400],
  ] as const) {
    const answer = await person.get(target);
    assert.deepEqual([answer.status, answer.text.includes('"token"')], [status, false], target);
  }
  for (const target of ['/B/standup', '/%62/standup', '/%42/standup']) {
    const answer = await person.get(target);
    const moved = answer.headers.get('location');
    assert.equal((moved === null ? answer : await person.get(moved)).status, 403, target);
  }
  assert.deepEqual(jitsi.arrived, []);
});

for (const name of [
  ...['admin', 'Admin', 'oauth2', 'http-bind', 'HTTP-BIND', 'xmpp-websocket', 'static', '.well-known'],
  ...['config.js', 'Config.JS', 'libs', '_OSTIARY', '%5fostiary', 'colibri-ws', 'conference-request'],
  ...['callback', 'login', 'logout'],
])
  test(`at the gate no room and no tenant is called ${name} [REDIR-17]`, async () => {
    for (const target of [`/${name}`, `/${name}/standup`])
      for (const who of [stage.visitor(), person]) {
        const answer = await who.get(target);
        assert.ok(!answer.text.includes('"token"'), target);
        assert.doesNotMatch(answer.headers.get('location') ?? '', /to=%2F./, target);
      }
  });
