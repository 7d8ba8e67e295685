/**
 * A server behind the gateway that writes down every byte it was sent, and says
 * what a test tells it to, right or wrong.
 */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { DEBIAN_CONFIG_JS } from './config-js.ts';

/** One request, byte for byte as latin1 text. */
export interface RawRequest {
  /** Everything up to the empty line. */
  readonly head: string;
  /** The first line. */
  readonly line: string;
  /** Names and values in turns. */
  readonly headers: readonly string[];
  /** Without what chunks add to it. */
  readonly body: string;
}

/** What is said to a request: bytes, or whatever is done with the socket. */
export type Say = (asked: RawRequest, socket: Socket) => string | Buffer | undefined;

/** The server. */
export interface RawUpstream {
  readonly url: string;
  readonly port: number;
  /** Every whole request so far. */
  readonly requests: RawRequest[];
  /** Connections that are open. */
  readonly open: ReadonlySet<Socket>;
  /** Connections there ever were. */
  connections: number;
  /** Bytes there ever were. */
  received: number;
  say: Say;
  close(): Promise<void>;
}

/** A right answer. */
export function rightAnswer(body = 'file', type = 'text/plain', more = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
}

const PAGE = '<!doctype html><html><head><title>Jitsi Meet</title></head><body></body></html>';

/** Says what a Jitsi would, and opens every WebSocket. */
export const sayRight: Say = ({ line, headers }) => {
  const key = headerOf(headers, 'sec-websocket-key');
  const protocol = headerOf(headers, 'sec-websocket-protocol');
  if (key !== undefined) {
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`;
  }
  const path = line.split(' ')[1]?.split('?')[0] ?? '';
  if (path.endsWith('/config.js')) return rightAnswer(DEBIAN_CONFIG_JS, 'text/javascript');
  const answer =
    /\.\w+$/.test(path) || path.split('/').length > 3 ? rightAnswer() : rightAnswer(PAGE, 'text/html');
  return line.startsWith('HEAD ') ? answer.slice(0, answer.indexOf('\r\n\r\n') + 4) : answer;
};

/** The first value of a header by its lower-case name. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return at === -1 ? undefined : headers[at + 1];
}

/** Starts one. `port` where another one stood before. */
export async function startRawUpstream(say: Say = sayRight, port = 0): Promise<RawUpstream> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    upstream.connections += 1;
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    let unread = '';
    socket.on('data', (bytes) => {
      upstream.received += bytes.length;
      unread += bytes.toString('latin1');
      for (let whole = firstOf(unread); whole !== undefined; whole = firstOf(unread)) {
        unread = unread.slice(whole.length);
        upstream.requests.push(whole.request);
        const said = upstream.say(whole.request, socket);
        if (said !== undefined) socket.write(said);
      }
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const bound = (server.address() as AddressInfo).port;
  const upstream: RawUpstream = {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests: [],
    open,
    connections: 0,
    received: 0,
    say,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return upstream;
}

function firstOf(text: string): { readonly request: RawRequest; readonly length: number } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const [line = '', ...lines] = head.split('\r\n');
  const headers = lines.flatMap((each) => {
    const colon = each.indexOf(':');
    return [each.slice(0, colon), each.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, '')];
  });
  const rest = text.slice(end + 4);
  const body =
    headerOf(headers, 'transfer-encoding') === undefined
      ? bodyOfLength(rest, Number(headerOf(headers, 'content-length') ?? 0))
      : bodyInChunks(rest);
  return body && { request: { head, line, headers, body: body.text }, length: end + 4 + body.length };
}

interface Body {
  readonly text: string;
  readonly length: number;
}

function bodyOfLength(rest: string, length: number): Body | undefined {
  return rest.length < length ? undefined : { text: rest.slice(0, length), length };
}

function bodyInChunks(rest: string): Body | undefined {
  let text = '';
  let at = 0;
  for (;;) {
    const end = rest.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const size = Number.parseInt(rest.slice(at, end), 16);
    const next = end + 2 + size + 2;
    if (rest.length < next) return undefined;
    if (size === 0) return { text, length: next };
    text += rest.slice(end + 2, end + 2 + size);
    at = next;
  }
}
