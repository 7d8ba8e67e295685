/**
 * What stands around the gateway when WebSockets are measured, each in a process of its own: `echo`, Jitsi's end,
 * which answers every frame of 500 bytes with one; and `splice PORT`, two connections made one by Node alone.
 * Prints `{"url","cookies"}` when it listens, and ends with its parent.
 */
import { createServer, request } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { frame, OPCODE, textFrame } from '../src/gateway/frames.ts';
import { switching } from '../src/gateway/handshake.ts';
import { OPEN, PAYLOAD, SENT } from './sockets-frames.ts';

const [, , kind = 'echo', port = '0'] = process.argv;
process.on('disconnect', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();

const ANSWER = Buffer.from(frame(OPCODE.text, PAYLOAD));
const ANSWERS = Buffer.concat(Array.from({ length: 64 }, () => ANSWER));

function echo(): Server {
  const server = createServer();
  server.on('upgrade', ({ headers }, socket: Socket) => {
    socket.setNoDelay(true);
    socket.write(switching({ key: headers['sec-websocket-key'] ?? '' }, 'xmpp'));
    let opening = OPEN.length;
    let bytes = 0;
    socket.on('error', () => {}).on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      if (opening > 0) {
        opening -= chunk.length;
        // Who opens a stream waits for its answer.
        if (opening <= 0) socket.write(textFrame('<open/>'));
        return;
      }
      bytes += chunk.length;
      const whole = Math.min(64, Math.floor(bytes / SENT.length));
      bytes -= whole * SENT.length;
      if (whole > 0) socket.write(ANSWERS.subarray(0, whole * ANSWER.length));
    });
  });
  return server;
}

/** What anybody would write first: the upgrade passed on, then two pipes, and nothing looked at. */
function splice(): Server {
  const server = createServer();
  server.on('upgrade', ({ url: path = '', headers }, client: Socket) => {
    const asking = request({ host: '127.0.0.1', port, path, headers, agent: false });
    asking.on('upgrade', ({ rawHeaders }, upstream: Socket) => {
      const lines = rawHeaders.map((word, at) => (at % 2 === 0 ? `${word}: ` : `${word}\r\n`)).join('');
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
      for (const side of [client, upstream]) {
        side.setNoDelay(true);
        side.on('error', () => {});
      }
      client.pipe(upstream).pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
    asking.end();
  });
  return server;
}

const server = kind === 'splice' ? splice() : echo();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.stdout.write(`${JSON.stringify({ url, cookies: [] })}\n`);
});
