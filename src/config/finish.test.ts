/** Settings that are right alone and wrong together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, LEAST, load } from '../../test/support/config.ts';

const paths = (text: string) => complaintsOf(load(text)).map(({ path }) => path);
const SECRET = 's'.repeat(32);

const WRONG: readonly (readonly [string, string, string])[] = [
  ['an alias over http', `${LEAST}aliases: ["http://a.example.org"]`, 'aliases[0]'],
  [
    'http for others, even with insecureHttp',
    `${LEAST.replace('https://meet', 'http://meet')}insecureHttp: true`,
    'publicUrl',
  ],
  [
    'http on this machine without insecureHttp',
    LEAST.replace('https://meet.example.org', 'http://localhost:9000'),
    'publicUrl',
  ],
  ['Jitsi over http', LEAST.replace('roles', 'url: http://meet.example.org, roles'), 'jitsi.url'],
  ['an issuer over http', LEAST.replace('https://id', 'http://id'), 'providers[0].issuer'],
  [
    'an internal issuer over http',
    LEAST.replace('clientId', 'internalIssuer: "http://keycloak:8080", clientId'),
    'providers[0].internalIssuer',
  ],
  [
    'two pages of the operator for the same',
    `${LEAST}pages: { errorPage: /static/sorry.html, errorFile: sorry.html }`,
    'pages.errorFile',
  ],
  ['a proxy that asks, and none that may', `${LEAST}forwardAuth: { enabled: true }`, 'trustedProxies'],
  ['a span of time without a unit', `${LEAST}session: { recheck: 15 }`, 'session.recheck'],
  ['both listeners on one port', `${LEAST}listen: { inner: { port: 8080 } }`, 'listen.inner.port'],
  [
    'a public IPv6 listener without a proxy',
    `${LEAST}listen: { public: { host: "::" } }`,
    'listen.public.host',
  ],
  [
    'two providers of one id',
    LEAST.replace('}]', '}, { id: campus, issuer: https://b.example.org, clientId: b }]'),
    'providers[1].id',
  ],
  ['scopes without openid', LEAST.replace('clientId', 'scopes: [email], clientId'), 'providers[0].scopes'],
  [
    'a secret shown that is not there',
    LEAST.replace('clientId', 'tokenEndpointAuth: client_secret_post, clientId'),
    'providers[0].tokenEndpointAuth',
  ],
  [
    'a secret that is never shown',
    LEAST.replace('clientId', 'tokenEndpointAuth: none, clientSecret: x, clientId'),
    'providers[0].tokenEndpointAuth',
  ],
  [
    'a rule about a provider that is not there',
    `${LEAST}rules: [{ name: a, when: { providers: [campus, camp] }, then: host }]`,
    'rules[0].when.providers[1]',
  ],
  [
    'a reason that nobody reads',
    `${LEAST}rules: [{ name: a, then: host, reason: Because. }]`,
    'rules[0].reason',
  ],
  ['an idle time beyond the end', `${LEAST}session: { idle: 8d }`, 'session.idle'],
  ['a new key every hour', `${LEAST}tokens: { rotateEvery: 1h }`, 'tokens.rotateEvery'],
  [
    "a shared secret beside keys of one's own",
    `${LEAST}tokens: { secret: ${SECRET}, keyFiles: [{ file: a.pem }] }`,
    'tokens.keyFiles',
  ],
];

for (const [why, text, path] of WRONG) test(`${why} is refused`, () => assert.deepEqual(paths(text), [path]));

const RIGHT: readonly (readonly [string, string])[] = [
  [
    'http on this machine with insecureHttp',
    `${LEAST.replace('https://meet.example.org', 'http://localhost:9000').replace('https://id.example.org', 'http://127.0.0.1:9001')}insecureHttp: true`,
  ],
  [
    'an internal issuer over http by its long name',
    LEAST.replace('clientId', 'internalIssuer: "http://keycloak:8080", insecureInternalHttp: true, clientId'),
  ],
  [
    'a public listener behind a proxy',
    `${LEAST}listen: { public: { host: 0.0.0.0 } }\ntrustedProxies: [10.0.0.0/8]`,
  ],
  [
    'a public listener by its long name',
    `${LEAST}listen: { public: { host: 0.0.0.0 } }\ninsecurePlainHttp: true`,
  ],
  ['an inner listener in a compose network', `${LEAST}listen: { inner: { host: 0.0.0.0 } }`],
  ['both listeners on whatever port is free', `${LEAST}listen: { public: { port: 0 }, inner: { port: 0 } }`],
];

for (const [why, text] of RIGHT) test(`${why} is fine`, () => assert.deepEqual(paths(text), []));
