/**
 * The BOSH streams known on this node: whose each is, which request has its turn, and how it is ended at Prosody.
 *
 * What the store says of a stream is written and read here. Knows no request and judges none.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import { type Room, roomFromQuery, roomOf, tenantFromPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import type { Soon } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import { endOf, readBoshAnswer } from './bosh-body.ts';
import type { Place, Sockets } from './sockets.ts';

/** By what right somebody speaks: the handle of a session, by cookie or ticket and not yet looked up, or a machine. */
export type BoshOwner = { readonly session: string } | { readonly machine: string };

/** How a stream is spoken to. */
export interface BoshWay {
  /** Path and query as Jitsi is to get them, without a token. */
  readonly path: string;
  /** Of the caller. */
  readonly address: string;
}

/** Whoever was let in, and where. */
export interface BoshOpener extends BoshWay {
  readonly owner: BoshOwner;
  readonly room?: Room;
  readonly role?: Role;
  /** Whose it is, and the spoken id of the request: for the audit. */
  readonly person?: string;
  readonly id?: string;
  /** Called once a minute while the stream is there, in place of a mere touch. */
  readonly inUse?: () => Soon<unknown>;
}

/** A stream on its way to begin. */
export interface BoshOpening {
  /**
   * Learns the stream from what Prosody answered, before the caller sees it. Throws where nobody could write down whose
   * it is, and where its session has ended meanwhile: then the caller must not have it, and it is ended.
   * @returns whether there is a stream now
   */
  answered(answer: Uint8Array): Promise<boolean>;
  /** There was no answer, or nobody heard it. What had begun is ended. */
  failed(): void;
}

/** Says something to Prosody in a caller's stead, and gives back what it answers. */
export type BoshSay = (xml: string, way: BoshWay) => Promise<Uint8Array>;

/** What streams are made of. */
export interface BoshStreamsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly sockets: Pick<Sockets, 'take'>;
  /** Milliseconds Prosody has to answer that a stream is over; 400. */
  readonly patience?: number;
}

/** One stream that is known here. */
export interface BoshStream {
  readonly key: string;
  readonly sid: Secret;
  readonly owner: BoshOwner;
  readonly room: Room | undefined;
  readonly role: Role | undefined;
  readonly place: Place;
  way: BoshWay;
  /** The last request id up to which all came; one more may have come before its turn. */
  rid: number;
  early: boolean;
  /** Milliseconds since 1970: when the store was asked last, and when it was told. */
  askedAt: number;
  keptAt: number;
  over: boolean;
  /** Ends what Prosody still holds back, once it was told. */
  readonly ending: AbortController;
}

/** The streams of this node. */
export interface BoshStreams {
  /** From now on Prosody is spoken to like this: the configuration may be another one. */
  speakBy(say: BoshSay): void;
  /** Takes a place for one that is about to begin. Throws `socket.too-many` and `server.draining`. */
  opening(rid: number, opener: BoshOpener): BoshOpening;
  /** One that began elsewhere, or before we started, is known here from this request on. Throws as `opening`. */
  adopted(sid: string, rid: number, opener: BoshOpener): BoshStream;
  get(key: string): BoshStream | undefined;
  /** Writes down again that it is there, at most once a minute. */
  keep(stream: BoshStream): Promise<void>;
  /** It is over, and Prosody knows. */
  left(stream: BoshStream): Promise<void>;
  /** It is over, and Prosody is told. */
  end(stream: BoshStream): Promise<void>;
  /** It is not known here any more; elsewhere it may go on. */
  forget(stream: BoshStream): void;
  readonly size: number;
}

/** Seconds a stream is kept that says nothing. Prosody ends it after 60, and holds a request for 120 at the most. */
const KEPT = 600;
const KEEP_AGAIN = 60_000;

