/**
 * One sign-in attempt: begun, bound to this browser, finished once.
 *
 * A stranger writes nothing into the store: what an attempt must remember is
 * sealed into a short cookie of its own. The store hears of it at the callback,
 * where one caller wins.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { digest, type Random, randomToken } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import type { AttemptMemory } from '../identity/provider.ts';
import { open, seal } from '../keys/jwt.ts';
import type { SealingKeys } from '../keys/signing-key.ts';

/** Seconds between leaving for the provider and coming back. */
export const ATTEMPT_LIFETIME = 900;

const PURPOSE = 'sign-in';
const ID_LENGTH = 8;

/** One attempt as the browser carries it, sealed. */
export interface Attempt extends AttemptMemory {
  /** The cookie's suffix, and the first part of `state`: it tells attempts apart and is no secret. */
  readonly id: string;
  readonly provider: string;
  /** Where to go afterwards, as `targetText` wrote it. Empty for nowhere in particular. */
  readonly target: string;
  readonly silent: boolean;
  /** Unix seconds. */
  readonly at: number;
}

/** What attempts need. */
export interface AttemptParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: SealingKeys;
  readonly store: Store;
}

/** Begins an attempt and seals it for the browser. */
export async function beginAttempt(
  about: { readonly provider: string; readonly target: string; readonly silent: boolean },
  parts: AttemptParts,
): Promise<{ readonly attempt: Attempt; readonly sealed: string }> {
  const id = randomToken(parts.random, 6);
  const attempt: Attempt = {
    ...about,
    id,
    state: `${id}.${randomToken(parts.random)}`,
    nonce: randomToken(parts.random),
    verifier: randomToken(parts.random),
    at: unixSeconds(parts.clock),
  };
  const sealed = await seal(attempt, {
    keys: await parts.keys.sealing(),
    purpose: PURPOSE,
    ttl: ATTEMPT_LIFETIME,
    clock: parts.clock,
  });
  return { attempt, sealed };
}

/** The attempt a `state` that came back belongs to; undefined where the text cannot be one of ours. */
export function attemptIdOf(state: string | null): string | undefined {
  return state?.match(/^([\w-]{8})\.[\w-]{43}$/)?.[1];
}

/** Opens what the browser brought back. Anything that does not hold is undefined. */
export async function openAttempt(
  sealed: string,
  state: string,
  parts: AttemptParts,
): Promise<Attempt | undefined> {
  const opened = await open(sealed, {
    keys: await parts.keys.sealing(),
    purpose: PURPOSE,
    clock: parts.clock,
  });
  if (!isAttempt(opened) || opened.state !== state) return undefined;
  return opened;
}

/** Spends the attempt: true for exactly one caller, on however many nodes. */
export async function spendAttempt(attempt: Attempt, store: Store): Promise<boolean> {
  return store.swap(`spent/${digest(attempt.state)}`, undefined, '1', ATTEMPT_LIFETIME + 60);
}

function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== 'object' || value === null) return false;
  const texts = ['id', 'provider', 'target', 'state', 'nonce', 'verifier'] as const;
  const bag = value as Record<string, unknown>;
  return (
    texts.every((name) => typeof bag[name] === 'string') &&
    String(bag['id']).length === ID_LENGTH &&
    typeof bag['silent'] === 'boolean' &&
    typeof bag['at'] === 'number'
  );
}
