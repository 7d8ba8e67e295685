/**
 * Keys that live in the store and are turned over by the timetable.
 *
 * They are one text under one key of the store, changed only by `swap`, so that many nodes and the command
 * line agree. What a key is made of is an argument; whether it signs or seals is not known here.
 *
 * A store may be put back from a backup, and then it knows less than we do:
 * - While a process runs, it remembers the text it saw last. A text that went back (its revision is lower, or the
 *   same with other words) is replaced by the remembered one, less whatever either of them revoked; so a retired
 *   key stays retired, and a lost one returns. `keys.went-back` is logged.
 * - A process that starts cannot know what happened. The nodes therefore note every ten minutes that somebody looks
 *   after the keys. If that lies an hour back at the start, we were down, or the store is old: `keys.unattended`
 *   is logged and a rotation begins, so that no key of unknown standing signs for longer than the lead of another.
 * - A kid is never used twice: beside its number it holds 64 random bits.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { type Log, silentLog } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Random } from '../base/random.ts';
import { amend, type Store } from '../base/store.ts';
import {
  describedKeys,
  type KeyDescription,
  keysOf,
  type RingContent,
  type RingKey,
  readRing,
  restored,
  revokedIn,
  type SpareKey,
  type Turned,
  turned,
  writeRing,
} from './ring-text.ts';
import { phaseOf, type Timetable } from './rotation.ts';

/** Keys that turn over. */
export interface Ring {
  /**
   * The key in use first, then the coming and the retired ones; the same array until something changes.
   * Throws `key.none`, and what the store throws.
   */
  keys(): Promise<readonly [RingKey, ...RingKey[]]>;
  /** Begins a rotation though none is due, and gives the kid that takes over after the lead. */
  rotateNow(): Promise<string>;
  /** Ends a key at once, here and within a second elsewhere, with a new one in its place if none is left. Throws `key.unusable` for a kid there is not. */
  revoke(kid: string): Promise<void>;
  /** Every key there is, and those revoked, the newest first. Changes nothing. */
  list(): Promise<readonly KeyDescription[]>;
}

/** What a ring is made of. */
export interface RingParts {
  /** Its place in the store. */
  readonly name: 'signing' | 'sealing';
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly timetable: Timetable;
  /** Makes the secret of a new key. Called outside of any change, because it may take long. */
  readonly make: () => Promise<string>;
  readonly log?: Log | undefined;
}

/** Milliseconds for which a reading is good: so long may another process' change go unnoticed. */
const GOOD_FOR = 1000;

/** Seconds, renewed with every note: keys nobody looked after for more than a year expire. */
const TTL = 400 * 86_400;

/** Seconds between two notes that somebody looks after the keys. */
const NOTE_EVERY = 600;

/** Seconds without a note that mean nobody did. */
const UNATTENDED = 3600;

interface Loaded {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string | undefined;
  readonly content: RingContent;
  readonly keys: readonly RingKey[];
}

interface Attended {
  readonly content: RingContent;
  readonly wantsKey: boolean;
  readonly isChanged: boolean;
  readonly wentBack: boolean;
  readonly unattended: boolean;
}

function hasKeyInUse(keys: readonly RingKey[]): keys is readonly [RingKey, ...RingKey[]] {
  return keys[0] !== undefined && phaseOf(keys[0]) === 'signing';
}

