/**
 * Which addresses nothing of ours is ever sent to.
 *
 * Pure. A name says nothing here: what counts is the address it led to.
 */
import { BlockList, isIP } from 'node:net';

/** Where machines ask who they are and get keys for it, and what is only reachable on one wire. */
const NEVER: readonly (readonly [string, number])[] = [
  ['169.254.0.0', 16], // RFC 3927; metadata of most clouds
  ['fe80::', 10], // RFC 4291, section 2.5.6
  ['fd00:ec2::', 32], // Amazon: 254 is metadata, 23 are keys for pods
  ['fd20:ce::', 32], // Google
  ['100.100.100.200', 32], // Alibaba
  ['192.0.0.192', 32], // Oracle
  ['168.63.129.16', 32], // Azure
];

/** RFC 6890: this machine and networks of one's own. */
const PRIVATE: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
];

function listed(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, length] of networks)
    list.addSubnet(network, length, isIP(network) === 4 ? 'ipv4' : 'ipv6');
  return list;
}

const never = listed(NEVER);
const privately = listed(PRIVATE);

/** The IPv4 address inside an IPv6 one: IPv4-compatible (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056). BlockList sees through mapped ones itself. */
function embedded(address: string): string | undefined {
  // The address parser of URL writes every IPv6 address in one way.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const all = groups.includes('::')
    ? [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
    : left;
  const words = all.map((group) => Number.parseInt(group, 16));
  const dotted = (high = 0, low = 0) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  if (words[0] === 0x2002) return dotted(words[1], words[2]);
  const prefix = words
    .slice(0, 6)
    .map((word) => word.toString(16))
    .join(':');
  return prefix === '64:ff9b:0:0:0:0' || prefix === '0:0:0:0:0:0' ? dotted(words[6], words[7]) : undefined;
}

/** Is this address, as it was resolved or written, one that nothing is sent to? What is no address is not. */
export function isForbiddenAddress(address: string, allowPrivate: boolean): boolean {
  const plain = address.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return false;
  const hit = (text: string, kind: 'ipv4' | 'ipv6') =>
    never.check(text, kind) || (!allowPrivate && privately.check(text, kind));
  if (family === 4) return hit(plain, 'ipv4');
  const inner = embedded(plain);
  // `::1` is loopback, not an old way to write 0.0.0.1.
  return hit(plain, 'ipv6') || (inner !== undefined && !/^::1?$/.test(plain) && hit(inner, 'ipv4'));
}
