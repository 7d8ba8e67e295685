/**
 * Is a host in the room? Counted by the connections that hosts have open through us, and by what others report.
 *
 * A host who reloads the page is not gone: for a moment after the last connection closed the room counts as led. A host
 * who is both open through us and reported is there once. What nobody has reported for a while is not known, and does
 * not count. Knows nothing of sockets, nor of who reports.
 */
import type { Clock } from '../base/clock.ts';
import { type Room, roomKey } from '../base/room.ts';

/** Who leads which room. */
export interface Presence {
  /** A host's connection into this room stands. What it returns says that it is gone, and may be called twice. */
  hostIn(room: Room): () => void;
  /** Is a host there, or was one until a moment ago? */
  isHostThere(room: Room): boolean;
  /**
   * Somebody who sees meetings says where hosts are, by `roomKey`: these rooms and no others, until so many
   * milliseconds since 1970. What they said before is forgotten.
   */
  reported(by: string, led: ReadonlySet<string>, until: number): void;
  /** Told of the `roomKey` whenever a host comes into a room that had none. What it returns stops that. */
  watch(arrived: (key: string) => void): () => void;
}

/** What presence is made of. */
export interface PresenceParts {
  readonly clock: Clock;
  /** Seconds for which a host whose connection closed still counts as there. */
  readonly grace: number;
}

interface Told {
  readonly led: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly until: number;
}

interface Led {
  hosts: number;
  /** Milliseconds since 1970, once there are none. */
  leftAt: number;
}

/** So many rooms without a host are remembered before those past their grace are swept out. */
const SWEEP_AT = 1000;

/** Makes the count. */
export function createPresence({ clock, grace }: PresenceParts): Presence {
  const rooms = new Map<string, Led>();
  const reports = new Map<string, Told>();
  const watchers = new Set<(key: string) => void>();
  const isLed = ({ hosts, leftAt }: Led) => hosts > 0 || Math.abs(clock.now() - leftAt) < grace * 1000;

  const holds = ({ until }: Told) => clock.now() < until;
  const isReported = (key: string) => [...reports.values()].some((told) => told.led.has(key) && holds(told));
  const isOpenHere = (key: string) => (rooms.get(key)?.hosts ?? 0) > 0;

  function arrivedIn(key: string): void {
    for (const arrived of watchers) arrived(key);
  }

  function sweep(): void {
    if (rooms.size < SWEEP_AT) return;
    for (const [key, led] of rooms) if (!isLed(led)) rooms.delete(key);
  }

  /** The last of them was seen to leave: who reloads the page comes back in a moment. */
  function left(key: string): void {
    sweep();
    rooms.set(key, { hosts: 0, leftAt: clock.now() });
  }

  return {
    hostIn(room) {
      const key = roomKey(room);
      sweep();
      const led = rooms.get(key) ?? { hosts: 0, leftAt: Number.NEGATIVE_INFINITY };
      rooms.set(key, led);
      led.hosts += 1;
      if (led.hosts === 1 && !isReported(key)) arrivedIn(key);
      let gone = false;
      return () => {
        if (gone) return;
        gone = true;
        led.hosts -= 1;
        if (led.hosts === 0) led.leftAt = clock.now();
      };
    },
    isHostThere(room) {
      const key = roomKey(room);
      const led = rooms.get(key);
      return (led !== undefined && isLed(led)) || (reports.size > 0 && isReported(key));
    },
    reported(by, led, until) {
      const before = reports.get(by);
      const known = before !== undefined && holds(before) ? before.led : new Set<string>();
      const come = [...led].filter((key) => !isOpenHere(key) && !isReported(key));
      for (const [name, told] of reports) if (!holds(told)) reports.delete(name);
      reports.set(by, { led, until });
      for (const key of known) if (!isOpenHere(key) && !isReported(key)) left(key);
      for (const key of come) arrivedIn(key);
    },
    watch(arrived) {
      watchers.add(arrived);
      return () => void watchers.delete(arrived);
    },
  };
}
