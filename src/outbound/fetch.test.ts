/**
 * The one way out, against real servers that behave and misbehave.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { makeAuthority } from '../../test/support/http-authority.ts';
import { freePort, serve, serveProxy, serveSilence } from '../../test/support/http-server.ts';
import { directoryFor } from '../../test/support/store-directory.ts';
import { fixedClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Labels } from '../base/metrics.ts';
import { isProblem, type Problem, type ProblemCode, type ProblemFacts } from '../base/problem.ts';
import { createOutbound, type OutboundParts } from './fetch.ts';

const FOR_TEST = { purpose: 'test' };

/** An outbound that may ask these origins, and what it counted. */
function outbound(origins: readonly string[] | 'any-https', more: Partial<OutboundParts> = {}) {
  const counted: Labels[] = [];
  const metrics = { count: () => {}, observe: (_name: string, labels: Labels) => counted.push(labels) };
  const parts = {
    allowedOrigins: () => origins,
    insecureHttp: false,
    metrics,
    log: silentLog,
    clock: fixedClock(),
    ...more,
  };
  return { ask: createOutbound(parts), counted };
}

/** A plain server on this machine and an outbound that may ask it. */
async function asking(t: TestContext, listener: RequestListener, more: Partial<OutboundParts> = {}) {
  const origin = `http://127.0.0.1:${await serve(t, listener)}`;
  return { origin, ...outbound([origin], more) };
}

/** Does a promise fail with this problem and at least these facts? */
async function failsWith(
  promise: Promise<unknown>,
  code: ProblemCode,
  facts: ProblemFacts = {},
): Promise<Problem> {
  const thrown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(isProblem(thrown, code), `${thrown}`);
  assert.deepEqual({ ...thrown.facts, ...facts }, thrown.facts);
  return thrown;
}

