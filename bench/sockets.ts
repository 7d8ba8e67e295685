/**
 * WebSockets through the gateway: what a relayed frame costs, what an idle connection holds, and what an upgrade costs
 * with a new token and without.
 *
 * A relay is measured by the time its own process spent on processors, as the system counts it: who sends and who
 * answers share the machine with it, and must not count.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { CountBar } from './bars.ts';
import { processorSeconds } from './processor.ts';
import { startWebSocketNginx } from './proxies.ts';
import { compare, type Figure, median, repeatTogether } from './rounds.ts';
import { type Server, startServer, startServerOf } from './run-server.ts';
import { OPEN, SENT } from './sockets-frames.ts';

/** What an open connection may hold. */
export const IDLE: CountBar = {
  name: 'idle sockets',
  done: 'idle XMPP connections of 200 sessions through the gateway, both ends of each',
  counted: 'bytes of memory of the gateway for each, over what it had before them',
  times: 5000,
  atMost: 25_000,
};

const TURN = 1000;
/** Of a relay: many and short, for what else the machine does changes from one second to the next. */
const SHORT_ROUNDS = 15;
const SHORT_ROUND = 1000;
const CONNECTIONS = 64;
const TOGETHER = 8;
const ORIGIN = 'http://localhost:1';

const END = new URL('./sockets-end.ts', import.meta.url).pathname;

/** An open stream through whatever listens there. */
async function openStream(
  { url, cookies }: Pick<Server, 'url' | 'cookies'>,
  { at, room }: { readonly at: number; readonly room: string },
): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.setNoDelay(true);
  const next = () =>
    new Promise<string>((done, failed) => {
      const failing = () => failed(new Error(`${url} closed`));
      socket.once('close', failing);
      socket.once('data', (chunk) => {
        socket.off('close', failing);
        done(String(chunk));
      });
    });
  socket.on('error', () => {});
  socket.write(
    [
      `GET /xmpp-websocket?room=${room} HTTP/1.1`,
      'Host: localhost:1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: xmpp',
      `Origin: ${ORIGIN}`,
      `Cookie: ${cookies[at % Math.max(1, cookies.length)] ?? 'none=x'}`,
      '\r\n',
    ].join('\r\n'),
  );
  const answer = await next();
  if (!answer.startsWith('HTTP/1.1 101')) throw new Error(`${url} answered ${answer}`);
  socket.write(OPEN);
  await next();
  return socket;
}

type Relay = Pick<Server, 'url' | 'cookies' | 'pid'>;

/** Frames, of both directions, for each second of processor of the relay: one under way on each of many connections. */
async function relayed(relay: Relay, sockets: readonly Socket[]): Promise<number> {
  let frames = 0;
  let over = false;
  const sending = sockets.map(
    (socket) =>
      new Promise<void>((done) => {
        let missing = 0;
        const heard = (chunk: Buffer): void => {
          missing -= chunk.length;
          if (missing > 0) return;
          frames += 2;
          if (over) {
            socket.off('data', heard);
            done();
          } else send();
        };
        const send = (): void => {
          // Without a mask the answer is four bytes shorter.
          missing = SENT.length - 4;
          socket.write(SENT);
        };
        socket.on('data', heard);
        send();
      }),
  );
  const before = processorSeconds(relay.pid);
  await pause(SHORT_ROUND);
  const seconds = processorSeconds(relay.pid) - before;
  const counted = frames;
  over = true;
  await Promise.all(sending);
  return counted / seconds;
}

/** Frames through the gateway, through a bare splice and through nginx, all at once: what slows down one slows down all. */
export async function relayFigure(): Promise<Figure> {
  const stops: (() => void)[] = [];
  try {
    const started = async <One extends { stop(): void }>(starting: Promise<One>): Promise<One> => {
      const one = await starting;
      stops.push(one.stop);
      return one;
    };
    const echo = await started(startServerOf(END, 'echo'));
    const ours = await started(startServer('gateway', echo.url));
    const bare = await started(startServerOf(END, 'splice', new URL(echo.url).port));
    const nginx = await started(startWebSocketNginx(echo.url));
    const side = async (relay: Relay) => {
      const opening = Array.from({ length: CONNECTIONS }, (_, at) =>
        openStream(relay, { at, room: `relay-${at}` }),
      );
      const sockets = await Promise.all(opening);
      stops.push(() => {
        for (const socket of sockets) socket.destroy();
      });
      return () => relayed(relay, sockets);
    };
    const sides = [await side(ours), await side(bare), await side({ ...nginx, cookies: [] })];
    const together = () => Promise.all(sides.map((measure) => measure()));
    await together();
    const rounds: (readonly number[])[] = [];
    for (let round = 0; round < SHORT_ROUNDS; round += 1) rounds.push(await together());
    const [us = [], peer = [], beside = []] = [0, 1, 2].map((at) => rounds.map((round) => round[at] ?? 0));
    const ratios = us.map((rate, at) => rate / (peer[at] ?? 0));
    return {
      ratio: median(ratios),
      ours: median(us),
      peer: median(peer),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      beside: median(beside),
    };
  } finally {
    for (const stop of stops.reverse()) stop();
  }
}

/** Upgrades with a token made for each, and with one that was made a moment ago. */
export async function upgradeFigure(): Promise<Figure> {
  const echo = await startServerOf(END, 'echo');
  const gateway = await startServer('gateway', echo.url);
  let rooms = 0;
  const upgrades = (room: () => string) => () =>
    repeatTogether(
      async (at) => {
        const socket = await openStream(gateway, { at: at % 16, room: room() });
        socket.destroy();
      },
      { milliseconds: TURN, together: TOGETHER },
    );
  try {
    return await compare({
      ours: upgrades(() => {
        rooms += 1;
        return `new-${rooms}`;
      }),
      peer: upgrades(() => 'same'),
    });
  } finally {
    gateway.stop();
    echo.stop();
  }
}

/** Bytes in memory of a server of ours that has just cleared away what it does not need. */
export async function memoryOf(pid: number): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    process.kill(pid, 'SIGUSR2');
    await pause(1000);
  }
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Bytes for each of so many idle connections. */
export async function idleBytes(times: number): Promise<number> {
  const echo = await startServerOf(END, 'echo');
  const server = await startServer('gateway', echo.url);
  const sockets: Socket[] = [];
  const open = async (count: number) => {
    const from = sockets.length;
    let next = from;
    const one = async () => {
      while (next < from + count) {
        const at = next;
        next += 1;
        sockets.push(await openStream(server, { at, room: `idle-${at % 50}` }));
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, one));
  };
  try {
    // The first ones bring in the code; they stay, so that nobody sits in a place that was theirs.
    await open(200);
    const before = await memoryOf(server.pid);
    await open(times);
    return ((await memoryOf(server.pid)) - before) / times;
  } finally {
    for (const socket of sockets) socket.destroy();
    server.stop();
    echo.stop();
  }
}
