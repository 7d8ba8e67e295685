/**
 * A web server behind a proxy that says nothing of its own: it writes down what reached it, byte for byte as Node hands
 * it over, and makes a tunnel of whatever asks for one.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands in every answer of it. */
export const REACHED = 'REACHED THE WEB SERVER';

/** What somebody might have got into a text of it, for a proxy that reads such. */
const INCLUDES = '<!--# echo var="ostiary_authorization" -->';

/** A request as it arrived. */
export interface Reached {
  readonly method: string;
  readonly target: string;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tunnel: boolean;
}

/** The server. */
export interface RecordingWeb {
  readonly origin: string;
  /** What arrived and said so in `X-Case`; of all others the list is that of the empty text. */
  of(name?: string): readonly Reached[];
  forget(): void;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startRecordingWeb(): Promise<RecordingWeb> {
  const cases = new Map<string, Reached[]>();
  const record = (incoming: IncomingMessage, tunnel: boolean) => {
    const { method = '', url = '', headers } = incoming;
    const name = String(headers['x-case'] ?? '');
    const flat = Object.fromEntries(
      Object.entries(headers).map(([header, value]) => [header, String(value)]),
    );
    cases.set(name, [...(cases.get(name) ?? []), { method, target: url, headers: flat, tunnel }]);
  };
  const server = createServer((incoming, outgoing) => {
    record(incoming, false);
    incoming.resume();
    outgoing.setHeader('content-type', 'text/html');
    // Leads an nginx that listens to it to what nobody can ask for.
    outgoing
      .setHeader('x-accel-redirect', '/_ostiary/auth')
      .setHeader('cache-control', 'public, max-age=31536000');
    outgoing.end(`<html><head></head>${REACHED}${INCLUDES}`);
  });
  server.on('upgrade', (incoming, socket) => {
    record(incoming, true);
    const { upgrade = '', 'sec-websocket-key': key = '' } = incoming.headers;
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.on('error', () => socket.destroy());
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n${REACHED}`,
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of: (name = '') => cases.get(name) ?? [],
    forget: () => cases.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
