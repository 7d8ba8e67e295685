/**
 * The public keys of somebody else: fetched when needed, remembered for minutes, believed with care.
 *
 * How they are fetched is an argument; which token they judge is not known here.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { rsaFault } from './rsa.ts';

/** Somebody else's verification keys. */
export interface RemoteKeys {
  /**
   * The one key for this kid and algorithm; undefined where there is none, or more than one.
   * Throws what fetching threw, and `provider.response-invalid` for what is no JWKS.
   */
  find(kid: string | undefined, algorithm: string): Promise<KeyObject | undefined>;
  /** How many of them are fit for this algorithm, asked anew: for `check`. Throws as `find`. */
  usable?(algorithm: string): Promise<number>;
}

/** What remote keys are made of. `cooldown` and `maxAge` are seconds. */
export interface RemoteKeysParts {
  /** Gets the JWKS document, parsed from JSON but otherwise unjudged. */
  readonly fetchJwks: () => Promise<unknown>;
  readonly clock: Clock;
  /** Between two fetches for a kid we do not know, so that a stranger's token cannot make us knock; 30 if not given. */
  readonly cooldown?: number;
  /** After which the whole set is fetched again; 600 if not given. */
  readonly maxAge?: number;
  /** Seconds for which keys are believed beyond that while nobody answers there; none if not given. */
  readonly whileAway?: number;
}

interface RemoteKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly string[];
  readonly key: KeyObject;
}

/** A provider that is back after a moment should not be missed for the whole cool-down. */
const RETRY_AFTER_FAILURE = 5;

/** More keys than this nobody publishes; reading them all would be work a stranger gives us. */
const MOST_KEYS = 100;

/** A set that holds one of these is a set its owner should take down; the key is nobody's secret any more. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVE_ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  'EC/P-256': ['ES256'],
  'EC/P-384': ['ES384'],
  'EC/P-521': ['ES512'],
  'OKP/Ed25519': ['EdDSA', 'Ed25519'],
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isForVerifying({ use, key_ops }: Readonly<Record<string, unknown>>): boolean {
  return (
    (use === undefined || use === 'sig') &&
    (key_ops === undefined || (Array.isArray(key_ops) && key_ops.includes('verify')))
  );
}

function readJwk(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    // Whatever Node says about it, it is a key we cannot use.
    return undefined;
  }
}

function algorithmsOf(jwk: Readonly<Record<string, unknown>>): readonly string[] {
  const all = jwk['kty'] === 'RSA' ? RSA_ALGORITHMS : (CURVE_ALGORITHMS[`${jwk['kty']}/${jwk['crv']}`] ?? []);
  return jwk['alg'] === undefined ? all : all.filter((algorithm) => algorithm === jwk['alg']);
}

/** A key of the set as we would use it; undefined for one we would not. @see RFC 7517, section 4 */
function usableKey(jwk: unknown): RemoteKey | undefined {
  if (!isRecord(jwk) || !isForVerifying(jwk) || PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member)))
    return undefined;
  const kid = jwk['kid'];
  if (kid !== undefined && typeof kid !== 'string') return undefined;
  const algorithms = algorithmsOf(jwk);
  const key = algorithms.length === 0 ? undefined : readJwk(jwk as JsonWebKey);
  if (key === undefined || (jwk['kty'] === 'RSA' && rsaFault(key) !== undefined)) return undefined;
  return { kid, algorithms, key };
}

function readJwks(document: unknown): readonly RemoteKey[] {
  if (!isRecord(document) || !Array.isArray(document['keys']))
    throw new Problem('provider.response-invalid', { why: 'jwks' });
  return document['keys'].slice(0, MOST_KEYS).flatMap((jwk) => usableKey(jwk) ?? []);
}

/**
 * Remembers a provider's JWKS. An unknown kid makes it ask again, at most once a cool-down and once
 * at a time; where asking fails, nothing is believed that is older than `maxAge` and `whileAway` together.
 * @see OpenID Connect Core 1.0, section 10.1.1
 */
export function remoteKeys({
  fetchJwks,
  clock,
  cooldown = 30,
  maxAge = 600,
  whileAway = 0,
}: RemoteKeysParts): RemoteKeys {
  let held: readonly RemoteKey[] = [];
  let heldSince: number | undefined;
  let last: { readonly at: number; readonly failure?: unknown } | undefined;
  let pending: Promise<void> | undefined;

  // Told without a sign, so that a clock set back ends a wait instead of stretching it.
  const passed = (since: number, seconds: number) => Math.abs(clock.now() - since) >= seconds * 1000;
  const isStale = () => heldSince === undefined || passed(heldSince, maxAge);

  async function ask(): Promise<void> {
    const at = clock.now();
    try {
      held = readJwks(await fetchJwks());
      heldSince = at;
      last = { at };
    } catch (failure) {
      last = { at, failure };
      throw failure;
    }
  }

  function askOnce(): Promise<void> {
    pending ??= ask().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  /** What asking failed with a moment ago. */
  function freshFailure(): unknown {
    return last?.failure === undefined || passed(last.at, Math.min(cooldown, RETRY_AFTER_FAILURE))
      ? undefined
      : last.failure;
  }

  /** Whoever is away for a while has not changed its keys for that. */
  async function renew(): Promise<void> {
    const mayKeep = heldSince !== undefined && !passed(heldSince, maxAge + whileAway);
    const failure = freshFailure();
    if (failure !== undefined && !mayKeep) throw failure;
    if (failure !== undefined) return;
    try {
      await askOnce();
    } catch (thrown) {
      if (!mayKeep) throw thrown;
    }
  }

  function mayAskForUnknown(): boolean {
    return (
      pending !== undefined ||
      last === undefined ||
      (passed(last.at, cooldown) && freshFailure() === undefined)
    );
  }

  function pick(kid: string | undefined, algorithm: string): KeyObject | undefined {
    const fit = held.filter(
      (key) => (kid === undefined || key.kid === kid) && key.algorithms.includes(algorithm),
    );
    return fit.length === 1 ? fit[0]?.key : undefined;
  }

  return {
    usable: async (algorithm) => {
      await askOnce();
      return held.filter((key) => key.algorithms.includes(algorithm)).length;
    },
    find: async (kid, algorithm) => {
      if (isStale()) await renew();
      const found = pick(kid, algorithm);
      if (found !== undefined || !mayAskForUnknown()) return found;
      await askOnce();
      return pick(kid, algorithm);
    },
  };
}
