/** Floods and bombs: what strangers may cost us, and that they cost nobody else their way in. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { makePass } from '../../src/identity/pass.ts';
import { ORIGIN, PREFIX, type Stage, type StageOptions, startStage } from '../support/server-stage.ts';

const path = (below: string) => `${PREFIX}${below}`;
const PROBE = '__Host-ostiary-probe';

async function open(t: TestContext, config: StageOptions['config'] = {}): Promise<Stage> {
  const stage = await startStage({ config });
  t.after(() => stage.close());
  return stage;
}

/** A stranger who keeps cookies for as long as one form needs them, and is a new browser every time. */
async function knock(stage: Stage, n: number, headers: Readonly<Record<string, string>> = {}) {
  const visitor = stage.visitor(headers);
  visitor.jar.set(PROBE, `stranger-${n}`.padEnd(22, '_'));
  return visitor.post(path('/sign-in'), { provider: 'sso', to: '/standup' });
}

const keysOf = async (stage: Stage) =>
  (await stage.parts.store.list('')).map(({ key }) => key).filter((key) => !key.startsWith('keys/'));

test('a flood of strangers writes nothing into the store, and is told when to come back [DOS-01]', async (t) => {
  const stage = await open(t, { limits: { signInsPerAddress: 40 } });
  const before = await keysOf(stage);
  const answers = await Promise.all(Array.from({ length: 400 }, (_, n) => knock(stage, n)));
  const begun = answers.filter(({ status }) => status === 303).length;
  const refused = answers.filter(({ status }) => status === 429);
  assert.deepEqual([begun, refused.length], [40, 360]);
  for (const { headers, cookies } of refused) {
    const seconds = Number(headers.get('retry-after'));
    assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, `${seconds}`);
    assert.deepEqual(cookies, []);
  }
  assert.deepEqual(await keysOf(stage), before);
});

test('during a flood from their own address, whoever is signed in goes on, and another address signs in [DOS-01]', async (t) => {
  const stage = await open(t, { limits: { signInsPerAddress: 20 }, trustedProxies: ['127.0.0.1'] });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const person = stage.visitor(from('203.0.113.9'));
  assert.equal((await person.signIn()).status, 302);
  const flood = Array.from({ length: 200 }, (_, n) => knock(stage, n, from('203.0.113.9')));
  const entries = Array.from({ length: 20 }, (_, n) => person.get(path(`/join?room=room-${n}`)));
  for (const answer of await Promise.all(entries))
    assert.match(answer.headers.get('location') ?? '', /#jwt=/);
  const elsewhere = stage.visitor(from('198.51.100.7'));
  assert.equal((await elsewhere.signIn()).status, 302);
  assert.ok((await Promise.all(flood)).some(({ status }) => status === 429));
});

test('one browser in a loop uses up its own share, not that of its address [DOS-01]', async (t) => {
  const stage = await open(t, { limits: { signInsPerBrowser: 5, signInsPerAddress: 20 } });
  const loop = stage.visitor();
  await loop.get(path('/sign-in'));
  const statuses = [];
  for (let n = 0; n < 50; n += 1) statuses.push((await loop.leave()).answer.status);
  assert.deepEqual([statuses.filter((status) => status === 303).length, statuses.at(-1)], [5, 429]);
  assert.equal((await stage.visitor().signIn()).status, 302);
});

for (const probe of ['x'.repeat(8000), 'x', '', '%00'.repeat(7)])
  test(`a browser's mark of ${probe.length} characters that we never wrote is no mark, and nothing is remembered by it [DOS-01]`, async (t) => {
    const stage = await open(t);
    const visitor = stage.visitor();
    visitor.jar.set(PROBE, probe);
    const answer = await visitor.post(path('/sign-in'), { provider: 'sso' });
    assert.equal(answer.status, 400);
    await visitor.get(path('/sign-in'));
    assert.match(visitor.jar.get(PROBE) ?? '', /^[\w-]{22}$/);
  });

test('callbacks with codes and states somebody made up never reach the provider [DOS-02]', async (t) => {
  const stage = await open(t);
  await stage.visitor().signIn();
  const before = stage.op.requests.length;
  const shapes = ['x', '', 'AAAAAAAA.'.padEnd(52, 'A'), 'AAAAAAAA.'.padEnd(52, '-')];
  const bad = Array.from(
    { length: 500 },
    (_, n) => `code=made-up-${n}&iss=https://sso.example.org&state=${shapes[n % 4]}`,
  );
  const answers = await Promise.all(bad.map((query) => stage.ask(path(`/callback/sso?${query}`))));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [400]);
  assert.equal(stage.op.requests.length, before);
});

