/**
 * One server of a benchmark, in a process of its own: `bare`, `session N`, `join`,
 * `forward` (the door for proxies), `gateway UPSTREAM`, `waiting UPSTREAM`, or `proxy UPSTREAM`, which is bare undici.
 * Prints `{"url","cookies"}` when it listens, and ends with its parent.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { admit } from '../src/admission/admit.ts';
import { createApp, openParts, type Parts } from '../src/app.ts';
import { systemRandom } from '../src/base/random.ts';
import { roomFromPath, roomOf } from '../src/base/room.ts';
import { whenThere } from '../src/base/soon.ts';
import { parseConfig } from '../src/config/load.ts';
import { guestCalled } from '../src/identity/guest.ts';
import { createRecogniser } from '../src/identity/recheck.ts';
import { expandAccess } from '../src/policy/access.ts';
import { serve } from '../src/serve.ts';
import { canonical } from '../src/web/canonical.ts';
import { SESSION_COOKIE, sessionCookie } from '../src/web/cookies.ts';
import { trustedProxies } from '../src/web/origin.ts';

const ISSUER = 'https://id.example.org';
const [, , kind = 'bare', argument = '1000'] = process.argv;
const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGUSR2', () => globalThis.gc?.());

function configOf(publicUrl: string, upstream?: string) {
  const parsed = parseConfig({
    yamlText: JSON.stringify({
      publicUrl,
      insecureHttp: true,
      listen: { public: { port: 0 }, inner: { port: 0 } },
      jitsi: { roles: 'enforced', url: publicUrl, xmppDomain: 'meet.jitsi' },
      ...(upstream !== undefined && { upstream: { url: upstream } }),
      ...(kind === 'forward' && { forwardAuth: { enabled: true }, trustedProxies: ['127.0.0.1'] }),
      providers: [{ id: 'bench', issuer: ISSUER, clientId: 'bench' }],
      hosts: ['staff'],
      access: 'members',
      ...(kind === 'waiting' && { access: 'guests-wait', waiting: { most: 20_000, releasePerSecond: 1000 } }),
      store: { path: join(folder, 'bench.sqlite') },
      log: { level: 'warn' },
      pages: { name: 'Bench' },
    }),
    env: {},
    readFile: () => '',
    folder,
  });
  if ('complaints' in parsed) throw new Error(JSON.stringify(parsed.complaints));
  return parsed.config;
}

async function signIn(parts: Parts, people: number): Promise<readonly string[]> {
  const cookies: string[] = [];
  for (let at = 0; at < people; at += 1) {
    const person = {
      id: `bench#${at}`,
      provider: 'bench',
      name: `Person ${at}`,
      emailVerified: false,
      groups: ['members'],
    };
    const { id } = await parts.sessions.issue({ person });
    // A thousand browsers ask; the others are stored.
    if (at % Math.max(1, Math.floor(people / 1000)) === 0) cookies.push(`${SESSION_COOKIE}=${id.reveal()}`);
  }
  return cookies;
}

function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
}

async function start(): Promise<{ url: string; cookies: readonly string[] }> {
  if (kind === 'bare') {
    const url = await listen((request, response) => {
      response.setHeader(
        'x-session',
        createHash('sha256')
          .update(request.headers.cookie ?? '')
          .digest('base64url'),
      );
      // nginx keeps a 200 of ours for a second, and so one of this.
      if (request.url?.startsWith('/_ostiary/')) response.writeHead(200, { 'content-length': 0 }).end();
      else response.writeHead(204).end();
    });
    return { url, cookies: [`${SESSION_COOKIE}=${'x'.repeat(43)}`] };
  }
  if (kind === 'session') return sessionServer();
  if (kind === 'proxy')
    return { url: await listen(bareProxy(argument)), cookies: [`${SESSION_COOKIE}=${'x'.repeat(43)}`] };
  const isGateway = kind === 'gateway' || kind === 'waiting';
  const config = configOf('http://localhost:1', isGateway ? argument : undefined);
  const parts = await openParts(config);
  const app = createApp(config, parts);
  const door = { ...app.public, canonical: { ...app.public.canonical, authorities: undefined } };
  const serving = await serve({
    app: { ...app, public: door },
    random: systemRandom,
    log: parts.log,
    sockets: parts.sockets,
    listen: config.listen,
    drainFor: 1,
  });
  if (kind === 'waiting') {
    process.stdin.once('data', () => parts.presence.hostIn(roomOf(roomFromPath('standup'))));
    return { url: serving.addresses.public, cookies: await guests(parts) };
  }
  const url = kind === 'forward' ? serving.addresses.inner : serving.addresses.public;
  return { url, cookies: await signIn(parts, 200) };
}

/** Guests enough for five thousand tabs. */
async function guests(parts: Parts): Promise<readonly string[]> {
  const cookies: string[] = [];
  for (let at = 0; at < 1000; at += 1) {
    const person = guestCalled(`Guest ${at}`, systemRandom);
    if (person === undefined) throw new Error('a guest has no name');
    const { id } = await parts.sessions.issue({ person });
    cookies.push(`${SESSION_COOKIE}=${id.reveal()}`);
  }
  return cookies;
}

/** What every door does before anything else, without the page behind it. */
async function sessionServer(): Promise<{ url: string; cookies: readonly string[] }> {
  const config = configOf('http://localhost:1');
  const parts = await openParts(config);
  const cookies = await signIn(parts, Number(argument));
  const recognise = createRecogniser({
    sessions: parts.sessions,
    providers: parts.providers,
    log: parts.log,
    gone: async () => {},
  });
  const rules = expandAccess({ access: 'members', hosts: ['staff'] });
  const canonicalParts = { trusted: trustedProxies([]), random: systemRandom, authorities: undefined };
  const room = roomOf(roomFromPath('standup'));
  const admitParts = {
    recognise: (arrival: Parameters<typeof admit>[0]) =>
      recognise(sessionCookie(arrival.asked.header('cookie'))),
    rules: () => rules,
  };
  const url = await listen((request, response) => {
    const asked = canonical(request, 'BENC-HBEN', canonicalParts);
    const answer = admit({ asked, wants: { kind: 'enter', room } }, admitParts);
    void whenThere(answer, (outcome) => {
      response.setHeader('x-session', outcome.kind === 'admitted' ? outcome.grant.session : outcome.kind);
      response.writeHead(outcome.kind === 'admitted' ? 204 : 403).end();
    });
  });
  return { url, cookies };
}

/** What anybody would write first: a stream both ways, and no question asked. */
function bareProxy(upstream: string): RequestListener {
  const pool = new Pool(upstream);
  return ({ method = '', url = '', headers }, outgoing) =>
    void pool
      .stream(
        { method: method as 'GET', path: url, headers, opaque: outgoing },
        ({ statusCode, headers: answered }) => {
          outgoing.writeHead(statusCode, answered);
          return outgoing;
        },
      )
      .catch(() => outgoing.destroy());
}

process.stdout.write(`${JSON.stringify(await start())}\n`);
