/** What is said to Jitsi in the caller's name, and to the caller in Jitsi's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldName } from '../base/header-name.ts';
import { Secret } from '../base/secret.ts';
import {
  frontOf,
  headerIn,
  type Onward,
  towardsAnybody,
  towardsCaller,
  towardsOne,
  towardsUpstream,
} from './headers.ts';

const front = frontOf('https://meet.example.org', ['X-Jibri-Secret']);
const onward: Onward = { front, address: '203.0.113.9' };
const OURS = [
  'X-Forwarded-For',
  '203.0.113.9',
  'X-Real-IP',
  '203.0.113.9',
  'X-Forwarded-Proto',
  'https',
  'X-Forwarded-Host',
  'meet.example.org',
];

/** What of the caller's headers reaches Jitsi, without what we always add. */
function reaches(raw: readonly string[], more: Partial<Onward> = {}): string[] {
  const list = towardsUpstream(raw, { ...onward, ...more });
  assert.deepEqual(list.slice(0, 2), ['Host', 'meet.example.org']);
  assert.deepEqual(list.slice(list.indexOf('X-Forwarded-For')).slice(0, OURS.length), OURS);
  return list.slice(2, list.indexOf('X-Forwarded-For'));
}

test('a browser’s ordinary request passes as it is, in order and spelling, duplicates too', () => {
  const ordinary = [
    ['accept', '*/*'],
    ['User-Agent', 'Mozilla/5.0'],
    ['range', 'bytes=0-9'],
    ['If-None-Match', 'W/"a"'],
    ['X-Own', '1'],
    ['X-Own', '2'],
    ['content-length', '3'],
    ['Content-Type', 'text/xml'],
    ['Cookie', 'lang=de; theme=dark'],
    ['Referer', 'https://meet.example.org/standup'],
    ['accept-encoding', 'gzip, br'],
  ].flat();
  assert.deepEqual(reaches(ordinary), ordinary);
});

for (const name of [
  'X-Forwarded-For',
  'x-forwarded-host',
  'X_Forwarded_For',
  'X.Forwarded.Proto',
  'x-forwarded_for',
  'X-FORWARDED-PREFIX',
  'X-Forwarded-User',
  'Forwarded',
  'X-Real-IP',
  'X_Real_IP',
  'X-Client-IP',
  'True-Client-IP',
  'CF-Connecting-IP',
  'Via',
  'Remote-User',
  'REMOTE_USER',
  'Remote.Groups',
  'X-Remote-User',
  'X-Auth-Request-Email',
  'X_Auth_Request_User',
  'Auth-Type',
  'X-Ostiary-Person',
  'X_Ostiary_Person',
  'X-Gate-User',
  'X.Gate.User',
  'Shib-Session-ID',
  'Shib_Identity_Provider',
  'Variable-eppn',
  'displayName',
  'mail',
  'persistent-id',
  'OIDC_CLAIM_sub',
  'X-Original-URL',
  'X-Original-URI',
  'X-Rewrite-URL',
  'X-Accel-Redirect',
  'X-Proxy-Region',
  'x_proxy_region',
  'SSL-Client-Cert',
  'SSL_CLIENT_S_DN',
  'X-SSL-Client-Verify',
  'Client-Cert',
  'X-Client-Cert',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'Proxy',
  'Proxy-Authorization',
  'Authorization',
  'AUTHORIZATION',
  'Host',
  'Content_Length',
  'Transfer_Encoding',
  'Sec_WebSocket_Key',
  'Sec-WebSocket-Extensions',
  'Expect',
  'TE',
  'Trailer',
  'Keep-Alive',
  'Transfer-Encoding',
  'Upgrade',
  'HTTP2-Settings',
  'Proxy-Connection',
  'Connection',
  'X-Jibri-Secret',
  'x_jibri_secret',
])
  test(`the caller’s ${name} stays behind`, () =>
    assert.deepEqual(reaches(['Accept', '*/*', name, 'forged', 'X-Own', '1']), [
      'Accept',
      '*/*',
      'X-Own',
      '1',
    ]));

