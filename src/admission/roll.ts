/**
 * Lists of people by room, seen by every process: who waits before one, and who came into one lately.
 *
 * For a host who is to know whom they let in or put out. Written about people who have a session, and gone by itself
 * soon after it is not said again. Opens nothing.
 */
import type { Clock } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { digest } from '../base/random.ts';
import { type Room, roomKey } from '../base/room.ts';
import { amend, type Store } from '../base/store.ts';
import { parseObject } from '../identity/session-record.ts';

/** What stands behind somebody's name: nothing, an account, an invitation, or another application's word. */
export type Standing = 'guest' | 'account' | 'invited' | 'vouched';

/** Somebody on a list. */
export interface Listed {
  /** The id of the person. */
  readonly person: string;
  /** As they are called, or called themselves: a stranger's text. */
  readonly name?: string;
  readonly standing: Standing;
  /** Since when they are on it, in milliseconds since 1970. */
  readonly since: number;
}

/** One kind of list. Everything throws what the store throws. */
export interface Roll {
  /** They are here, now. */
  note(person: Person, room: Room): Promise<void>;
  /** They are not any more. */
  strike(person: string, room: Room): Promise<void>;
  /** Those who are, who came first first. For people, never on the way into a meeting. */
  list(room: Room): Promise<readonly Listed[]>;
  /** Takes somebody off every list, and says of how many. */
  forget(person: string): Promise<number>;
}

/** What a list is made of. */
export interface RollParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Under which it stands in the store. */
  readonly prefix: string;
  /** Seconds after which somebody of whom nothing more is said is not on it. */
  readonly ttl: number;
}

/** Makes the lists of one kind. */
export function createRoll({ store, clock, prefix, ttl }: RollParts): Roll {
  const ofRoom = (room: Room) => `${prefix}/${digest(roomKey(room))}/`;
  const keyOf = (person: string, room: Room) => `${ofRoom(room)}${digest(person)}`;
  return {
    async note(person, room) {
      const { id, name } = person;
      const fresh: Listed = {
        ...{ person: id, standing: standingOf(person), since: clock.now() },
        ...(name !== undefined && { name }),
      };
      await amend(store, keyOf(id, room), ttl, (there) =>
        JSON.stringify({ ...fresh, since: read(there)?.since ?? fresh.since }),
      );
    },
    async strike(person, room) {
      await store.take(keyOf(person, room));
    },
    async list(room) {
      const all = (await store.list(ofRoom(room))).flatMap(({ value }) => read(value) ?? []);
      return all.toSorted((one, other) => one.since - other.since);
    },
    async forget(person) {
      let forgotten = 0;
      for (const { key } of await store.list(`${prefix}/`))
        if (key.endsWith(`/${digest(person)}`) && (await store.take(key)) !== undefined) forgotten += 1;
      return forgotten;
    },
  };
}

function standingOf({ guest, invite, bound }: Person): Standing {
  if (invite !== undefined) return 'invited';
  if (bound !== undefined) return 'vouched';
  return guest ? 'guest' : 'account';
}

/** We wrote it ourselves. */
function read(text: string | undefined): Listed | undefined {
  return text === undefined ? undefined : (parseObject(text) as Listed | undefined);
}
