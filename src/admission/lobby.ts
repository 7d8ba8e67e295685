/**
 * Who waits before a room, and when it is their turn.
 *
 * When a host comes, those who wait go in one after the other, in the order in which they came: Prosody takes so many
 * joins a second and no more. Decides nothing: whose turn it is asks at the door again, where the rules are asked.
 */
import type { Clock } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { type Room, roomKey } from '../base/room.ts';
import type { LetIns } from './let-in.ts';
import type { Presence } from './presence.ts';

/** Why somebody's waiting ended: their turn, a host's no, no more patience, or we go: then another process is asked. */
export type Called = 'go' | 'away' | 'over' | 'again';

/** What the door says to somebody who waits: go on waiting; a host turned them away; anything else is said at the door. */
export type Stands = 'waits' | 'turned-away' | 'elsewhere';

/** Somebody who waits. */
export interface Waiter {
  readonly room: Room;
  /** What their session is known by: who opens the page twice stands there twice, and not a thousand times. */
  readonly session: string;
  /** Where they are, as limits count it: guests cost nothing to make up, addresses do. */
  readonly address: string;
  /** Told once. */
  called(why: Called): void;
  /** What the door says now. Asked when a host has said something, and now and then, because hours pass. Never throws. */
  stands(): Promise<Stands>;
}

/** Those who wait. */
export interface Lobby {
  /** Takes a place; what it returns gives it up. Throws `waiting.full` and `server.draining`. */
  wait(waiter: Waiter): () => void;
  readonly size: number;
  /** Takes nobody more, and sends all away to come again. */
  close(): void;
}

/** What the lobby is made of. Times in seconds. */
export interface LobbyParts {
  readonly presence: Presence;
  /** Changes whenever a host, at whatever process, has said something of who waits before this room. */
  readonly rung?: LetIns['rung'];
  readonly clock: Clock;
  readonly log?: Log;
  readonly releasePerSecond: number;
  readonly giveUp: number;
  readonly most: number;
  readonly perSession: number;
  readonly perAddress: number;
  /** Milliseconds between two looks; 15,000. */
  readonly lookEvery?: number;
}

/** Milliseconds between two looks at who has waited too long, or need not wait any more. */
const LOOK = 15_000;
/** Milliseconds between two looks at whether a host has said something. */
const LISTEN = 1000;
/** Looks at which those who wait ask again after a host has said something. */
const ASKED_AFTER_RING = 3;
/** Asked about at once. */
const SLICE = 50;

interface Place {
  readonly waiter: Waiter;
  readonly since: number;
}

/** Makes the lobby. */
export function createLobby(parts: LobbyParts): Lobby {
  const { presence, clock } = parts;
  const places = new Set<Place>();
  const sessions = createCount();
  const addresses = createCount();
  /** In their order; true for whom the rules let in though no host has come. */
  const queue = new Map<Place, boolean>();
  let pumping: NodeJS.Timeout | undefined;
  let closed = false;

  function leave(place: Place): boolean {
    if (!places.delete(place)) return false;
    sessions.less(place.waiter.session);
    addresses.less(place.waiter.address);
    return true;
  }

  function call(place: Place, why: Called): void {
    if (leave(place)) place.waiter.called(why);
  }

  /** One at a time, and the next a little later. */
  function pump(): void {
    pumping = undefined;
    for (const [next, sure] of queue) {
      queue.delete(next);
      // Who left has no turn, and where the host has gone again the others go on waiting.
      if (!places.has(next) || !(sure || presence.isHostThere(next.waiter.room))) continue;
      call(next, 'go');
      break;
    }
    if (queue.size > 0) pumping = setTimeout(pump, 1000 / parts.releasePerSecond).unref();
  }

  function turnFor(place: Place, sure = false): void {
    if (sure || !queue.has(place)) queue.set(place, sure);
    pumping ??= setTimeout(pump, 0).unref();
  }

  const unwatch = presence.watch((key) => {
    for (const place of places) if (roomKey(place.waiter.room) === key) turnFor(place);
  });

  async function look(): Promise<void> {
    const now = clock.now();
    for (const place of [...places])
      if (Math.abs(now - place.since) >= parts.giveUp * 1000) call(place, 'over');
    await askAgain([...places]);
  }

  async function askAgain(waiting: readonly Place[]): Promise<void> {
    for (let from = 0; from < waiting.length; from += SLICE)
      await Promise.all(
        waiting.slice(from, from + SLICE).map(async (place) => {
          const stands = await place.waiter.stands();
          if (stands === 'turned-away') call(place, 'away');
          else if (stands === 'elsewhere') turnFor(place, true);
        }),
      );
  }

  /** What was heard of each room, and how often it is still to be asked about: what others believe is a second old. */
  const heard = new Map<string, { readonly mark: string | undefined; readonly left: number }>();
  /** Who waits before a room of which a host has just said something asks again. */
  async function listen(rung: LetIns['rung']): Promise<void> {
    const rooms = Map.groupBy(places, ({ waiter }) => roomKey(waiter.room));
    for (const key of heard.keys()) if (!rooms.has(key)) heard.delete(key);
    for (const [key, waiting] of rooms) {
      const [first] = waiting;
      const mark = first && (await rung(first.waiter.room));
      const before = heard.get(key);
      const left = mark === before?.mark ? (before?.left ?? 0) : ASKED_AFTER_RING;
      heard.set(key, { mark, left: Math.max(0, left - 1) });
      if (mark !== undefined && left > 0) await askAgain(waiting);
    }
  }

  const every = [onceAtATime(look, parts.lookEvery ?? LOOK, parts.log)];
  const { rung } = parts;
  if (rung !== undefined) every.push(onceAtATime(() => listen(rung), LISTEN, parts.log));

  return {
    wait(waiter) {
      if (closed) throw new Problem('server.draining');
      const { session, address } = waiter;
      const taken =
        places.size >= parts.most ||
        sessions.of(session) >= parts.perSession ||
        addresses.of(address) >= parts.perAddress;
      if (taken) throw new Problem('waiting.full', { waiting: places.size });
      const place = { waiter, since: clock.now() };
      places.add(place);
      sessions.more(session);
      addresses.more(address);
      if (presence.isHostThere(waiter.room)) turnFor(place);
      return () => void leave(place);
    },
    get size() {
      return places.size;
    },
    close() {
      unwatch();
      for (const timer of every) clearInterval(timer);
      clearTimeout(pumping);
      queue.clear();
      closed = true;
      for (const place of [...places]) call(place, 'again');
    },
  };
}

/** Now and then; a slow store is not asked twice at once, and one that is away lets nobody in. */
function onceAtATime(work: () => Promise<void>, every: number, log: Log = silentLog): NodeJS.Timeout {
  let works = false;
  const once = async () => {
    if (works) return;
    works = true;
    try {
      await work();
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      log.warn('waiting-not-looked-at', { code: thrown.code }, thrown);
    } finally {
      works = false;
    }
  };
  return setInterval(() => void once(), every).unref();
}

/** How many there are of each; what there is none of takes no room. */
function createCount() {
  const counts = new Map<string, number>();
  const of = (key: string) => counts.get(key) ?? 0;
  return {
    of,
    more: (key: string) => void counts.set(key, of(key) + 1),
    less: (key: string) => {
      if (of(key) > 1) counts.set(key, of(key) - 1);
      else counts.delete(key);
    },
  };
}
