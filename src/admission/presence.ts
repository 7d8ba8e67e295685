/**
 * Is a host in the room? Counted by the connections that hosts have open through us.
 *
 * A host who reloads the page is not gone: for a moment after the last connection closed the room counts as led.
 * Of one process: what is open elsewhere is not seen. Knows nothing of sockets.
 */
import type { Clock } from '../base/clock.ts';
import { type Room, roomKey } from '../base/room.ts';

/** Who leads which room. */
export interface Presence {
  /** A host's connection into this room stands. What it returns says that it is gone, and may be called twice. */
  hostIn(room: Room): () => void;
  /** Is a host there, or was one until a moment ago? */
  isHostThere(room: Room): boolean;
  /** Told whenever a host comes into a room that had none. What it returns stops that. */
  watch(arrived: (room: Room) => void): () => void;
}

/** What presence is made of. */
export interface PresenceParts {
  readonly clock: Clock;
  /** Seconds for which a host whose connection closed still counts as there. */
  readonly grace: number;
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
  const watchers = new Set<(room: Room) => void>();
  const isLed = ({ hosts, leftAt }: Led) => hosts > 0 || Math.abs(clock.now() - leftAt) < grace * 1000;

  function sweep(): void {
    if (rooms.size < SWEEP_AT) return;
    for (const [key, led] of rooms) if (!isLed(led)) rooms.delete(key);
  }

  return {
    hostIn(room) {
      const key = roomKey(room);
      sweep();
      const led = rooms.get(key) ?? { hosts: 0, leftAt: Number.NEGATIVE_INFINITY };
      rooms.set(key, led);
      led.hosts += 1;
      if (led.hosts === 1) for (const arrived of watchers) arrived(room);
      let gone = false;
      return () => {
        if (gone) return;
        gone = true;
        led.hosts -= 1;
        if (led.hosts === 0) led.leftAt = clock.now();
      };
    },
    isHostThere(room) {
      const led = rooms.get(roomKey(room));
      return led !== undefined && isLed(led);
    },
    watch(arrived) {
      watchers.add(arrived);
      return () => void watchers.delete(arrived);
    },
  };
}
