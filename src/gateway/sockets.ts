/**
 * What is open through the gateway, whose it is, and when it has to end.
 *
 * Nothing pushes: once a second the sessions that hold something open are asked for, so that an end is felt within
 * two seconds, by whatever process it was made. Time alone ends no meeting before its grace is over. Knows nothing
 * of bytes: how a connection is ended is handed in with it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { meetingEnd } from '../admission/meeting-end.ts';
import { Problem } from '../base/problem.ts';
import type { Room } from '../base/room.ts';
import type { Soon } from '../base/soon.ts';
import {
  type Connection,
  type ConnectionEnd,
  type ConnectionKind,
  createKeeping,
  type Entry,
  insideKey,
  type SocketsParts,
  ticking,
  type Ways,
} from './sockets-look.ts';

/** A place among what is open. */
export interface Place {
  readonly connection: Connection;
  /** The connection stands, and is ended so from now on; at once, where its end was decided meanwhile. */
  fill(ways: Ways): void;
  /** The caller said something. */
  heard(): void;
  /** Counts an end that came from the connection itself. */
  faulted(why: ConnectionEnd): void;
  /** It is closed. May be said again. */
  leave(): void;
}

/** What is open. */
export interface Sockets {
  /**
   * Takes a place before Jitsi is asked. `inUse` is called once a minute while it is open, in place of a mere touch.
   * Throws `socket.too-many` and `server.draining`.
   */
  take(about: Omit<Connection, 'since'>, inUse?: () => Soon<unknown>): Place;
  /** Ends everything of one session now, and resolves when it is closed. */
  endSession(session: string): Promise<void>;
  /** Was this session in this room a moment ago? Then it may resume, though its time has run out since. */
  wasInside(session: string, room: Room): Promise<boolean>;
  /** Does this session stand, or is its meeting within its grace? Straight from the store; throws what the store throws. */
  stands(session: string): Promise<boolean>;
  /** One look at every session and every silence. Never throws. */
  tick(): Promise<void>;
  /** Looks every second from now on; the returned function stops that. */
  start(): () => void;
  /** Takes nothing more, and drops all there is, spread over so many seconds: everybody resumes, and not all at once. */
  drain(seconds: number): Promise<void>;
  list(): readonly Connection[];
}

const TICK = 1000;

/** Makes the registry. */
export function createSockets(parts: SocketsParts): Sockets {
  const { clock, metrics, store, options } = parts;
  const entries = new Set<Entry>();
  const bySession = new Map<string, Set<Entry>>();
  const counts: Record<ConnectionKind, number> = { xmpp: 0, bosh: 0, other: 0 };
  let draining = false;

  function counted(kind: ConnectionKind, by: 1 | -1): void {
    counts[kind] += by;
    metrics.observe('ostiary_gate_connections', { kind }, counts[kind]);
  }

  function leave(entry: Entry): void {
    if (!entries.delete(entry)) return;
    entry.hostLeft?.();
    const { kind, session = '' } = entry.connection;
    const others = bySession.get(session);
    others?.delete(entry);
    if (others?.size === 0) bySession.delete(session);
    counted(kind, -1);
  }

  function decided(entry: Entry, why: ConnectionEnd): void {
    if (entry.over || !entries.has(entry)) return;
    entry.over = true;
    metrics.count('ostiary_gate_connections_ended_total', { why });
    parts.ended?.(entry.connection, why);
  }

  function end(entry: Entry, why: ConnectionEnd): Promise<void> | undefined {
    decided(entry, why);
    return entry.ways?.end();
  }

  function drop(entry: Entry, why: ConnectionEnd): void {
    if (entry.over) return;
    decided(entry, why);
    entry.ways?.drop();
  }

  const keeping = createKeeping(parts);
  function stands(entry: Entry): void {
    const { connection } = entry;
    keeping.inside(connection);
    const { role, room, kind } = connection;
    if (role === 'host' && room !== undefined && kind !== 'other' && entries.has(entry))
      entry.hostLeft ??= parts.presence?.hostIn(room);
  }
  const tick = ticking(parts, { entries, bySession, end, drop, keeping });
  return {
    take(about, inUse = () => parts.touch(about.session ?? '')) {
      if (draining) throw new Problem('server.draining');
      const { session, kind } = about;
      const others = session === undefined ? undefined : bySession.get(session);
      if (others !== undefined && others.size >= options.perSession)
        throw new Problem('socket.too-many', { open: others.size });
      const connection = Object.freeze({ ...about, since: clock.now() });
      const entry = entryOf(connection, inUse);
      entries.add(entry);
      if (session !== undefined) bySession.set(session, (others ?? new Set()).add(entry));
      counted(kind, 1);
      return placeOf(entry, { decided, leave, stands });
    },
    async endSession(session) {
      const all = [...(bySession.get(session) ?? [])];
      await Promise.all(all.map((entry) => end(entry, 'session-ended')));
    },
    wasInside: async (session, room) => (await store.get(insideKey(session, room))) !== undefined,
    stands: async (session) =>
      meetingEnd((await parts.standing([session])).get(session) ?? 'gone', options, clock.now()) ===
      undefined,
    tick,
    start() {
      const every = setInterval(() => void tick(), TICK);
      every.unref();
      return () => clearInterval(every);
    },
    drain(seconds) {
      draining = true;
      const all = [...entries];
      return spread(all, seconds, (entry) => drop(entry, 'draining'));
    },
    list: () => [...entries].map(({ connection }) => connection),
  };
}

function entryOf(connection: Connection, inUse: Entry['inUse']): Entry {
  const { since } = connection;
  const heard = { heard: false, heardBytes: 0, heardAt: since };
  return { connection, inUse, ways: undefined, ...heard, touchedAt: since, over: false };
}

/** Does something to each, spread evenly over so many seconds. */
async function spread<One>(all: readonly One[], seconds: number, what: (one: One) => void): Promise<void> {
  const step = (seconds * 1000) / Math.max(1, all.length);
  await Promise.all(
    all.map(async (one, at) => {
      await pause(at * step);
      what(one);
    }),
  );
}

/** What a place does to the registry. */
interface Registry {
  readonly decided: (entry: Entry, why: ConnectionEnd) => void;
  readonly leave: (entry: Entry) => void;
  readonly stands: (entry: Entry) => void;
}

function placeOf(entry: Entry, { decided, leave, stands }: Registry): Place {
  const { connection } = entry;
  return {
    connection,
    fill(ways) {
      entry.ways = ways;
      if (entry.over) void ways.end();
      else stands(entry);
    },
    heard() {
      // What time that was the next look sees.
      entry.heard = true;
    },
    faulted: (why) => decided(entry, why),
    leave: () => leave(entry),
  };
}
