/**
 * The id of an authentication request: it carries its time and a seal of ours, so that nothing need be remembered,
 * and a part of the attempt it belongs to, so that it is good in one browser alone.
 *
 * @see SAML Core 2.0, section 1.3.4 (identifiers)
 */
import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../base/problem.ts';
import type { SealingKey } from '../../keys/signing-key.ts';

const SHAPE = /^_[A-Za-z0-9_-]{50}$/;
const TIME = 5;
const BOUND = 16;
const SEAL = 16;
/** Seconds a request is good for: as long as the attempt that made it. */
const LIFETIME = 900;

/**
 * `binding` is what only this attempt knows: 256 random bits; `at` are Unix seconds. The id is an NCName. Throws
 * `key.none` without a key.
 */
export function requestId(
  binding: string,
  { keys: [key], at }: { readonly keys: readonly SealingKey[]; readonly at: number },
): string {
  if (key === undefined) throw new Problem('key.none', { keys: 'sealing' });
  const head = Buffer.alloc(TIME + BOUND);
  head.writeUIntBE(at, 0, TIME);
  boundOf(binding).copy(head, TIME);
  return `_${Buffer.concat([head, sealOf(head, key)]).toString('base64url')}`;
}

/** What an id is held against. */
interface RequestExpected {
  readonly keys: readonly SealingKey[];
  /** Unix seconds. */
  readonly now: number;
  /** The attempt it must have been made for; whichever where it is absent. */
  readonly binding?: string;
}

/** Is it one of ours, made for this attempt, and still good? Costs a few hashes, whoever wrote it. */
export function requestStanding(
  id: string,
  { keys, now, binding }: RequestExpected,
): 'good' | 'late' | 'unknown' {
  const head = headOf(id, keys);
  if (head === undefined) return 'unknown';
  if (binding !== undefined && !timingSafeEqual(head.subarray(TIME), boundOf(binding))) return 'unknown';
  return now - head.readUIntBE(0, TIME) > LIFETIME ? 'late' : 'good';
}

function headOf(id: string, keys: readonly SealingKey[]): Buffer | undefined {
  if (!SHAPE.test(id)) return undefined;
  const bytes = Buffer.from(id.slice(1), 'base64url');
  // One id is written in one way.
  if (`_${bytes.toString('base64url')}` !== id) return undefined;
  const [head, seal] = [bytes.subarray(0, TIME + BOUND), bytes.subarray(TIME + BOUND)];
  return keys.some((key) => timingSafeEqual(sealOf(head, key), seal)) ? head : undefined;
}

function boundOf(binding: string): Buffer {
  return hash('sha256', `saml request ${binding}`, 'buffer').subarray(0, BOUND);
}

function sealOf(head: Uint8Array, { secret }: SealingKey): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secret.reveal(), '', 'ostiary saml request id', 32));
  return createHmac('sha256', key).update(head).digest().subarray(0, SEAL);
}
