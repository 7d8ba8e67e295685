/**
 * The keys we sign with when we make them ourselves: RSA 2048, kept in the store, turned over every quarter.
 *
 * Knows what a signing key is made of; when it comes and goes is the timetable's, where it lies the ring's.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import { createRing } from './ring.ts';
import type { KeyDescription, RingKey } from './ring-text.ts';
import { KEEP_BEYOND_TOKENS, ROTATE_EVERY, SIGNING_LEAD } from './rotation.ts';
import { makeRsaKey, publicPemOf } from './rsa.ts';
import type { KeySet, PublicKey } from './signing-key.ts';

export type { KeyDescription } from './ring-text.ts';

/** What stored keys are made of; durations are seconds. */
export interface StoredKeysParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** The longest a token of ours may live, by whatever door. */
  readonly tokenLifetime: number;
  /** 90 days if not given. */
  readonly rotateEvery?: number;
  /** From being published to the first signature; 15 minutes if not given, and less only in tests. */
  readonly lead?: number;
  /** Hears of `keys.went-back`, `keys.unattended` and `keys.not-written`. */
  readonly log?: Log;
}

/** Signing keys that turn over. Ask for them now and then even when nobody comes in: the timetable goes on by being asked. */
export interface StoredKeys extends KeySet {
  /** Begins a rotation and gives the kid that signs after the lead. Asked twice, it is the same rotation. */
  rotateNow(): Promise<string>;
  /**
   * Stops signing with a key and publishing it at once, with a new one in its place if none is left.
   * A Prosody that fetched it as a PEM trusts it until it restarts. Throws `key.unusable` for a kid there is not.
   */
  revoke(kid: string): Promise<void>;
  /** Every key, the newest first, revoked ones too. Changes nothing. */
  list(): Promise<readonly KeyDescription[]>;
}

function toPublicKey({ kid, secret }: RingKey): PublicKey {
  return { kid, algorithm: 'RS256', pem: publicPemOf(secret.reveal()) };
}

/** The keys of this store. The first is made when they are first asked for, and signs at once. */
export function createStoredKeys(parts: StoredKeysParts): StoredKeys {
  const { store, clock, random, tokenLifetime, rotateEvery = ROTATE_EVERY, lead = SIGNING_LEAD, log } = parts;
  const timetable = { rotateEvery, lead, keep: tokenLifetime + KEEP_BEYOND_TOKENS };
  const ring = createRing({ name: 'signing', store, clock, random, timetable, make: makeRsaKey, log });
  let shown: { readonly of: readonly RingKey[]; readonly keys: readonly PublicKey[] } | undefined;

  return {
    signing: async () => {
      const [{ kid, secret }] = await ring.keys();
      return { kid, algorithm: 'RS256', secret };
    },
    published: async () => {
      const keys = await ring.keys();
      if (shown?.of !== keys) shown = { of: keys, keys: keys.map(toPublicKey) };
      return shown.keys;
    },
    rotateNow: ring.rotateNow,
    revoke: ring.revoke,
    list: ring.list,
  };
}
