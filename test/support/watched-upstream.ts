/**
 * Stands between the gateway and a stand-in of Jitsi's web server: writes down
 * what it is asked, can put files of its own in place, and can be taken away.
 */
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** One request as it came. */
export interface Watched {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** As Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly upgrade: boolean;
}

/** A file it answers itself. */
export interface UpstreamFile {
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one that watches. */
export interface WatchedUpstream {
  readonly url: string;
  readonly asked: readonly Watched[];
  /** Begins to write down anew. */
  forget(): void;
  /** Nobody answers any more, and what was open is cut. */
  down(): Promise<void>;
  /** Answers again, at the same address. */
  up(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one before `to`. */
export async function watchUpstream(
  to: string,
  files: Readonly<Record<string, UpstreamFile>> = {},
): Promise<WatchedUpstream> {
  const { hostname, port } = new URL(to);
  const asked: Watched[] = [];
  const open = new Set<Duplex>();
  const watch = (incoming: IncomingMessage, upgrade: boolean) => {
    const { method = '', url = '', rawHeaders: headers } = incoming;
    asked.push({ method, url, headers, upgrade });
    return { hostname, port, method, path: url, headers: [...headers] };
  };

  function onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const onward = watch(incoming, false);
    const file = files[(incoming.url ?? '').split('?', 1)[0] ?? ''];
    if (file !== undefined) {
      outgoing.writeHead(200, { 'content-type': file.type, ...file.headers }).end(file.body);
      return;
    }
    const asking = ask(onward, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    asking.on('error', () => outgoing.destroy());
    incoming.pipe(asking);
  }

  function onUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const asking = ask(watch(incoming, true));
    asking.on('error', () => socket.destroy());
    asking.on('upgrade', (answer, onward) => {
      const lines = [`HTTP/1.1 101 Switching Protocols`];
      for (let at = 0; at < answer.rawHeaders.length; at += 2)
        lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      for (const one of [socket, onward]) {
        open.add(one);
        one.on('error', () => one.destroy());
        one.on('close', () => {
          open.delete(one);
          socket.destroy();
          onward.destroy();
        });
      }
      socket.pipe(onward);
      onward.pipe(socket);
    });
    asking.end();
  }

  const listen = (at: number) =>
    new Promise<Server>((done, failed) => {
      const made = createServer(onRequest).on('upgrade', onUpgrade);
      made.once('error', failed);
      made.listen(at, '127.0.0.1', () => done(made));
    });
  let server: Server | undefined = await listen(0);
  const place = (server.address() as AddressInfo).port;
  const down = async () => {
    const gone = server;
    server = undefined;
    for (const one of open) one.destroy();
    gone?.closeAllConnections();
    await new Promise<void>((done) => (gone === undefined ? done() : gone.close(() => done())));
  };
  return {
    url: `http://127.0.0.1:${place}`,
    asked,
    forget: () => {
      asked.length = 0;
    },
    down,
    up: async () => {
      server ??= await listen(place);
    },
    close: down,
  };
}
