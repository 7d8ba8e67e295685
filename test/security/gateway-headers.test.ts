/** What the caller says of themselves, and what of it Jitsi hears: over real sockets, read byte for byte where it arrives. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { foldName } from '../../src/base/header-name.ts';
import { CLAIMED } from '../../src/gateway/header-names.ts';
import {
  type GatewayStage,
  requestBytes,
  startGatewayStage,
  XMPP_HANDSHAKE,
} from '../support/gateway-stage.ts';
import type { RawRequest } from '../support/raw-upstream.ts';
import { ORIGIN } from '../support/server-stage.ts';

const SECRET = 'a-secret-of-the-inner-proxy';
const CANARY = 'canary-of-the-caller';
let on: GatewayStage;
let cookie = '';

before(async () => {
  on = await startGatewayStage({
    config: {
      trustedProxies: ['127.0.0.1'],
      tokenServices: ['/files/'],
      machines: [
        { name: 'probe', header: { name: 'x-machine', value: { env: 'PROBE' } }, reaches: ['assets'] },
      ],
    },
    env: { PROBE: SECRET },
  });
  cookie = `Cookie: theme=dark; ${on.ada.cookieHeader()}`;
});
after(() => on.close());
beforeEach(() => {
  on.upstream.requests.length = 0;
});

/** The one request that reached Jitsi, beside the settings that the gate reads for itself. */
function arrived(): RawRequest {
  const [request, ...more] = on.upstream.requests.filter(({ line }) => !line.startsWith('GET /config.js '));
  assert.ok(request !== undefined && more.length === 0, on.upstream.requests.map(({ line }) => line).join());
  return request;
}

/** Every value of a header whose name folds to this one. */
function valuesOf({ headers }: RawRequest, folded: string): string[] {
  return headers.filter((_, at) => at % 2 === 1 && foldName(headers[at - 1] ?? '') === folded);
}

/** A connection that becomes a WebSocket: what was answered first. */
function upgrade(target: string, headers: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(on.stage.ports.public, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', failed);
    socket.once('data', (bytes) => {
      socket.destroy();
      done(bytes.toString('latin1'));
    });
    socket.write(requestBytes(`GET ${target}`, headers, { close: false }), 'latin1');
  });
}

type Door = readonly [name: string, bearer: boolean, send: (more: readonly string[]) => Promise<string>];

const raw = (line: string, headers: readonly string[], body = '') =>
  on.stage.raw(requestBytes(line, headers, { body }), 'public');

/** Every way by which something reaches Jitsi. */
const DOORS: readonly Door[] = [
  ['a file', false, (more) => raw('GET /libs/app.js', [cookie, ...more])],
  ['an open file', false, (more) => raw('GET /external_api.js', [cookie, ...more])],
  ['the conference page', false, (more) => raw('GET /standup', [cookie, 'Accept: text/html', ...more])],
  ['the start page', false, (more) => raw('GET /', [cookie, 'Accept: text/html', ...more])],
  [
    'a conference request',
    true,
    (more) =>
      raw(
        'POST /conference-request/v1?room=standup',
        [cookie, `Origin: ${ORIGIN}`, 'Content-Type: application/json', 'Content-Length: 2', ...more],
        '{}',
      ),
  ],
  ['a machine', false, (more) => raw('GET /libs/app.js', [`X-Machine: ${SECRET}`, ...more])],
  [
    'XMPP',
    true,
    (more) =>
      upgrade('/xmpp-websocket?room=standup', [cookie, ...XMPP_HANDSHAKE, 'Connection: Upgrade', ...more]),
  ],
  [
    'a socket of a bridge',
    false,
    (more) =>
      upgrade('/colibri-ws/default-id/1/a', [cookie, ...XMPP_HANDSHAKE, 'Connection: Upgrade', ...more]),
  ],
];

