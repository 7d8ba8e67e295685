/**
 * When rooms are open, as applications and the operator's commands say it while the server runs.
 *
 * What was said stays for a while after its end, because a room that nothing speaks of any more is open to whomever the
 * rules let in. One reading answers for a second. A store that does not answer lets nobody in.
 */
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { type Room, roomKey } from '../base/room.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { amend, type Store } from '../base/store.ts';
import type { RoomTimes } from '../policy/room-times.ts';
import { readTimeWindow, type TimeWindow, windowText } from '../policy/times.ts';

/** What one of those who may say so says of one room. */
export interface BookedTimes extends RoomTimes {
  /** Who said it: `app:crm`, or `OPERATOR`. */
  readonly by: string;
  /** The room as Prosody compares it, and as a person reads it. */
  readonly room: { readonly name: string; readonly claim: string; readonly tenant?: string };
  /** Milliseconds since 1970. */
  readonly at: number;
  /** When it is forgotten, in milliseconds since 1970. */
  readonly until: number;
}

/** What to say of a room; it takes the place of what the same one said of it before. */
export interface BookingWish extends RoomTimes {
  readonly by: string;
  readonly room: Room;
}

/** All of them. Everything throws `store.unavailable`. */
export interface Bookings {
  /** When this room is open. Felt within a second of its being said, by whatever process. */
  of(room: Room): Soon<readonly BookedTimes[]>;
  /** Throws `request.malformed` for more than anybody needs. */
  set(wish: BookingWish): Promise<BookedTimes>;
  /** Takes back what somebody said of a room, or what everybody did; undefined where there was nothing. */
  remove(room: Room, by?: string): Promise<readonly BookedTimes[] | undefined>;
  /** What holds, by one of those who said it or by all, in the order of the rooms. */
  list(by?: string): Promise<readonly BookedTimes[]>;
}

/** Who said what was said at the terminal. No application is called so. */
export const OPERATOR = 'operator';

const PREFIX = 'room-times:';
/** Milliseconds for which one reading is believed. */
const BELIEVED = 1000;
const MOST_BELIEVED = 10_000;
/** Windows of one room by one of those who say so. */
export const MOST_WINDOWS = 100;
const DAY = 86_400_000;
/** So long it stays after its end: a room shall not open to others because its meeting is over. */
const AFTERWARDS = 30 * DAY;
/** What has no end is forgotten too, unless it is said again. */
const LONGEST = 400 * DAY;

/** As it stands in the store, with every window as it is written. */
type Kept = Omit<BookedTimes, 'times'> & { readonly times: readonly string[] };

/** Makes them. */
export function createBookings({ store, clock }: { readonly store: Store; readonly clock: Clock }): Bookings {
  const believed = new Map<string, { readonly all: readonly BookedTimes[]; readonly readAt: number }>();

  async function read(key: string): Promise<readonly BookedTimes[]> {
    // From the question, not the answer: what is said in between must be felt in time.
    const readAt = clock.now();
    const all = bookingsIn(await store.get(key));
    believed.delete(key);
    believed.set(key, { all, readAt });
    const oldest = believed.keys().next().value;
    if (believed.size > MOST_BELIEVED && oldest !== undefined) believed.delete(oldest);
    return all;
  }

  const live = (all: readonly BookedTimes[]) => all.filter(({ until }) => clock.now() < until);

  async function change(
    key: string,
    next: (now: readonly BookedTimes[]) => readonly BookedTimes[],
  ): Promise<void> {
    const ttl = (raw: string) => {
      const last = Math.max(...bookingsIn(raw).map(({ until }) => until));
      return Math.ceil((last - clock.now()) / 1000) + 1;
    };
    await amend(store, key, ttl, (raw) => {
      const all = next(live(bookingsIn(raw)));
      return all.length === 0 ? undefined : JSON.stringify(all.map(asKept));
    });
    believed.delete(key);
  }

  return {
    of(room) {
      const key = `${PREFIX}${roomKey(room)}`;
      const known = believed.get(key);
      const age = known === undefined ? -1 : clock.now() - known.readAt;
      if (known !== undefined && age >= 0 && age < BELIEVED) return live(known.all);
      return whenThere(read(key), live);
    },
    async set({ by, room: { name, claim, tenant }, times, hostsEarly, title }) {
      if (times.length > MOST_WINDOWS) throw new Problem('request.malformed', { why: 'too many times' });
      const at = clock.now();
      const said: BookedTimes = {
        ...{ by, at, until: forgottenAt(times, at), times, hostsEarly },
        room: { name, claim, ...(tenant !== undefined && { tenant }) },
        ...(title !== undefined && { title }),
      };
      await change(`${PREFIX}${roomKey(said.room)}`, (all) => [...all.filter((one) => one.by !== by), said]);
      return said;
    },
    async remove(room, by) {
      const isMeant = (one: BookedTimes) => by === undefined || one.by === by;
      const key = `${PREFIX}${roomKey(room)}`;
      const gone = live(await read(key)).filter(isMeant);
      if (gone.length === 0) return undefined;
      await change(key, (all) => all.filter((one) => !isMeant(one)));
      return gone;
    },
    async list(by) {
      const all = (await store.list(PREFIX)).flatMap(({ value }) => live(bookingsIn(value)));
      return by === undefined ? all : all.filter((one) => one.by === by);
    },
  };
}

/** A while after the last of them is over. */
function forgottenAt(times: readonly TimeWindow[], now: number): number {
  const ends = times.map(endOf);
  return Math.min(now + LONGEST, Math.max(now, ...ends) + AFTERWARDS);
}

/** Not before this instant it is over for good: whatever the zone, and the last day included. */
function endOf({ until }: TimeWindow): number {
  if (until === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(until.includes('T') ? `${until}Z` : `${until}T00:00Z`) + 2 * DAY;
}

function asKept({ times, ...said }: BookedTimes): Kept {
  return { ...said, times: times.map(windowText) };
}

/** We wrote it ourselves; what another version wrote and cannot be read any more opens nothing. */
function bookingsIn(raw: string | undefined): readonly BookedTimes[] {
  const kept = raw === undefined ? [] : (JSON.parse(raw) as readonly Kept[]);
  return kept.map((said) => ({
    ...said,
    times: said.times.flatMap((text) => readTimeWindow(text) ?? []),
  }));
}
