/**
 * Something that is found elsewhere and kept fresh: looked for again before it is an hour old, and used for as long
 * as it holds.
 *
 * What cannot be used changes nothing: the last good one stands until the end it named itself, and the log says so.
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { isProblem, type Problem } from '../../base/problem.ts';
import { misconfigured } from './metadata-place.ts';

/** Seconds after which it is looked for again, at most and at least; the least is also that after a failure. */
const REFRESH = 3600;
const AGAIN = 60;

/** Until when something holds. */
interface Dated {
  /** Unix seconds; absent where it says nothing. */
  readonly validUntil?: number;
  /** Seconds after which it asks to be looked for again. */
  readonly refresh?: number;
}

/** It, for whoever needs it. */
export interface Fresh<T> {
  /** What holds now. Throws what finding it threw, or `provider.misconfigured`, where nothing does. */
  current(): Promise<T>;
  /** What is known, without asking; undefined where nothing holds. */
  known(): T | undefined;
}

/** What it is made of. */
interface FreshParts<T> {
  /** Of the provider. */
  readonly id: string;
  readonly find: () => Promise<T>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes one; nothing is looked for yet. */
export function createFresh<T extends Dated>({ id, find, clock, log }: FreshParts<T>): Fresh<T> {
  let good: T | undefined;
  let lookAt = 0;
  let failed: Problem | undefined;
  let looking: Promise<void> | undefined;
  const now = () => unixSeconds(clock);

  const holds = () =>
    good !== undefined && now() < (good.validUntil ?? Number.POSITIVE_INFINITY) ? good : undefined;

  async function look(): Promise<void> {
    try {
      const found = await find();
      if (isOlder(found, holds())) log.warn('saml.metadata-older', { provider: id });
      else good = found;
      failed = undefined;
      lookAt = now() + Math.min(Math.max(found.refresh ?? REFRESH, AGAIN), REFRESH);
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      failed = thrown;
      lookAt = now() + AGAIN;
      // Nobody notices while the last one holds: so that somebody does before it ends.
      if (holds() !== undefined)
        log.warn('saml.metadata-kept', { ...thrown.facts, provider: id, code: thrown.code });
    }
  }

  return {
    known: holds,
    current: async () => {
      if (now() >= lookAt || (holds() === undefined && failed === undefined)) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      const held = holds();
      if (held !== undefined) return held;
      throw failed ?? misconfigured(id, 'expired');
    },
  };
}

/** Somebody who keeps an old document may hand it out again, with keys that were withdrawn since. */
function isOlder(found: Dated, known: Dated | undefined): boolean {
  return (
    known !== undefined &&
    known.validUntil !== undefined &&
    (found.validUntil === undefined || found.validUntil < known.validUntil)
  );
}
