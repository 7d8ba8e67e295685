/**
 * Accounts that Prosody looks up in a directory: mod_auth_ldap, mod_auth_ldap2, and Cyrus SASL with saslauthd.
 *
 * Pure. What narrows who may sign in is taken over or said aloud, and never dropped.
 * @see prosody-modules, mod_auth_ldap, mod_auth_ldap2 and mod_lib_ldap; cyrus-sasl, saslauthd/LDAP_SASLAUTHD
 */
import { basename } from 'node:path';
import { directoryProvider, type KnownDirectory, saslFilter } from './directory.ts';
import type { LuaTable, LuaValue } from './lua.ts';
import type { Notes, Source, Tree } from './reader.ts';
import { effective, type Site } from './site.ts';

/** How a module of Prosody calls them: `authentication = "…"`. */
export const DIRECTORIES = ['ldap', 'ldap2', 'cyrus'] as const;

/** The provider, or none where the directory is not said. */
export function fromProsodyLdap(
  kind: (typeof DIRECTORIES)[number],
  site: Site,
  { sources, said }: { readonly sources: readonly Source[]; readonly said: Notes },
): Tree {
  if (kind === 'ldap') return authLdap(site, said);
  return kind === 'ldap2' ? authLdap2(site, said) : saslauthd(site, sources, said);
}

/** Where an option stands: `file` of the main host where it is nowhere. */
function placeOf(site: Site, name: string) {
  const option = effective(site, site.main, name);
  const from = site.prosody.find(({ file }) =>
    file.sections.some(({ options }) => option !== undefined && options.includes(option)),
  );
  const file = from?.source.path ?? site.main?.source.path ?? '';
  return { file, ...(option !== undefined && { line: option.first }) };
}

