/**
 * Who is calling, and for which host: believing only proxies we trust. Pure.
 */
import { isIP } from 'node:net';
import { type AddressRanges, addressRanges } from '../base/address-ranges.ts';

/** Proxies whose `X-Forwarded-For` counts. */
export type TrustedProxies = AddressRanges;

/** Reads them, as addresses or CIDR ranges. */
export const trustedProxies: (entries: readonly string[]) => TrustedProxies = addressRanges;

/** An IPv4 address in IPv6 clothes is the IPv4 address. */
export function plainAddress(address: string): string {
  // Nearly every address is plain already.
  if (!address.includes(':') && !address.includes('%')) return address;
  const mapped = address.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i);
  return mapped?.[1] ?? address.replace(/%.*$/, '');
}

/** Some proxies write the caller's port too: `[2001:db8::7]:4711`, `198.51.100.1:4711`. @see RFC 7239, section 6 */
const PORT = /^(?:\[(.*)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5})$/;

/**
 * The caller's address: the socket's own, or, where that is a trusted proxy, the
 * right-most entry of `X-Forwarded-For` that no trusted proxy wrote. What stands
 * further left, a caller may have written.
 */
export function callerAddress(
  socket: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): string {
  let address = plainAddress(socket);
  let rest = forwardedFor;
  // From the right, and no further than is believed.
  while (rest !== undefined && trusted.includes(address)) {
    const comma = rest.lastIndexOf(',');
    const hop = hopIn(rest.slice(comma + 1).trim());
    if (isIP(hop) === 0) return address;
    address = hop;
    rest = comma === -1 ? undefined : rest.slice(0, comma);
  }
  return address;
}

function hopIn(text: string): string {
  return plainAddress(isIP(text) === 0 ? text.replace(PORT, '$1$2') : text);
}

/** What a limit counts by: an IPv4 address, or the /64 of an IPv6 one, which one customer has whole. */
export function limitKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const full =
    tail === undefined
      ? left
      : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${full
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
