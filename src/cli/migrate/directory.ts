/**
 * A directory that somebody else's program asks today, as a provider of ours. Pure.
 */
import { Secret } from '../../base/secret.ts';
import { isLoopback } from '../../config/loopback.ts';
import type { Notes, Told, Tree } from './reader.ts';

/** What is known of a directory. Texts that are empty say nothing. */
export interface KnownDirectory {
  /** `ldap://`, `ldaps://`, or a host with or without a port, with blanks or commas between. */
  readonly servers: string;
  readonly base: string;
  readonly bindDn?: string | undefined;
  readonly bindPassword?: string | undefined;
  /** With `{username}` where the name goes. */
  readonly filter?: string | undefined;
  readonly startTls?: boolean | undefined;
  readonly caFile?: string | undefined;
}

/** Finds nobody: a filter that was only half understood could let in more people than it did. */
const NOBODY = '(&(uid={username})(!(objectClass=*)))';

/** saslauthd's own signs, of which we have those for the name that was typed. @see cyrus-sasl, saslauthd/LDAP_SASLAUTHD */
export function saslFilter(filter: string | undefined): string | undefined {
  return filter?.replace(/%[uU]/g, '{username}');
}

/** The provider. `at` gives the place where a setting stands, by what it is. */
export function directoryProvider(
  known: KnownDirectory,
  { found, left, alarms }: Notes,
  at: (what: keyof KnownDirectory) => Omit<Told, 'says'>,
): Tree {
  const startTls = known.startTls === true;
  const urls = known.servers
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map((one) => (/^ldaps?:\/\//i.test(one) ? one : `ldap://${one}`));
  found.push({ ...at('servers'), says: 'people have accounts in a directory (LDAP)' });
  const inClear =
    !startTls && urls.some((one) => /^ldap:/i.test(one) && !isLoopback(URL.parse(one)?.hostname ?? ''));
  if (inClear)
    alarms.push({
      ...at('servers'),
      says: 'passwords pass to the directory without TLS: whoever can listen there reads every one',
    });
  const { base, bindDn, bindPassword, caFile } = known;
  const hasAccount = Boolean(bindDn && bindPassword);
  if (bindDn && !bindPassword)
    left.push({
      ...at('bindDn'),
      says: `the password of ${bindDn} does not follow from the text: give both as bindDn and bindPassword, or the directory is read as anybody may`,
    });
  return {
    providers: [
      {
        id: 'directory',
        kind: 'ldap',
        name: 'Directory account',
        ldap: {
          urls,
          base,
          // TLS is there already where all of them speak it from the first byte.
          ...(startTls && urls.some((one) => /^ldap:/i.test(one)) && { startTls }),
          ...(inClear && { insecurePlainLdap: true }),
          ...(caFile && { caFile }),
          ...(hasAccount && { bindDn, bindPassword: new Secret(bindPassword ?? '') }),
          ...(known.filter && { filter: usable(known.filter, alarms, at('filter')) }),
        },
      },
    ],
  };
}

function usable(filter: string, alarms: Told[], place: Omit<Told, 'says'>): string {
  const text = filter.trim();
  if (text.includes('{username}') && !/%[A-Za-z0-9]|\$[a-z]/.test(text)) return text;
  alarms.push({
    ...place,
    says: `the filter ${text} has signs that have no counterpart. The one that was written finds NOBODY: put yours in its place, with {username} where the name goes`,
  });
  return NOBODY;
}
