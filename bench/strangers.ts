/**
 * A flood of people who have not signed in, of every kind the gateway tells apart,
 * and what of it Jitsi behind the gateway felt.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { type StrangersRequest, strangersRequest } from '../test/support/strangers.ts';
import { startServer } from './run-server.ts';

/** What came of it. */
export interface Flood {
  /** Connections and requests at Jitsi. */
  readonly reached: number;
  /** Requests a second, printed beside it. */
  readonly perSecond: number;
}

const TOGETHER = 16;
/** Sends so many to a gateway in front of a Jitsi that counts. Throws where somebody signed in does not reach it. */
export async function flood(times: number): Promise<Flood> {
  let reached = 0;
  const jitsi = createServer((_, response) => {
    reached += 1;
    response.end('Jitsi');
  });
  jitsi.on('connection', () => {
    reached += 1;
  });
  await once(jitsi.listen(0, '127.0.0.1'), 'listening');
  const gateway = await startServer('gateway', `http://127.0.0.1:${(jitsi.address() as AddressInfo).port}`);
  const pool = new Pool(gateway.url, { connections: TOGETHER });
  try {
    const started = performance.now();
    let at = 0;
    const one = async () => {
      while (at < times) {
        at += 1;
        await ask(pool, strangersRequest(at));
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, one));
    const perSecond = (times / (performance.now() - started)) * 1000;
    const felt = reached;
    // A zero means something only where one is counted.
    await ask(pool, { path: '/libs/app.bundle.min.js', headers: { cookie: gateway.cookies[0] ?? '' } });
    if (reached === felt) throw new Error('Jitsi is not where it is counted');
    return { reached: felt, perSecond };
  } finally {
    await pool.destroy();
    gateway.stop();
    jitsi.close();
    jitsi.closeAllConnections();
  }
}

async function ask(pool: Pool, what: StrangersRequest): Promise<void> {
  const { body } = await pool.request({ method: 'GET', ...what });
  await body.dump();
}
