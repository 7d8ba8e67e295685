/**
 * Five thousand people before one room: what each of them costs while they wait, and whether all of them hear that
 * they may go on.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { CountBar } from './bars.ts';
import { type Server, startServer } from './run-server.ts';
import { memoryOf } from './sockets.ts';

/** Nobody may be forgotten. */
export const WAITING: CountBar = {
  name: 'waiting',
  done: 'people on the waiting page of one room, five tabs a guest; then its host comes, and 1,000 a second may go on',
  counted: 'of them who did not hear of it',
  times: 5000,
  atMost: 0,
};

/** What came of it. */
export interface Waited {
  readonly lost: number;
  /** Bytes of memory of the server for each, printed beside it. */
  readonly bytesEach: number;
}

/** So many begin to wait at once. */
const TOGETHER = 50;

/** Lets so many wait. */
export async function waitTogether(times: number): Promise<Waited> {
  const jitsi = createServer((_, response) => void response.end());
  await once(jitsi.listen(0, '127.0.0.1'), 'listening');
  const server = await startServer('waiting', `http://127.0.0.1:${(jitsi.address() as AddressInfo).port}`);
  const sockets: Socket[] = [];
  try {
    const before = await memoryOf(server.pid);
    let heard = 0;
    for (let from = 0; from < times; from += TOGETHER)
      for (let at = from; at < from + TOGETHER; at += 1)
        sockets.push(
          await begin(server, at, () => {
            heard += 1;
          }),
        );
    const bytesEach = Math.round(((await memoryOf(server.pid)) - before) / times);
    server.say('host');
    for (let seconds = 0; seconds < 30 && heard < times; seconds += 1) await pause(1000);
    return { lost: times - heard, bytesEach };
  } finally {
    for (const socket of sockets) socket.destroy();
    server.stop();
    jitsi.close();
    jitsi.closeAllConnections();
  }
}

async function begin(server: Server, at: number, heard: () => void): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    [
      'GET /_ostiary/waiting?to=%2Fstandup HTTP/1.1',
      'Host: localhost:1',
      'Accept: text/event-stream',
      `Cookie: ${server.cookies[at % server.cookies.length]}`,
      '\r\n',
    ].join('\r\n'),
  );
  const [first] = (await once(socket, 'data')) as [Buffer];
  if (!String(first).startsWith('HTTP/1.1 200')) throw new Error(String(first).slice(0, 200));
  socket.on('data', (chunk: Buffer) => {
    if (String(chunk).includes('event: go')) heard();
  });
  return socket;
}
