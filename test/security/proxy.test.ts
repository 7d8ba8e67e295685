/** Bytes that two servers read in two ways, and headers that only a proxy may write: what of it meets our own routes. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { after, before, test } from 'node:test';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let stage: Stage;

before(async () => {
  stage = await startStage();
});
after(() => stage.close());

const path = (below: string) => `${PREFIX}${below}`;
const HOST = 'Host: meet.example.org\r\n';
const SMUGGLED = `GET ${path('/jwks.json')} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;

/** The statuses of every answer that came on one connection. */
const statusesIn = (said: string) =>
  [...said.matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

test('a request that is not even judged is logged with the address a proxy of ours tells, and with the host it named', async (t) => {
  const behind = await startStage({ config: { trustedProxies: ['127.0.0.1'] } });
  t.after(() => behind.close());
  const told = 'X-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n';
  await behind.raw(`GET ${path('/session')} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n${told}`);
  await behind.raw(`GET ${path('/session')} HTTP/1.1\r\nHost: "token":x\r\n${told}`);
  await behind.raw(`GET ${path('/a//b')} HTTP/1.1\r\n${HOST}${told}`);
  assert.deepEqual(
    behind.lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'refused-early')
      .map(({ code, host, address }) => [code, host, address]),
    [
      ['request.wrong-host', '127.0.0.1:8080', '203.0.113.7'],
      ['request.wrong-host', undefined, '203.0.113.7'],
      ['request.malformed', undefined, '203.0.113.7'],
    ],
  );
  const before = stage.lines.length;
  await stage.raw(`GET ${path('/a//b')} HTTP/1.1\r\n${HOST}${told}`);
  const [line = ''] = stage.lines.slice(before);
  assert.equal(JSON.parse(line).address, '127.0.0.1', 'nobody is believed where no proxy is trusted');
});