/** Names that lead where the test says. */
function leading(to: Readonly<Record<string, readonly string[]>>): NonNullable<OutboundParts['resolve']> {
  return async (hostname) =>
    (to[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

test('an answer comes with its status, its headers and its body', async (t) => {
  const { origin, ask, counted } = await asking(t, (_request, response) => {
    response
      .writeHead(404, {
        'content-type': 'application/json',
        'cache-control': 'max-age=60',
        'set-cookie': 'a=b',
      })
      .end('{"error":"none"}');
  });
  const response = await ask(`${origin}/missing`, FOR_TEST);
  assert.ok(response instanceof Response);
  assert.deepEqual(
    [response.status, response.headers.get('cache-control'), response.headers.get('set-cookie')],
    [404, 'max-age=60', null],
  );
  assert.deepEqual(await response.json(), { error: 'none' });
  assert.deepEqual(counted, [{ purpose: 'test', outcome: 'answered' }]);
});

test('method, headers and body arrive as they were given', async (t) => {
  const { origin, ask } = await asking(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { authorization, 'content-type': type, 'user-agent': agent } = request.headers;
    response.end(
      JSON.stringify({ method: request.method, url: request.url, authorization, type, agent, body }),
    );
  });
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    Authorization: 'Bearer x',
    'User-Agent': 'named',
  };
  const response = await ask(`${origin}/token?a=b%20c`, {
    ...FOR_TEST,
    method: 'POST',
    headers,
    body: 'grant_type=x',
  });
  assert.deepEqual(await response.json(), {
    method: 'POST',
    url: '/token?a=b%20c',
    authorization: 'Bearer x',
    type: 'application/x-www-form-urlencoded',
    agent: 'named',
    body: 'grant_type=x',
  });
});

test('an answer without a body is an answer', async (t) => {
  const { origin, ask } = await asking(t, (_request, response) => response.writeHead(204).end());
  const response = await ask(origin, FOR_TEST);
  assert.deepEqual([response.status, await response.text()], [204, '']);
});

for (const [encoding, pack] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)
  test(`an answer packed as ${encoding} is unpacked`, async (t) => {
    const { origin, ask } = await asking(t, (_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(pack('plain')),
    );
    const response = await ask(origin, FOR_TEST);
    assert.deepEqual([await response.text(), response.headers.get('content-encoding')], ['plain', null]);
  });

test('a redirect is an answer and is not followed, least of all to the metadata of a cloud', async (t) => {
  let asked = 0;
  const { origin, ask } = await asking(t, (_request, response) => {
    asked += 1;
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  });
  const response = await ask(origin, FOR_TEST);
  assert.deepEqual(
    [response.status, response.headers.get('location'), asked],
    [302, 'http://169.254.169.254/latest/meta-data/', 1],
  );
});

test('only listed origins are asked: not another port, host or scheme, nor a file', async (t) => {
  const { origin, ask, counted } = await asking(t, () => assert.fail('was asked'));
  const port = Number(new URL(origin).port);
  for (const [url, why] of [
    [`http://127.0.0.1:${port === 65_535 ? port - 1 : port + 1}/`, 'origin'],
    [`http://localhost:${port}/`, 'origin'],
    [`https://127.0.0.1:${port}/`, 'origin'],
    [`http://user@127.0.0.1:${port}/`, 'userinfo'],
    [`http://:password@127.0.0.1:${port}/`, 'userinfo'],
    ['file:///etc/passwd', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['ftp://127.0.0.1/', 'scheme'],
    ['/relative', 'url'],
    ['', 'url'],
  ] as const)
    await failsWith(ask(url, FOR_TEST), 'outbound.forbidden', { purpose: 'test', why });
  assert.deepEqual(new Set(counted.map(({ outcome }) => outcome)), new Set(['forbidden']));
});

test('the list is looked up at every request', async (t) => {
  const origins: string[] = [];
  const origin = `http://127.0.0.1:${await serve(t, (_request, response) => response.end())}`;
  const { ask } = outbound(origins);
  await failsWith(ask(origin, FOR_TEST), 'outbound.forbidden');
  origins.push(`${origin}/some/issuer`);
  assert.equal((await ask(origin, FOR_TEST)).status, 200);
});

test('where any https origin may be asked, http may not, unless a door was opened on purpose', async (t) => {
  const origin = `http://127.0.0.1:${await serve(t, (_request, response) => response.end())}`;
  await failsWith(outbound('any-https').ask(origin, FOR_TEST), 'outbound.forbidden', { why: 'scheme' });
  assert.equal((await outbound('any-https', { insecureHttp: true }).ask(origin, FOR_TEST)).status, 200);
});

test('metadata addresses are forbidden however they are written, even in a list', async () => {
  const written = [
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '[::ffff:a9fe:a9fe]',
    '[fe80::1]',
    '[fd00:ec2::254]',
  ];
  const { ask } = outbound(written.map((host) => `http://${host}`));
  for (const host of written)
    await failsWith(ask(`http://${host}/latest/meta-data/`, FOR_TEST), 'outbound.forbidden', {
      why: 'address',
    });
});

test('a name that leads to a metadata address is forbidden', async () => {
  const { ask } = outbound(['https://idp.example.org'], {
    resolve: leading({ 'idp.example.org': ['169.254.169.254', 'fd00:ec2::254'] }),
  });
  await failsWith(ask('https://idp.example.org/', FOR_TEST), 'outbound.forbidden', {
    why: 'address',
    origin: 'https://idp.example.org',
  });
});

test('of the addresses of a name the forbidden ones are left out', async (t) => {
  const port = await serve(t, (_request, response) => response.end('asked'));
  const origin = `http://idp.example.org:${port}`;
  const { ask } = outbound([origin], {
    resolve: leading({ 'idp.example.org': ['169.254.169.254', '127.0.0.1'] }),
  });
  assert.equal(await (await ask(origin, FOR_TEST)).text(), 'asked');
});

test('a name is resolved once, and what was judged is what is connected to', async (t) => {
  const port = await serve(t, (_request, response) => response.end('asked'));
  const origin = `http://idp.example.org:${port}`;
  const answers = [['127.0.0.1'], ['169.254.169.254']];
  const { ask } = outbound([origin], {
    resolve: async () => (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
  });
  assert.equal(await (await ask(origin, FOR_TEST)).text(), 'asked');
  assert.equal(answers.length, 1);
});

test('this machine is not asked where private networks are closed, neither by address nor by name', async (t) => {
  const port = await serve(t, () => assert.fail('was asked'));
  const more = {
    allowPrivate: false,
    insecureHttp: true,
    resolve: leading({ 'idp.example.org': ['127.0.0.1'] }),
  };
  for (const host of ['127.0.0.1', 'idp.example.org'])
    await failsWith(
      outbound('any-https', more).ask(`http://${host}:${port}/`, FOR_TEST),
      'outbound.forbidden',
      { why: 'address' },
    );
});

test('a name that nobody knows is told by its code', async () => {
  const resolve = () =>
    Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND idp.example.org'), { code: 'ENOTFOUND' }));
  const { ask } = outbound(['https://idp.example.org'], { resolve });
  await failsWith(ask('https://idp.example.org/', FOR_TEST), 'outbound.failed', { reason: 'ENOTFOUND' });
});

test('a port where nobody listens is told by its code, and counted', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const { ask, counted } = outbound([origin]);
  await failsWith(ask(origin, FOR_TEST), 'outbound.failed', {
    purpose: 'test',
    origin,
    reason: 'ECONNREFUSED',
  });
  assert.deepEqual(counted, [{ purpose: 'test', outcome: 'failed' }]);
});

test('a server that hangs up is told by its code', async (t) => {
  const { origin, ask } = await asking(t, (request) => request.socket.destroy());
  await failsWith(ask(origin, FOR_TEST), 'outbound.failed', { reason: 'UND_ERR_SOCKET' });
});

test('a port that browsers block for what else speaks there is named as such', async () => {
  const { ask } = outbound(['http://127.0.0.1:6667']);
  await failsWith(ask('http://127.0.0.1:6667/', FOR_TEST), 'outbound.failed', { reason: 'port' });
});

test('a failure tells the origin and never the path or the query', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const { ask } = outbound([origin]);
  const { facts, message } = await failsWith(
    ask(`${origin}/callback?code=SplxlOBeZQQY`, FOR_TEST),
    'outbound.failed',
  );
  assert.doesNotMatch(JSON.stringify({ facts, message }), /callback|SplxlOBeZQQY/);
});

test('a server that accepts and says nothing is given up', async (t) => {
  const origin = `http://127.0.0.1:${await serveSilence(t)}`;
  const { ask, counted } = outbound([origin], { timeoutMs: 100 });
  await failsWith(ask(origin, FOR_TEST), 'outbound.failed', { reason: 'timeout', milliseconds: 100 });
  assert.deepEqual(counted, [{ purpose: 'test', outcome: 'timeout' }]);
});

test('a body that comes byte by byte is given up as a whole, not byte by byte', async (t) => {
  let gone: (() => void) | undefined;
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const { origin, ask } = await asking(t, (_request, response) => {
    response.writeHead(200).write('x');
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => {
      clearInterval(drip);
      gone?.();
    });
  });
  await failsWith(ask(origin, { ...FOR_TEST, timeout: 150 }), 'outbound.failed', { reason: 'timeout' });
  await closed;
});

test('a name whose resolution takes for ever is given up', async () => {
  const { ask } = outbound(['https://idp.example.org'], {
    resolve: () => new Promise(() => {}),
    timeoutMs: 100,
  });
  await failsWith(ask('https://idp.example.org/', FOR_TEST), 'outbound.failed', { reason: 'timeout' });
});

test('a body without end is cut off at the limit, and the connection with it', async (t) => {
  let gone: (() => void) | undefined;
  const closed = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const { origin, ask, counted } = await asking(t, (_request, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(65_536, 'x');
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pour).on('close', () => gone?.());
    pour();
  });
  await failsWith(ask(origin, FOR_TEST), 'outbound.too-large', { purpose: 'test', limit: 1_048_576 });
  await closed;
  assert.deepEqual(counted, [{ purpose: 'test', outcome: 'too-large' }]);
});

