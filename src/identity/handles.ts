/**
 * What sessions are known by, worked out once for a browser that asks and asks.
 *
 * Bounded in number and time: an id opens something, so it is forgotten as soon
 * as it is not used. Knows nothing of whether there is such a session.
 */
import type { Clock } from '../base/clock.ts';
import { digest } from '../base/random.ts';

/** Milliseconds after which an id that was not asked for is on its way out. */
const TURN = 1000;
const MOST = 2000;

/** What 32 random bytes, or a SHA-256, look like in base64url. */
const ID = /^[\w-]{43}$/;

/** Could somebody be known by this? */
export function isHandle(text: string): boolean {
  return ID.test(text);
}

/** Makes the function from an id to its handle; undefined for what can be no id. */
export function createHandles(clock: Clock): (id: string) => string | undefined {
  let recent = new Map<string, string>();
  let before = new Map<string, string>();
  let turnedAt = clock.now();

  function turn(now: number): void {
    // Both, where nobody asked for longer than that.
    before = Math.abs(now - turnedAt) < 2 * TURN ? recent : new Map();
    recent = new Map();
    turnedAt = now;
  }

  return (id) => {
    const now = clock.now();
    if (now - turnedAt >= TURN || now < turnedAt || recent.size >= MOST) turn(now);
    const known = recent.get(id);
    if (known !== undefined) return known;
    const handle = before.get(id) ?? (ID.test(id) ? digest(id) : undefined);
    if (handle === undefined) return undefined;
    recent.set(id, handle);
    return handle;
  };
}
