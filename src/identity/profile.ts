/**
 * Claims or attributes become a Person, by the operator's mapping.
 *
 * Pure. It believes no shape: what it cannot use is left out, and what must be
 * there and is not stops the sign-in. It knows nothing of OpenID Connect or SAML.
 */
import { type Person, personId } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { claimAt } from './claim-path.ts';

/** What a provider said about somebody, as parsed JSON or as attributes. */
export type Claims = Readonly<Record<string, unknown>>;

/** Where the groups stand, and what their absence means. */
export interface GroupsMapping {
  /** A path such as `groups`, `realm_access.roles` or a claim whose own name is a URL. */
  readonly claim: string;
  /** True: a missing claim is a mistake at the provider, never "no groups". */
  readonly required: boolean;
}

/** When an address counts as proved: always, never, or when a claim holds one of `says` (`true` and `"true"`). */
export type EmailVerifiedMapping =
  | 'always'
  | 'never'
  | { readonly claim: string; readonly says?: readonly (boolean | number | string)[] };

/** Which claims make a person. Every name is a path as `claimAt` reads it. */
export interface ProfileMapping {
  /** The claims that never change and are never given to somebody else, together: `['sub']`, `['tid', 'oid']`. */
  readonly id: readonly string[];
  /** The first of these that holds a text is the name. */
  readonly name?: readonly string[];
  readonly email?: string;
  readonly emailVerified: EmailVerifiedMapping;
  readonly avatar?: string;
  readonly groups?: GroupsMapping;
  /** What rules may speak of beside, by the name they call it: where it stands. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const MAX_ID = 256;
const MAX_NAME = 100;
const MAX_EMAIL = 254;
const MAX_AVATAR = 1024;
const MAX_GROUPS = 1000;
const MAX_GROUP = 256;
/** Of one attribute. */
const MAX_VALUES = 100;

/**
 * The person these claims speak of.
 * Throws `provider.id-missing`, and `provider.groups-missing`, which says by their id whose groups these would have been.
 */
export function toPerson(claims: Claims, mapping: ProfileMapping, provider: string): Person {
  const id = personId(provider, subjectOf(claims, mapping, provider));
  const whose = { provider, person: id };
  const name = firstName(claims, mapping.name ?? []);
  const email = mapping.email === undefined ? undefined : cleanEmail(claimAt(claims, mapping.email));
  const avatar = mapping.avatar === undefined ? undefined : cleanAvatar(claimAt(claims, mapping.avatar));
  return {
    id,
    provider,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    emailVerified: email !== undefined && isVerified(claims, mapping.emailVerified),
    ...(avatar !== undefined && { avatar }),
    groups: groupsOf(claims, mapping.groups, whose),
    ...(mapping.attributes && { attributes: attributesOf(claims, mapping.attributes, whose) }),
  };
}

/** Whom a problem is about: by it the operator finds the account at the provider. */
type Whose = Readonly<Record<'provider' | 'person', string>>;

/**
 * What is absent is an attribute without values: a rule that wants one is silent. Throws `provider.groups-missing` where
 * there is so much that cutting it would take away what a rule refuses.
 */
function attributesOf(
  claims: Claims,
  mapping: Readonly<Record<string, string>>,
  whose: Whose,
): Readonly<Record<string, readonly string[]>> {
  const found = Object.entries(mapping).map(([name, claim]) => {
    const value = claimAt(claims, claim);
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
    if (values.length > MAX_VALUES)
      throw new Problem('provider.groups-missing', { ...whose, claim, why: 'too-many' });
    const texts = values.map((one) =>
      typeof one === 'boolean' || typeof one === 'number' ? String(one) : one,
    );
    return [name, texts.filter((one): one is string => typeof one === 'string' && isGroup(one))] as const;
  });
  return Object.fromEntries(found.filter(([, values]) => values.length > 0));
}

/** Is every claim of this mapping there, so that nobody has to be asked for more? */
export function speaksOfEverything(claims: Claims, mapping: ProfileMapping): boolean {
  const { name = [], email, emailVerified, avatar, groups, attributes = {} } = mapping;
  const wanted = [...mapping.id, email, avatar, groups?.claim, ...Object.values(attributes)].filter(
    (path) => path !== undefined,
  );
  if (typeof emailVerified === 'object') wanted.push(emailVerified.claim);
  const has = (path: string) => claimAt(claims, path) !== undefined;
  return wanted.every(has) && (name.length === 0 || name.some(has));
}

/**
 * The part of a person's id that the provider gave. Several claims are joined by
 * `:`, and a `:` inside one is written `%3A`, so that two people never share an id.
 * Throws `provider.id-missing`.
 */
export function subjectOf(claims: Claims, mapping: Pick<ProfileMapping, 'id'>, provider: string): string {
  const parts = mapping.id.map((claim) => {
    const value = claimAt(claims, claim);
    const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text !== 'string' || text === '' || text.length > MAX_ID || !isPlain(text))
      throw new Problem('provider.id-missing', { provider, claim });
    return mapping.id.length === 1 ? text : text.replace(/%/g, '%25').replace(/:/g, '%3A');
  });
  if (parts.length === 0) throw new Problem('provider.id-missing', { provider });
  return parts.join(':');
}

