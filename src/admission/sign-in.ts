/**
 * One sign-in attempt: begun, bound to this browser, finished once.
 *
 * A stranger writes nothing into the store: what an attempt must remember is
 * sealed into a short cookie of its own. The store hears of it at the callback,
 * where one caller wins. A browser may carry many, and servers in front refuse
 * long headers: so the cookie holds one seed, and the secrets are made of it.
 */
import { hkdfSync } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { digest, type Random, randomToken } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import type { AttemptMemory } from '../identity/provider.ts';
import { openShort, sealShort } from '../keys/short-seal.ts';
import type { SealingKeys } from '../keys/signing-key.ts';

/** Seconds between leaving for the provider and coming back. */
export const ATTEMPT_LIFETIME = 900;

const PURPOSE = 'sign-in';

/** What is sealed into the cookie, in short names: every byte counts as often as there are tabs. */
interface Carried {
  /** 256 random bits in base64url. */
  readonly s: string;
  /** The provider. */
  readonly p: string;
  /** The target. */
  readonly t: string;
  /** Only where it asks without showing anything. */
  readonly q?: 1;
}

/** One sign-in under way. */
export interface Attempt extends AttemptMemory {
  /** The cookie's suffix, and the first part of `state`: it tells attempts apart and is no secret. */
  readonly id: string;
  readonly provider: string;
  /** Where to go afterwards, as `targetText` wrote it. Empty for nowhere in particular. */
  readonly target: string;
  readonly silent: boolean;
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
  about: Pick<Attempt, 'provider' | 'target' | 'silent'>,
  parts: AttemptParts,
): Promise<{ readonly attempt: Attempt; readonly sealed: string }> {
  const { provider: p, target: t, silent } = about;
  const carried: Carried = { s: randomToken(parts.random), p, t, ...(silent && { q: 1 }) };
  const sealed = await sealShort(carried, {
    keys: await parts.keys.sealing(),
    purpose: PURPOSE,
    ttl: ATTEMPT_LIFETIME,
    clock: parts.clock,
  });
  return { attempt: attemptOf(carried), sealed };
}

/** One seed, four values that tell nothing of each other (RFC 5869). The verifier is 43 characters (RFC 7636, section 4.1). */
function attemptOf({ s, p, t, q }: Carried): Attempt {
  const derived = (label: string, bytes = 32) =>
    Buffer.from(hkdfSync('sha256', s, '', `ostiary attempt ${label}`, bytes)).toString('base64url');
  const id = derived('id', 6);
  return {
    id,
    state: `${id}.${derived('state')}`,
    nonce: derived('nonce'),
    verifier: derived('verifier'),
    provider: p,
    target: t,
    silent: q === 1,
  };
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
  const opened = await openShort(sealed, {
    keys: await parts.keys.sealing(),
    purpose: PURPOSE,
    clock: parts.clock,
  });
  if (!isCarried(opened)) return undefined;
  const attempt = attemptOf(opened);
  return attempt.state === state ? attempt : undefined;
}

/** Spends the attempt: true for exactly one caller, on however many nodes. */
export async function spendAttempt(attempt: Attempt, store: Store): Promise<boolean> {
  return store.swap(`spent/${digest(attempt.state)}`, undefined, '1', ATTEMPT_LIFETIME + 60);
}

function isCarried(value: unknown): value is Carried {
  if (typeof value !== 'object' || value === null) return false;
  const { s, p, t } = value as Record<string, unknown>;
  return typeof s === 'string' && s.length === 43 && typeof p === 'string' && typeof t === 'string';
}
