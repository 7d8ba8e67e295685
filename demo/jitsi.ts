/**
 * The Jitsi stand-in's web server: the page for every room, the WebSocket to the
 * stand-in of Prosody, and, where it stands in front, `/_ostiary/` passed on to
 * Ostiary as the operator's nginx would. On `localhost` alone.
 */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { CLIENT } from './client.ts';
import { EXTERNAL_API } from './external-api.ts';
import { LIB_JITSI_MEET } from './lib-jitsi-meet.ts';
import { type ClientSettings, meetingPage, staticPage } from './meeting-page.ts';
import type { StandInProsody } from './prosody.ts';

/** What the stand-in is started with. */
export interface DemoJitsiOptions {
  readonly prosody: StandInProsody;
  readonly settings: ClientSettings;
  readonly prefix: string;
  /** Ostiary's public listener, `http://127.0.0.1:port`; absent where Ostiary itself stands in front. */
  readonly ostiary?: string;
  readonly room: string;
}

/** A port taken before anything knows its own address, because provider and doorkeeper must be told it. */
export interface Doorstep {
  readonly url: string;
  readonly port: number;
  open(options: DemoJitsiOptions): void;
  close(): Promise<void>;
}

/** Takes the port (0: a free one). Nothing is answered until `open`. */
export async function takePort(port: number): Promise<Doorstep> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', done);
  });
  const taken = (server.address() as AddressInfo).port;
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('xmpp') ? 'xmpp' : false),
  });
  return {
    port: taken,
    url: `http://localhost:${taken}`,
    open: (options) => {
      server.on('request', (request, response) => answer(request, response, options));
      server.on('upgrade', (request, socket, head) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
        if (!pathname.endsWith('/xmpp-websocket')) return void socket.destroy();
        const prefix = pathname.slice(1, -'/xmpp-websocket'.length);
        sockets.handleUpgrade(request, socket, head, (open) =>
          options.prosody.serve(open, {
            token: searchParams.get('token') ?? bearerOf(request.headers.authorization),
            prefix,
          }),
        );
      });
    },
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** @see jitsi-meet, resources/prosody-plugins/mod_jitsi_session.lua */
function bearerOf(header: string | undefined): string | undefined {
  return header?.match(/^Bearer (.+)$/)?.[1];
}

function answer(request: IncomingMessage, response: ServerResponse, options: DemoJitsiOptions): void {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const { ostiary, prefix } = options;
  if (ostiary !== undefined && (path === prefix || path.startsWith(`${prefix}/`)))
    passOn(request, response, ostiary);
  else page(request, response, { ...options, path });
}

/** Where Jitsi has the pages that an operator may put their own beside. */
const STATIC = /^\/static\/[\w-]+\.html$/;

/** What Jitsi's config.js would say. */
function configText({ domain, tokenAuthUrl, tokenLogoutUrl }: ClientSettings): string {
  const config = { hosts: { domain, muc: `muc.${domain}` }, tokenAuthUrl, tokenLogoutUrl };
  return `var config = ${JSON.stringify(config, null, 2)};\n`;
}

/** Says in every answer what it is, so that the doctor does not take it for a Jitsi that is broken. */
function page(
  request: IncomingMessage,
  response: ServerResponse,
  options: DemoJitsiOptions & { readonly path: string },
): void {
  const { path } = options;
  response.setHeader('x-ostiary-stand-in', 'jitsi, prosody');
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  const scripts = new Map([
    ['/libs/stand-in.js', CLIENT],
    ['/config.js', configText(options.settings)],
    ['/external_api.js', EXTERNAL_API],
    ['/libs/lib-jitsi-meet.min.js', LIB_JITSI_MEET],
  ]);
  const script = scripts.get(path);
  if (script !== undefined)
    return void response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }).end(script);
  if (STATIC.test(path))
    return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(staticPage(path));
  // Jitsi's nginx takes any last segment without these characters for a room.
  if (path !== '/' && !/^(?:\/[^/?&:'"]+){1,2}$/.test(path))
    return void response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // Who may frame it is not said, as by Jitsi's packages.
    'content-security-policy': "default-src 'self'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:",
    'x-content-type-options': 'nosniff',
  });
  response.end(String(meetingPage(options.settings, options.room)));
}

function passOn(request: IncomingMessage, response: ServerResponse, ostiary: string): void {
  const { hostname, port } = new URL(ostiary);
  const forward = send(
    {
      hostname,
      port,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress ?? '' },
    },
    (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.rawHeaders);
      answered.pipe(response);
    },
  );
  forward.on('error', () => {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  });
  request.pipe(forward);
}