/** What Jitsi is told at every door, whatever the caller said. */
function assertOurs(request: RawRequest, bearer: boolean): void {
  assert.deepEqual(valuesOf(request, 'host'), ['meet.example.org']);
  assert.deepEqual(valuesOf(request, 'x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(valuesOf(request, 'x-real-ip'), ['127.0.0.1']);
  assert.deepEqual(valuesOf(request, 'x-forwarded-proto'), ['https']);
  assert.deepEqual(valuesOf(request, 'x-forwarded-host'), ['meet.example.org']);
  const tokens = valuesOf(request, 'authorization');
  assert.equal(tokens.length, bearer ? 1 : 0);
  if (bearer) assert.match(tokens[0] ?? '', /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  assert.doesNotMatch(request.head, /__Host-ostiary|a-secret-of/i);
}

for (const [name, bearer, send] of DOORS)
  test(`at ${name} Connection takes away nothing that we say, and what it does name goes no further [PROXY-04]`, async () => {
    const named =
      'Upgrade, X-Gate-User, Cookie, X-Forwarded-For, X-Real-IP, X-Forwarded-Proto, X-Forwarded-Host, Host, Authorization, X-Named, User-Agent';
    const said = await send([`Connection: ${named}`, 'X-Gate-User: x', 'X-Named: x', 'User-Agent: browser']);
    assert.match(said, /^HTTP\/1\.1 (?:101|200) /);
    const request = arrived();
    assertOurs(request, bearer);
    assert.deepEqual(valuesOf(request, 'user-agent'), ['browser']);
    assert.deepEqual(valuesOf(request, 'x-named'), []);
    if (send.toString().includes('cookie')) assert.deepEqual(valuesOf(request, 'cookie'), ['theme=dark']);
    const connection = valuesOf(request, 'connection');
    assert.equal(connection.length, 1);
    assert.match(connection[0] ?? '', /^(?:keep-alive|Upgrade)$/i);
  });

/** Names under which other gates hand on who somebody is, in the spellings that fold into one. */
const SPELT = [
  'X-Gate-User',
  'x-gate-user',
  'X_Gate_User',
  'X.Gate.User',
  'X-Gate_User',
  'X-GATE-USER',
  'x~gate~user',
  'Remote-User',
  'Remote_User',
  'REMOTE.USER',
  'X-Forwarded-User',
  'X_Forwarded_For',
  'X-Forwarded-For-Original',
  'x_real_ip',
  'X-Remote-User',
  'X-Auth-Request-Email',
  'X-Auth_Request-Groups',
  'OIDC_CLAIM_sub',
  'oidc-claim-sub',
  'Shib-Identity-Provider',
  'eppn',
  'mail',
  'displayName',
  'persistent_id',
  'SSL_CLIENT_S_DN',
  'X-SSL-Client-Verify',
  'Client-Cert',
  'Forwarded',
  'forwarded_for',
  'X-Original-URL',
  'X_Rewrite_URL',
  'X-HTTP-Method-Override',
  'X-Accel-Redirect',
  'X-Sendfile',
  'Proxy',
  'Proxy-Authorization',
  'Authorization',
  'AUTHORIZATION',
  'Via',
  'CF-Connecting-IP',
  'True-Client-IP',
  'Tailscale-User-Login',
  'X-Ostiary-Verdict',
  'X_Ostiary_User',
] as const;

for (const [name, bearer, send] of DOORS)
  test(`at ${name} no name in which others carry who somebody is reaches Jitsi, in any spelling, alone, twice or as a list [PROXY-05]`, async () => {
    const more = SPELT.flatMap((spelt) => [`${spelt}: ${CANARY}`, `${spelt}:${CANARY}, root`]);
    // Of trusted proxies the last word in X-Forwarded-For would count: 127.0.0.1 is one here.
    const said = await send([...more, `X-Forwarded-For: ${CANARY}, 127.0.0.1`]);
    assert.match(said, /^HTTP\/1\.1 (?:101|200) /);
    const request = arrived();
    assertOurs(request, bearer);
    assert.ok(!request.head.includes(CANARY), request.head);
  });

for (const [name, , send] of DOORS)
  test(`at ${name} a blank before the colon, a folded line or a name of no letters is refused before anybody hears of it [PROXY-05]`, async () => {
    for (const bad of [
      `X-Gate-User : ${CANARY}`,
      `X-Gate-User\t: ${CANARY}`,
      `X-Harmless: x\r\n X-Gate-User: ${CANARY}`,
      ` X-Gate-User: ${CANARY}`,
      `X-Harmless: x\rX-Gate-User: ${CANARY}`,
      `X-Gate-User\u0000: ${CANARY}`,
      `X-Gate\u00adUser: ${CANARY}`,
      `: ${CANARY}`,
    ]) {
      const said = await send([bad]);
      assert.match(said, /^HTTP\/1\.1 400 /, JSON.stringify(bad));
    }
    assert.deepEqual(on.upstream.requests, []);
  });

test('of a stranger who asks for a file that is open to all, Jitsi hears nothing at all but the name of the file [PROXY-05]', async () => {
  const said = await raw('GET /libs/external_api.min.js?v=1', [
    ...SPELT.map((spelt) => `${spelt}: ${CANARY}`),
    `User-Agent: ${CANARY}`,
    `Cookie: theme=${CANARY}`,
  ]);
  assert.match(said, /^HTTP\/1\.1 200 /);
  const { line, head } = arrived();
  assert.equal(line, 'GET /libs/external_api.min.js HTTP/1.1');
  assert.ok(!head.includes(CANARY), head);
});

/** Characters that may stand in a header's name beside letters and digits. */
const ODD = [..."-_.!#$%&'*+^`|~"];
const claimed = fc.constantFrom(
  ...CLAIMED,
  ...['x-forwarded-for', 'x-forwarded-anything', 'forwarded', 'remote-user', 'x-auth-request-user'],
  ...['x-gate-user', 'x-ostiary-user', 'oidc-claim-sub', 'shib-session-id', 'ssl-client-cert', 'cf-ray'],
  ...['x-original-uri', 'x-rewrite-url', 'x-accel-redirect', 'x-machine'],
);
const spelt = fc
  .tuple(claimed, fc.infiniteStream(fc.tuple(fc.constantFrom(...ODD), fc.boolean())))
  .map(([name, stream]) =>
    [...name]
      .map((letter) => {
        const { value } = stream.next() as { value: [string, boolean] };
        if (letter === '-') return value[0];
        return value[1] ? letter.toUpperCase() : letter;
      })
      .join(''),
  )
  .filter((name) => name.toLowerCase() !== 'host');

test('no header that names persons or addresses reaches Jitsi in any folding, whatever Connection says [PROXY-05]', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(spelt, { minLength: 1, maxLength: 12 }),
      fc.array(spelt, { maxLength: 4 }),
      fc.constantFrom('GET /libs/app.js', 'HEAD /images/a.png?x=1', 'GET /tenant/css/all.css'),
      async (names, named, line) => {
        on.upstream.requests.length = 0;
        const said = await on.stage.raw(
          requestBytes(
            line,
            [
              cookie,
              ...names.map((name) => `${name}: ${CANARY}`),
              `Connection: ${['close', ...named].join(', ')}`,
            ],
            { close: false },
          ),
        );
        assert.match(said, /^HTTP\/1\.1 200 /);
        const request = arrived();
        assertOurs(request, false);
        assert.ok(!request.head.includes(CANARY), request.head);
        assert.deepEqual(valuesOf(request, 'cookie'), ['theme=dark']);
      },
    ),
    { numRuns: 300 },
  );
});

/** Names nobody makes anything of, and every byte a value may hold. */
const plainName = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019-'), minLength: 1, maxLength: 12 })
  .map((end) => `X-Plain-${end}`);
const visible = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
  (letter) => letter === '\t' || (letter >= ' ' && letter !== '\u007f'),
);
const plainValue = fc
  .string({ unit: fc.constantFrom(...visible), maxLength: 60 })
  .map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ''));

test('every other header arrives byte for byte, in its order, as often as it was said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(plainName, plainValue), { maxLength: 10 }), async (sent) => {
      on.upstream.requests.length = 0;
      await on.stage.raw(
        requestBytes('GET /libs/app.js', [cookie, ...sent.map(([name, value]) => `${name}: ${value}`)]),
      );
      const { headers } = arrived();
      const got = headers.flatMap((name, at) =>
        at % 2 === 0 && name.startsWith('X-Plain-') ? [[name, headers[at + 1]]] : [],
      );
      assert.deepEqual(got, sent);
    }),
    { numRuns: 200 },
  );
});
