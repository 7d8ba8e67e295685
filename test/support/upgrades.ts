/**
 * Both sides of the gateway's WebSockets in bare bytes: a stand-in for Jitsi that keeps whatever reaches it, and
 * callers who say exactly what a test has them say.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import {
  closeFrame,
  createMessageReader,
  type Message,
  OPCODE,
  textFrame,
} from '../../src/gateway/frames.ts';
import { switching, valuesOf } from '../../src/gateway/handshake.ts';
import { hearing } from './socket-pair.ts';

/** A key as a client makes it. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const MASK = 0x01020304;

/** One upgrade that reached Jitsi. */
export interface Reached {
  /** With its query. */
  readonly target: string;
  header(name: string): readonly string[];
  readonly socket: Socket;
  /** What was said on the socket, as its server reads it. */
  messages(): readonly Message[];
  /** Resolves when the caller's side is over. */
  over(): Promise<void>;
}

/** The stand-in. */
export interface JitsiEnd {
  readonly origin: string;
  /** So many connections were made. */
  connections(): number;
  readonly upgrades: readonly Reached[];
  /** What reached it and was no upgrade: method and target. */
  readonly requests: readonly string[];
  /** How it answers an upgrade; as it should unless changed. */
  answer: (asked: IncomingMessage, socket: Socket) => void;
}

/** Starts it until the test ends. */
export async function startJitsiEnd(t: Pick<TestContext, 'after'>): Promise<JitsiEnd> {
  let count = 0;
  const sockets = new Set<Socket>();
  const upgrades: Reached[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end();
  });
  server.on('connection', (socket: Socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  const end: JitsiEnd = {
    get origin() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    connections: () => count,
    upgrades,
    requests,
    answer: ({ headers }, socket) => {
      const key = headers['sec-websocket-key'] ?? '';
      socket.write(switching({ key }, headers['sec-websocket-protocol']));
    },
  };
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const heard = hearing(socket);
    socket.on('end', () => socket.end());
    upgrades.push({
      target: request.url ?? '',
      header: (name) => valuesOf(request.rawHeaders, name),
      socket,
      messages: () => messagesIn(heard.bytes()),
      over: async () => void (await heard.all()),
    });
    end.answer(request, socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return end;
}

function messagesIn(bytes: Uint8Array): readonly Message[] {
  const read = createMessageReader(Math.max(1, bytes.length)).read(bytes);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

/** What is asked; a header of nothing is left out. */
export interface Dial {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Bytes right behind the request, in the same packet. */
  readonly behind?: string | Uint8Array;
}

/** An answered upgrade. */
export interface Dialled {
  readonly status: number;
  /** The answer's header, with its first line. */
  readonly head: string;
  /** The texts that came, once the other side has ended. */
  said(): Promise<readonly string[]>;
  /** The code in the answer's JSON, once it has ended. */
  code(): Promise<string>;
  /** Resolves when this was said. */
  until(pattern: RegExp): Promise<void>;
  say(...texts: readonly string[]): void;
  readonly socket: Socket;
}

/** Asks for a WebSocket at a port of this machine and waits for the header of the answer. */
export async function dial(
  port: number,
  { method = 'GET', target, headers, behind }: Dial,
): Promise<Dialled> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const heard = hearing(socket);
  const all: Readonly<Record<string, string | undefined>> = {
    Host: 'meet.example.org',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Protocol': 'xmpp',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) =>
    value === undefined ? '' : `${name}: ${value}\r\n`,
  );
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  socket.write(Buffer.concat([head, Buffer.from(behind ?? '')]));
  const headEnd = () => heard.bytes().indexOf('\r\n\r\n');
  let known = 0;
  while (headEnd() === -1) {
    const bytes = await heard.until(known + 1);
    if (bytes.length === known) break;
    known = bytes.length;
  }
  const answer = heard.bytes().subarray(0, Math.max(0, headEnd())).toString('latin1');
  const rest = () => heard.bytes().subarray(headEnd() + 4);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0),
    head: answer,
    socket,
    async said() {
      await heard.all();
      return textsIn(rest());
    },
    async code() {
      await heard.all();
      return (JSON.parse(rest().toString()) as { code: string }).code;
    },
    async until(pattern) {
      while (!pattern.test(rest().toString('latin1'))) {
        const before = heard.bytes().length;
        if ((await heard.until(before + 1)).length === before) throw new Error(`ended without ${pattern}`);
      }
    },
    say: (...texts) => {
      for (const text of texts) socket.write(textFrame(text, MASK));
    },
  };
}

/** A client's close frame. */
export const GOODBYE = closeFrame(1000, MASK);

/** The opening of an XMPP stream. */
export const openTo = (to: string) =>
  `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${to}' version='1.0'/>`;

/** A server's frames: texts as they are, a close frame by its number. */
function textsIn(bytes: Uint8Array): readonly string[] {
  const list: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] ?? 0;
    const wide = short === 126 ? 2 : 0;
    const length = wide === 2 ? (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0) : short;
    const payload = Buffer.from(bytes.subarray(at + 2 + wide, at + 2 + wide + length));
    const isClose = ((bytes[at] ?? 0) & 15) === OPCODE.close;
    list.push(isClose ? `close ${payload.readUInt16BE()}` : payload.toString());
    at += 2 + wide + length;
  }
  return list;
}
