/**
 * Does this rule speak about this person and this room?
 *
 * Pure. A condition about a person never holds for somebody who has not signed
 * in, and one about e-mail only for an address that is verified. Somebody who came
 * by a one-time entry has that entry and nothing else: elsewhere a stranger. For whom
 * another application vouched is signed in for that one room, and elsewhere a stranger too.
 * Who was invited has not signed in: it is the invitation that speaks, and for its room alone.
 */
import { type AddressRanges, addressRanges } from '../base/address-ranges.ts';
import type { Person, PersonPass } from '../base/person.ts';
import type { Role } from '../base/role.ts';
import { type Room, tenantClaim } from '../base/room.ts';
import { fitsGlob } from './glob.ts';
import type { Facts, When } from './rule.ts';
import { isWithin } from './times.ts';

/** Asks whether one condition holds. */
type Condition<K extends keyof When> = (wanted: NonNullable<When[K]>, facts: Facts) => boolean;

/** Who has signed in; a name alone, a one-time entry and an invitation are no sign-in, and an application's word is one for its room. */
function member({ person, room }: Facts): Person | undefined {
  if (person === undefined || person.guest || person.pass !== undefined || person.invite !== undefined)
    return undefined;
  return person.bound === undefined || isFor(person.bound, room) ? person : undefined;
}

/** Lower case for A to Z alone: a Kelvin sign is no K, and nobody's mailbox becomes another's. */
function plainLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A verified address in lower case, split at its one `@`; an address with none or several is nobody's. */
function verifiedEmail(
  person: Person | undefined,
): { readonly whole: string; readonly domain: string } | undefined {
  if (person?.email === undefined || !person.emailVerified) return undefined;
  const whole = plainLower(person.email);
  const [local, domain, ...more] = whole.split('@');
  if (local === undefined || local === '' || domain === undefined || domain === '' || more.length > 0)
    return undefined;
  return { whole, domain };
}

/** Is this address verified as theirs? Compared without case. */
export function isVerifiedAs(person: Person, address: string): boolean {
  return verifiedEmail(person)?.whole === plainLower(address);
}

/** Such a word is for one room of one tenant, and good for nothing in any other. */
export function isFor(entry: PersonPass, room: Room): boolean {
  return entry.room === room.claim && sameTenant(entry.tenant, room.tenant);
}

/** The most anybody can be here: what they were vouched for or invited as; and without having signed in a guest. */
export function highest(facts: Facts): Role {
  const { person, room } = facts;
  const entry = person?.pass ?? person?.bound ?? person?.invite;
  if (entry !== undefined && isFor(entry, room)) return entry.role;
  return member(facts) === undefined ? 'guest' : 'host';
}

function mayEnter(entry: PersonPass | undefined, room: Room, role: Role): boolean {
  return entry !== undefined && entry.role === role && isFor(entry, room);
}

/** Two spellings of one tenant are one to the rules too. */
function sameTenant(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return tenantClaim(one) === tenantClaim(other);
}

/** Stands in a glob for who asks. */
export const OWN = '{person.id}';

/** Behind an id stands what can stand in none, so that the rooms of one person never look like another's. */
export function isOwnGlob(glob: string): boolean {
  return /^[^{}*?]*\{person\.id\}(?:[._][^{}]*)?$/.test(glob);
}

/**
 * A person's id as it may stand in a room's name: provider, a dot, and what the provider calls them. Nothing for whom
 * another person's could come out the same, in the lower case of a room's name or with what stands behind.
 */
function ownName(person: Person | undefined): string | undefined {
  const [, provider, subject] = /^([a-z0-9-]+)#([a-z0-9-]+)$/.exec(person?.id ?? '') ?? [];
  return provider && subject && `${provider}.${subject}`;
}

/** Rules are asked at every request and never change: their ranges are read once. */
const ranges = new WeakMap<readonly string[], AddressRanges>();

function rangesOf(entries: readonly string[]): AddressRanges {
  const known = ranges.get(entries) ?? addressRanges(entries);
  ranges.set(entries, known);
  return known;
}

/** Every condition a rule may name, and when it holds. */
export const CONDITIONS: { readonly [K in keyof Required<When>]: Condition<K> } = {
  rooms: (globs, facts) =>
    globs.some((glob) => {
      if (!glob.includes(OWN)) return fitsGlob(glob, facts.room.name);
      const own = isOwnGlob(glob) ? ownName(member(facts)) : undefined;
      return own !== undefined && fitsGlob(glob.replace(OWN, own), facts.room.name);
    }),
  tenants: (globs, { room }) =>
    globs.some((glob) =>
      glob === ''
        ? room.tenant === undefined
        : room.tenant !== undefined && fitsGlob(tenantClaim(glob), tenantClaim(room.tenant)),
    ),
  groups: (names, facts) => member(facts)?.groups.some((group) => names.includes(group)) ?? false,
  emails: (addresses, facts) => {
    const email = verifiedEmail(member(facts));
    return email !== undefined && addresses.some((address) => plainLower(address) === email.whole);
  },
  emailDomains: (domains, facts) => {
    const email = verifiedEmail(member(facts));
    return email !== undefined && domains.some((domain) => plainLower(domain) === email.domain);
  },
  providers: (ids, facts) => ids.some((id) => id === member(facts)?.provider),
  persons: (ids, facts) => ids.some((id) => id === member(facts)?.id),
  acr: (contexts, facts) => contexts.some((context) => context === member(facts)?.acr),
  attributes: (wanted, facts) => {
    const has = member(facts)?.attributes ?? {};
    return Object.entries(wanted).every(
      ([name, values]) => Object.hasOwn(has, name) && has[name]?.some((value) => values.includes(value)),
    );
  },
  signedIn: (wanted, facts) => wanted === (member(facts) !== undefined),
  times: (windows, { now }) => now !== undefined && windows.some((window) => isWithin(window, now)),
  networks: (ranges, { address }) => address !== undefined && rangesOf(ranges).includes(address),
  clients: (kinds, { client }) => client !== undefined && kinds.includes(client),
  hostPresent: (wanted, { hostPresent }) => hostPresent === wanted,
  pass: (role, { person, room }) => mayEnter(person?.pass, room, role),
  bound: (role, { person, room }) => mayEnter(person?.bound, room, role),
  invited: (wanted, { person, room }) =>
    wanted === (person?.invite !== undefined && isFor(person.invite, room)),
  invite: (role, { person, room }) => mayEnter(person?.invite, room, role),
};

const NAMES = Object.keys(CONDITIONS) as readonly (keyof When)[];

/** Rules are asked at every request and never change: what each names is looked up once. */
const named = new WeakMap<When, readonly (keyof When)[]>();

/** The conditions a rule names, in the order of the table. */
export function namedConditions(when: When): readonly (keyof When)[] {
  const known = named.get(when);
  if (known !== undefined) return known;
  const names = NAMES.filter((name) => when[name] !== undefined);
  named.set(when, names);
  return names;
}

/** Does this one condition of the rule hold? A condition that is not named always does. */
export function holds<K extends keyof When>(name: K, when: When, facts: Facts): boolean {
  const wanted = when[name];
  return wanted === undefined || CONDITIONS[name](wanted as NonNullable<When[K]>, facts);
}

/** Does the rule speak about this person and room: do all conditions it names hold? */
export function matches(when: When, facts: Facts): boolean {
  return namedConditions(when).every((name) => holds(name, when, facts));
}