test('no spelling of a name that is ours reaches Jitsi', () => {
  const ours = fc.constantFrom(
    'x-forwarded-for',
    'x-real-ip',
    'authorization',
    'host',
    'x-gate-user',
    'remote-user',
  );
  const odd = fc
    .tuple(
      ours,
      fc.array(fc.constantFrom('-', '_', '.', '~', '!'), { minLength: 4 }),
      fc.infiniteStream(fc.boolean()),
    )
    .map(([name, signs, upper]) =>
      [...name]
        .map((sign, at) => (sign === '-' ? (signs[at % signs.length] ?? '_') : sign))
        .map((sign) => (upper.next().value ? sign.toUpperCase() : sign))
        .join(''),
    );
  fc.assert(
    fc.property(fc.array(fc.tuple(odd, fc.constant('forged')), { maxLength: 8 }), (headers) => {
      const list = towardsUpstream(headers.flat(), { ...onward, bearer: new Secret('real') });
      const said = (folded: string) =>
        list.filter((_, at) => at % 2 === 1 && foldName(list[at - 1] ?? '') === folded);
      assert.ok(!list.includes('forged'));
      assert.deepEqual(said('x-forwarded-for'), ['203.0.113.9']);
      assert.deepEqual(said('authorization'), ['Bearer real']);
      assert.deepEqual(said('host'), ['meet.example.org']);
    }),
  );
});

test('Connection takes away what it names, and nothing that we say or that is known to be for the other end', () => {
  const list = towardsUpstream(
    [
      ['X-Hop', '1'],
      ['Cookie', 'lang=de'],
      ['Origin', 'https://meet.example.org'],
      ['Connection', 'close, X-Hop, X-Gate-User, Cookie, X-Forwarded-For, Host, Authorization, Origin'],
      ['connection', 'x-second'],
      ['X-Second', '2'],
    ].flat(),
    { ...onward, bearer: new Secret('real') },
  );
  assert.deepEqual(list, [
    'Host',
    'meet.example.org',
    'Cookie',
    'lang=de',
    'Origin',
    'https://meet.example.org',
    ...OURS,
    'Authorization',
    'Bearer real',
  ]);
});

for (const [cookies, left] of [
  ['__Host-ostiary=s', undefined],
  ['a=b; __Host-ostiary=s; c=d', 'a=b; c=d'],
  ['__Host-ostiary-try-1=s; a=b', 'a=b'],
  ['a=b;__host-OSTIARY=s;c="d;e"', 'a=b;c="d;e"'],
  ['a=b; "__Host-ostiary"=s', 'a=b'],
  ['a=b; =__Host-ostiary=s', 'a=b'],
  ['a="x; __Host-ostiary=s; b=y"', 'a="x; b=y"'],
  ['a=b;  c=__Host-ostiary;d', 'a=b;  c=__Host-ostiary;d'],
  ['x__Host-ostiary=theirs', 'x__Host-ostiary=theirs'],
] as const)
  test(`of the cookies ${cookies} Jitsi gets ${left ?? 'none'}`, () =>
    assert.deepEqual(reaches(['cookie', cookies]), left === undefined ? [] : ['cookie', left]));

test('every Cookie header is looked through', () =>
  assert.deepEqual(reaches(['Cookie', 'a=b', 'COOKIE', '__Host-ostiary=s']), ['Cookie', 'a=b']));

test('a token in the address the caller came from goes no further', () => {
  assert.deepEqual(reaches(['Referer', 'https://meet.example.org/a?x=1&jwt=e.y.J']), [
    'Referer',
    'https://meet.example.org/a?x=1',
  ]);
  assert.deepEqual(reaches(['Referer', 'https://meet.example.org/a?%6awt=e.y.J']), [
    'Referer',
    'https://meet.example.org/a',
  ]);
});

test('a WebSocket begins without extensions and without a body, everything else of it passes', () => {
  const list = towardsUpstream(
    [
      ['Connection', 'keep-alive, Upgrade, Sec-WebSocket-Key'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'a2V5'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Protocol', 'xmpp'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate'],
      ['Content-Length', '5'],
    ].flat(),
    { ...onward, upgrade: true },
  );
  assert.deepEqual(list, [
    'Host',
    'meet.example.org',
    'Sec-WebSocket-Key',
    'a2V5',
    'Sec-WebSocket-Version',
    '13',
    'Sec-WebSocket-Protocol',
    'xmpp',
    ...OURS,
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
  ]);
});

