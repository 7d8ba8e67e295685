/**
 * Opens the sockets: node:http on one side, our handlers on the other, and a
 * graceful stop. The request is judged here, before anything decides.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import type { Asked } from './admission/arrival.ts';
import type { Door } from './app/doors.ts';
import type { App } from './app.ts';
import type { Log } from './base/log.ts';
import { isProblem, Problem } from './base/problem.ts';
import type { Random } from './base/random.ts';
import { VERDICT } from './gateway/answer.ts';
import type { Sockets } from './gateway/sockets.ts';
import { createCertificate, type LiveCertificate } from './serve/certificate.ts';
import { addressOf, canonical, requestId } from './web/canonical.ts';
import { dropIfSlow } from './web/slow-body.ts';

/** Where one listener is bound. Port 0 takes a free one. */
export interface Bind {
  readonly host: string;
  readonly port: number;
}

/** The public listener; with a certificate it speaks TLS itself. */
export interface PublicBind extends Bind {
  readonly tls?: { readonly certFile?: string; readonly keyFile?: string };
}

/** What serving needs. */
export interface ServeOptions {
  readonly app: App;
  readonly random: Random;
  readonly log: Log;
  /** What is open through the gateway: looked after while we serve. */
  readonly sockets: Sockets;
  readonly listen: { readonly public: PublicBind; readonly inner: Bind };
  /** Seconds that requests under way may take to end. */
  readonly drainFor: number;
}

/** Running sockets. */
export interface Serving {
  /** `http://host:port` (`https:` where we speak TLS) of each, as bound. */
  readonly addresses: { readonly public: string; readonly inner: string };
  /** Answers with another app from the next request on, and reads the certificate again; sockets stay open. */
  replace(app: App): void;
  /** Takes no new connection, lets what is under way end, then returns. */
  close(): Promise<void>;
}

/** Half-sent requests are dropped after this, in milliseconds. */
const SLOWEST_HEADERS = 15_000;
const LARGEST_HEADERS = 16_384;
/** Milliseconds between two looks at the certificate: by reading, since no watch sees through every link and mount. */
const LOOK_AT_CERTIFICATE = 5000;

/** Listens on both addresses. Throws what `listen` throws, as `config.unusable` with the address, and what reading a certificate throws. */
export async function serve({ app, random, log, sockets, listen, drainFor }: ServeOptions): Promise<Serving> {
  let current = app;
  const { certFile, keyFile } = listen.public.tls ?? {};
  const certificate =
    certFile === undefined || keyFile === undefined
      ? undefined
      : createCertificate({ certFile, keyFile }, log);
  const servers = {
    public: serverFor(() => current.public, random, certificate),
    inner: serverFor(() => current.inner, random),
  };
  const addresses = await bindBoth(servers, listen);
  const look = () => certificate?.look((options) => renew(servers.public, options));
  const looking = setInterval(look, LOOK_AT_CERTIFICATE);
  const unwatch = sockets.start();
  return {
    addresses,
    replace: (next) => {
      const before = current;
      current = next;
      // Who is under way with the old one is let through.
      setTimeout(() => void before.close(), drainFor * 1000).unref();
      look();
    },
    close: async () => {
      clearInterval(looking);
      await Promise.all([
        sockets.drain(drainFor),
        drain(servers.public, drainFor),
        drain(servers.inner, drainFor),
      ]);
      unwatch();
      await current.close();
    },
  };
}

function renew(server: Server | TlsServer, options: SecureContextOptions): void {
  if (server instanceof TlsServer) server.setSecureContext(options);
}

