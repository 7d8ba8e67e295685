/**
 * Who entered is written down once, though a proxy asks about every request of a stream over BOSH.
 */
import type { Asked } from '../admission/arrival.ts';
import type { Clock } from '../base/clock.ts';
import { roomKey } from '../base/room.ts';
import { type Entry, recordEntry } from '../web/entry.ts';

/** What is written down of entries. */
export interface Entries {
  /**
   * `repeatedly`: one of many requests of somebody in a room, of which the first counts. Throws what the audit throws.
   */
  record(asked: Asked, entry: Entry, how: 'once' | 'repeatedly'): Promise<void>;
}

/** Milliseconds of silence after which somebody has left, as far as can be told from here: Jitsi's clients speak every ten seconds. */
const SILENCE = 120_000;
const MOST = 10_000;

/** Makes it. */
export function createEntries(parts: Parameters<typeof recordEntry>[2] & { readonly clock: Clock }): Entries {
  const heard = new Map<string, number>();
  return {
    async record(asked, entry, how) {
      const { session, room } = entry.grant;
      const key = `${session} ${roomKey(room)}`;
      const now = parts.clock.now();
      const before = how === 'repeatedly' ? heard.get(key) : undefined;
      if (before === undefined || now - before > SILENCE) await recordEntry(asked, entry, parts);
      if (how === 'once') return;
      heard.delete(key);
      heard.set(key, now);
      const oldest = heard.keys().next().value;
      if (heard.size > MOST && oldest !== undefined) heard.delete(oldest);
    },
  };
}