test('a hundred codes made up for one sign-in ask the provider once [DOS-02]', async (t) => {
  const stage = await open(t);
  const visitor = stage.visitor();
  const { state } = await visitor.leave();
  const before = stage.op.count('/token');
  const headers = { cookie: visitor.cookieHeader() };
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      stage.ask(path(`/callback/sso?code=made-up-${n}&state=${state}&iss=https://sso.example.org`), {
        headers,
      }),
    ),
  );
  assert.ok(answers.every(({ status }) => status >= 400));
  assert.equal(stage.op.count('/token'), before + 1);
});

test('a thousand names of keys there never were are answered, may be cached, and leave no line in the log [DOS-04]', async (t) => {
  const stage = await open(t);
  await stage.ask(path('/jwks.json'));
  const before = stage.lines.length;
  for (let from = 0; from < 1000; from += 100) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        stage.ask(path(`/asap/${(from + n).toString(16).padStart(64, '0')}.pem`), {
          on: n % 2 ? 'inner' : 'public',
        }),
      ),
    );
    for (const { status, headers } of answers)
      assert.deepEqual([status, headers.get('cache-control')], [404, 'max-age=60']);
  }
  assert.deepEqual(stage.lines.slice(before), []);
});

test('what may be cached of a missing key is far shorter than a key is known before it signs [DOS-04]', async (t) => {
  const stage = await open(t);
  const { headers } = await stage.ask(path(`/asap/${'0'.repeat(64)}.pem`));
  assert.ok(Number(headers.get('cache-control')?.replace('max-age=', '')) * 5 < 900);
});

const FORM = {
  origin: ORIGIN,
  'content-type': 'application/x-www-form-urlencoded',
  cookie: `${PROBE}=${'x'.repeat(22)}`,
};

for (const [what, body] of [
  ['a field a hundred thousand times', 'a&'.repeat(100_000)],
  ['ten thousand fields of different names', Array.from({ length: 10_000 }, (_, n) => `f${n}=`).join('&')],
  ['one field sixty-five times', 'to=x&'.repeat(65)],
  [
    'sixty-five names a hash could stumble over',
    Array.from({ length: 65 }, (_, n) => `${n}=&__proto__[${n}]=`).join('&'),
  ],
  ['names nested a thousand deep, sixty-five times', `a${'[b]'.repeat(300)}=x&`.repeat(65)],
  ['one field of a megabyte', `to=${'x'.repeat(1_000_000)}`],
] as const)
  test(`a form with ${what} is too large [DOS-06]`, async (t) => {
    const stage = await open(t);
    for (const below of ['/sign-in', '/pass', '/sign-out', '/callback/sso', '/backchannel-logout/sso']) {
      const { status } = await stage.ask(path(below), { method: 'POST', headers: FORM, body });
      assert.equal(status, 413, below);
    }
  });

for (const [what, query] of [
  ['of a thousand parameters', 'a&'.repeat(1000)],
  ['of one parameter sixty-five times', 'room=x&'.repeat(65)],
  ['of nested names', Array.from({ length: 65 }, (_, n) => `room[a][${n}]=x`).join('&')],
] as const)
  test(`a query ${what} is too large [DOS-06]`, async (t) => {
    const stage = await open(t);
    for (const below of ['/join', '/sign-in', '/callback/sso'])
      assert.equal((await stage.ask(path(`${below}?${query}`))).status, 413, below);
    assert.equal((await stage.ask(path(`/join?${'a&'.repeat(9000)}`))).status, 431, 'the line alone');
  });