/** Makes the keeping; nothing is read or written before the first stream. */
export function createBoshStreams(parts: BoshStreamsParts): BoshStreams {
  const { clock, log, store, sockets } = parts;
  const streams = new Map<string, BoshStream>();
  let say: BoshSay = async () => {
    throw new Problem('upstream.unreachable', { to: 'xmpp' });
  };

  function forget(stream: BoshStream): void {
    stream.over = true;
    if (streams.get(stream.key) === stream) streams.delete(stream.key);
    stream.place.leave();
  }

  async function left(stream: BoshStream): Promise<void> {
    forget(stream);
    try {
      await store.take(stream.key);
    } catch (cause) {
      // It leads nowhere: Prosody has ended it.
      log.warn('bosh-not-forgotten', {}, cause);
    }
  }

  async function end(stream: BoshStream): Promise<void> {
    if (stream.over) return;
    await Promise.all([left(stream), endAtProsody(stream, say, parts)]);
    stream.ending.abort();
  }

  function known(sid: string, rid: number, { opener, place }: Taken): BoshStream {
    const { owner, room, role, path, address } = opener;
    const times = { askedAt: clock.now(), keptAt: 0 };
    const turns = { rid, early: false, over: false, ending: new AbortController() };
    const about = {
      key: boshKey(sid),
      sid: new Secret(sid),
      owner,
      room,
      role,
      place,
      way: { path, address },
    };
    const stream: BoshStream = { ...about, ...turns, ...times };
    streams.set(stream.key, stream);
    place.fill({ end: () => end(stream), drop: () => forget(stream) });
    return stream;
  }

  function placeFor({ owner, path: _, inUse, ...about }: BoshOpener): Place {
    return sockets.take({ kind: 'bosh', ...owner, ...about }, inUse);
  }

  async function write(stream: BoshStream): Promise<void> {
    stream.keptAt = clock.now();
    const { owner, room, role } = stream;
    const text = JSON.stringify({ ...owner, room: room?.name, tenant: room?.tenant, role });
    await store.put(stream.key, text, KEPT);
  }

  return {
    speakBy: (by) => {
      say = by;
    },
    get: (key) => streams.get(key),
    get size() {
      return streams.size;
    },
    adopted: (sid, rid, opener) => known(sid, rid - 1, { opener, place: placeFor(opener) }),
    forget,
    left,
    end,
    opening(rid, opener) {
      const place = placeFor(opener);
      return openingOf(place, { begun: (sid) => known(sid, rid, { opener, place }), write, end });
    },
    async keep(stream) {
      if (clock.now() - stream.keptAt < KEEP_AGAIN) return;
      try {
        await write(stream);
      } catch (cause) {
        // It stands there for minutes yet, and is tried again in one.
        log.warn('bosh-not-written-down', {}, cause);
      }
    },
  };
}

/** What an opening does to the streams. */
interface Beginning {
  readonly begun: (sid: string) => BoshStream;
  readonly write: (stream: BoshStream) => Promise<void>;
  readonly end: (stream: BoshStream) => Promise<void>;
}

function openingOf(place: Place, { begun, write, end }: Beginning): BoshOpening {
  let stream: BoshStream | undefined;
  return {
    failed() {
      place.leave();
      if (stream !== undefined) void end(stream);
    },
    async answered(answer) {
      const said = readBoshAnswer(answer);
      if (said?.sid === undefined || said.ends) {
        place.leave();
        return false;
      }
      stream = begun(said.sid);
      if (stream.over) throw new Problem('session.ended', { by: 'bosh' });
      try {
        await write(stream);
      } catch (cause) {
        await end(stream);
        throw cause;
      }
      return true;
    },
  };
}

interface Taken {
  readonly opener: BoshOpener;
  readonly place: Place;
}

/** What the store says of a stream: by whom it was opened, and for which room. */
export interface BoshOwned {
  readonly owner: BoshOwner;
  readonly room?: Room;
  readonly role?: Role;
}

/** Where it stands; the `sid` itself is written nowhere. */
export function boshKey(sid: string): string {
  return `bosh/${digest(sid)}`;
}

/** Reads what was written down of a stream. */
export function boshOwned(text: string): BoshOwned | undefined {
  const { session, machine, room, tenant, role } = JSON.parse(text) as Readonly<
    Record<string, string | undefined>
  >;
  const owner = session !== undefined ? { session } : machine !== undefined ? { machine } : undefined;
  if (owner === undefined || room === undefined) return owner && { owner };
  return {
    owner,
    room: roomOf(roomFromQuery(room), tenant === undefined ? undefined : tenantFromPath(tenant)),
    ...(role !== undefined && { role: role as Role }),
  };
}

/**
 * Is this request's turn now, next, or was it a moment ago? Then it is noted. Prosody takes no other; and of one that it
 * did not take we would not know which turn the end of the stream has.
 * @see XEP-0124, section 14.2
 */
export function inStep(stream: Pick<BoshStream, 'rid' | 'early'>, rid: number): boolean {
  const ahead = rid - stream.rid;
  if (ahead < -1 || ahead > 2) return false;
  if (ahead === 2) stream.early = true;
  if (ahead === 1) {
    stream.rid += stream.early ? 2 : 1;
    stream.early = false;
  }
  return true;
}

/**
 * Ends a stream at Prosody. Whoever spoke last may have broken off what we took for said, so that an earlier turn is
 * the next one there: those are tried too.
 * @see prosody, plugins/mod_bosh.lua, `streamopened`
 */
async function endAtProsody(
  stream: BoshStream,
  say: BoshSay,
  { log, patience = 400 }: BoshStreamsParts,
): Promise<void> {
  for (const rid of [stream.rid + 1, stream.rid - 1, stream.rid]) {
    const said = say(endOf(stream.sid.reveal(), rid), stream.way).catch((cause: unknown) => {
      log.warn('bosh-not-ended', {}, cause);
      return undefined;
    });
    const answer = await Promise.race([said, pause(patience, undefined, { ref: false })]);
    const ending = answer === undefined ? undefined : readBoshAnswer(answer);
    // With a condition it answers this one request alone: the stream itself goes on.
    if (ending?.ends === true && ending.condition === undefined) return;
  }
}
