/**
 * The look at what is open: once a second, which sessions live, who was put out of a room, who fell silent,
 * and who is still there. Knows nothing of bytes, and ends nothing itself.
 */
import type { Kicks } from '../admission/kick.ts';
import { type MeetingEnd, type MeetingGrace, meetingEnd } from '../admission/meeting-end.ts';
import type { Presence } from '../admission/presence.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { digest } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import { type Room, roomKey } from '../base/room.ts';
import type { Soon } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import type { Standing } from '../identity/session.ts';

/** What is open: an XMPP stream by WebSocket or by BOSH, or the WebSocket of another service. */
export type ConnectionKind = 'xmpp' | 'bosh' | 'other';

/** Why we ended a connection. */
export type ConnectionEnd =
  | MeetingEnd
  | 'kicked'
  | 'silent'
  | 'draining'
  | 'stream-refused'
  | 'protocol'
  | 'slow'
  | 'guarded-again';

/** One open connection, as a person listing them sees it. */
export interface Connection {
  readonly kind: ConnectionKind;
  /** The handle of the session it belongs to; none where a machine has it. */
  readonly session?: string;
  readonly machine?: string;
  /** Whose it is, for the audit. */
  readonly person?: string;
  readonly room?: Room;
  /** As what they are in it. */
  readonly role?: Role;
  readonly address: string;
  /** The spoken id of the request that began it. */
  readonly id?: string;
  /** It passed unguarded, and may until then, in milliseconds since 1970. */
  readonly until?: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** How a connection is ended. */
export interface Ways {
  /** For good: nobody resumes it. */
  end(): Promise<void>;
  /** For now: whoever was there comes back and resumes. */
  drop(): void;
  /** Bytes that were said so far, where they are counted; else `Place.heard` tells of each time. */
  heard?(): number;
}

/** What the registry is made of. */
export interface SocketsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  /** How sessions stand, straight from the store. */
  readonly standing: (sessions: readonly string[]) => Promise<ReadonlyMap<string, Standing>>;
  /** An open XMPP connection is activity. */
  readonly touch: (session: string) => unknown;
  readonly options: SocketsOptions;
  /** Told of every connection that we ended, and why: for the audit. */
  readonly ended?: (connection: Connection, why: ConnectionEnd) => void;
  /** Told of hosts in their rooms. */
  readonly presence?: Pick<Presence, 'hostIn'>;
  /** Who was put out of which room, straight from the store. */
  readonly kicks?: Pick<Kicks, 'look'>;
}

/** Times in seconds. */
export interface SocketsOptions extends MeetingGrace {
  readonly perSession: number;
}

/** A connection, and what becomes of it. */
export interface Entry {
  readonly connection: Connection;
  ways: Ways | undefined;
  /** Something was said since the last look. */
  heard: boolean;
  /** So many bytes had been said at the last look. */
  heardBytes: number;
  heardAt: number;
  touchedAt: number;
  /** Said once a minute while it is open: that is use. */
  readonly inUse: () => Soon<unknown>;
  /** Its end is decided. */
  over: boolean;
  /** Says that this host's connection is gone. */
  hostLeft?: (() => void) | undefined;
}

/** Sessions asked for in one go; between two, others have their turn. */
const SLICE = 200;
/** Seconds between two signs that an open connection is in use. */
const TOUCH = 60;
/** Seconds within which somebody who was cut off resumes: Prosody keeps them for one minute, Jitsi's client tries for less than that. */
const RESUMES_WITHIN = 600;
/** Seconds of silence after which nobody is there: Jitsi's client speaks every 10, in a hidden tab every 60; by BOSH a request may wait for 120. */
const SILENCE: Readonly<Record<ConnectionKind, number>> = { xmpp: 180, bosh: 300, other: 900 };

/** What one look needs. */
export interface Looking {
  readonly entries: ReadonlySet<Entry>;
  readonly bySession: ReadonlyMap<string, ReadonlySet<Entry>>;
  readonly end: (entry: Entry, why: ConnectionEnd) => Promise<void> | undefined;
  readonly drop: (entry: Entry, why: ConnectionEnd) => void;
  readonly keeping: Keeping;
}

/** Makes the look at everything that is open: its sessions, and its silence. */
export function ticking(parts: SocketsParts, looking: Looking): () => Promise<void> {
  const { clock, log } = parts;
  const { entries, bySession, end, drop, keeping } = looking;
  let looks = false;
  let failing = false;

  async function look(): Promise<void> {
    const now = clock.now();
    for (const entry of entries) {
      const bytes = entry.ways?.heard?.() ?? 0;
      if (entry.heard || bytes !== entry.heardBytes) entry.heardAt = now;
      entry.heard = false;
      entry.heardBytes = bytes;
      if (now - entry.heardAt > SILENCE[entry.connection.kind] * 1000) drop(entry, 'silent');
      // Whoever it was comes back, and is asked this time.
      else if (now >= (entry.connection.until ?? Number.POSITIVE_INFINITY)) drop(entry, 'guarded-again');
    }
    const kickOf = await parts.kicks?.look();
    for (const entry of entries) {
      const { person, room } = entry.connection;
      if (kickOf !== undefined && person !== undefined && room !== undefined && kickOf(person, room))
        void end(entry, 'kicked');
    }
    const sessions = [...bySession.keys()];
    for (let from = 0; from < sessions.length; from += SLICE) {
      const standings = await parts.standing(sessions.slice(from, from + SLICE));
      for (const [session, standing] of standings) {
        const why = meetingEnd(standing, parts.options, clock.now());
        for (const entry of bySession.get(session) ?? [])
          if (why !== undefined) void end(entry, why);
          else keeping.inUse(entry, standing === 'live');
      }
      await new Promise(setImmediate);
    }
  }

  return async () => {
    // A slow store is not asked twice at once.
    if (looks) return;
    looks = true;
    try {
      await look();
      failing = false;
    } catch (cause) {
      // Who is inside stays while the store is away: nobody new comes in, and its next answer counts.
      if (!failing) log.error('connections-not-looked-after', {}, cause);
      failing = true;
    } finally {
      looks = false;
    }
  };
}

/** What is written down of open connections. */
export interface Keeping {
  /** It stands in a room now. */
  inside(connection: Connection): void;
  /** Once a minute: it is still there. */
  inUse(entry: Entry, live: boolean): void;
}

/** Makes what writes down who is inside, and that they are still there. */
export function createKeeping({ clock, log, store, options }: SocketsParts): Keeping {
  const ttl = Math.min(RESUMES_WITHIN, options.meetingGrace);
  // What is not written down costs a resumption at worst, and is tried again in a minute.
  const failed = (cause: unknown) => log.warn('connection-not-written-down', {}, cause);
  const inside: Keeping['inside'] = ({ session, room, kind }) => {
    if (session === undefined || room === undefined || kind === 'other' || options.strict || ttl === 0)
      return;
    store.put(insideKey(session, room), '1', ttl).catch(failed);
  };
  const used = async ({ inUse }: Entry) => {
    try {
      await inUse();
    } catch (cause) {
      failed(cause);
    }
  };
  return {
    inside,
    inUse(entry, live) {
      const { connection } = entry;
      if (connection.session === undefined || connection.kind === 'other') return;
      if (clock.now() - entry.touchedAt < TOUCH * 1000) return;
      entry.touchedAt = clock.now();
      inside(connection);
      if (live) void used(entry);
    },
  };
}

/** Where it stands that a session is in a room. */
export function insideKey(session: string, room: Room): string {
  return `meeting/${session}/${digest(roomKey(room))}`;
}
