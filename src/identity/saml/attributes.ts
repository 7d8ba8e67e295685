/**
 * The attributes identity providers send, under one name each, and who a person is by them. Pure.
 *
 * @see eduPerson; SAML V2.0 Subject Identifier Attributes Profile 1.0; MACE-Dir SAML Attribute Profiles
 */
import type { Person } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { MappedAttribute } from '../attribute-map.ts';
import { type Claims, type ProfileMapping, toPerson } from '../profile.ts';
import type { Statement } from './expected.ts';
import { NAME_ID } from './names.ts';

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MICROSOFT = 'http://schemas.microsoft.com/';

/** By the name they are sent under: the object identifier, ADFS' and Entra's addresses. */
const NAMES: Readonly<Record<string, string>> = {
  'urn:oasis:names:tc:SAML:attribute:subject-id': 'subject-id',
  'urn:oasis:names:tc:SAML:attribute:pairwise-id': 'pairwise-id',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.13': 'eduPersonUniqueId',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.10': 'eduPersonTargetedID',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.6': 'eduPersonPrincipalName',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.1': 'eduPersonAffiliation',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.9': 'eduPersonScopedAffiliation',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.7': 'eduPersonEntitlement',
  'urn:oid:1.3.6.1.4.1.5923.1.1.1.11': 'eduPersonAssurance',
  'urn:oid:1.3.6.1.4.1.5923.1.5.1.1': 'isMemberOf',
  'urn:oid:0.9.2342.19200300.100.1.1': 'uid',
  'urn:oid:0.9.2342.19200300.100.1.3': 'mail',
  'urn:oid:2.16.840.1.113730.3.1.241': 'displayName',
  'urn:oid:2.5.4.3': 'cn',
  'urn:oid:2.5.4.42': 'givenName',
  'urn:oid:2.5.4.4': 'sn',
  [`${CLAIMS}emailaddress`]: 'mail',
  [`${CLAIMS}name`]: 'name',
  [`${CLAIMS}upn`]: 'upn',
  [`${CLAIMS}givenname`]: 'givenName',
  [`${CLAIMS}surname`]: 'sn',
  'http://schemas.xmlsoap.org/claims/Group': 'groups',
  [`${MICROSOFT}ws/2008/06/identity/claims/groups`]: 'groups',
  [`${MICROSOFT}ws/2008/06/identity/claims/role`]: 'role',
  [`${MICROSOFT}identity/claims/displayname`]: 'displayName',
  [`${MICROSOFT}identity/claims/objectidentifier`]: 'objectidentifier',
  [`${MICROSOFT}identity/claims/tenantid`]: 'tenantid',
  // By the names people call them, as many send them.
  email: 'mail',
  memberOf: 'isMemberOf',
};

/** Values of these end in a domain, and are good only where the identity provider may speak for it. */
const SCOPED: ReadonlySet<string> = new Set([
  'subject-id',
  'pairwise-id',
  'eduPersonUniqueId',
  'eduPersonPrincipalName',
  'eduPersonScopedAffiliation',
]);

/** What is made here, and no attribute can say. */
const OURS = ['nameId', 'persistentNameId', 'mailInScope', 'fullName'] as const;

/** Never given to somebody else, in the order in which they are looked for. */
const STABLE = [
  'subject-id',
  'pairwise-id',
  'eduPersonUniqueId',
  'persistentNameId',
  'eduPersonTargetedID',
  'objectidentifier',
] as const;

/** A person has one of these; of several the first is taken. */
const SINGLE: ReadonlySet<string> = new Set([
  'mail',
  'displayName',
  'cn',
  'name',
  'givenName',
  'sn',
  'uid',
  'eduPersonPrincipalName',
]);

/** What is made of attributes. */
export interface Told {
  /** One text or a list of them, by name; `nameId` and `persistentNameId` beside the attributes. */
  readonly claims: Claims;
  /** Names of attributes that spoke for a domain that is not theirs. */
  readonly outOfScope: readonly string[];
}

