/**
 * Real servers on 127.0.0.1 that live as long as a test.
 */
import { randomInt } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
} from 'node:net';
import type { TestContext } from 'node:test';
import type { Certificate } from './http-authority.ts';

async function portOf(server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function listening(t: TestContext, server: Server): Promise<number> {
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
}

/** A port where connections are taken and nothing is ever said. */
export async function serveSilence(t: TestContext): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  });
  t.after(() => server.close());
  return portOf(server);
}

/** Below what systems hand out by themselves, so that no other server or connection gets it in between. */
const GIVEN_BY_NOBODY = { from: 12_000, below: 32_000 };

/** A port where nobody listens: one that was free a moment ago. */
export async function freePort(): Promise<number> {
  const port = randomInt(GIVEN_BY_NOBODY.from, GIVEN_BY_NOBODY.below);
  const server = createTcpServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Does anything listen there? */
export function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}

/** Starts a server for one test, with TLS if given a certificate, and gives back its port. */
export async function serve(
  t: TestContext,
  listener: RequestListener,
  certificate?: Certificate,
): Promise<number> {
  return listening(
    t,
    certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener),
  );
}

/** A proxy and what it was asked for. */
export interface ProxyStandIn {
  readonly port: number;
  /** `CONNECT host:port` or `GET http://…`, with the credentials it was given behind it. */
  readonly asked: string[];
}

/** Starts a stand-in for a forward proxy: it tunnels every name to 127.0.0.1, or answers every CONNECT with `refuse`. */
export async function serveProxy(t: TestContext, refuse?: number): Promise<ProxyStandIn> {
  const asked: string[] = [];
  const note = (method: string | undefined, url: string | undefined, credentials: string | undefined) =>
    asked.push([method, url, credentials].filter(Boolean).join(' '));
  const server = createServer((request, response) => {
    note(request.method, request.url, request.headers['proxy-authorization']);
    response.end('by the proxy');
  });
  server.on('connect', (request, socket, head) => {
    note(request.method, request.url, request.headers['proxy-authorization']);
    socket.on('error', () => {});
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  return { port: await listening(t, server), asked };
}
