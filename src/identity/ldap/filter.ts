/**
 * Search filters with what somebody typed in them.
 *
 * Pure. Whatever was typed ends up as a value, and never as a piece of the filter.
 *
 * @see RFC 4515, section 3 (String Search Filter Definition)
 */

/** Active Directory's rule that follows groups within groups. */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

/** A value as a filter may hold it: every byte that is no plain letter, digit, dot, hyphen or underscore is written as two digits. */
export function escapeValue(value: string | Uint8Array): string {
  let text = '';
  for (const byte of Buffer.from(value)) {
    const letter = String.fromCharCode(byte);
    text += /[A-Za-z0-9._-]/.test(letter) ? letter : `\\${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

/** The operator's filter with its places filled: `{username}`, `{dn}`. */
export function fillFilter(filter: string, values: Readonly<Record<string, string>>): string {
  const filled = filter.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? place : escapeValue(value);
  });
  return filled.startsWith('(') ? filled : `(${filled})`;
}

/** The entry in which each of these attributes has this value. */
export function equalityFilter(
  values: readonly (readonly [attribute: string, value: string | Uint8Array])[],
): string {
  const each = values.map(([attribute, value]) => `(${attribute}=${escapeValue(value)})`);
  return each.length === 1 ? (each[0] ?? '') : `(&${each.join('')})`;
}

/** The groups somebody is in: groupOfNames, groupOfUniqueNames, posixGroup. */
export const GROUPS_OF = '(|(member={dn})(uniqueMember={dn})(&(objectClass=posixGroup)(memberUid={uid})))';

/**
 * The groups somebody is in by whatever groups in between.
 * @see [MS-ADTS], section 3.1.1.3.4.4.3 (LDAP_MATCHING_RULE_TRANSITIVE_EVAL)
 */
export const NESTED_GROUPS_OF = `(&(objectCategory=group)(member:${IN_CHAIN}:={dn}))`;