test('a port of the public address is part of its authority', () =>
  assert.equal(
    headerIn(towardsUpstream([], { ...onward, front: frontOf('http://localhost:8080') }), 'host'),
    'localhost:8080',
  ));

test('an answer passes in order, duplicates and shard included', () => {
  const answer = [
    ['Date', 'Mon, 01 Jan 2024 00:00:00 GMT'],
    ['content-type', 'text/html'],
    ['Set-Cookie', 'lang=de'],
    ['Set-Cookie', 'theme=dark; Secure'],
    ['X-Jitsi-Shard', 'eu-1'],
    ['X-Own', ''],
    ['Content-Range', 'bytes 0-9/10'],
  ].flat();
  assert.deepEqual(towardsCaller(answer), answer);
});

for (const name of [
  'Transfer-Encoding',
  'Keep-Alive',
  'Connection',
  'Trailer',
  'Upgrade',
  'X-Accel-Redirect',
  'x_accel_buffering',
  'X-Sendfile',
  'X-Ostiary-Verdict',
  'Alt-Svc',
  'Sec-WebSocket-Extensions',
  'Proxy-Authenticate',
  'Surrogate-Control',
  'CDN-Cache-Control',
  'Cloudflare_CDN-Cache-Control',
  'Edge-Control',
])
  test(`Jitsi’s ${name} does not reach the caller`, () =>
    assert.deepEqual(towardsCaller(['Content-Type', 'text/css', name, 'x', 'ETag', '"a"']), [
      'Content-Type',
      'text/css',
      'ETag',
      '"a"',
    ]));

for (const cookie of [
  '__Host-ostiary=forged; Path=/; Secure',
  '__host-ostiary=forged',
  ' \t__HOST-Ostiary-probe =x',
  '=__Host-ostiary=forged',
  '"__Host-ostiary"=forged',
  '__Host-ostiary',
])
  test(`Jitsi cannot set our cookie by ${JSON.stringify(cookie)}`, () =>
    assert.deepEqual(towardsCaller(['set-cookie', cookie, 'SET-COOKIE', cookie, 'Set-Cookie', 'a=b']), [
      'Set-Cookie',
      'a=b',
    ]));

test('what the answer’s Connection names goes, the policy of the page does not', () =>
  assert.deepEqual(
    towardsCaller([
      'Connection',
      'X-Hop, Content-Security-Policy',
      'X-Hop',
      '1',
      'Content-Security-Policy',
      "default-src 'self'",
    ]),
    ['Content-Security-Policy', "default-src 'self'"],
  ));

for (const [said, alone] of [
  ['public, max-age=31536000, immutable', 'private, max-age=31536000, immutable'],
  ['max-age=60,S-MaxAge=600', 'private, max-age=60'],
  ['no-store', 'private, no-store'],
  ['private="set-cookie", max-age=1', 'private, max-age=1'],
  ['no-cache', 'private, no-cache'],
  ['publicly=1', 'private, publicly=1'],
  ['', 'private'],
] as const)
  test(`an answer for one alone that Jitsi calls ${JSON.stringify(said)} is ${alone}, each time it says so`, () => {
    const list = ['ETag', 'a', 'Cache-Control', said, 'cache-control', said];
    assert.deepEqual(towardsOne(list), ['ETag', 'a', 'Cache-Control', alone, 'cache-control', alone]);
    assert.deepEqual(towardsAnybody(list), list);
  });

test('an answer for one alone of which Jitsi says nothing is private, and so is what sets a cookie', () => {
  assert.deepEqual(towardsOne(['ETag', 'a']), ['ETag', 'a', 'Cache-Control', 'private']);
  assert.deepEqual(towardsAnybody(['ETag', 'a']), ['ETag', 'a']);
  const cookie = ['Set-Cookie', 'lang=de', 'Cache-Control', 'public'];
  assert.deepEqual(towardsAnybody(cookie), ['Set-Cookie', 'lang=de', 'Cache-Control', 'private']);
});