test('a body that says it has 50 MB is not read', async (t) => {
  const { origin, ask } = await asking(t, (_request, response) =>
    response.writeHead(200, { 'content-length': 50_000_000 }).end(Buffer.alloc(50_000_000)),
  );
  await failsWith(ask(origin, FOR_TEST), 'outbound.too-large');
});

test('a body of exactly the limit is read, and one byte more is not', async (t) => {
  const { origin, ask } = await asking(
    t,
    (request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)))),
    { maxBytes: 1000 },
  );
  assert.equal((await (await ask(`${origin}/1000`, FOR_TEST)).arrayBuffer()).byteLength, 1000);
  await failsWith(ask(`${origin}/1001`, FOR_TEST), 'outbound.too-large');
});

test('a little that inflates to much is counted as it inflates', async (t) => {
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  assert.ok(bomb.length < 1_048_576);
  const { origin, ask } = await asking(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  );
  await failsWith(ask(origin, FOR_TEST), 'outbound.too-large');
});

test('a body that is not packed as it says fails', async (t) => {
  const { origin, ask } = await asking(t, (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
  );
  await failsWith(ask(origin, FOR_TEST), 'outbound.failed', { reason: 'Z_DATA_ERROR' });
});

test('headers that are too large fail', async (t) => {
  const { origin, ask } = await asking(t, (_request, response) =>
    response.writeHead(200, { 'x-large': 'x'.repeat(100_000) }).end(),
  );
  await failsWith(ask(origin, FOR_TEST), 'outbound.failed', { reason: 'UND_ERR_HEADERS_OVERFLOW' });
});

test('the difference of the clocks is heard, ours ahead counting upwards', async (t) => {
  const heard: [string, number][] = [];
  const clock = fixedClock('2026-03-02T09:01:30Z');
  const { origin, ask } = await asking(
    t,
    (request, response) => {
      const headers: Record<string, string> =
        {
          '/date': { date: 'Mon, 02 Mar 2026 09:00:00 GMT' },
          '/cached': { date: 'Mon, 02 Mar 2026 08:00:00 GMT', age: '3600' },
          '/junk': { date: 'today' },
        }[request.url ?? ''] ?? {};
      response.sendDate = false;
      response.writeHead(200, headers).end();
    },
    { clock, onDate: (from, skew) => heard.push([from, skew]) },
  );
  for (const path of ['/date', '/cached', '/junk', '/none']) await ask(`${origin}${path}`, FOR_TEST);
  assert.deepEqual(heard, [[origin, 90]]);
});

test('a certificate of the private authority is believed once its file is named', async (t) => {
  const authority = makeAuthority(directoryFor(t));
  const port = await serve(
    t,
    (_request, response) => response.end('secure'),
    authority.issue(['idp.example.org']),
  );
  const origin = `https://idp.example.org:${port}`;
  const resolve = leading({ 'idp.example.org': ['127.0.0.1'] });
  await failsWith(outbound([origin], { resolve }).ask(origin, FOR_TEST), 'outbound.failed', {
    reason: 'tls',
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
  const { ask } = outbound([origin], { resolve, caFile: authority.caFile });
  assert.equal(await (await ask(origin, FOR_TEST)).text(), 'secure');
});

test('a certificate for another name, or one that has expired, is refused', async (t) => {
  const authority = makeAuthority(directoryFor(t));
  const resolve = leading({ 'idp.example.org': ['127.0.0.1'] });
  for (const [certificate, code] of [
    [authority.issue(['other.example.org', '127.0.0.1']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [authority.issue(['idp.example.org'], -1), 'CERT_HAS_EXPIRED'],
  ] as const) {
    const origin = `https://idp.example.org:${await serve(t, () => assert.fail('was asked'), certificate)}`;
    await failsWith(
      outbound([origin], { resolve, caFile: authority.caFile }).ask(origin, FOR_TEST),
      'outbound.failed',
      { reason: 'tls', code },
    );
  }
});

test('a server without TLS behind an https address fails as TLS', async (t) => {
  const origin = `https://127.0.0.1:${await serve(t, (_request, response) => response.end())}`;
  await failsWith(outbound([origin]).ask(origin, FOR_TEST), 'outbound.failed', { reason: 'tls' });
});

test('a file of authorities that is missing, empty or broken is refused at once', (t) => {
  const directory = directoryFor(t);
  const broken = makeAuthority(directory).caFile;
  writeFileSync(join(directory, 'empty.pem'), '');
  writeFileSync(broken, '-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n');
  for (const caFile of [join(directory, 'missing.pem'), join(directory, 'empty.pem'), broken])
    assert.throws(
      () => outbound('any-https', { caFile }),
      (thrown) => isProblem(thrown, 'config.unusable') && thrown.facts.setting === 'outbound.caFile',
    );
});

test('through a proxy TLS ends at the server, whose certificate is verified as ever', async (t) => {
  const authority = makeAuthority(directoryFor(t));
  const port = await serve(
    t,
    (_request, response) => response.end('secure'),
    authority.issue(['idp.example.org']),
  );
  const proxy = await serveProxy(t);
  const address = `http://ada:lovelace@127.0.0.1:${proxy.port}`;
  const [right, wrong] = [`https://idp.example.org:${port}`, `https://other.example.org:${port}`];
  const { ask } = outbound([right, wrong], { proxy: address, caFile: authority.caFile });
  assert.equal(await (await ask(right, FOR_TEST)).text(), 'secure');
  await failsWith(ask(wrong, FOR_TEST), 'outbound.failed', {
    reason: 'tls',
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    proxied: true,
  });
  await failsWith(outbound([right], { proxy: address }).ask(right, FOR_TEST), 'outbound.failed', {
    reason: 'tls',
  });
  const credentials = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;
  assert.deepEqual(
    new Set(proxy.asked),
    new Set([
      `CONNECT idp.example.org:${port} ${credentials}`,
      `CONNECT other.example.org:${port} ${credentials}`,
    ]),
  );
});

test('through a proxy the list and the metadata addresses hold too', async (t) => {
  const proxy = await serveProxy(t);
  const { ask } = outbound(['https://idp.example.org', 'http://169.254.169.254'], {
    proxy: `http://127.0.0.1:${proxy.port}`,
  });
  await failsWith(ask('https://other.example.org/', FOR_TEST), 'outbound.forbidden', { why: 'origin' });
  await failsWith(ask('http://169.254.169.254/', FOR_TEST), 'outbound.forbidden', { why: 'address' });
  assert.deepEqual(proxy.asked, []);
});

test('a plain address goes through the proxy too', async (t) => {
  const proxy = await serveProxy(t);
  const { ask } = outbound(['http://idp.example.org'], { proxy: `http://127.0.0.1:${proxy.port}` });
  assert.equal(await (await ask('http://idp.example.org/a', FOR_TEST)).text(), 'by the proxy');
  assert.deepEqual(proxy.asked, ['GET http://idp.example.org/a']);
});

test('a proxy that refuses, is away or says nothing is told as such, without its password', async (t) => {
  const refusing = await serveProxy(t, 403);
  const closing = await serve(t, () => {});
  const [silent, away] = [await serveSilence(t), await freePort()];
  for (const [port, reason] of [
    [refusing.port, 'proxy'],
    [closing, 'proxy'],
    [silent, 'timeout'],
    [away, 'ECONNREFUSED'],
  ] as const) {
    const { ask } = outbound(['https://idp.example.org'], {
      proxy: `http://ada:lovelace@127.0.0.1:${port}`,
      timeoutMs: 500,
    });
    const { facts } = await failsWith(ask('https://idp.example.org/', FOR_TEST), 'outbound.failed', {
      reason,
      proxied: true,
    });
    assert.doesNotMatch(JSON.stringify(facts), /lovelace/);
  }
});

test('a proxy whose address is none is refused at once', () => {
  for (const proxy of ['proxy.example.org', 'socks5://127.0.0.1:1080', ''])
    assert.throws(
      () => outbound('any-https', { proxy }),
      (thrown) => isProblem(thrown, 'config.unusable') && thrown.facts.setting === 'outbound.proxy',
    );
});

test('a proxy named in the environment is not asked', async (t) => {
  const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'ALL_PROXY'];
  const proxy = await serveProxy(t);
  for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.port}`;
  t.after(() => {
    for (const name of names) delete process.env[name];
  });
  const { origin, ask } = await asking(t, (_request, response) => response.end('direct'));
  assert.equal(await (await ask(origin, FOR_TEST)).text(), 'direct');
  assert.deepEqual(proxy.asked, []);
});

test('a wrong argument of ours is a bug, not a failure of the wire', async (t) => {
  const { origin, ask } = await asking(t, () => assert.fail('was asked'));
  await assert.rejects(ask(origin, { ...FOR_TEST, headers: { 'x-bad': 'a\nb' } }), TypeError);
});
