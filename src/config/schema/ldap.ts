/**
 * Settings: a directory that is asked by LDAP, beside what every provider has.
 */
import { z } from 'zod';
import { choice, flag, kinds, list, path, secret, text } from './kinds.ts';

/** `ldaps://host:port`, and nothing behind it. */
const directoryAddress = z
  .string()
  .refine((value) => {
    if (!/^ldaps?:\/\//.test(value) || !URL.canParse(value)) return false;
    const { hostname, username, password, pathname, search, hash } = new URL(value);
    return hostname !== '' && `${username}${password}${search}${hash}` === '' && /^\/?$/.test(pathname);
  }, 'is no address of a directory')
  .register(kinds, { name: 'text', right: 'ldaps:// or ldap://, a host name and perhaps a port' });

/** Parentheses in pairs, or none around the whole; and nothing of saslauthd's but `%u`. */
const filter = (place: RegExp, right: string) =>
  z
    .string()
    .transform((value) => value.trim().replace(/%[uU]/g, '{username}'))
    .refine(
      (value) => place.test(value) && balanced(value) && !/%[a-zA-Z0-9]/.test(value),
      'is no filter that can be used',
    )
    .register(kinds, { name: 'text', right });

function balanced(value: string): boolean {
  let depth = 0;
  for (const [sign] of value.matchAll(/(?<!\\)[()]/g)) {
    depth += sign === '(' ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** The settings under `providers[].ldap`. */
export const ldap = z.strictObject({
  urls: list(directoryAddress)
    .default([])
    .meta({
      description: 'Where the directory is; a later one is asked where an earlier one does not answer.',
      example: ['ldaps://dc1.example.org', 'ldaps://dc2.example.org'],
      env: 'LDAP_URL',
    }),
  startTls: flag.default(false).meta({
    description: 'Begin TLS on ldap:// before anything is said. With ldaps:// it is there already.',
    example: true,
    env: 'LDAP_START_TLS',
  }),
  insecurePlainLdap: flag.default(false).meta({
    description:
      'Allow ldap:// without TLS to another machine. Whoever can listen there reads every password, and whoever can answer there can be anybody here.',
    example: true,
  }),
  caFile: path.exactOptional().meta({
    description: 'PEM file of an authority of your own that signs the certificates of the directory.',
    example: '/etc/ostiary/directory-ca.pem',
    env: 'LDAP_TLS_CACERT_FILE',
    otherwise: 'outbound.caFile, and those of the system',
  }),
  preset: choice('generic', 'active-directory').default('generic').meta({
    description: 'What kind of directory it is: what the id is, how people and groups are found.',
    example: 'active-directory',
  }),
  bindDn: text.exactOptional().meta({
    description: 'The account that looks people up. Without one the directory is read as anybody may.',
    example: 'cn=ostiary,ou=services,dc=example,dc=org',
    env: 'LDAP_BINDDN',
  }),
  bindPassword: secret.exactOptional().meta({
    description: 'Its password.',
    example: { file: '/run/secrets/ldap' },
    env: 'LDAP_BINDPW',
  }),
  base: text.exactOptional().meta({
    description: 'Where people are looked for.',
    example: 'ou=people,dc=example,dc=org',
    env: 'LDAP_BASE',
    otherwise: '**required** for kind: ldap',
  }),
  filter: filter(/\{username\}/, 'a filter of LDAP with {username} where the name goes that somebody types')
    .exactOptional()
    .meta({
      description: 'Which entry is that of the name somebody typed. It must find one alone.',
      example: '(&(objectClass=inetOrgPerson)(uid={username}))',
      env: 'LDAP_FILTER',
      otherwise: '`(uid={username})`; for Active Directory the account name or the name as an address',
    }),
  groups: choice('memberOf', 'search', 'nested', 'none').exactOptional().meta({
    description:
      'Where the groups are: in memberOf of the person; in groups that name the person; the same with groups within groups, which Active Directory follows; or none are wanted.',
    example: 'search',
    otherwise: 'memberOf; nested for Active Directory with groupBase',
  }),
  groupBase: text.exactOptional().meta({
    description:
      'Where groups are. Those below it count, and rules call them by their cn. Without it all of memberOf count, and rules call them by their whole name: whoever may make a group elsewhere in the directory could give it any cn.',
    example: 'ou=groups,dc=example,dc=org',
  }),
  groupFilter: filter(
    /\{(?:dn|uid|username)\}/,
    'a filter of LDAP with {dn}, {uid} or {username} where the person goes',
  )
    .exactOptional()
    .meta({
      description: 'Which groups a person is in, with groups: search.',
      example: '(&(objectClass=groupOfNames)(member={dn}))',
      otherwise: 'groupOfNames, groupOfUniqueNames and posixGroup',
    }),
});
