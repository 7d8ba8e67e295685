/**
 * Two ends of one real connection on 127.0.0.1, and what one end heard.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A server whose connections are taken by hand. */
export interface Listener {
  readonly port: number;
  /** The next connection. */
  next(): Promise<Socket>;
}

/** Listens until the test ends. Connections may stay half open, as under node:http. */
export async function listen(t: TestContext): Promise<Listener> {
  const server: Server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  const waiting: Socket[] = [];
  let wake: (() => void) | undefined;
  server.on('connection', (socket) => {
    sockets.push(socket);
    waiting.push(socket);
    socket.on('error', () => {});
    wake?.();
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    async next() {
      while (waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const [socket] = waiting.splice(0, 1);
      if (socket === undefined) throw new Error('nobody came');
      return socket;
    },
  };
}

/** Both ends of a connection: the one that called, and the one that was called. */
export async function socketPair(
  t: TestContext,
): Promise<{ readonly caller: Socket; readonly called: Socket }> {
  const listener = await listen(t);
  const caller = connect(listener.port, '127.0.0.1');
  caller.on('error', () => {});
  t.after(() => caller.destroy());
  return { called: await listener.next(), caller };
}

/** Keeps what an end hears. */
export function hearing(socket: Socket): {
  /** All so far. */
  bytes(): Buffer;
  /** Resolves when so much was heard. */
  until(count: number): Promise<Buffer>;
  /** All there was, when the other side has ended. */
  all(): Promise<Buffer>;
} {
  const chunks: Buffer[] = [];
  let wake: (() => void) | undefined;
  let over = false;
  const stir = (): void => wake?.();
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    stir();
  });
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      over = true;
      stir();
    });
  const bytes = (): Buffer => Buffer.concat(chunks);
  const when = async (there: () => boolean): Promise<Buffer> => {
    while (!there() && !over)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return bytes();
  };
  return { bytes, until: (count) => when(() => bytes().length >= count), all: () => when(() => over) };
}