test('a state of nested JSON is no state [DOS-06]', async (t) => {
  const stage = await open(t);
  for (const state of [
    '['.repeat(3000),
    '{"a":'.repeat(600),
    `{"room":"x","a":${'['.repeat(500)}${']'.repeat(500)}}x`,
  ]) {
    const { status } = await stage.ask(path(`/join?room=x&state=${encodeURIComponent(state)}`));
    assert.equal(status, 400);
  }
});

for (const name of [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'cf-connecting-ip',
  'true-client-ip',
  'via',
])
  test(`a stranger who sends another ${name} each time is one stranger [DOS-08]`, async (t) => {
    const stage = await open(t, { limits: { signInsPerAddress: 10 } });
    const statuses = [];
    for (let n = 0; n < 30; n += 1)
      statuses.push((await knock(stage, n, { [name]: `203.0.113.${n}` })).status);
    assert.equal(statuses.filter((status) => status === 303).length, 10);
  });

test('behind a trusted proxy, what a stranger wrote to the left of it counts for nothing [DOS-08]', async (t) => {
  const stage = await open(t, { limits: { signInsPerAddress: 10 }, trustedProxies: ['127.0.0.1'] });
  const statuses = [];
  for (let n = 0; n < 30; n += 1)
    statuses.push((await knock(stage, n, { 'x-forwarded-for': `10.0.0.${n}, 203.0.113.9` })).status);
  assert.equal(statuses.filter((status) => status === 303).length, 10);
});

test('a stranger with a whole /64 of addresses is one stranger, and the neighbour another [DOS-08]', async (t) => {
  const stage = await open(t, { limits: { signInsPerAddress: 10 }, trustedProxies: ['127.0.0.1'] });
  const statuses = [];
  for (let n = 0; n < 30; n += 1)
    statuses.push((await knock(stage, n, { 'x-forwarded-for': `2001:db8:0:1:${n.toString(16)}::1` })).status);
  assert.equal(statuses.filter((status) => status === 303).length, 10);
  assert.equal((await knock(stage, 99, { 'x-forwarded-for': '2001:db8:0:2::1' })).status, 303);
});

test('guesses at an entry code are counted by address, whatever browser and name they come with [DOS-08]', async (t) => {
  const stage = await open(t, { limits: { passTriesPerAddress: 10 } });
  const room = roomOf(roomFromPath('crisis'));
  const code = (await makePass({ room, role: 'host', for: 60 }, stage.parts)).code.reveal();
  const statuses = [];
  for (let n = 0; n < 30; n += 1)
    statuses.push(
      (
        await stage
          .visitor({ 'user-agent': `${n}` })
          .post(path('/pass'), { code: `AAAA-AAAA-AAAA-AA${10 + n}`, name: `n+${n}` })
      ).status,
    );
  assert.deepEqual([statuses.filter((status) => status === 404).length, statuses.at(-1)], [10, 429]);
  assert.equal(
    (await stage.visitor().post(path('/pass'), { code, name: 'x' })).status,
    429,
    'the right one too',
  );
});

test('a form that says it is packed is not unpacked: its size is what was sent, and its fields are none [DOS-09]', async (t) => {
  const stage = await open(t);
  const bomb = gzipSync(Buffer.alloc(20_000_000, 'to=x&'));
  assert.ok(bomb.length < 64_000);
  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
    const { status } = await stage.ask(path('/sign-in'), {
      method: 'POST',
      headers: { ...FORM, 'content-encoding': encoding },
      body: bomb,
    });
    assert.ok(status >= 400 && status < 500, `${status}`);
  }
  const honest = gzipSync('provider=sso');
  const { status } = await stage.ask(path('/sign-in'), {
    method: 'POST',
    headers: { ...FORM, 'content-encoding': 'gzip' },
    body: honest,
  });
  assert.equal(status, 404, 'no provider was read out of it');
});

test('a body sent in chunks is counted as it comes [DOS-09]', async (t) => {
  const stage = await open(t);
  const chunk = `2000\r\n${'x'.repeat(8192)}\r\n`;
  const head = `POST ${path('/pass')} HTTP/1.1\r\nHost: meet.example.org\r\nOrigin: ${ORIGIN}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n`;
  assert.match(await stage.raw(`${head}${chunk.repeat(9)}0\r\n\r\n`), /^HTTP\/1\.1 413 /);
});