/**
 * What a response tells of a person. `scopes` are the domains this identity provider may speak for; `mapped` are
 * further names of attributes.
 */
export function toClaims(
  statement: Pick<Statement, 'attributes' | 'nameId'>,
  scopes: readonly string[],
  mapped: readonly MappedAttribute[] = [],
): Told {
  const found = new Map<string, string[]>();
  const outOfScope = new Set<string>();
  for (const [sent, values] of statement.attributes) {
    const name = Object.hasOwn(NAMES, sent) ? (NAMES[sent] ?? sent) : sent;
    const further = mapped.filter((one) => one.name === sent);
    const names = new Set([name, ...further.map(({ id }) => id)]);
    const scoped = further.some((one) => one.scoped) || [...names].some((one) => SCOPED.has(one));
    const good = values
      .map((value) => value.trim())
      .filter((value) => value !== '')
      .filter((value) => {
        const inScope = !scoped || isInScope(value, scopes);
        if (!inScope) outOfScope.add(name);
        return inScope;
      });
    for (const one of names) found.set(one, [...(found.get(one) ?? []), ...good]);
  }
  for (const name of OURS) found.delete(name);
  const { nameId } = statement;
  if (nameId !== undefined) found.set('nameId', [nameId.value]);
  if (nameId?.format === NAME_ID.persistent) found.set('persistentNameId', [nameId.value]);
  const [mail = ''] = found.get('mail') ?? [];
  if (isInScope(mail, scopes)) found.set('mailInScope', ['true']);
  const [[given], [family]] = [found.get('givenName') ?? [], found.get('sn') ?? []];
  if (given !== undefined && family !== undefined) found.set('fullName', [`${given} ${family}`]);
  const claims = [...found]
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => [name, values.length === 1 || SINGLE.has(name) ? values[0] : values] as const);
  return { claims: Object.fromEntries(claims), outOfScope: [...outOfScope] };
}

/** Which attribute says who somebody is: what the operator named, or the first that never changes. */
export function subjectPath({ claims }: Told): readonly string[] {
  const stable = STABLE.find((name) => typeof claims[name] === 'string');
  return [stable ?? 'persistentNameId'];
}

/** Names of attributes that the log is told, and characters of each. */
const MOST_TOLD = 20;
const LONGEST_TOLD = 40;

/** Whom a response tells of, by the operator's mapping: without an `id` in it, by the first name that never changes. */
interface Telling {
  readonly statement: Pick<Statement, 'attributes' | 'nameId'>;
  readonly mapping: Omit<ProfileMapping, 'id'> & { readonly id?: readonly string[] };
  /** Its id, for problems. */
  readonly provider: string;
}

/**
 * The person. Throws `provider.groups-missing`, and `provider.id-missing` with what was sent instead: names of
 * attributes alone, because an operator has to ask the identity provider for another.
 */
export function personTold(told: Told, { statement, mapping, provider }: Telling): Person {
  try {
    return toPerson(told.claims, { ...mapping, id: mapping.id ?? subjectPath(told) }, provider);
  } catch (thrown) {
    if (!isProblem(thrown, 'provider.id-missing')) throw thrown;
    const names = statement.attributes.slice(0, MOST_TOLD).map(([sent]) => {
      const name = Object.hasOwn(NAMES, sent) ? (NAMES[sent] ?? sent) : sent;
      return name.length > LONGEST_TOLD ? `${name.slice(0, LONGEST_TOLD)}…` : name;
    });
    const nameIdFormat = statement.nameId?.format.slice(0, 2 * LONGEST_TOLD) ?? 'none';
    throw new Problem(thrown.code, { ...thrown.facts, sent: names.join(' '), nameIdFormat }, thrown);
  }
}

function isInScope(value: string, scopes: readonly string[]): boolean {
  const parts = value.split('@');
  return parts.length === 2 && parts[0] !== '' && scopes.includes((parts[1] ?? '').toLowerCase());
}