function serverFor(door: () => Door, random: Random, certificate?: LiveCertificate): Server | TlsServer {
  const judged = new WeakMap<IncomingMessage, Asked>();
  const told = new WeakSet<Socket>();
  const answer = getRequestListener(
    async (request, env) => {
      const { incoming } = env as { incoming: IncomingMessage };
      const asked = judged.get(incoming);
      if (asked === undefined) throw new Problem('server.bug', { why: 'unjudged' });
      return door().handle(request, asked);
    },
    { overrideGlobalObjects: false },
  );
  const upgrades = (incoming: IncomingMessage) => {
    const { gateway, forwardAuth } = door();
    if (forwardAuth !== undefined) return forwardAuth.upgrades(incoming);
    return gateway !== undefined && incoming.headers.upgrade?.toLowerCase() === 'websocket';
  };
  const refusedEarly = (problem: Problem, id: string, incoming: IncomingMessage) => {
    const { canonical: judging, refusedEarly: tell } = door();
    tell(problem, { id, address: addressOf(incoming, judging.trusted) });
  };
  const server = opened({ certificate, upgrades }, (incoming, outgoing) => {
    const id = requestId(random);
    if (door().forwardAuth?.request(incoming, outgoing, id)) return;
    let asked: Asked;
    try {
      asked = canonical(incoming, id, door().canonical);
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      told.add(incoming.socket);
      refuse(outgoing, thrown, id);
      refusedEarly(thrown, id, incoming);
      return;
    }
    const { gateway, prefix, outside } = door();
    if (gateway !== undefined && !isOurs(asked.path, prefix) && !outside.has(asked.path))
      gateway.request(incoming, outgoing, asked);
    else {
      judged.set(incoming, asked);
      // A form of ours is small. What goes through to Jitsi may take as long as an upload takes.
      dropIfSlow(incoming);
      void answer(incoming, outgoing);
    }
  });
  server.on('upgrade', (incoming, socket, head) => {
    const id = requestId(random);
    socket.on('error', () => socket.destroy());
    const { forwardAuth } = door();
    if (forwardAuth !== undefined) return forwardAuth.upgrade(incoming, { socket, head }, id);
    try {
      const asked = canonical(incoming, id, door().canonical);
      door().gateway?.upgrade(incoming, socket, head, asked);
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      socket.end(
        `HTTP/1.1 ${thrown.status} Refused\r\n${VERDICT}: ${thrown.code}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
      refusedEarly(thrown, id, incoming);
    }
  });
  server.on('clientError', (cause: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable) return;
    // What was refused is often no HTTP further down either: one request, one answer.
    if (told.has(socket)) {
      socket.end();
      return;
    }
    const status =
      cause.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : cause.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

/** Is this address one of our own? */
function isOurs(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

interface Opening {
  readonly certificate: LiveCertificate | undefined;
  /** May this request become a socket? Any other is a request like all. */
  readonly upgrades: (incoming: IncomingMessage) => boolean;
}

function opened({ certificate, upgrades }: Opening, answer: RequestListener): Server | TlsServer {
  const limits = {
    // Most requests have no body, and what reads none need not be told that there was none.
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: upgrades,
    maxHeaderSize: LARGEST_HEADERS,
    headersTimeout: SLOWEST_HEADERS,
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
  };
  return certificate === undefined
    ? createServer(limits, answer)
    : createTlsServer({ ...limits, ...certificate.options(), handshakeTimeout: SLOWEST_HEADERS }, answer);
}

/** What could not be judged gets no page of ours: nothing in it is believed, its language neither. */
function refuse(outgoing: ServerResponse, problem: Problem, id: string): void {
  const body = JSON.stringify({
    type: `urn:ostiary:problem:${problem.code}`,
    code: problem.code,
    title: problem.message,
    status: problem.status,
    id,
  });
  outgoing.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    [VERDICT]: problem.code,
    connection: 'close',
  });
  outgoing.end(body);
}

/** Both or none: the first is given back where the second is taken. */
async function bindBoth(
  servers: Readonly<Record<'public' | 'inner', Server | TlsServer>>,
  listen: ServeOptions['listen'],
): Promise<Serving['addresses']> {
  const first = await bind(servers.public, listen.public);
  try {
    return { public: first, inner: await bind(servers.inner, listen.inner) };
  } catch (thrown) {
    await drain(servers.public, 0);
    throw thrown;
  }
}

async function bind(server: Server | TlsServer, { host, port }: Bind): Promise<string> {
  await new Promise<void>((done, failed) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      failed(
        new Problem('config.unusable', { listen: `${host}:${port}`, why: cause.code ?? 'listen' }, cause),
      ),
    );
    server.listen(port, host, done);
  });
  const bound = server.address() as AddressInfo;
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return `${scheme}://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

async function drain(server: Server | TlsServer, seconds: number): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  const limit = setTimeout(() => server.closeAllConnections(), seconds * 1000);
  await closed;
  clearTimeout(limit);
}
