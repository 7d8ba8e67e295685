/**
 * A flood of people who have not signed in, of every kind the gateway tells apart,
 * and what of it Jitsi behind the gateway felt.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import { SESSION_COOKIE } from '../src/web/cookies.ts';
import { startServer } from './run-server.ts';

/** What came of it. */
export interface Flood {
  /** Connections and requests at Jitsi. */
  readonly reached: number;
  /** Requests a second, printed beside it. */
  readonly perSecond: number;
}

const TOGETHER = 16;
const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
const MADE_UP = { cookie: `${SESSION_COOKIE}=${'x'.repeat(43)}`, origin: 'http://localhost:1' };

type Kind = (at: number) => Partial<Dispatcher.RequestOptions> & { readonly path: string };

/** Each is another every time: nothing that was answered once answers for the next. */
const KINDS: readonly Kind[] = [
  (at) => ({ path: `/room-${at}`, headers: PAGE }),
  (at) => ({ path: `/tenant-${at % 100}/room-${at}?lang=${at}`, headers: PAGE }),
  (at) => ({ path: `/room-${at}`, headers: { ...PAGE, ...MADE_UP } }),
  (at) => ({ path: '/', headers: { ...PAGE, 'x-forwarded-for': `203.0.113.${at % 250}` } }),
  (at) => ({ path: `/libs/app.bundle.min.js?v=${at}` }),
  (at) => ({ path: `/tenant-${at}/css/all.css` }),
  (at) => ({ path: `/xmpp-websocket?room=room-${at}` }),
  (at) => ({ path: `/xmpp-websocket?room=room-${at}&token=a.b.${at}`, headers: MADE_UP }),
  (at) => ({ path: `/colibri-ws/default-id/${at}/endpoint` }),
  (at) => ({ path: `/http-bind?room=room-${at}`, method: 'POST', body: bosh(`to='meet.jitsi' rid='${at}'`) }),
  (at) => ({
    path: `/tenant-${at % 100}/http-bind?room=room-${at}&token=a.b.${at}`,
    method: 'POST',
    headers: MADE_UP,
    body: bosh(`sid='${at}' rid='${at}'`),
  }),
  (at) => ({
    path: `/conference-request/v1?room=room-${at}`,
    method: 'POST',
    headers: { ...MADE_UP, 'content-type': 'application/json' },
    body: '{}',
  }),
  (at) => ({ path: `/_api/room-info?room=room-${at}`, headers: { authorization: `Bearer a.b.${at}` } }),
  (at) => ({ path: `/somewhere/else/${at}` }),
];

function bosh(attributes: string): string {
  return `<body xmlns='http://jabber.org/protocol/httpbind' ${attributes}/>`;
}

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
        await ask(pool, KINDS[at % KINDS.length]?.(at) ?? { path: '/' });
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

async function ask(pool: Pool, what: ReturnType<Kind>): Promise<void> {
  const { body } = await pool.request({ method: 'GET', ...what });
  await body.dump();
}