function textOf(value: LuaValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const WHOLE_TREE = 'we look through the whole tree below the base, so more people may be found';

function authLdap(site: Site, said: Notes): Tree {
  const option = (name: string) => effective(site, site.main, name)?.value;
  const place = (name: string) => placeOf(site, name);
  const base = textOf(option('ldap_base'));
  if (base === undefined) {
    said.left.push({
      ...place('ldap_base'),
      says: 'ldap_base is not there, or does not follow from the text',
    });
    return {};
  }
  const scope = option('ldap_scope') ?? 'subtree';
  if (scope !== 'subtree')
    said.alarms.push({
      ...place('ldap_scope'),
      says: `ldap_scope "${scope}" has no counterpart: ${WHOLE_TREE}`,
    });
  if (option('ldap_mode') === 'getpasswd')
    said.left.push({
      ...place('ldap_mode'),
      says: 'ldap_mode "getpasswd" reads passwords out of the directory; we ask the directory whether one is right',
    });
  for (const name of ['ldap_admin_filter', 'ldap_admins'])
    if (option(name) !== undefined)
      said.left.push({
        ...place(name),
        says: `${name} has no counterpart: who leads is a matter of rules and groups`,
      });
  const filter = (textOf(option('ldap_filter')) ?? '(uid=$user)')
    .replace('%s', '$user')
    .replaceAll('$user', '{username}')
    .replaceAll('$host', site.xmppDomain);
  const names: Readonly<Record<keyof KnownDirectory, string>> = {
    servers: 'ldap_server',
    base: 'ldap_base',
    bindDn: 'ldap_rootdn',
    bindPassword: 'ldap_password',
    filter: 'ldap_filter',
    startTls: 'ldap_tls',
    caFile: 'ldap_base',
  };
  return directoryProvider(
    {
      servers: textOf(option('ldap_server')) ?? 'localhost',
      base,
      bindDn: textOf(option('ldap_rootdn')),
      bindPassword: textOf(option('ldap_password')),
      filter,
      startTls: option('ldap_tls') === true,
    },
    said,
    (what) => place(names[what]),
  );
}

function isTable(value: LuaValue | undefined): value is LuaTable {
  return typeof value === 'object' && !Array.isArray(value);
}

function authLdap2(site: Site, said: Notes): Tree {
  const place = placeOf(site, 'ldap');
  const table = effective(site, site.main, 'ldap')?.value;
  const user = isTable(table) && isTable(table['user']) ? table['user'] : undefined;
  const base = textOf(user?.['basedn']);
  const name = textOf(user?.['usernamefield']);
  if (!isTable(table) || base === undefined || name === undefined) {
    said.left.push({
      ...place,
      says: 'ldap = { user = { basedn, usernamefield } } is not there, or does not follow from the text',
    });
    return {};
  }
  for (const what of ['groups', 'admin', 'vcard_format'])
    if (what in table)
      said.left.push({
        ...place,
        says:
          what === 'groups'
            ? 'ldap.groups: groups are a matter of groupBase and rules here (docs/how-to/ldap.md)'
            : `ldap.${what} has no counterpart`,
      });
  const byName = `(${name}={username})`;
  const more = user !== undefined && 'filter' in user ? (textOf(user['filter']) ?? '$unread') : undefined;
  return directoryProvider(
    {
      servers: textOf(table['hostname']) ?? 'localhost',
      base,
      bindDn: textOf(table['bind_dn']),
      bindPassword: textOf(table['bind_password']),
      filter: more === undefined ? byName : `(&${more.startsWith('(') ? more : `(${more})`}${byName})`,
      startTls: table['use_tls'] === true,
    },
    said,
    () => place,
  );
}

/** saslauthd's settings: `name: value` a line. */
function readSasl(text: string): ReadonlyMap<string, { readonly value: string; readonly line: number }> {
  const lines = text
    .split(/\r?\n/)
    .map((line, at) => [/^\s*([a-z0-9_]+)\s*:\s*(.*?)\s*$/i.exec(line), at + 1] as const);
  return new Map(
    lines.flatMap(([found, line]) =>
      found === null ? [] : [[(found[1] ?? '').toLowerCase(), { value: found[2] ?? '', line }] as const],
    ),
  );
}

/** What is of no use here, or is done by itself. */
const SASL_LEFT = [
  'ldap_tls_check_peer',
  'ldap_tls_ciphers',
  'ldap_tls_cacert_dir',
  'ldap_tls_cert',
  'ldap_tls_key',
  'ldap_referrals',
  'ldap_deref',
  'ldap_use_sasl',
  'ldap_mech',
  'ldap_realm',
  'ldap_default_realm',
  'ldap_default_domain',
];

function saslauthd(site: Site, sources: readonly Source[], said: Notes): Tree {
  const source = sources.find(({ path }) => basename(path) === 'saslauthd.conf');
  if (source === undefined) {
    said.left.push({
      ...placeOf(site, 'authentication'),
      says: 'people authenticate by Cyrus SASL, whose own settings are not here: name /etc/saslauthd.conf too, where saslauthd asks a directory (MECHANISMS="ldap" in /etc/default/saslauthd); other mechanisms have no counterpart',
    });
    return {};
  }
  const settings = readSasl(source.text);
  const file = source.path;
  const value = (name: string) => settings.get(name)?.value || undefined;
  const place = (name: string) => {
    const line = settings.get(name)?.line;
    return { file, ...(line !== undefined && { line }) };
  };
  const isOn = (name: string) => /^(?:yes|on|true|1|t|y)$/i.test(value(name) ?? '');
  const byTemplate =
    value('ldap_auth_method')?.toLowerCase() === 'fastbind' ? templateOf(value('ldap_filter')) : undefined;
  const base = byTemplate?.base ?? value('ldap_search_base');
  if (base === undefined) {
    said.left.push({ file, says: 'ldap_search_base is not there' });
    return {};
  }
  tellSasl(said, { value, place });
  const names: Readonly<Record<keyof KnownDirectory, string>> = {
    servers: 'ldap_servers',
    base: 'ldap_search_base',
    bindDn: 'ldap_bind_dn',
    bindPassword: 'ldap_bind_pw',
    filter: 'ldap_filter',
    startTls: 'ldap_start_tls',
    caFile: 'ldap_tls_cacert_file',
  };
  return directoryProvider(
    {
      servers: value('ldap_servers') ?? 'ldap://localhost/',
      base,
      bindDn: value('ldap_bind_dn'),
      bindPassword: value('ldap_bind_pw') ?? value('ldap_password'),
      filter: saslFilter(
        withGroup(byTemplate?.filter ?? value('ldap_filter') ?? 'uid=%u', {
          group: value('ldap_group_dn'),
          // What looks for groups by a filter of its own we cannot say; see `NOBODY`.
          isUnread: value('ldap_group_match_method')?.toLowerCase() === 'filter',
        }),
      ),
      startTls: isOn('ldap_start_tls'),
      caFile: value('ldap_tls_cacert_file'),
    },
    said,
    (what) => place(names[what]),
  );
}

/** A DN with a place for the name, as a base and a filter. */
function templateOf(
  filter: string | undefined,
): { readonly base: string; readonly filter: string } | undefined {
  const [, name, base] = /^([A-Za-z][\w-]*)=%[uU],(.+)$/.exec(filter ?? '') ?? [];
  return name === undefined || base === undefined ? undefined : { base, filter: `(${name}=%u)` };
}

/** Only who is in a group: a restriction that is there stays. @see RFC 4515, section 3 */
function withGroup(
  filter: string,
  { group, isUnread }: { readonly group: string | undefined; readonly isUnread: boolean },
): string {
  if (isUnread) return `${filter} %group`;
  if (group === undefined) return filter;
  const name = group.replace(/[\\*()]/g, (sign) => `\\${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `(&${filter.startsWith('(') ? filter : `(${filter})`}(memberOf=${name}))`;
}

function tellSasl(
  { left, alarms }: Notes,
  {
    value,
    place,
  }: {
    readonly value: (name: string) => string | undefined;
    readonly place: (name: string) => { readonly file: string; readonly line?: number };
  },
): void {
  const method = value('ldap_auth_method')?.toLowerCase() ?? 'bind';
  if (method !== 'bind')
    left.push({
      ...place('ldap_auth_method'),
      says:
        method === 'fastbind'
          ? 'ldap_auth_method "fastbind" looks nobody up, as we do: where the directory shows strangers nothing, give it an account (bindDn, bindPassword)'
          : `ldap_auth_method "${method}" has no counterpart: we ask the directory whether a password is right`,
    });
  const scope = value('ldap_scope') ?? 'sub';
  if (scope !== 'sub')
    alarms.push({ ...place('ldap_scope'), says: `ldap_scope "${scope}" has no counterpart: ${WHOLE_TREE}` });
  const group = value('ldap_group_dn');
  if (group !== undefined)
    left.push({
      ...place('ldap_group_dn'),
      says: `only the group ${group} may sign in: the filter asks for it by memberOf, and finds nobody where the directory keeps no memberOf`,
    });
  for (const name of SASL_LEFT.filter((one) => value(one) !== undefined))
    left.push({
      ...place(name),
      says:
        name === 'ldap_tls_check_peer'
          ? 'ldap_tls_check_peer: the certificate is always checked here; an authority of your own is named in caFile'
          : `${name} has no counterpart`,
    });
}
