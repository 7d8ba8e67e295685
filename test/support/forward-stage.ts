/**
 * Our whole server as proxies ask it, behind it a real Prosody, and one of those proxies in front.
 */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fixedClock } from '../../src/base/clock.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { SECRET, startMeetings } from '../prosody/gate-stage.ts';
import type { Prosody } from '../prosody/prosody.ts';
import {
  type Front,
  type FrontParts,
  startFrontCaddy,
  startFrontHaproxy,
  startFrontNginx,
  startFrontTraefik,
  startNginxBefore,
} from './real/front.ts';
import { APP_ID, type Stage, startStage } from './server-stage.ts';

/** A request as it arrived behind the proxy. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Somebody who is signed in. */
export interface Person {
  readonly name: string;
  readonly handle: string;
  readonly cookie: string;
}

/** Everything around one proxy. */
export interface ForwardStage {
  readonly stage: Stage;
  readonly front: Front;
  readonly prosody: Prosody;
  /** What the back ends but Prosody were asked. */
  readonly arrived: Arrived[];
  person(name: string): Promise<Person>;
  close(): Promise<void>;
}

/** Starts a proxy before what is handed to it. */
export type StartFront = (
  parts: FrontParts & { readonly prosody: string; readonly others: string },
) => Promise<Front>;

/** Every one there is, by the name that a test says. */
export const FRONTS: readonly (readonly [name: string, start: StartFront])[] = [
  ["nginx, as Jitsi's own web server", startFrontNginx],
  ["nginx before Jitsi's web server", startNginxBefore],
  ['Caddy', startFrontCaddy],
  ['HAProxy', startFrontHaproxy],
  ['a stand-in for Traefik', startFrontTraefik],
];

/** Starts everything. */
export async function startForwardStage(
  start: StartFront,
  {
    config = {},
    allowEmpty = false,
  }: { readonly config?: Readonly<Record<string, unknown>>; readonly allowEmpty?: boolean } = {},
): Promise<ForwardStage> {
  const arrived: Arrived[] = [];
  const others = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    arrived.push({ method, url, headers });
    outgoing.end('BACK END');
  });
  await once(others.listen(0, '127.0.0.1'), 'listening');
  const prosody = await startMeetings({ allowEmpty });
  const stage = await startStage({
    // Prosody judges by the machine's own clock: what begins here holds there for four minutes of ours.
    clock: fixedClock(Date.now() - 200_000),
    config: {
      forwardAuth: { enabled: true },
      trustedProxies: ['127.0.0.1'],
      tokens: { appId: APP_ID, secret: SECRET },
      access: 'members',
      ...config,
    },
  });
  const { port } = others.address() as AddressInfo;
  const closeBehind = async () => {
    await stage.close();
    await prosody.stop();
    others.closeAllConnections();
    await new Promise((done) => others.close(done));
  };
  const around = { stage, prosody: prosody.origin, others: `http://127.0.0.1:${port}` };
  const front = await start({ behind: 'debian', ...around }).catch(async (thrown) => {
    await closeBehind();
    throw thrown;
  });
  return {
    ...{ stage, front, prosody, arrived },
    async person(name) {
      const person = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups: ['members'] };
      const { id, session } = await stage.parts.sessions.issue({ person });
      return { name, handle: session.handle, cookie: `${SESSION_COOKIE}=${id.reveal()}` };
    },
    async close() {
      await front.stop();
      await closeBehind();
    },
  };
}