function post(headers: string, body: string): string {
  const form = `Origin: ${ORIGIN}\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  return `POST ${path('/pass')} HTTP/1.1\r\n${HOST}${form}${headers}\r\n${body}`;
}

test('a second request behind a first is answered when it is an honest one, so that its silence means something [PROXY-01]', async () => {
  const said = await stage.raw(post('Content-Length: 6\r\n', `code=x${SMUGGLED}`));
  assert.deepEqual(statusesIn(said), [404, 200]);
});

const CHUNKED = [
  'Transfer-Encoding: chunked',
  'transfer-encoding: chunked',
  'TRANSFER-ENCODING: CHUNKED',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding:chunked',
  'Transfer-Encoding:  chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: chunked ',
  'Transfer-Encoding: chunked\t',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunkedx',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: chunked,',
  'Transfer-Encoding: chun ked',
  'Transfer-Encoding: chun\u0000ked',
  'Transfer-Encoding: \u000bchunked',
  'Transfer-Encoding: \u000cchunked',
  'Transfer-Encoding: \u00a0chunked',
  'Transfer-Encoding: cow',
  'Transfer-Encoding:',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: cow',
  'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\n',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding\u0000: chunked',
  'Transfer-Encoding: 0',
  'TE: chunked\r\nTransfer-Encoding: chunked',
] as const;

for (const spelling of CHUNKED)
  test(`a body with a length that is ${JSON.stringify(spelling)} too carries no second request in [PROXY-01]`, async () => {
    const inside = `0\r\n\r\n${SMUGGLED}`;
    for (const headers of [
      `Content-Length: ${inside.length}\r\n${spelling}\r\n`,
      `${spelling}\r\nContent-Length: ${inside.length}\r\n`,
    ]) {
      const said = await stage.raw(post(`${headers}Connection: close\r\n`, inside));
      assert.doesNotMatch(said, /"keys"/, headers);
      const [first, ...more] = statusesIn(said);
      assert.deepEqual(more, [], headers);
      // A header that says nothing of the encoding leaves a body with an honest length: one request, read whole.
      const says = /^(?:TE: chunked\r\n)?transfer-encoding/i.test(spelling) && !/^Transfer_/.test(spelling);
      if (says) assert.equal(first, 400, headers);
      else assert.ok(first === 400 || first === 404, `${first}`);
    }
  });

for (const spelling of CHUNKED.filter(
  (one) => !/^transfer-encoding:[ \t]*chunked[ \t]*$/i.test(one) && !/^TE/.test(one),
))
  test(`a body of no length that is ${JSON.stringify(spelling)} carries no second request in [PROXY-01]`, async () => {
    const said = await stage.raw(
      post(`${spelling}\r\nConnection: close\r\n`, `1\r\nx\r\n0\r\n\r\n${SMUGGLED}`),
    );
    assert.doesNotMatch(said, /"keys"/);
    assert.equal(statusesIn(said).length, 1);
  });

for (const headers of [
  'Content-Length: 6\r\nContent-Length: 0',
  'Content-Length: 6\r\nContent-Length: 6',
  'Content-Length: 6, 6',
  'Content-Length: +6',
  'Content-Length: -6',
  'Content-Length: 0x6',
  'Content-Length: 6 0',
  'Content-Length: 6\u0000',
  'Content-Length: 99999999999999999999999',
  'Content-Length : 6',
])
  test(`a body of the length ${JSON.stringify(headers)} is refused and the connection closed [PROXY-01]`, async () => {
    const said = await stage.raw(post(`${headers}\r\n`, `code=x${SMUGGLED}`));
    assert.deepEqual(statusesIn(said), [400]);
  });

for (const chunks of [
  '6;\ncode=x\r\n0\r\n\r\n',
  '6\ncode=x\n0\n\n',
  '0x6\r\ncode=x\r\n0\r\n\r\n',
  '-6\r\ncode=x\r\n0\r\n\r\n',
  '6 \r\ncode=x\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\ncode=x',
  '6\r\ncode=xyz0\r\n\r\n',
])
  test(`chunks written as ${JSON.stringify(chunks)} are refused and the connection closed [PROXY-01]`, async () => {
    const said = await stage.raw(post('Transfer-Encoding: chunked\r\n', `${chunks}${SMUGGLED}`));
    assert.deepEqual([statusesIn(said), /"keys"/.test(said)], [[400], false]);
  });

test('a form sent in chunks is a form like any other [PROXY-01]', async () => {
  const said = await stage.raw(
    post('Transfer-Encoding: chunked\r\nConnection: close\r\n', '3\r\ncod\r\n3\r\ne=x\r\n0\r\n\r\n'),
  );
  assert.deepEqual([statusesIn(said), /role="alert"|pass\.unknown/.test(said)], [[404], true]);
});

test('a trailer behind chunks sets no header of the request [PROXY-01]', async () => {
  const person = stage.visitor();
  await person.signIn();
  const said = await stage.raw(
    post(
      'Transfer-Encoding: chunked\r\nConnection: close\r\nTrailer: Cookie, Origin\r\n',
      `0\r\nCookie: ${person.cookieHeader()}\r\nOrigin: ${ORIGIN}\r\n\r\n`,
    ).replace(`Origin: ${ORIGIN}\r\n`, ''),
  );
  assert.deepEqual(statusesIn(said), [403]);
});

for (const agent of [
  'GoogleHC/1.0',
  'kube-probe/1.31',
  'ELB-HealthChecker/2.0',
  'Amazon CloudFront',
  'Pingdom.com_bot',
  'curl/8',
])
  test(`whoever calls themselves ${agent} is a stranger like any other [PROXY-13]`, async () => {
    const headers = { 'user-agent': agent, 'x-health': '1', 'x-healthcheck': 'true', 'x-probe': '1' };
    const join = await stage.ask(path('/join?room=standup'), { headers });
    assert.equal(join.headers.get('location'), `${PREFIX}/sign-in?to=%2Fstandup`);
    assert.equal((await stage.ask(path('/session'), { headers })).status, 302);
  });

test('health, readiness and metrics are nowhere on the public listener, and people’s pages nowhere on the inner one [ADM-09]', async () => {
  for (const below of ['/health', '/ready', '/metrics']) {
    assert.equal((await stage.ask(path(below))).status, 404, below);
    assert.equal((await stage.ask(path(below), { on: 'inner' })).status, 200, below);
  }
  for (const below of ['/join?room=x', '/sign-in', '/callback/sso', '/session', '/sign-out', '/pass'])
    assert.equal((await stage.ask(path(below), { on: 'inner' })).status, 404, below);
});

const line = (target: string, host = HOST, method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;

for (const [what, bytes, status] of [
  ['a target that is a whole address of ours', line(`${ORIGIN}${path('/jwks.json')}`), 400],
  ['a target that is a whole address of another', line(`http://evil.example${path('/jwks.json')}`), 400],
  ['a target of two slashes', line(`//evil.example${path('/jwks.json')}`), 400],
  ['a target with a backslash', line(path('\\jwks.json')), 400],
  ['a target with a dot segment', line(path('/../_ostiary/jwks.json')), 400],
  ['a target with an escaped dot segment', line(path('/%2e%2e/_ostiary/jwks.json')), 400],
  ['a target with an escaped slash', line(path('%2fjwks.json')), 400],
  ['a target with a NUL', line(path('/jwks.json%00')), 400],
  ['a target with a fragment', line(path('/jwks.json#x')), 400],
  ['a target with a broken escape', line(path('/jwks.json%zz')), 400],
  ['the target *', line('*', HOST, 'OPTIONS'), 400],
  ['two hosts, ours first', line(path('/jwks.json'), `${HOST}Host: evil.example\r\n`), 400],
  ['two hosts, ours last', line(path('/jwks.json'), `Host: evil.example\r\n${HOST}`), 400],
  ['our host twice', line(path('/jwks.json'), `${HOST}${HOST}`), 400],
  ['no host', line(path('/jwks.json'), ''), 400],
  ['an empty host', line(path('/jwks.json'), 'Host:\r\n'), 421],
  ['an unknown host', line(path('/jwks.json'), 'Host: evil.example\r\n'), 421],
  ['a host with somebody’s name', line(path('/jwks.json'), 'Host: evil@meet.example.org\r\n'), 421],
  ['a host with another port', line(path('/jwks.json'), 'Host: meet.example.org:8443\r\n'), 421],
  ['a host with a dot behind', line(path('/jwks.json'), 'Host: meet.example.org.\r\n'), 421],
  ['a host in brackets', line(path('/jwks.json'), 'Host: [meet.example.org]\r\n'), 421],
  ['a host that is a list', line(path('/jwks.json'), 'Host: meet.example.org, evil.example\r\n'), 421],
  ['a host in a folded line', line(path('/jwks.json'), 'Host: evil.example\r\n meet.example.org\r\n'), 400],
] as const)
  test(`a request with ${what} is answered ${status} and never acted on [PROXY-14]`, async () => {
    const said = await stage.raw(bytes);
    assert.deepEqual([statusesIn(said), /"keys"/.test(said)], [[status], false]);
  });

