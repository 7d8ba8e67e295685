/**
 * Reads a docker-jitsi-meet: its `.env`, by the names our own settings know.
 *
 * Pure.
 * @see docker-jitsi-meet, env.example and docker-compose.yml
 */
import { dirname, join, resolve } from 'node:path';
import { Secret } from '../../base/secret.ts';
import { weakness } from '../../config/shared-secret.ts';
import { directoryProvider, type KnownDirectory, saslFilter } from './directory.ts';
import { type EnvSource, settingOf } from './env.ts';
import {
  EMPTY_TOKEN,
  NOBODY_SIGNS_IN,
  OTHER_KEYS,
  PUBLISHED_SECRET,
  SHARED_SECRET,
  SHORT_SECRET,
} from './found-words.ts';
import { CLAIM_LEADS, EVERYONE_LEADS, OTHERS_MODERATE } from './from-debian.ts';
import { tellMatrix } from './from-matrix.ts';
import { type Notes, notes, type Reading, type Source, type Tree } from './reader.ts';

/** One installation. */
export interface DockerSite {
  readonly source: Source;
  readonly values: Readonly<Record<string, string>>;
  /** Where the containers' own files are. */
  readonly folder: string;
  readonly xmppDomain: string;
}

/** Names that docker-jitsi-meet alone has. */
const ITS_OWN = [
  'JICOFO_AUTH_PASSWORD',
  'JVB_AUTH_PASSWORD',
  'XMPP_MUC_DOMAIN',
  'ENABLE_LETSENCRYPT',
  'AUTH_TYPE',
];

/** What asks a Matrix homeserver. */
const MATRIX = ['matrix', 'hybrid_matrix_token'];

/** Networks that docker gives out by itself. */
const NETWORKS = ['172.16.0.0/12', '192.168.0.0/16'];

/** The `.env` of a docker-jitsi-meet, if one is here. `home` is what `~` stands for. */
export function lookForDocker(all: readonly EnvSource[], home: string): DockerSite | undefined {
  const found = all.find(
    ({ source, values }) =>
      !/\.ya?ml$/.test(source.path) && ITS_OWN.some((name) => values[name] !== undefined),
  );
  if (found === undefined) return undefined;
  const { source, values } = found;
  const config = values['CONFIG'] ?? '~/.jitsi-meet-cfg';
  const folder = config.startsWith('~') ? join(home, config.slice(1)) : resolve(dirname(source.path), config);
  return { source, values, folder, xmppDomain: values['XMPP_DOMAIN'] || 'meet.jitsi' };
}

/** Is a switch of docker-jitsi-meet's on? */
export function isOn(value: string | undefined): boolean {
  return ['1', 'true', 'yes', 'on'].includes((value ?? '').toLowerCase());
}

/** Is it said, and not on? */
function isOff(value: string | undefined): boolean {
  return value !== undefined && value !== '' && !isOn(value);
}

