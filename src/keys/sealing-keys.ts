/**
 * The keys that seal our own cookies: made by us, kept in the store, turned over every month.
 *
 * Nobody outside needs them, so the lead is only what other nodes take to read them.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import { createRing } from './ring.ts';
import type { KeyDescription } from './ring-text.ts';
import type { SealingKeys } from './signing-key.ts';

/** What stored sealing keys are made of; durations are seconds. */
export interface StoredSealingKeysParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** 30 days if not given. */
  readonly rotateEvery?: number;
  readonly log?: Log;
}

/** Sealing keys that turn over. */
export interface StoredSealingKeys extends SealingKeys {
  /** Begins a rotation and gives the kid that seals a minute later. */
  rotateNow(): Promise<string>;
  /** Ends a key at once: whatever it sealed opens no more. Throws `key.unusable` for a kid there is not. */
  revoke(kid: string): Promise<void>;
  /** Every key, the newest first, revoked ones too. Changes nothing. */
  list(): Promise<readonly KeyDescription[]>;
}

const ROTATE_EVERY = 30 * 86_400;

/** Nodes read the store once a second; the rest is for their clocks. */
const LEAD = 60;

/** A retired key opens for so long what it sealed; nothing we seal lives longer. */
const KEEP = 86_400;

const BYTES = 32;

/** The sealing keys of this store: the one that seals first, then those that only open. */
export function createSealingKeys({
  store,
  clock,
  random,
  rotateEvery = ROTATE_EVERY,
  log,
}: StoredSealingKeysParts): StoredSealingKeys {
  const timetable = { rotateEvery, lead: LEAD, keep: KEEP };
  const make = () => Promise.resolve(randomToken(random, BYTES));
  const ring = createRing({ name: 'sealing', store, clock, random, timetable, make, log });
  return {
    sealing: async () => (await ring.keys()).map(({ kid, secret }) => ({ kid, secret })),
    rotateNow: ring.rotateNow,
    revoke: ring.revoke,
    list: ring.list,
  };
}
