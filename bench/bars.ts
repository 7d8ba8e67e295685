/**
 * What each figure must reach: a ratio against a peer measured in the same run.
 * Absolute figures depend on the machine and are printed beside it only.
 */

/** One bar. `atLeast` is ours divided by the peer's. */
export interface Bar {
  readonly name: string;
  /** What is compared with what. */
  readonly ours: string;
  readonly peer: string;
  readonly atLeast: number;
  /** Measured in the same run and printed beside it; no bar. */
  readonly beside?: string;
  /** What it is counted in, if not how often a second. */
  readonly besideUnit?: string;
}

/** One bar that is a count: of so many things done, at most so many may have come to pass. */
export interface CountBar {
  readonly name: string;
  readonly done: string;
  readonly counted: string;
  readonly times: number;
  readonly atMost: number;
}

/** What nobody who has not signed in may cause, at each door. */
export const STRANGERS: Readonly<Record<'gateway' | 'forward', CountBar>> = {
  gateway: {
    name: 'strangers',
    done: 'requests without a session over 8,000 connections: pages, files, sockets, BOSH, conference requests, with made-up sessions and tokens',
    counted: 'connections to Jitsi and requests that reached it, behind the gateway',
    times: 100_000,
    atMost: 0,
  },
  forward: {
    name: 'strangers nginx',
    done: 'the same',
    counted: 'connections to Jitsi and requests that reached it, behind nginx with the printed file',
    times: 100_000,
    atMost: 0,
  },
};

/** Every bar, by the name under which its rounds are run. */
export const BARS = {
  'decide 10': {
    name: 'decide 10',
    ours: 'decisions among 10 rules of two conditions, of which the last speaks',
    peer: 'find() over as many predicates that were written out beforehand',
    atLeast: 0.04,
  },
  'decide 100': {
    name: 'decide 100',
    ours: 'the same among 100 rules',
    peer: 'the same over 100 predicates',
    atLeast: 0.06,
  },
  'decide 1k': {
    name: 'decide 1k',
    ours: 'the same among 1,000 rules',
    peer: 'the same over 1,000 predicates',
    atLeast: 0.06,
  },
  mint: {
    name: 'mint',
    ours: 'tokens minted from grants, a new room each',
    peer: 'crypto.sign of as many bytes, RS256',
    atLeast: 0.8,
  },
  join: {
    name: 'join',
    ours: 'GET /join with a live session and a new room each, over a socket',
    peer: 'crypto.sign of as many bytes, RS256, without any HTTP',
    atLeast: 0.7,
  },
  'session 1k': {
    name: 'session 1k',
    ours: 'judge, look up one of 1,000 sessions and decide, over a socket, for each second of its processor',
    peer: 'a bare Node endpoint that hashes the cookie, at the same time',
    atLeast: 0.8,
    beside: 'memory for each session stored, over the same with one',
    besideUnit: ' bytes',
  },
  'session 10k': {
    name: 'session 10k',
    ours: 'the same with 10,000 sessions',
    peer: 'the same endpoint',
    atLeast: 0.8,
    beside: 'memory for each session stored, over the same with one',
    besideUnit: ' bytes',
  },
  'session 100k': {
    name: 'session 100k',
    ours: 'the same with 100,000 sessions',
    peer: 'the same endpoint',
    atLeast: 0.8,
    beside: 'memory for each session stored, over the same with one',
    besideUnit: ' bytes',
  },
  'proxy 1 kB': {
    name: 'proxy 1 kB',
    ours: 'a file of 1 kB of Jitsi through the gateway, with a live session',
    peer: 'the same file through a bare undici stream that asks nobody',
    atLeast: 0.9,
    beside: 'nginx as a proxy, one worker',
  },
  'proxy 1 MB': {
    name: 'proxy 1 MB',
    ours: 'a file of 1 MB of Jitsi through the gateway, with a live session',
    peer: 'the same file through a bare undici stream that asks nobody',
    atLeast: 0.9,
    beside: 'nginx as a proxy, one worker',
  },
  auth: {
    name: 'auth',
    ours: 'GET /_ostiary/auth about 50 files by 200 sessions, for each second of its processor',
    peer: 'a bare Node endpoint that hashes the cookie, at the same time',
    atLeast: 0.8,
  },
  'nginx static': {
    name: 'nginx static',
    ours: 'files of its own through nginx with the printed file, every one asked about, for each second of both processors: 50 files, 200 sessions',
    peer: 'the same nginx whose question the bare endpoint answers, with yes',
    atLeast: 0.9,
    beside: 'conference pages through it, with what stands first in them',
  },
  'nginx static kept': {
    name: 'nginx static kept',
    ours: 'the same, as printed: that a session lives is kept for a second',
    peer: 'the same nginx with the bare endpoint, which is kept as long',
    atLeast: 0.9,
    beside: 'conference pages through it, with what stands first in them',
  },
  'nginx proxied': {
    name: 'nginx proxied',
    ours: 'files of another web server through nginx with the printed file, every one asked about',
    peer: 'the same nginx with the bare endpoint',
    atLeast: 0.9,
    beside: 'conference pages through it, with what stands first in them',
  },
  'nginx proxied kept': {
    name: 'nginx proxied kept',
    ours: 'the same, as printed: that a session lives is kept for a second',
    peer: 'the same nginx with the bare endpoint, which is kept as long',
    atLeast: 0.9,
    beside: 'conference pages through it, with what stands first in them',
  },
  mod_auth_openidc: {
    name: 'mod_auth_openidc',
    ours: 'a file of 1 kB for who is signed in, by nginx as printed and us, for each second of all processors',
    peer: 'the same file by Apache with mod_auth_openidc, 20 people signed in at a real provider',
    atLeast: 1,
  },
  mod_shib: {
    name: 'mod_shib',
    ours: 'the same',
    peer: 'the same file by Apache with mod_shib, and shibd, 20 people signed in at SimpleSAMLphp',
    atLeast: 1,
  },
  jwt_verify: {
    name: 'jwt_verify',
    ours: 'the same',
    peer: 'the same file at an nginx behind HAProxy, which verifies an RS256 token itself',
    atLeast: 1,
  },
  'relay 500 B': {
    name: 'relay 500 B',
    ours: 'WebSocket frames of 500 bytes through the gateway, for each second of its processor, 64 connections',
    peer: 'the same through a bare splice of Node, which looks at nothing',
    atLeast: 0.9,
    beside: 'nginx between them, one worker',
  },
  upgrade: {
    name: 'upgrade',
    ours: 'XMPP WebSockets opened through the gateway, each into a new room with a new token, RS256',
    peer: 'the same into a room whose token was made a moment ago; printed, and no bar',
    atLeast: 0,
  },
  saml: {
    name: 'saml',
    ours: 'SAML responses judged, response and assertion signed: strict parser, shape, both signatures, every rule',
    peer: 'the same response through validatePostResponseAsync of node-saml alone',
    atLeast: 0.8,
  },
  'saml flood': {
    name: 'saml flood',
    ours: 'whole sign-ins by SAML, four at a time, while sixteen strangers post junk at the same address',
    peer: 'the same without strangers, in the same process; printed, and no bar',
    atLeast: 0,
  },
} as const satisfies Record<string, Bar>;
