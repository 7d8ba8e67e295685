/** Attacks on the word of a proxy: who else could say who somebody is, and what Jitsi hears of it. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { foldName } from '../../src/base/header-name.ts';
import { requestBytes, XMPP_HANDSHAKE } from '../support/gateway-stage.ts';
import { type RawUpstream, startRawUpstream } from '../support/raw-upstream.ts';
import { ORIGIN, PREFIX, type Sent, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const SECRET = 'the secret between the proxy and us, 43 letters';
const PROXY = { 'X-Ostiary-Secret': SECRET };
const ADA = { ...PROXY, 'X-Ostiary-Id': 'ada', 'X-Ostiary-Name': 'Ada' };
/** What other proxies call the person: settings of the second one. */
const NAMED = { 'Remote-User': 'ada', 'Remote-Email': 'ada@example.org' };

let stage: Stage;
let upstream: RawUpstream;

before(async () => {
  upstream = await startRawUpstream();
  const front = (id: string, header: object, more: object = {}) => ({
    ...{ id, kind: 'header', header: { secret: { env: 'SECRET' }, ...header } },
    ...more,
  });
  stage = await startStage({
    asConfigured: true,
    clock: fixedClock(Date.now()),
    env: { SECRET },
    config: {
      trustedProxies: ['127.0.0.1'],
      upstream: { url: upstream.url },
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
      providers: [
        front('front', { from: ['127.0.0.1'] }),
        front('far', { from: ['127.0.0.2', '203.0.113.0/24'] }),
        front(
          'uni',
          { from: ['127.0.0.1'], preset: 'authelia', secretHeader: 'X-Front-Key' },
          { subject: ['Crm.User'] },
        ),
      ],
    },
  });
});
after(async () => {
  await stage.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

type Headers = NonNullable<Sent['headers']>;

/** Presses the button, and gives the address that the proxy guards. */
async function leave(visitor: Visitor, provider = 'front'): Promise<string> {
  const { answer } = await visitor.leave('/standup', provider);
  assert.equal(answer.status, 200, stage.lines.join(''));
  const [, url = ''] = /^0; url=(.*)$/.exec(answer.headers.get('refresh') ?? '') ?? [];
  assert.ok(url.startsWith(`${ORIGIN}${PREFIX}/header/${provider}?state=`), url);
  return url.slice(ORIGIN.length).replace(/#$/, '');
}

/** Signs in with these headers at the guarded address, as a proxy or whoever would send them. */
async function arrive(headers: Headers, provider = 'front') {
  const visitor = stage.visitor();
  const answer = await visitor.get(await leave(visitor, provider), headers);
  return { visitor, answer, said: await stageSays(visitor) };
}

const stageSays = async (visitor: Visitor) => ((await visitor.isSignedIn()) ? 'signed in' : 'nobody');

/** The problems the log told since. */
const codes = (from: number) =>
  stage.lines.slice(from).flatMap((line) => {
    const { event, code, why } = JSON.parse(line);
    return event === 'problem' ? [[code, why].filter((word) => word !== undefined).join(' ')] : [];
  });

async function refused(headers: Headers, provider = 'front'): Promise<string | undefined> {
  const before = stage.lines.length;
  const { answer, said } = await arrive(headers, provider);
  assert.equal(said, 'nobody', JSON.stringify(headers));
  assert.ok(answer.status >= 400, String(answer.status));
  return codes(before)[0];
}

test('the proxy with the secret says who it is, once, in the browser that began [PROXY-07]', async () => {
  const visitor = stage.visitor();
  const address = await leave(visitor);
  assert.equal((await visitor.get(address, ADA)).headers.get('location'), `${PREFIX}/join?to=%2Fstandup`);
  assert.equal(await stageSays(visitor), 'signed in');
  const [session] = await stage.parts.sessions.list();
  assert.equal(session?.person.id, 'front#ada');
  const before = visitor.session();
  await visitor.get(address, { ...ADA, 'X-Ostiary-Id': 'eve' });
  assert.equal(visitor.session(), before, 'spent');
  const other = stage.visitor();
  await other.get(`${PREFIX}/sign-in?to=%2Fstandup`);
  assert.equal((await other.get(await leave(visitor), ADA)).status, 400, 'another browser’s');
  assert.equal(await stageSays(other), 'nobody');
});

test('who is sent to the guarded address without having begun is signed in as nobody [PROXY-07]', async () => {
  const visitor = stage.visitor();
  for (const query of [
    '',
    '?state=',
    '?state=AAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '?state=a&state=b',
  ])
    assert.equal((await visitor.get(`${PREFIX}/header/front${query}`, ADA)).status, 400, query);
  assert.equal(await stageSays(visitor), 'nobody');
});

test('from the right address without the secret nobody is believed [PROXY-07]', async () => {
  const named = { 'X-Ostiary-Id': 'ada' };
  for (const headers of [
    named,
    { ...named, 'X-Ostiary-Secret': '' },
    { ...named, 'X-Ostiary-Secret': SECRET.slice(1) },
    { ...named, 'X-Ostiary-Secret': `${SECRET} x` },
    { ...named, 'X-Ostiary-Secret': [SECRET, SECRET] },
    { ...named, 'X-Ostiary-Secret': SECRET, X_Ostiary_Secret: SECRET },
    { ...named, X_Ostiary_Secret: SECRET },
    { ...named, 'X.Ostiary.Secret': SECRET },
    { ...named, 'X-Front-Key': SECRET },
  ])
    assert.equal(await refused(headers), 'header.not-believed secret', JSON.stringify(headers));
});

test('with the right secret from another address nobody is believed, whatever was forwarded [PROXY-07]', async () => {
  for (const more of [
    {},
    { 'X-Forwarded-For': '127.0.0.2' },
    { 'X-Forwarded-For': '203.0.113.7, 127.0.0.2' },
    { 'X-Real-IP': '127.0.0.2' },
    { Forwarded: 'for=127.0.0.2' },
    { 'X-Forwarded-For': '::ffff:127.0.0.2' },
  ])
    assert.equal(
      await refused({ ...ADA, ...more }, 'far'),
      'header.not-believed address',
      JSON.stringify(more),
    );
});

test('on a socket of IPv6 the proxy is known by its address of IPv4, and nobody else by theirs [PROXY-07]', async (t) => {
  const on = (from: string) =>
    startStage({
      asConfigured: true,
      env: { SECRET },
      config: {
        listen: { public: { host: '::ffff:127.0.0.1', port: 0 }, inner: { port: 0 } },
        trustedProxies: ['127.0.0.1'],
        providers: [{ id: 'front', kind: 'header', header: { secret: { env: 'SECRET' }, from: [from] } }],
      },
    });
  for (const [from, signedIn] of [
    ['127.0.0.1', true],
    ['127.0.0.0/8', true],
    ['127.0.0.2', false],
    ['::1', false],
  ] as const) {
    const mapped = await on(from);
    t.after(() => mapped.close());
    const visitor = mapped.visitor();
    const { answer } = await visitor.leave('/standup', 'front');
    const [, url = ''] = /^0; url=(.*)#$/.exec(answer.headers.get('refresh') ?? '') ?? [];
    await visitor.get(url.slice(ORIGIN.length), ADA);
    assert.equal(await visitor.isSignedIn(), signedIn, from);
  }
});

test('a name in another spelling, or twice, signs nobody in [PROXY-05]', async () => {
  for (const other of ['X_Ostiary_Id', 'x.ostiary.id', 'X-Ostiary_Id', 'X~Ostiary~Id']) {
    assert.match(
      String(await refused({ ...PROXY, [other]: 'eve' })),
      /^header\.unacceptable spelling$/,
      other,
    );
    assert.match(String(await refused({ ...ADA, [other]: 'eve' })), /^header\.unacceptable spelling$/, other);
    assert.match(String(await refused({ ...ADA, X_Ostiary_Groups: 'staff' })), /spelling$/);
  }
  assert.equal(await refused({ ...ADA, 'X-Ostiary-Id': ['ada', 'eve'] }), 'header.unacceptable repeated');
});

test('a name that is missing or empty is told as what it is [PROXY-07]', async () => {
  assert.equal(await refused(PROXY), 'provider.id-missing');
  assert.equal(await refused({ ...PROXY, 'X-Ostiary-Id': '' }), 'provider.id-missing');
  assert.equal(await refused({ ...PROXY, 'X-Ostiary-Id': 'a'.repeat(300) }), 'provider.id-missing');
  assert.match(stage.lines.join(''), /"header":"X-Ostiary-Id"/);
});

test('what is too long or no UTF-8 is refused, and no value stands in the log [PROXY-05]', async () => {
  assert.equal(
    await refused({ ...ADA, 'X-Ostiary-Name': 'canary'.repeat(1500) }),
    'header.unacceptable too-long',
  );
  assert.equal(
    await refused({ ...ADA, 'X-Ostiary-Name': 'canary-L\u00f6we' }),
    'header.unacceptable encoding',
  );
  assert.equal(await refused({ ...ADA, 'X-Ostiary-Name': 'canary\tb' }), 'header.unacceptable control');
  const log = stage.lines.join('');
  assert.doesNotMatch(log, /canary/);
  assert.ok(!log.includes(SECRET));
});

test('a header signs nobody in anywhere else [PROXY-05]', async () => {
  for (const path of [
    '/session',
    '/join?room=standup',
    '/sign-in?to=/standup',
    '/callback/front',
    '/header/nobody',
    '/token',
  ])
    for (const method of ['GET', 'POST']) {
      const visitor = stage.visitor();
      await stage.ask(`${PREFIX}${path}`, { method, headers: { ...ADA, ...NAMED } });
      assert.equal(await stageSays(visitor), 'nobody', path);
    }
  const page = await stage.ask('/standup', { headers: ADA });
  assert.match(page.headers.get('location') ?? '', /\/sign-in\?to=/);
  assert.equal(
    (await stage.ask(`${PREFIX}/header/front?state=x`, { headers: ADA, on: 'inner' })).status,
    404,
  );
});

/** A WebSocket's first words: what was answered. */
function upgrade(headers: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(stage.ports.public, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', failed);
    socket.once('data', (bytes) => {
      socket.destroy();
      done(bytes.toString('latin1'));
    });
    socket.write(requestBytes('GET /xmpp-websocket?room=standup', headers, { close: false }), 'latin1');
  });
}

test('smuggled into the beginning of a WebSocket a header opens nothing [PROXY-05]', async () => {
  const lines = Object.entries({ ...ADA, ...NAMED }).map(([name, value]) => `${name}: ${value}`);
  const answer = await upgrade([...XMPP_HANDSHAKE, ...lines]);
  assert.doesNotMatch(answer, /OSTIARY|HTTP\/1\.1 200/);
  assert.deepEqual(
    upstream.requests.filter(({ line }) => line.includes('xmpp-websocket')),
    [],
  );
});

test('Jitsi hears of no header that is for us, in whatever spelling, at any door [PROXY-05]', async () => {
  const { visitor } = await arrive(ADA);
  const forUs = [
    'X-Ostiary-Secret',
    'X-Ostiary-Id',
    'X-Front-Key',
    'Crm.User',
    'Remote-User',
    'Remote-Groups',
  ];
  const spellings = forUs.flatMap((name) => [
    name,
    name.toUpperCase(),
    name.replace(/[-.]/g, '_'),
    name.replace(/[-.]/g, '.'),
    name.replace(/[-.]/g, '-'),
  ]);
  const canaries = [...new Set(spellings)].map((name) => `${name}: canary-of-ours`);
  const cookie = `Cookie: ${visitor.cookieHeader()}`;
  for (const path of ['/standup', '/libs/app.js', '/external_api.js'])
    await stage.raw(requestBytes(`GET ${path}`, [cookie, 'Accept: text/html', ...canaries]));
  await upgrade([...XMPP_HANDSHAKE, cookie, ...canaries]);
  assert.ok(
    upstream.requests.some(({ line }) => line.includes('xmpp-websocket')),
    'the WebSocket got through',
  );
  const folded = new Set(forUs.map(foldName));
  for (const { line, head, headers } of upstream.requests) {
    assert.doesNotMatch(head, /canary-of-ours/, line);
    for (const [at, name] of headers.entries()) assert.ok(at % 2 === 1 || !folded.has(foldName(name)), name);
  }
});

test('where the proxy says with a request that somebody else sits there, the session ends', async () => {
  const { visitor } = await arrive(ADA);
  const cookies = { cookie: visitor.cookieHeader() };
  const at = async (headers: Headers) =>
    (await stage.ask('/standup', { headers: { ...cookies, ...headers } })).status;
  assert.equal(await at({}), 200);
  assert.equal(await at(ADA), 200, 'the same person');
  assert.equal(await at({ ...PROXY, 'X-Ostiary-Id': '' }), 200, 'nobody is said');
  assert.equal(await at({ 'X-Ostiary-Id': 'eve' }), 200, 'not the proxy');
  assert.equal(await at({ ...PROXY, 'X-Ostiary-Id': 'eve' }), 302, 'another person');
  assert.equal(await at({}), 302, 'and the session is gone');
});

test('at the hourly look another person at the proxy ends the session, and the same one goes on', async () => {
  const { visitor } = await arrive(ADA);
  stage.clock.advance(3700);
  const again = async (id: string) => {
    const answer = await visitor.post(`${PREFIX}/sign-in`, {
      to: '/standup',
      provider: 'front',
      silent: '1',
    });
    const [, url = ''] = /^0; url=(.*?)#?$/.exec(answer.headers.get('refresh') ?? '') ?? [];
    return visitor.get(url.slice(ORIGIN.length), { ...PROXY, 'X-Ostiary-Id': id });
  };
  const before = visitor.session();
  await again('ada');
  assert.equal(visitor.session(), before);
  assert.equal(await stageSays(visitor), 'signed in');
  stage.clock.advance(3700);
  await again('');
  assert.equal(await stageSays(visitor), 'nobody');
});
