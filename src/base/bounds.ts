/**
 * The first and the last address of a range. Pure.
 */
import { isIP } from 'node:net';

/** Reads `10.0.0.0/8`, `2001:db8::/32` or one address alone: the first and the last of it, IPv6 in eight groups. */
export function boundsOf(range: string): readonly [first: string, last: string] {
  const [address = '', prefix] = range.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  const open = BigInt(bits - Number(prefix ?? bits));
  const first = (numberOf(address) >> open) << open;
  return [textOf(first, bits), textOf(first + (1n << open) - 1n, bits)];
}

function numberOf(address: string): bigint {
  if (isIP(address) !== 6) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  // The address parser of URL writes every IPv6 address in one way, without dots.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const filled = [
    ...(left ?? []),
    ...Array<string>(8 - (left?.length ?? 0) - (right?.length ?? 0)).fill('0'),
    ...(right ?? []),
  ];
  return filled.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function textOf(value: bigint, bits: number): string {
  const [step, radix, between] = bits === 128 ? ([16n, 16, ':'] as const) : ([8n, 10, '.'] as const);
  const parts: string[] = [];
  for (let at = BigInt(bits) - step; at >= 0n; at -= step)
    parts.push(((value >> at) & ((1n << step) - 1n)).toString(radix));
  return parts.join(between);
}
