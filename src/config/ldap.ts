/**
 * What contradicts itself in the settings of a directory.
 */
import type { Complaint } from './complaints.ts';
import { isLoopback } from './loopback.ts';
import type { Said } from './provider-kinds.ts';

/** Everything that does not go together for one provider. */
export function ldapComplaints({ kind, ldap }: Said, path: string): Complaint[] {
  if (kind !== 'ldap') return [];
  const complaints: Complaint[] = [];
  const wrong = (name: string, what: string, right: string) =>
    void complaints.push({ path: `${path}.ldap.${name}`, wrong: what, right });
  if (ldap.urls.length === 0)
    wrong('urls', 'is missing', 'a list; each entry ldaps:// or ldap://, a host name and perhaps a port');
  if (ldap.base === undefined)
    wrong('base', 'is missing', 'the place in the directory below which people are');
  for (const [at, url] of ldap.urls.entries()) {
    if (url.startsWith('ldaps:') || ldap.startTls || ldap.insecurePlainLdap) continue;
    if (!isLoopback(new URL(url.replace(/^ldap/, 'http')).hostname))
      wrong(`urls[${at}]`, 'is ldap without TLS to a host others can reach', 'ldaps://, or startTls: true');
  }
  if ((ldap.bindDn === undefined) !== (ldap.bindPassword === undefined))
    wrong(ldap.bindDn === undefined ? 'bindDn' : 'bindPassword', 'is missing', 'both, or neither');
  const searched = ldap.groups === 'search' || ldap.groups === 'nested';
  if (searched && ldap.groupBase === undefined)
    wrong('groupBase', 'is missing', `where groups are looked for, with groups: ${ldap.groups}`);
  if (ldap.groupFilter !== undefined && ldap.groups !== 'search')
    wrong('groupFilter', 'stands beside groups that are not searched', 'groups: search');
  return complaints;
}
