/**
 * Who was put out of one room, until when: said by the operator or a host, asked before the rules. Whom a host turned
 * away at the door is one of them.
 *
 * All of them stand in one place, because they are few and are asked about at every entry and once a second for
 * whatever is open; so one reading answers for everybody. A store that does not answer lets nobody in.
 */
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { type Random, spokenId } from '../base/random.ts';
import { type Room, roomKey } from '../base/room.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { amend, type Store } from '../base/store.ts';

/** Somebody put out of a room. */
export interface Kick {
  /** Under which the audit has it. */
  readonly id: string;
  /** The id of the person. */
  readonly person: string;
  readonly name?: string;
  /** The room as Prosody compares it, and as a person reads it. */
  readonly room: { readonly name: string; readonly claim: string; readonly tenant?: string };
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** A sentence for the person. */
  readonly reason?: string;
  /** Whose word it is: the id of a host, or an application; absent for the operator's. */
  readonly by?: string;
  /** They waited at the door, and were not let in. */
  readonly turnedAway?: true;
}

/** Whom to put out, of which room, for how many seconds. */
export interface KickWish extends Pick<Kick, 'person' | 'name' | 'reason' | 'by' | 'turnedAway'> {
  readonly room: Room;
  readonly seconds: number;
}

/** Who may not be where. Everything throws `store.unavailable`. */
export interface Kicks {
  /** Was this person put out of this room? Felt within a second of its being said, by whatever process. */
  of(person: string, room: Room): Soon<Kick | undefined>;
  /** The same for many, straight from the store. */
  look(): Promise<(person: string, room: Room) => Kick | undefined>;
  /**
   * Puts somebody out; an earlier word about the same person and room is replaced, but the operator's by nobody else.
   * Gives back what holds. Throws `request.too-many` where there are too many.
   */
  add(wish: KickWish): Promise<Kick>;
  /** Takes it back; undefined where there was nothing to take back. Hosts take back what hosts said. */
  undo(person: string, room: Room, by?: 'host'): Promise<Kick | undefined>;
  /** Those that hold, the first to be over first. */
  list(): Promise<readonly Kick[]>;
}

const KEY = 'kicks';
/** Milliseconds for which one reading is believed. */
const BELIEVED = 1000;
/** They are read whole, and whoever puts out more people closes a room by a rule. So many of the operator's, and of hosts'. */
const MOST = 1000;
/** So many of one host's, so that none takes the places of the others. */
const MOST_BY_ONE = 100;

type Index = ReadonlyMap<string, Kick>;

/** One person in one room. No room holds a slash, and an id comes last. */
function keyOf(person: string, room: Parameters<typeof roomKey>[0]): string {
  return `${roomKey(room)}/${person}`;
}

/** Makes them. */
export function createKicks({ store, clock, random }: { store: Store; clock: Clock; random: Random }): Kicks {
  let believed: { readonly index: Index; readonly readAt: number } | undefined;

  async function read(): Promise<Index> {
    // From the question, not the answer: what is said in between must be felt in time.
    const readAt = clock.now();
    const raw = await store.get(KEY);
    const index: Index = new Map(kicksIn(raw).map((kick) => [keyOf(kick.person, kick.room), kick]));
    believed = { index, readAt };
    return index;
  }

  const found = (index: Index, person: string, room: Room): Kick | undefined => {
    const kick = index.size === 0 ? undefined : index.get(keyOf(person, room));
    return kick !== undefined && clock.now() < kick.until ? kick : undefined;
  };

  async function change(next: (now: readonly Kick[]) => readonly Kick[]): Promise<void> {
    const now = clock.now();
    // Kept until the last of them is over, whoever said it.
    const ttl = (raw: string) => {
      const last = Math.max(now, ...kicksIn(raw).map(({ until }) => until));
      return Math.ceil((last - now) / 1000) + 1;
    };
    await amend(store, KEY, ttl, (raw) => {
      const kicks = next(kicksIn(raw).filter(({ until }) => until > now));
      if (tooMany(kicks)) throw new Problem('request.too-many', { kicks: kicks.length });
      return kicks.length === 0 ? undefined : JSON.stringify(kicks);
    });
    believed = undefined;
  }

  return {
    of(person, room) {
      const age = believed === undefined ? -1 : clock.now() - believed.readAt;
      if (believed !== undefined && age >= 0 && age < BELIEVED) return found(believed.index, person, room);
      return whenThere(read(), (index) => found(index, person, room));
    },
    async look() {
      const index = await read();
      return (person, room) => found(index, person, room);
    },
    async add({ person, name, room, seconds, reason, by, turnedAway }) {
      const at = clock.now();
      const kick: Kick = {
        ...{ id: spokenId(random), person, at, until: at + seconds * 1000 },
        room: {
          name: room.name,
          claim: room.claim,
          ...(room.tenant !== undefined && { tenant: room.tenant }),
        },
        ...(name !== undefined && { name }),
        ...(reason !== undefined && { reason }),
        ...(by !== undefined && { by }),
        ...(turnedAway && { turnedAway }),
      };
      const key = keyOf(person, room);
      let holds = kick;
      await change((all) => {
        const before = all.find((one) => keyOf(one.person, one.room) === key);
        holds = by !== undefined && before !== undefined && before.by === undefined ? before : kick;
        return [...all.filter((one) => one !== before), holds];
      });
      return holds;
    },
    async undo(person, room, by) {
      const key = keyOf(person, room);
      let undone: Kick | undefined;
      await change((all) => {
        const kick = all.find((one) => keyOf(one.person, one.room) === key);
        undone = by === 'host' && kick?.by === undefined ? undefined : kick;
        return all.filter((one) => one !== undone);
      });
      return undone;
    },
    async list() {
      const now = clock.now();
      const all = [...(await read()).values()].filter(({ until }) => until > now);
      return all.toSorted((one, other) => one.until - other.until);
    },
  };
}

/** Of the operator's; of hosts'; of one host's. */
function tooMany(kicks: readonly Kick[]): boolean {
  const counts = new Map<string | undefined, number>();
  for (const { by } of kicks) counts.set(by, (counts.get(by) ?? 0) + 1);
  const operators = counts.get(undefined) ?? 0;
  counts.delete(undefined);
  return (
    operators > MOST || kicks.length - operators > MOST || [...counts.values()].some((n) => n > MOST_BY_ONE)
  );
}

/** We wrote it ourselves. */
function kicksIn(raw: string | undefined): readonly Kick[] {
  return raw === undefined ? [] : (JSON.parse(raw) as readonly Kick[]);
}
