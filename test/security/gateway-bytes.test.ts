/** What the gate judged and what Jitsi gets: the same bytes, or none. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type GatewayStage, requestBytes, startGatewayStage } from '../support/gateway-stage.ts';
import { ORIGIN } from '../support/server-stage.ts';

let on: GatewayStage;
let cookie = '';

before(async () => {
  on = await startGatewayStage();
  cookie = `Cookie: ${on.ada.cookieHeader()}`;
  // The gate reads the settings for itself once, and keeps them.
  await on.ada.get('/warm-up');
});
after(() => on.close());

const HOST = 'Host: meet.example.org\r\n';
const SMUGGLED = `GET /libs/smuggled.js HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
const statusesIn = (said: string) =>
  [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** Sends bytes: what was said, and what Jitsi was asked. */
async function send(bytes: string) {
  on.upstream.requests.length = 0;
  const said = await on.stage.raw(bytes);
  return { said, asked: [...on.upstream.requests] };
}

/** Pieces of targets that somebody wrote who knows how servers differ, between those everybody writes. */
const PIECES = [
  ...['/', '/', '/', 'libs', 'images', 'static', 'css', 'app.js', 'logo.png', 'standup', 'tenant', 'Ünïcode'],
  ...[
    '..',
    '.',
    '//',
    '\\',
    '%2f',
    '%2F',
    '%2e',
    '%2E%2e',
    '%5c',
    '%00',
    '%25',
    '%252e',
    '%',
    '%zz',
    '%C3%A9',
  ],
  ...[
    ';',
    ';x=1',
    '?',
    '&',
    '=',
    'a=1',
    'x=%2F',
    '#',
    '@',
    ':',
    '*',
    '~',
    '+',
    ' ',
    '\t',
    '"',
    '<',
    '|',
    '^',
  ],
  ...['config.js', 'http-bind', 'xmpp-websocket', '_ostiary', '_api', 'room-info', 'conference-request/v1'],
  ...[
    'http://evil.example',
    'https://meet.example.org',
    'meet.example.org:443',
    '\u0001',
    '\u007f',
    '\u00e9',
  ],
];
const target = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }).map((pieces) => `/${pieces.join('')}`),
  fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 })
    .map((pieces) => `/libs/${pieces.join('')}`),
  fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('')),
  fc.webPath().map((path) => `/images${path}`),
  fc.tuple(fc.webPath(), fc.webQueryParameters()).map(([path, query]) => `/static${path}?${query}`),
);
const method = fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');

