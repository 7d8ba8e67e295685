/**
 * A flood of people who have not signed in, of every kind the gateway tells apart, what of it Jitsi behind it felt, and
 * how long somebody who is signed in waits meanwhile.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { type StrangersRequest, strangersRequest } from '../test/support/strangers.ts';
import { HOST, startOwnFront } from './forward.ts';
import { startServer } from './run-server.ts';

/** What came of it. */
export interface Flood {
  /** Connections and requests at Jitsi. */
  readonly reached: number;
  /** Requests a second, printed beside it. */
  readonly perSecond: number;
  /** Milliseconds within which 99 of a hundred requests of somebody signed in are answered: in quiet, and in the flood. */
  readonly quiet: number;
  readonly flooded: number;
}

/** Where they stand: before our gateway, or before nginx that asks us. */
export type Door = 'gateway' | 'forward';

/** So many connections at once, each with a request under way. */
export const TOGETHER = 8000;
/** Seconds for which somebody signed in asks on and on: with so many in front of them one answer takes its time. */
const LOOK = 15;
const THEIR_FILE = '/libs/of-somebody-signed-in.js';

interface Standing {
  readonly url: string;
  readonly cookies: readonly string[];
  stop(): void;
}

async function standing(door: Door, jitsi: string): Promise<Standing> {
  if (door === 'gateway') return startServer('gateway', `http://${jitsi}`);
  return startOwnFront({ from: 'proxied', kept: true, jitsi });
}

/** Sends so many to a door in front of a Jitsi that counts. Throws where somebody signed in does not reach it. */
export async function flood(door: Door, times: number): Promise<Flood> {
  let reached = 0;
  const jitsi = createServer((_, response) => {
    reached += 1;
    response.end('Jitsi');
  });
  jitsi.on('connection', () => {
    reached += 1;
  });
  await once(jitsi.listen(0, '127.0.0.1'), 'listening');
  const there = await standing(door, `127.0.0.1:${(jitsi.address() as AddressInfo).port}`);
  const pool = new Pool(there.url, { connections: TOGETHER });
  const cookie = there.cookies[0] ?? '';
  let at = 0;
  const strangers = async (goOn: () => boolean) => {
    const one = async () => {
      while (goOn()) {
        at += 1;
        await ask(pool, strangersRequest(at));
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, one));
  };
  try {
    const started = performance.now();
    await strangers(() => at < times);
    const perSecond = (times / (performance.now() - started)) * 1000;
    const felt = reached;
    // A zero means something only where one is counted.
    await ask(pool, { path: THEIR_FILE, headers: { cookie } });
    if (reached === felt) throw new Error('Jitsi is not where it is counted');
    const quiet = await waited(there.url, cookie);
    let looking = true;
    const [flooded] = await Promise.all([
      // Until all of them are there.
      pause(1000)
        .then(() => waited(there.url, cookie))
        .finally(() => {
          looking = false;
        }),
      strangers(() => looking),
    ]);
    return { reached: felt, perSecond, quiet, flooded };
  } finally {
    await pool.destroy();
    there.stop();
    jitsi.close();
    jitsi.closeAllConnections();
  }
}

/** Milliseconds that 99 of a hundred requests of somebody signed in take at most, one after the other. */
async function waited(url: string, cookie: string): Promise<number> {
  const about = ['-t1', '-c1', `-d${LOOK}s`, '--latency', '--timeout', '20s'];
  const child = spawn('wrk', [...about, '-H', `Host: ${HOST}`, '-H', `Cookie: ${cookie}`, url + THEIR_FILE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  const [, value, unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(text) ?? [];
  if (value === undefined || / 0 requests in|Non-2xx|Socket errors/.test(text))
    throw new Error(`${url} failed: ${text}`);
  return Number(value) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN);
}

async function ask(pool: Pool, { headers, ...what }: StrangersRequest): Promise<void> {
  const { body } = await pool.request({ method: 'GET', ...what, headers: { ...headers, host: HOST } });
  await body.dump();
}
