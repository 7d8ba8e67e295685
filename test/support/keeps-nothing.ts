/**
 * A way to a server on which frames keep no cookie of it, as in browsers that have none for frames at all: what such
 * a browser would throw away is taken out before it comes there. Everything else goes through as it is.
 */
import { createServer, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** The way. */
export interface KeepsNothing {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens one to this port, on one that is given or free. */
export async function keepsNothing(to: number, port = 0): Promise<KeepsNothing> {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = send({ host: '127.0.0.1', port: to, method, path: url, headers }, (answer) => {
      const kept = { ...answer.headers };
      if (headers['sec-fetch-dest'] === 'iframe') delete kept['set-cookie'];
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  const upgraded = new Set<Duplex>();
  server.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    upgraded.add(socket);
    const onward = connect(to, '127.0.0.1', () => {
      const lines = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
      onward.write(`${method} ${url} HTTP/1.1\r\n${lines}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of upgraded) socket.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