function firstName(claims: Claims, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const name = cleanName(claimAt(claims, path));
    if (name !== undefined) return name;
  }
  return undefined;
}

/** A name as it may stand on a page: no controls, no direction marks, one line, a hundred characters. */
export function cleanName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .slice(0, 4 * MAX_NAME)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    // Direction marks can make a name read as another one; U+200C and U+200D
    // stay, because Persian and emoji need them.
    .replace(/[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const short = Array.from(text).slice(0, MAX_NAME).join('').trim();
  // What is left must be seen: a name of joiners alone would be an empty button.
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(short) ? short : undefined;
}

const LOCAL_PART = /^[^\p{C}\p{Z}@"'`()<>[\]\\,:;]+$/u;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * An address as a rule about domains may read it: exactly one `@`, nothing quoted, domain in lower case.
 * The domain is ASCII only: lower-casing and mapping others would turn look-alikes into somebody else's domain.
 */
export function cleanEmail(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_EMAIL) return undefined;
  const [local, domain, ...more] = value.split('@');
  if (local === undefined || domain === undefined || more.length > 0) return undefined;
  const lower = domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return LOCAL_PART.test(local) && DOMAIN.test(lower) ? `${local}@${lower}` : undefined;
}

function isVerified(claims: Claims, mapping: EmailVerifiedMapping): boolean {
  if (typeof mapping === 'string') return mapping === 'always';
  const said = claimAt(claims, mapping.claim);
  return (mapping.says ?? [true, 'true']).some((word) => word === said);
}

function cleanAvatar(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_AVATAR || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  return url.href.length > MAX_AVATAR ? undefined : url.href;
}

function groupsOf(claims: Claims, mapping: GroupsMapping | undefined, whose: Whose): readonly string[] {
  if (mapping === undefined) return [];
  const missing = (why: string) =>
    new Problem('provider.groups-missing', { ...whose, claim: mapping.claim, why });
  const value = claimAt(claims, mapping.claim);
  if (value === undefined) {
    if (isOverage(claims)) throw missing('overage');
    if (mapping.required) throw missing('absent');
    return [];
  }
  const named = groupNames(value);
  if (named === undefined) throw missing('shape');
  // Cutting the list would silently take away a group that a rule refuses.
  if (named.length > MAX_GROUPS) throw missing('too-many');
  // A group is never trimmed or mended: ` admin` is not `admin`.
  const usable = named.filter((group) => typeof group === 'string' && isGroup(group)) as string[];
  if (usable.length === 0 && named.length > 0) throw missing('shape');
  return [...new Set(usable)];
}

/** Zitadel names roles by the keys of an object; some providers send a single group as a text. */
function groupNames(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.keys(value) : undefined;
}

/** Entra leaves the groups out where there are too many for a token, and says so in these claims. */
function isOverage(claims: Claims): boolean {
  const named = claimAt(claims, '_claim_names');
  if (typeof named === 'object' && named !== null && Object.hasOwn(named, 'groups')) return true;
  const has = claimAt(claims, 'hasgroups');
  return has === true || has === 'true';
}

function isGroup(group: string): boolean {
  return group !== '' && group.length <= MAX_GROUP && isPlain(group);
}

function isPlain(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}
