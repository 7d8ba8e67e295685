/**
 * The id of an authentication request: it carries its time and a seal of ours, so that nothing need be remembered,
 * and a part of the attempt it belongs to, so that it is good in one browser alone.
 *
 * @see SAML Core 2.0, section 1.3.4 (identifiers)
 */
import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SealingKey } from '../../keys/signing-key.ts';

/** What an id says. */
export interface RequestId {
  /** Unix seconds at which the request was made. */
  readonly at: number;
}

const SHAPE = /^_[A-Za-z0-9_-]{50}$/;
const TIME = 5;
const BOUND = 16;
const SEAL = 16;

/** `binding` is what only this attempt knows: 256 random bits. The id is an NCName. */
export function requestId(
  binding: string,
  { key, at }: { readonly key: SealingKey; readonly at: number },
): string {
  const head = Buffer.alloc(TIME + BOUND);
  head.writeUIntBE(at, 0, TIME);
  boundOf(binding).copy(head, TIME);
  return `_${Buffer.concat([head, sealOf(head, key)]).toString('base64url')}`;
}

/** Is it one of ours, by whichever of these keys? Costs a few hashes, whoever wrote it. */
export function readRequestId(id: string, keys: readonly SealingKey[]): RequestId | undefined {
  const head = headOf(id, keys);
  return head && { at: head.readUIntBE(0, TIME) };
}

/** Was this id made for this attempt? */
export function isBoundTo(id: string, binding: string): boolean {
  if (!SHAPE.test(id)) return false;
  const bytes = Buffer.from(id.slice(1), 'base64url');
  return timingSafeEqual(bytes.subarray(TIME, TIME + BOUND), boundOf(binding));
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
