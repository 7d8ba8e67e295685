/**
 * The provider's keys: read seldom, remembered, and only those fit for use.
 *
 * Unknown key ids are free to invent, so however many are asked for, the provider
 * hears of it once in a cool-down; while its answers fail, no new key is believed.
 */
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';

/** Seconds between two readings. */
const COOL_DOWN = 60;
/** Seconds after which a failed reading may be tried again. */
const COOL_DOWN_AFTER_FAILURE = 10;
const MAX_KEYS = 100;

/** One public key. @see RFC 7517, section 4 */
export type PublicJwk = Readonly<Record<string, string>> & { readonly kty: string };

/** The keys of a provider. */
export interface KeyDocument {
  readonly keys: readonly PublicJwk[];
}

/** Where a provider's keys come from. */
export interface KeySource {
  /** What was read last, and how many seconds ago. */
  held(): { readonly document: KeyDocument; readonly age: number } | undefined;
  /**
   * Reads the keys, or gives what was read within the cool-down.
   * Throws `provider.unreachable` or `provider.response-invalid`, the remembered one within the cool-down.
   */
  read(): Promise<KeyDocument>;
}

/** Makes the one memory of a provider's keys. */
export function createKeySource(parts: {
  readonly id: string;
  readonly clock: Clock;
  readonly fetch: () => Promise<Response>;
}): KeySource {
  const { id, clock, fetch } = parts;
  let held: { document: KeyDocument; at: number } | undefined;
  let failed: { problem: Problem; at: number } | undefined;
  let pending: Promise<KeyDocument> | undefined;
  const age = (at: number) => (clock.now() - at) / 1000;

  async function ask(): Promise<KeyDocument> {
    try {
      const document = await readKeys(await fetch(), id);
      [held, failed] = [{ document, at: clock.now() }, undefined];
      return document;
    } catch (thrown) {
      // What was read before stays until it is too old for whoever uses it.
      if (isProblem(thrown)) failed = { problem: thrown, at: clock.now() };
      throw thrown;
    } finally {
      pending = undefined;
    }
  }

  return {
    held: () => held && { document: held.document, age: age(held.at) },
    async read() {
      if (pending !== undefined) return pending;
      if (held !== undefined && age(held.at) < COOL_DOWN) return held.document;
      if (failed !== undefined && age(failed.at) < COOL_DOWN_AFTER_FAILURE)
        throw new Problem(failed.problem.code, failed.problem.facts, failed.problem);
      pending = ask();
      return pending;
    },
  };
}

async function readKeys(answer: Response, provider: string): Promise<KeyDocument> {
  const invalid = (why: string, facts = {}) =>
    new Problem('provider.response-invalid', { provider, asked: 'jwks', why, ...facts });
  if (answer.status >= 500)
    throw new Problem('provider.unreachable', { provider, asked: 'jwks', status: answer.status });
  if (answer.status !== 200) throw invalid('status', { status: answer.status });
  const keys = keysOf(await answer.text());
  if (keys === undefined) throw invalid('shape');
  if (keys.length > MAX_KEYS) throw invalid('too-many');
  return { keys: keys.map(toPublicKey).filter((key) => key !== undefined) };
}

function keysOf(text: string): readonly unknown[] | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null || !('keys' in document)) return undefined;
    return Array.isArray(document.keys) ? document.keys : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** The members of a public key, by its type; whoever publishes `d` has no secret left. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};

/**
 * The key as we use it, or undefined: only public, for signatures, and strong enough.
 *
 * @see RFC 8725, section 3.5
 */
function toPublicKey(value: unknown): PublicJwk | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const key = value as Readonly<Record<string, unknown>>;
  const { kty, use, key_ops: operations } = key;
  const needed = typeof kty === 'string' && Object.hasOwn(MEMBERS, kty) ? MEMBERS[kty] : undefined;
  if (typeof kty !== 'string' || needed === undefined || Object.hasOwn(key, 'd') || Object.hasOwn(key, 'k'))
    return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return undefined;
  const kept: Record<string, string> = {};
  for (const name of [...needed, 'kid', 'alg']) {
    const member = key[name];
    if (typeof member === 'string' && member !== '') kept[name] = member;
    else if (member !== undefined || needed.includes(name)) return undefined;
  }
  return kty === 'RSA' && !isStrongRsa(kept['n'] ?? '', kept['e'] ?? '') ? undefined : { ...kept, kty };
}

function isStrongRsa(n: string, e: string): boolean {
  const [modulus, exponent] = [n, e].map((text) => Buffer.from(text, 'base64url')) as [Buffer, Buffer];
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  const odd = ((modulus.at(-1) ?? 0) & 1) === 1 && ((exponent.at(-1) ?? 0) & 1) === 1;
  const large =
    exponent.length >= 3 && exponent.length <= 6 && exponent.readUIntBE(0, exponent.length) >= 65_537;
  return bits >= 2048 && odd && large;
}