test('of any target either nothing reaches Jitsi, or what reaches it is that target byte for byte, once', async () => {
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(method, target, async (verb, path) => {
      fc.pre(!/jwt|token/i.test(path));
      const bytes = requestBytes(`${verb} ${path}`, [cookie, `Origin: ${ORIGIN}`, 'Content-Length: 0']);
      const { said, asked } = await send(bytes);
      const statuses = statusesIn(said);
      assert.equal(statuses.length, 1, said.slice(0, 200));
      assert.ok(asked.length <= 1, asked.map(({ line }) => line).join());
      for (const { line } of asked) {
        passed += 1;
        // Blanks around it are none of it, and a query of nothing is none.
        const first = path.replace(/^ +| +$/g, '').replace(/^([^?]*)\?$/, '$1');
        // The conference page is asked for whole.
        const verbs = verb === 'HEAD' ? ['HEAD', 'GET'] : [verb];
        assert.ok(verbs.map((one) => `${one} ${first} HTTP/1.1`).includes(line), `${verb} ${path}: ${line}`);
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(passed > 100, `${passed} passed`);
});

const body = fc.uint8Array({ maxLength: 4000 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** The body in pieces of such lengths. */
function chunked(text: string, lengths: readonly number[]): string {
  let rest = text;
  let out = '';
  for (const length of lengths) {
    const piece = rest.slice(0, length);
    rest = rest.slice(length);
    if (piece !== '') out += `${piece.length.toString(16)}\r\n${piece}\r\n`;
  }
  if (rest !== '') out += `${rest.length.toString(16)}\r\n${rest}\r\n`;
  return `${out}0\r\n\r\n`;
}

test('a body reaches Jitsi byte for byte, whether its length was said or it came in pieces, and nothing behind it does', async () => {
  await fc.assert(
    fc.asyncProperty(
      body,
      fc.option(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 6 })),
      async (text, lengths) => {
        const framing = lengths === null ? `Content-Length: ${text.length}` : 'Transfer-Encoding: chunked';
        const sent = lengths === null ? text : chunked(text, lengths);
        const { said, asked } = await send(
          requestBytes('POST /_api/public/x', [cookie, framing], { body: sent }),
        );
        assert.deepEqual(statusesIn(said), [200]);
        assert.deepEqual(
          asked.map((one) => [one.line, one.body === text]),
          [['POST /_api/public/x HTTP/1.1', true]],
        );
      },
    ),
    { numRuns: 150 },
  );
});

test('an honest second request on one connection reaches Jitsi, so that silence means something [PROXY-01]', async () => {
  const first = requestBytes('GET /libs/a.js', [cookie], { close: false });
  const second = requestBytes('GET /libs/b.js', [cookie]);
  const { said, asked } = await send(first + second);
  assert.deepEqual(statusesIn(said), [200, 200]);
  assert.deepEqual(
    asked.map(({ line }) => line),
    ['GET /libs/a.js HTTP/1.1', 'GET /libs/b.js HTTP/1.1'],
  );
});

for (const framing of [
  'Content-Length: 0\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 0',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity, chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: gzip, chunked\r\nContent-Length: 3',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: \u000bchunked',
  'Transfer-Encoding: xchunked',
  'Content-Length: 5\r\nContent-Length: 0',
  'Content-Length: 5\r\nContent-Length: 5',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 0x5',
] as const)
  test(`a body of ${JSON.stringify(framing)} through the gate carries no second request to Jitsi, and the connection is closed [PROXY-01]`, async () => {
    const { said, asked } = await send(
      `POST /_api/public/x HTTP/1.1\r\n${HOST}${cookie}\r\n${framing}\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    );
    assert.deepEqual(statusesIn(said), [400]);
    assert.ok(
      asked.every(({ line, headers }) => line.startsWith('POST ') && !headers.includes('Content_Length')),
    );
    assert.ok(!asked.some(({ line, body: got }) => line.includes('smuggled') || got.includes('smuggled')));
  });

for (const [version, framing] of [
  ['1.1', 'Transfer-Encoding: gzip, chunked'],
  ['1.1', 'Transfer-Encoding: identity, chunked'],
  ['1.1', 'Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked'],
  ['1.1', 'Transfer-Encoding: x, chunked'],
  ['1.0', 'Transfer-Encoding: chunked'],
] as const)
  test(`a body of ${JSON.stringify(framing)} in HTTP/${version} is more than chunks, or less, and reaches nobody [PROXY-01]`, async () => {
    const { said, asked } = await send(
      `POST /_api/public/x HTTP/${version}\r\n${HOST}${cookie}\r\n${framing}\r\n\r\n2\r\nok\r\n0\r\n\r\n${SMUGGLED}`,
    );
    assert.deepEqual([statusesIn(said), asked], [[400], []]);
  });

test('a length that CGI would read is no length of the body that Jitsi gets [PROXY-01]', async () => {
  for (const spelt of ['Content_Length: 200', 'Content.Length: 200', 'Transfer_Encoding: chunked']) {
    const { said, asked } = await send(
      requestBytes('POST /_api/public/x', [cookie, 'Content-Length: 2', spelt], { body: 'ok' }),
    );
    assert.deepEqual(statusesIn(said), [200]);
    assert.deepEqual(
      asked.map(({ head, body: got }) => [got, head.includes(spelt)]),
      [['ok', false]],
    );
  }
});

test('nothing of what stands behind a request for an upgrade that is refused is read as another request [PROXY-01]', async () => {
  const { said, asked } = await send(
    `${requestBytes('GET /xmpp-websocket?room=x', ['Upgrade: websocket', 'Connection: Upgrade'], { close: false })}${SMUGGLED}`,
  );
  assert.equal(statusesIn(said).length, 1);
  assert.deepEqual(asked, []);
});

for (const [what, bytes, status] of [
  ['a whole address of ours', requestBytes(`GET ${ORIGIN}/libs/a.js`, []), 400],
  ['a whole address of another', requestBytes('GET http://evil.example/libs/a.js', []), 400],
  ['two slashes', requestBytes('GET //libs/a.js', []), 400],
  ['*', requestBytes('OPTIONS *', []), 400],
  ['a fragment', requestBytes('GET /libs/a.js#x', []), 400],
  ['another host', requestBytes('GET /libs/a.js', [], { host: 'evil.example' }), 421],
  ['an empty host', requestBytes('GET /libs/a.js', [], { host: '' }), 421],
  ['a host with a dot behind', requestBytes('GET /libs/a.js', [], { host: 'meet.example.org.' }), 421],
  ['a host with another port', requestBytes('GET /libs/a.js', [], { host: 'meet.example.org:8443' }), 421],
  ['two hosts', requestBytes('GET /libs/a.js', ['Host: evil.example']), 400],
  ['another protocol', `GET /libs/a.js HTTP/2.0\r\n${HOST}\r\n`, 400],
  ['CONNECT', `CONNECT meet.example.org:443 HTTP/1.1\r\n${HOST}\r\n`, undefined],
] as const)
  test(`a request with ${what} never reaches Jitsi, whoever sends it [PROXY-14]`, async () => {
    const { said, asked } = await send(bytes.replace(HOST, `${HOST}${cookie}\r\n`));
    if (status !== undefined) assert.deepEqual(statusesIn(said), [status]);
    assert.doesNotMatch(said, /HTTP\/1\.1 2/);
    assert.deepEqual(asked, []);
  });

for (const verb of ['TRACE', 'TRACK', 'PROPFIND', 'MKCOL', 'DEBUG', 'PURGE', 'get', 'Post', 'X'])
  test(`the method ${verb} reaches nothing of Jitsi's, signed in or not [PROXY-26]`, async () => {
    for (const path of [
      '/libs/a.js',
      '/',
      '/standup',
      '/http-bind?room=standup',
      '/conference-request/v1?room=standup',
    ]) {
      const { said, asked } = await send(requestBytes(`${verb} ${path}`, [cookie, 'X-Canary: echo']));
      assert.match(said, /^HTTP\/1\.1 (?:405|400) /, path);
      assert.doesNotMatch(said, /echo/);
      assert.deepEqual(asked, []);
    }
  });

test('no header makes another method of the one that was judged [PROXY-26]', async () => {
  for (const name of [
    'X-HTTP-Method-Override',
    'X-HTTP-Method',
    'X-Method-Override',
    'x_http_method_override',
  ]) {
    const { asked } = await send(requestBytes('GET /libs/a.js', [cookie, `${name}: DELETE`]));
    assert.deepEqual(
      asked.map(({ line, head }) => [line, head.includes('DELETE')]),
      [['GET /libs/a.js HTTP/1.1', false]],
    );
  }
});

for (const agent of ['GoogleHC/1.0', 'kube-probe/1.31', 'jibri', 'Jigasi', 'ELB-HealthChecker/2.0'])
  test(`whoever calls themselves ${agent} reaches Jitsi no sooner than anybody [PROXY-13]`, async () => {
    const headers = [`User-Agent: ${agent}`, 'X-Health: 1', 'X-Healthcheck: true', 'X-Jibri: 1'];
    for (const line of [
      'GET /standup',
      'GET /libs/a.js',
      'GET /about/health',
      'GET /xmpp-websocket?room=standup',
    ]) {
      const { said, asked } = await send(requestBytes(line, headers));
      assert.match(said, /^HTTP\/1\.1 (?:401|404) /, line);
      assert.deepEqual(asked, []);
    }
  });
