/**
 * A gateway with the stand-in for Jitsi behind it, people who are signed in, and what reaches Jitsi of what they do.
 */
import assert from 'node:assert/strict';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { ORIGIN, PREFIX, type Stage, type StageOptions, startStage } from '../support/server-stage.ts';
import {
  type Dial,
  type Dialled,
  dial,
  type JitsiEnd,
  type Reached,
  startJitsiEnd,
} from '../support/upgrades.ts';

/** An XMPP WebSocket into one room. */
export const XMPP = '/xmpp-websocket?room=standup';
/** Jitsi's other WebSockets. */
export const OTHERS = [
  '/colibri-ws/default-id/1f2e/3d4c?pwd=x',
  '/etherpad/socket.io/?EIO=4',
  '/rtcstats-ws/',
];

const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36';

/** Somebody signed in. */
export interface Person {
  /** The session's id, as the browser holds it. */
  readonly id: string;
  readonly cookie: string;
  readonly handle: string;
}

/** A gateway and Jitsi behind it. */
export interface GateStage {
  readonly stage: Stage;
  readonly jitsi: JitsiEnd;
  at(ask: Dial): Promise<Dialled>;
  person(name: string): Promise<Person>;
  /** The ticket an app gets for this room. */
  ticketFor(person: Person, room: string): Promise<string>;
  /** What this leaves behind at Jitsi: connections, and upgrades that came through. */
  reaching<Result>(what: () => Promise<Result>): Promise<{
    readonly result: Result;
    readonly connections: number;
    readonly upgrades: readonly Reached[];
  }>;
  /** Resolves when nothing is open any more. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** Starts both. */
export async function startGate({ config, ...options }: StageOptions = {}): Promise<GateStage> {
  const closing: (() => unknown)[] = [];
  const jitsi = await startJitsiEnd({ after: (close) => void closing.push(close as () => unknown) });
  const stage = await startStage({
    ...options,
    config: { upstream: { url: jitsi.origin }, access: 'members', ...config },
  });
  return {
    stage,
    jitsi,
    at: (ask) => dial(stage.ports.public, ask),
    async person(name) {
      const about = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups: [] };
      const { id, session } = await stage.parts.sessions.issue({ person: about });
      return { id: id.reveal(), cookie: `${SESSION_COOKIE}=${id.reveal()}`, handle: session.handle };
    },
    ticketFor: ({ cookie }, room) => ticketAt(stage, cookie, room),
    async reaching(what) {
      const [connections, upgrades] = [jitsi.connections(), jitsi.upgrades.length];
      const result = await what();
      return {
        result,
        connections: jitsi.connections() - connections,
        upgrades: jitsi.upgrades.slice(upgrades),
      };
    },
    async empty() {
      while (stage.parts.sockets.list().length > 0) await new Promise(setImmediate);
    },
    async close() {
      await stage.close();
      for (const close of closing) await close();
    },
  };
}

async function ticketAt(stage: Stage, cookie: string, room: string): Promise<string> {
  const headers = {
    ...{ cookie, origin: ORIGIN, 'user-agent': ANDROID },
    'content-type': 'application/x-www-form-urlencoded',
  };
  const body = `how=app&to=${encodeURIComponent(room)}`;
  const answer = await stage.ask(`${PREFIX}/hand-off`, { method: 'POST', headers, body });
  const [, ticket] = /\?jwt=([\w.-]+)#Intent/.exec(answer.headers.get('location') ?? '') ?? [];
  return ticket ?? assert.fail(`no ticket: ${answer.status}`);
}
