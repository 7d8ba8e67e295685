/**
 * What directories and Prosody's accounts are told, made out of what the operator said. Knows no adapter, and opens nothing.
 */

import type { Config } from '../config/load.ts';
import { isLoopback } from '../config/loopback.ts';
import type { LdapOptions } from '../identity/ldap/ldap.ts';
import type { ProsodyOptions } from '../identity/prosody/prosody.ts';

/** What a directory is told, but for the parts it works with. */
type LdapWords = Omit<LdapOptions, 'secureContext' | 'clock' | 'random' | 'log' | 'metrics'> & {
  /** The file of the operator's own authority, and the setting that names it. */
  readonly ca: { readonly file?: string; readonly setting: string };
};

/** Every directory: what its preset knows, and what the operator said otherwise. */
export function ldapOptionsOf(config: Config): readonly LdapWords[] {
  const { outbound, providers } = config;
  return providers.flatMap((said, at): readonly LdapWords[] => {
    if (said.kind !== 'ldap') return [];
    const { ldap, subject, emailVerified, groups } = said;
    const known = LDAP_PRESETS[ldap.preset];
    const { bindDn, bindPassword, caFile = outbound.caFile } = ldap;
    return [
      {
        ...(ldap.groupBase !== undefined && { groupBase: ldap.groupBase }),
        ...(ldap.groupFilter !== undefined && { groupFilter: ldap.groupFilter }),
        id: said.id,
        name: said.name,
        urls: ldap.urls,
        startTls: ldap.startTls,
        ca: {
          ...(caFile !== undefined && { file: caFile }),
          setting: ldap.caFile === undefined ? 'outbound.caFile' : `providers[${at}].ldap.caFile`,
        },
        timeout: outbound.timeout * 1000,
        ...(bindDn !== undefined &&
          bindPassword !== undefined && { account: { dn: bindDn, password: bindPassword } }),
        base: ldap.base,
        filter: ldap.filter ?? known.filter,
        groups: ldap.groups ?? (ldap.groupBase === undefined ? 'memberOf' : known.groupsBelowBase),
        mapping: {
          id: subject ?? [known.id],
          name: ['displayName', 'cn'],
          email: 'mail',
          emailVerified: emailVerified ? 'always' : 'never',
          groupsRequired: groups?.required ?? false,
        },
      },
    ];
  });
}

/** What is where in which kind of directory. */
const LDAP_PRESETS = {
  generic: { id: 'entryUUID', filter: '(uid={username})', groupsBelowBase: 'memberOf' },
  'active-directory': {
    id: 'objectGUID',
    filter:
      '(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={username})(userPrincipalName={username})))',
    groupsBelowBase: 'nested',
  },
} as const;

/** What Prosody's accounts are told, but for the parts they work with. */
type ProsodyWords = Pick<ProsodyOptions, 'id' | 'name' | 'url' | 'domain' | 'safe'> & {
  /** The machine that is asked, whatever name stands in the address. */
  readonly at: string;
};

/** Every host of Prosody whose accounts people sign in with. */
export function prosodyOptionsOf({ providers, jitsi }: Config): readonly ProsodyWords[] {
  return providers.flatMap((said): readonly ProsodyWords[] => {
    if (said.kind !== 'prosody') return [];
    const { url, domain, httpHost } = said.prosody;
    const asked = new URL(url);
    const { protocol, hostname } = asked;
    // Prosody's web server answers by name: it is asked under that one, wherever it is.
    const named = httpHost ?? (protocol === 'http:' ? jitsi.xmppDomain : undefined);
    if (named !== undefined) asked.hostname = named;
    return [
      {
        id: said.id,
        name: said.name,
        url: asked.href,
        at: hostname.replace(/^\[|\]$/g, ''),
        domain,
        safe: protocol === 'https:' || isLoopback(hostname),
      },
    ];
  });
}
