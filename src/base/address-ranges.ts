/**
 * Internet addresses as an operator lists them: single ones, and ranges. Pure.
 */
import { BlockList, isIP } from 'node:net';

/** Addresses and ranges to be looked into. */
export interface AddressRanges {
  includes(address: string): boolean;
}

/** So many answers are remembered. */
const REMEMBERED = 1000;

/** Reads `10.0.0.0/8`, `::1` and the like. Entries that are neither are the configuration's to refuse. */
export function addressRanges(entries: readonly string[]): AddressRanges {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) continue;
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  const within = (address: string) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  // The same few proxies and callers are asked about again and again.
  const known = new Map<string, boolean>();
  return {
    includes(address) {
      const before = known.get(address);
      if (before !== undefined) return before;
      if (known.size >= REMEMBERED) known.clear();
      const is = within(address);
      known.set(address, is);
      return is;
    },
  };
}