/** A list with commas between. */
export function commaList(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Reads it. */
export function fromDocker(site: DockerSite): Reading {
  const said = notes();
  const { values, xmppDomain } = site;
  const authenticates = isOn(values['ENABLE_AUTH']);
  const type = values['PROSODY_AUTH_TYPE'] ?? values['AUTH_TYPE'] ?? 'internal';
  tell(site, said, authenticates ? type : 'none');
  const tokens = authenticates && ['jwt', 'hybrid_matrix_token'].includes(type) ? readTokens(site, said) : {};
  const shares = 'secret' in tokens;
  if (shares && !isOff(values['JICOFO_ENABLE_AUTH']))
    said.left.push({ ...at(site, 'JWT_APP_SECRET'), says: OTHERS_MODERATE });
  const guests = isOn(values['ENABLE_GUESTS']) || isOn(values['JWT_ALLOW_EMPTY']);
  const settings: Tree = {
    ...(URL.canParse(values['PUBLIC_URL'] ?? '') && {
      publicUrl: new URL(values['PUBLIC_URL'] ?? '').origin,
    }),
    trustedProxies: NETWORKS,
    jitsi: {
      xmppDomain,
      roles: 'enforced',
      ...(shares && !isOn(values['JWT_ENABLE_DOMAIN_VERIFICATION']) && { domainVerification: false }),
    },
    ...accountsOf(site, authenticates ? type : 'none', said),
    access: guests ? 'guests-wait' : 'members',
    rules: [moderatorsOf(site) ? CLAIM_LEADS : EVERYONE_LEADS],
    ...(Object.keys(tokens).length > 0 && { tokens }),
    store: { path: '/var/lib/ostiary/ostiary.sqlite' },
  };
  return { what: 'docker-jitsi-meet', ...said, settings };
}

function at({ source }: DockerSite, name: string) {
  const line = settingOf(source.text, name)?.first;
  return { file: source.path, ...(line !== undefined && { line }) };
}

function tell(site: DockerSite, { found, alarms }: Notes, type: string): void {
  const { values } = site;
  if (type === 'none') alarms.push({ ...at(site, 'ENABLE_AUTH'), says: NOBODY_SIGNS_IN });
  else found.push({ ...at(site, 'AUTH_TYPE'), says: `people authenticate by ${type}` });
  if (type === 'shibboleth')
    alarms.push({
      ...at(site, 'AUTH_TYPE'),
      says: 'AUTH_TYPE=shibboleth is not known any more since June 2023: current images do not start with it, or let everybody in',
    });
  if (isOn(values['ENABLE_GUESTS']))
    alarms.push({ ...at(site, 'ENABLE_GUESTS'), says: 'ENABLE_GUESTS lets guests in past every sign-in' });
  if (isOn(values['JWT_ALLOW_EMPTY']))
    alarms.push({ ...at(site, 'JWT_ALLOW_EMPTY'), says: `JWT_ALLOW_EMPTY ${EMPTY_TOKEN}` });
  if (type === 'jwt' && !isOff(values['JICOFO_ENABLE_AUTH']))
    alarms.push({
      ...at(site, 'JICOFO_ENABLE_AUTH'),
      says: 'JICOFO_ENABLE_AUTH is not off: Jicofo makes everybody with a token a moderator, whatever it says',
    });
  if (values['TOKEN_AUTH_URL'] !== undefined)
    found.push({
      ...at(site, 'TOKEN_AUTH_URL'),
      says: `TOKEN_AUTH_URL sends people to ${values['TOKEN_AUTH_URL'].replace(/[?#].*$/s, '')}`,
    });
}

function readTokens(site: DockerSite, { found, alarms, left }: Notes): Tree {
  const { values } = site;
  if (values['JWT_ASAP_KEYSERVER']) {
    alarms.push({
      ...at(site, 'JWT_ASAP_KEYSERVER'),
      says: `JWT_ASAP_KEYSERVER ${OTHER_KEYS}`,
    });
    return {};
  }
  const value = values['JWT_APP_SECRET'];
  if (value === undefined || value === '') {
    left.push({ file: site.source.path, says: 'JWT_APP_SECRET is not there, or filled in from elsewhere' });
    return {};
  }
  const secret = new Secret(value);
  const weak = weakness(secret, false);
  const place = at(site, 'JWT_APP_SECRET');
  if (weak === 'published') {
    alarms.push({
      ...place,
      says: `JWT_APP_SECRET ${PUBLISHED_SECRET}`,
    });
    return {};
  }
  if (weak === 'short') alarms.push({ ...place, says: `JWT_APP_SECRET ${SHORT_SECRET}` });
  found.push({ ...place, says: `JWT_APP_SECRET ${SHARED_SECRET}` });
  const issuers = commaList(values['JWT_ACCEPTED_ISSUERS']).filter((one) => one !== '*');
  const audience = commaList(values['JWT_ACCEPTED_AUDIENCES']).find((one) => one !== '*');
  const own = values['JWT_APP_ID'];
  const appId = own !== undefined && (issuers.length === 0 || issuers.includes(own)) ? own : issuers[0];
  return {
    secret,
    ...(weak === 'short' && { insecureShortSecret: true }),
    ...(appId !== undefined && { appId }),
    ...(audience !== undefined && audience !== appId && { audience }),
  };
}

/** Does a claim say who moderates? */
function moderatorsOf({ values }: DockerSite): boolean {
  return (
    isOff(values['JICOFO_ENABLE_AUTH']) && commaList(values['XMPP_MUC_MODULES']).includes('token_affiliation')
  );
}

function accountsOf(site: DockerSite, type: string, said: Notes): Tree {
  if (type === 'ldap') return directoryOf(site, said);
  if (type !== 'internal') {
    if (MATRIX.includes(type))
      tellMatrix(said, at(site, 'AUTH_TYPE'), {
        service: site.values['MATRIX_UVS_URL'],
        syncs: isOn(site.values['MATRIX_UVS_SYNC_POWER_LEVELS']),
      });
    else if (!['none', 'jwt'].includes(type))
      said.left.push({ ...at(site, 'AUTH_TYPE'), says: `accounts by ${type} have no counterpart` });
    return {};
  }
  const domain = `people.${site.xmppDomain}`;
  said.found.push({
    ...at(site, 'AUTH_TYPE'),
    says: `people have accounts in Prosody; they keep them, on ${domain}`,
  });
  const prosody = {
    domain,
    url: 'http://prosody:5280/http-bind',
    httpHost: site.xmppDomain,
    insecurePlainHttp: true,
  };
  return { providers: [{ id: 'jitsi', kind: 'prosody', name: 'Meeting account', prosody }] };
}

/** @see docker-jitsi-meet, prosody/rootfs/defaults/saslauthd.conf */
function directoryOf(site: DockerSite, said: Notes): Tree {
  const { values } = site;
  const { LDAP_URL: servers = '', LDAP_BASE: base = '' } = values;
  if (servers.trim() === '' || base === '') {
    said.left.push({ ...at(site, 'AUTH_TYPE'), says: 'LDAP_URL or LDAP_BASE is not there' });
    return {};
  }
  if (values['LDAP_TLS_CACERT_FILE'])
    said.left.push({
      ...at(site, 'LDAP_TLS_CACERT_FILE'),
      says: 'LDAP_TLS_CACERT_FILE is a file in the container of Prosody; give it to Ostiary too, as providers[0].ldap.caFile',
    });
  const names: Readonly<Record<keyof KnownDirectory, string>> = {
    servers: 'LDAP_URL',
    base: 'LDAP_BASE',
    bindDn: 'LDAP_BINDDN',
    bindPassword: 'LDAP_BINDPW',
    filter: 'LDAP_FILTER',
    startTls: 'LDAP_START_TLS',
    caFile: 'LDAP_TLS_CACERT_FILE',
  };
  return directoryProvider(
    {
      servers,
      base,
      bindDn: values['LDAP_BINDDN'],
      bindPassword: values['LDAP_BINDPW'],
      filter: saslFilter(values['LDAP_FILTER']),
      startTls: isOn(values['LDAP_START_TLS']),
    },
    said,
    (what) => at(site, names[what]),
  );
}