/** Makes a ring of keys; nothing is read or written before it is asked. */
export function createRing({
  name,
  store,
  clock,
  random,
  timetable,
  make,
  log = silentLog,
}: RingParts): Ring {
  const place = `keys/${name}`;
  let loaded: Loaded | undefined;
  let reading: Promise<Loaded> | undefined;

  const now = () => unixSeconds(clock);

  async function spareKey(): Promise<SpareKey> {
    return { secret: await make(), id: Buffer.from(random.bytes(8)).toString('hex') };
  }

  function remember(text: string | undefined, content: RingContent): Loaded {
    const keys = loaded !== undefined && loaded.text === text ? loaded.keys : keysOf(content);
    loaded = { at: clock.now(), text, content, keys };
    return loaded;
  }

  function wentBack(text: string | undefined, { revision }: RingContent): boolean {
    if (loaded === undefined) return false;
    return (
      revision < loaded.content.revision || (revision === loaded.content.revision && text !== loaded.text)
    );
  }

  /** What the store says, or what we remember where that is later. */
  function latest(text: string | undefined): RingContent {
    const stored = readRing(name, text);
    return loaded !== undefined && wentBack(text, stored) ? restored(stored, loaded.content) : stored;
  }

  function attended(text: string | undefined, spare?: SpareKey): Attended {
    const before = latest(text);
    const isBack = wentBack(text, readRing(name, text));
    const sinceNote = Math.abs(now() - before.seenAt);
    const unattended = loaded === undefined && before.keys.length > 0 && sinceNote >= UNATTENDED;
    const { content, wantsKey } = turned(before, { now: now(), timetable, hasten: unattended, spare });
    const isChanged = isBack || wantsKey || content !== before || sinceNote >= NOTE_EVERY;
    return { content, wantsKey, isChanged, wentBack: isBack, unattended };
  }

  async function refresh(): Promise<Loaded> {
    const before = loaded;
    const text = await store.get(place);
    // A change of our own overtook this reading, which is old now: the store did not go back.
    if (loaded !== undefined && loaded !== before) return loaded;
    const step = attended(text);
    if (!step.isChanged) return remember(text, step.content);
    if (step.wentBack) log.warn('keys.went-back', { keys: name });
    if (step.unattended) log.warn('keys.unattended', { keys: name, seconds: now() - step.content.seenAt });
    const spare = step.wantsKey ? await spareKey() : undefined;
    try {
      return await write(spare);
    } catch (cause) {
      const known = latest(text);
      // A full disk must not end the signing that needs no writing.
      if (
        !(isProblem(cause, 'store.full') || isProblem(cause, 'store.unavailable')) ||
        !hasKeyInUse(keysOf(known))
      )
        throw cause;
      log.warn('keys.not-written', { keys: name }, cause);
      return remember(text, known);
    }
  }

  async function write(spare: SpareKey | undefined): Promise<Loaded> {
    const written = await amend(store, place, TTL, (current) => {
      // Another node may have been first; then its key stands, and ours was made for nothing.
      const { content, isChanged } = attended(current, spare);
      return isChanged ? writeRing({ ...content, seenAt: now() }) : current;
    });
    return remember(written, readRing(name, written));
  }

  function current(): Promise<Loaded> {
    if (loaded !== undefined && Math.abs(clock.now() - loaded.at) < GOOD_FOR) return Promise.resolve(loaded);
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  /** A change somebody asked for. It is no note that the keys are looked after: who asks may be the command line. */
  async function change(step: (content: RingContent, spare?: SpareKey) => Turned): Promise<RingContent> {
    const { wantsKey } = step(latest(await store.get(place)));
    const spare = wantsKey ? await spareKey() : undefined;
    const written = await amend(store, place, TTL, (text) => {
      const { content } = step(latest(text), spare);
      return writeRing(content.seenAt === 0 ? { ...content, seenAt: now() } : content);
    });
    return remember(written, readRing(name, written)).content;
  }

  return {
    keys: async () => {
      const { keys } = await current();
      if (!hasKeyInUse(keys)) throw new Problem('key.none', { keys: name });
      return keys;
    },
    rotateNow: async () => {
      const { keys } = await change((content, spare) =>
        turned(content, { now: now(), timetable, hasten: true, spare }),
      );
      return keys.at(-1)?.kid ?? '';
    },
    revoke: async (kid) => {
      await change((content, spare) =>
        turned(revokedIn(content, kid, now()), { now: now(), timetable, spare }),
      );
    },
    list: async () => describedKeys(latest(await store.get(place)), timetable),
  };
}