test('our host in capitals, or with the port that https has, is our host [PROXY-14]', async () => {
  for (const host of ['MEET.example.org', 'meet.example.org:443'])
    assert.deepEqual(statusesIn(await stage.raw(line(path('/jwks.json'), `Host: ${host}\r\n`))), [200]);
});

test('nobody is connected through us to anywhere [PROXY-14]', async () => {
  for (const to of ['evil.example:443', '127.0.0.1:22', 'meet.example.org:443'])
    assert.doesNotMatch(await stage.raw(`CONNECT ${to} HTTP/1.1\r\n${HOST}\r\n`), /HTTP\/1\.1 2/);
});

test('no upgrade makes a tunnel out of a route of ours [PROXY-14]', async () => {
  for (const to of ['websocket', 'h2c', 'TLS/1.0', 'x'])
    for (const target of ['/join?room=x', '/jwks.json', '/session']) {
      const wants = `${HOST}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: ${to}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
      const said = await stage.raw(`GET ${path(target)} HTTP/1.1\r\n${wants}\r\n`);
      const statuses = statusesIn(said);
      assert.ok(statuses.length === 1 && !statuses.includes(101), `${to} ${statuses}`);
    }
});

for (const method of [
  'TRACE',
  'TRACK',
  'PUT',
  'DELETE',
  'PATCH',
  'PROPFIND',
  'DEBUG',
  'get',
  'Post',
  'GETT',
  'X',
])
  test(`the method ${method} is refused, whatever a header says it should be [PROXY-26]`, async () => {
    const host = `${HOST}X-HTTP-Method-Override: GET\r\nX-Canary: echo\r\n`;
    const said = await stage.raw(line(path('/jwks.json'), host, method));
    const [status, ...more] = statusesIn(said);
    assert.ok((status === 405 || status === 400) && more.length === 0, said.slice(0, 60));
    assert.doesNotMatch(said, /"keys"|echo/);
  });

test('a route takes its own method and no other [PROXY-26]', async () => {
  const own = { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' };
  for (const [method, below] of [
    ['POST', '/join'],
    ['POST', '/session'],
    ['POST', '/jwks.json'],
    ['OPTIONS', '/sign-in'],
    ['GET', '/backchannel-logout/sso'],
  ])
    assert.equal(
      (await stage.ask(path(below ?? ''), { method: method ?? '', headers: own })).status,
      405,
      below,
    );
});

test('half-sent headers are dropped within a minute, on both listeners [PROXY-20]', async () => {
  const servers = new Set<Server>();
  const note = (message: unknown) => servers.add((message as { server: Server }).server);
  subscribe('http.server.request.start', note);
  await stage.ask(path('/jwks.json'));
  await stage.ask(path('/jwks.json'), { on: 'inner' });
  unsubscribe('http.server.request.start', note);
  assert.equal(servers.size, 2);
  for (const server of servers) {
    const { connectionsCheckingInterval } = server as unknown as { connectionsCheckingInterval: number };
    assert.ok(server.headersTimeout > 0 && server.headersTimeout + connectionsCheckingInterval <= 60_000);
  }
});

test('a form that comes byte by byte is dropped within a minute [PROXY-20]', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { connect } = await import('node:net');
  const begun = new Promise((done) => {
    const note = (message: unknown) => {
      unsubscribe('http.server.request.start', note);
      done(message);
    };
    subscribe('http.server.request.start', note);
  });
  const socket = connect(stage.ports.public, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  socket.write(post('Content-Length: 600\r\n', 'code=x'));
  await begun;
  for (let second = 0; second < 60 && !socket.destroyed; second += 1) {
    socket.write('x');
    t.mock.timers.tick(1000);
    await new Promise((done) => setImmediate(done));
  }
  await closed;
});

test('a thousand connections that say half a word keep nobody out [PROXY-20]', async () => {
  const { connect } = await import('node:net');
  const half = await Promise.all(
    Array.from(
      { length: 1000 },
      () =>
        new Promise<ReturnType<typeof connect>>((done) => {
          const socket = connect(stage.ports.public, '127.0.0.1', () => {
            socket.write('GET / HTTP/1.1\r\nHo');
            done(socket);
          });
          socket.on('error', () => {});
        }),
    ),
  );
  try {
    assert.equal((await stage.visitor().signIn()).status, 302);
  } finally {
    for (const socket of half) socket.destroy();
  }
});

for (const [name, value] of [
  ['x-forwarded-for', '203.0.113.9'],
  ['forwarded', 'for=203.0.113.9;host=evil.example;proto=https'],
  ['x-real-ip', '203.0.113.9'],
] as const)
  test(`from nobody we trust, ${name} names no address, in session and audit alike [PROXY-07]`, async () => {
    const visitor = stage.visitor({ [name]: value });
    await visitor.signIn();
    const session = await stage.parts.sessions.read(visitor.session() ?? '');
    assert.equal(session?.address, '127.0.0.1');
    assert.ok(!stage.lines.join('').includes('203.0.113.9'));
  });

test('headers in which others carry who somebody is sign nobody in, from whatever address [PROXY-07]', async () => {
  const alone = await startStage({ config: { trustedProxies: ['127.0.0.1'] } });
  try {
    const names = [
      'remote-user',
      'x-remote-user',
      'x-forwarded-user',
      'x-forwarded-email',
      'x-auth-request-user',
      'x-gate-user',
      'x_gate_user',
      'oidc_claim_sub',
      'mail',
      'authorization',
    ];
    const headers = Object.fromEntries(
      names.map((name) => [name, name === 'authorization' ? 'Basic YWRhOmFkYQ==' : 'ada@example.org']),
    );
    const answer = await alone.ask(path('/join?room=standup'), { headers });
    assert.match(answer.headers.get('location') ?? '', /\/sign-in\?/);
  } finally {
    await alone.close();
  }
});
