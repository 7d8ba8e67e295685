/**
 * An entry of a directory, as claims: names, the id that never changes, groups, and whether the account is shut.
 *
 * Pure.
 */
import { isAtOrBelow, parseDn, type Rdn } from './dn.ts';

/** An entry as it came: each attribute's values, by its name in lower case. */
export interface Entry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly (string | Uint8Array)[]>;
}

/** Attributes whose values are bytes. */
export const BINARY: readonly string[] = ['objectGUID', 'objectSid'];

/** Attributes that tell of an account that is shut, whatever directory it is. */
export const SHUT_BY: readonly string[] = [
  'userAccountControl',
  'accountExpires',
  'nsAccountLock',
  'pwdAccountLockedTime',
  'shadowExpire',
];

/** The first value of an attribute as text. */
export function textOf({ attributes }: Entry, name: string): string | undefined {
  const value = attributes.get(name.toLowerCase())?.[0];
  if (value === undefined || typeof value === 'string') return value === '' ? undefined : value;
  return name.toLowerCase() === 'objectguid' ? guidText(value) : Buffer.from(value).toString('hex');
}

/**
 * Sixteen bytes as people write them: the first three groups stand there with their last byte first.
 * @see [MS-DTYP], section 2.3.4
 */
export function guidText(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 16) return undefined;
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = Buffer.from(order.map((at) => bytes[at] ?? 0)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Windows' file time: tenths of a microsecond since 1601. */
const FILETIME_1970 = 116_444_736_000_000_000n;
const NEVER = 0x7fffffffffffffffn;

/** Why nobody may sign in with this account, if so. `now` in Unix seconds. */
export function whyShut(entry: Entry, now: number): string | undefined {
  const control = Number(textOf(entry, 'userAccountControl') ?? 0);
  if ((control & 2) !== 0) return 'disabled';
  const expires = textOf(entry, 'accountExpires');
  if (expires !== undefined && /^\d{1,19}$/.test(expires)) {
    const at = BigInt(expires);
    if (at !== 0n && at !== NEVER && (at - FILETIME_1970) / 10_000_000n <= BigInt(now)) return 'expired';
  }
  if (/^true$/i.test(textOf(entry, 'nsAccountLock') ?? '')) return 'disabled';
  // Shut for good; for a while only, it is the directory's own answer that counts.
  if (textOf(entry, 'pwdAccountLockedTime') === '000001010000Z') return 'disabled';
  const days = textOf(entry, 'shadowExpire');
  if (days !== undefined && /^\d{1,7}$/.test(days) && Number(days) * 86_400 <= now) return 'expired';
  return undefined;
}

/**
 * What groups are called in rules. With a base, those at or below it count, by their `cn`; without one every group
 * does, by its whole name, because whoever may make a group anywhere could give it anybody's short one.
 */
export function groupNames(dns: readonly string[], base: string | undefined): readonly string[] {
  if (base === undefined) return dns;
  const below = parseDn(base) ?? [];
  return dns.flatMap((dn) => {
    const parsed = parseDn(dn);
    const [first] = parsed ?? [];
    return parsed !== undefined && first?.type === 'cn' && isBelow(parsed, below) ? [first.value] : [];
  });
}

function isBelow(dn: readonly Rdn[], base: readonly Rdn[]): boolean {
  return base.length > 0 && isAtOrBelow(dn, base);
}

/** The values of `memberOf`; `'too-many'` where Active Directory sent only the first thousands. */
export function memberOf({ attributes }: Entry): readonly string[] | 'too-many' {
  if ([...attributes.keys()].some((name) => name.startsWith('memberof;range='))) return 'too-many';
  return (attributes.get('memberof') ?? []).map((value) => Buffer.from(value).toString());
}
