/**
 * Reads a Jitsi from Debian packages: `*-config.js`, Prosody's `*.cfg.lua`, `jicofo.conf`, `sip-communicator.properties`.
 *
 * Pure. Makes settings out of what lets people in there today, and says aloud what does not do what it seems to do.
 * @see jicofo, AuthConfig.kt; jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util.new`
 */
import { Secret } from '../../base/secret.ts';
import { weakness } from '../../config/shared-secret.ts';
import {
  EMPTY_TOKEN,
  NOBODY_SIGNS_IN,
  OTHER_KEYS,
  PUBLISHED_SECRET,
  SHARED_SECRET,
  SHORT_SECRET,
} from './found-words.ts';
import { tellMatrix } from './from-matrix.ts';
import { DIRECTORIES, fromProsodyLdap } from './from-prosody-ldap.ts';
import { hoconAt } from './hocon.ts';
import { type LuaValue, textsOf } from './lua.ts';
import { type Notes, notes, type Reading, type Source, type Tree } from './reader.ts';
import { effective, modulesOf, type Placed, type Site } from './site.ts';

/** What the rules come to, where people moderate as they did before. */
export const EVERYONE_LEADS: Tree = {
  name: 'who signs in leads',
  when: { signedIn: true },
  then: 'host',
};

/** The same where a claim decided it. @see jitsi-meet, mod_token_affiliation */
export const CLAIM_LEADS: Tree = {
  name: 'whom the claim calls a moderator leads',
  when: { attributes: { affiliation: ['owner', 'moderator', 'teacher'] } },
  then: 'host',
};

/** What changes for other programs that make tokens. */
export const OTHERS_MODERATE =
  'whoever else signs with this secret: from now on their people moderate where the token says so (context.user.moderator, affiliation), and no longer all of them';

const SHIBBOLETH_GONE =
  'asks for Shibboleth, which Jicofo has not known since April 2023: on a current Jicofo this switches authentication OFF, and everybody may enter and moderate';

/** Reads it. `sources` are all files there are: accounts may be behind another program. */
export function fromDebian(site: Site, sources: readonly Source[] = []): Reading {
  const said = notes();
  const { host, xmppDomain, client, main } = site;
  if (client !== undefined) tellClient(site, said);
  for (const { source, file } of site.prosody)
    said.left.push(...file.left.map(({ line, says }) => ({ file: source.path, line, says })));
  said.left.push(...site.broken);
  const jicofo = readJicofo(site, said);
  const tokens = main === undefined ? {} : readTokens(site, { main, jicofo }, said);
  if (jicofo === 'on' && 'secret' in tokens)
    said.left.push({ file: main?.source.path ?? '', says: OTHERS_MODERATE });
  const guests = readGuests(site, said);
  const moderators = readModerators(site, jicofo, said);
  const settings: Tree = {
    ...(host !== '' && { publicUrl: `https://${host}` }),
    trustedProxies: ['127.0.0.1'],
    jitsi: {
      ...(xmppDomain !== host && xmppDomain !== '' && { xmppDomain }),
      roles: 'enforced',
      ...(effective(site, main, 'enable_domain_verification')?.value === false && {
        domainVerification: false,
      }),
    },
    ...readAccounts(site, sources, said),
    access: guests ? 'guests-wait' : 'members',
    ...(moderators && { rules: [moderators] }),
    ...(Object.keys(tokens).length > 0 && { tokens }),
    store: { path: '/var/lib/ostiary/ostiary.sqlite' },
  };
  return { what: 'Jitsi from Debian packages', ...said, settings };
}

function tellClient({ client, host }: Site, { found, alarms, left }: Notes): void {
  if (client === undefined) return;
  const file = client.source.path;
  found.push({ file, says: `the web client of ${host}` });
  const { tokenAuthUrl, hosts, unclear } = client.values;
  if (tokenAuthUrl !== undefined)
    found.push({ file, says: `tokenAuthUrl sends people to ${placeOf(tokenAuthUrl)}` });
  if (hosts.anonymousdomain !== undefined)
    alarms.push({
      file,
      says: `hosts.anonymousdomain lets guests in past every sign-in, on ${hosts.anonymousdomain}`,
    });
  for (const name of unclear) left.push({ file, says: `${name} does not follow from the text` });
}

/** Without what stands behind its question mark. */
function placeOf(address: string): string {
  return address.replace(/[?#].*$/s, '');
}

/** How Jicofo signs people in; `gone` where it only seems to. */
function readJicofo({ jicofo, legacy }: Site, { found, alarms, left }: Notes): 'off' | 'on' | 'gone' {
  let state: 'off' | 'on' | 'gone' = 'off';
  if (jicofo !== undefined) {
    const { source, file } = jicofo;
    left.push(...file.left.map(({ line, says }) => ({ file: source.path, line, says })));
    const [enabled, type, login] = ['enabled', 'type', 'login-url'].map((name) =>
      hoconAt(file, `jicofo.authentication.${name}`),
    );
    if (enabled?.value === 'true') state = 'on';
    if (type?.value?.toUpperCase() === 'SHIBBOLETH' || login?.value?.startsWith('shibboleth:')) {
      state = 'gone';
      alarms.push({
        file: source.path,
        line: (type ?? login)?.line ?? 1,
        says: `${SHIBBOLETH_GONE}, or Jicofo does not start at all`,
      });
    } else if (enabled !== undefined)
      found.push({
        file: source.path,
        line: enabled.line,
        says:
          state === 'on'
            ? `Jicofo signs people in itself (${type?.value ?? 'XMPP'}), and makes everybody it signed in a moderator`
            : 'Jicofo signs nobody in',
      });
  }
  for (const { key, value, first } of legacy?.properties ?? []) {
    const place = { file: legacy?.source.path ?? '', line: first };
    if (key === 'org.jitsi.jicofo.auth.URL') {
      const gone = /^shibboleth:/i.test(value);
      state = gone ? 'gone' : /^(?:XMPP|EXT_JWT):/.test(value) ? 'on' : state;
      if (gone) alarms.push({ ...place, says: `org.jitsi.jicofo.auth.URL ${SHIBBOLETH_GONE}` });
      else
        found.push({
          ...place,
          says: `Jicofo signs people in itself (${value}); this goes before jicofo.conf`,
        });
    } else if (key.startsWith('org.jitsi.jicofo.auth.'))
      found.push({ ...place, says: `${key}, which has no counterpart` });
  }
  return state;
}

function readTokens(
  site: Site,
  { main, jicofo }: { readonly main: Placed; readonly jicofo: 'off' | 'on' | 'gone' },
  { found, alarms, left }: Notes,
): Tree {
  const file = main.source.path;
  const option = (name: string) => effective(site, main, name);
  const authentication = option('authentication');
  const line = authentication?.first ?? main.section.first;
  const asksNobody = ['anonymous', 'jitsi-anonymous'].includes(String(authentication?.value));
  if (asksNobody && jicofo === 'off') alarms.push({ file, line, says: NOBODY_SIGNS_IN });
  else found.push({ file, line, says: `people authenticate by ${shown(authentication?.value)}` });
  if (authentication?.value !== 'token' && authentication?.value !== 'hybrid_matrix_token') return {};
  const empty = option('allow_empty_token');
  if (empty?.value === true)
    alarms.push({ file, line: empty.first, says: `allow_empty_token ${EMPTY_TOKEN}` });
  const [appId] = textsOf(option('app_id')?.value);
  const issuers = textsOf(option('asap_accepted_issuers')?.value).filter((one) => one !== '*');
  const audience = textsOf(option('asap_accepted_audiences')?.value).find((one) => one !== '*');
  const keys = option('asap_key_server') ?? option('cache_keys_url');
  if (keys !== undefined) {
    alarms.push({
      file,
      line: keys.first,
      says: `${keys.name} ${OTHER_KEYS}`,
    });
    return {};
  }
  const algorithm = option('signature_algorithm')?.value ?? 'HS256';
  if (algorithm !== 'HS256')
    left.push({
      file,
      says: `signature_algorithm ${shown(algorithm)}: we sign with HS256, and Prosody takes one`,
    });
  const given = option('app_secret');
  if (typeof given?.value !== 'string') {
    if (given !== undefined)
      left.push({ file, line: given.first, says: 'app_secret does not follow from the text' });
    return {};
  }
  const secret = new Secret(given.value);
  const weak = weakness(secret, false);
  if (weak === 'published') {
    alarms.push({
      file,
      line: given.first,
      says: `app_secret ${PUBLISHED_SECRET}`,
    });
    return {};
  }
  found.push({
    file,
    line: given.first,
    says: `app_secret ${SHARED_SECRET}`,
  });
  if (weak === 'short') alarms.push({ file, line: given.first, says: `app_secret ${SHORT_SECRET}` });
  const issuer =
    appId !== undefined && (issuers.length === 0 || issuers.includes(appId)) ? appId : issuers[0];
  return {
    secret,
    ...(weak === 'short' && { insecureShortSecret: true }),
    ...(issuer !== undefined && { appId: issuer }),
    ...(audience !== undefined && audience !== issuer && { audience }),
  };
}

function shown(value: LuaValue | undefined): string {
  return value === undefined ? 'what does not follow from the text' : JSON.stringify(value);
}

function readGuests(site: Site, { alarms }: Notes): boolean {
  const { guest, client, main } = site;
  if (guest !== undefined)
    alarms.push({
      file: guest.source.path,
      line: guest.section.first,
      says: `${guest.section.name} lets guests in past every sign-in`,
    });
  const emptyToken = effective(site, main, 'allow_empty_token')?.value === true;
  return guest !== undefined || client?.values.hosts.anonymousdomain !== undefined || emptyToken;
}

function readModerators(site: Site, jicofo: 'off' | 'on' | 'gone', { found }: Notes): Tree | undefined {
  const modules = modulesOf(site.muc);
  const byClaim = modules.includes('token_affiliation') && jicofo !== 'on';
  if (byClaim)
    found.push({
      file: site.muc?.source.path ?? '',
      line: site.muc?.section.first ?? 1,
      says: 'token_affiliation makes moderator whom the token calls one',
    });
  return byClaim ? CLAIM_LEADS : EVERYONE_LEADS;
}

/** By these nobody has an account in or behind Prosody. */
const NO_ACCOUNTS = ['token', 'anonymous', 'jitsi-anonymous'];

/** @see docker-jitsi-meet, prosody/rootfs/defaults/conf.d/jitsi-meet.cfg.lua */
const MATRIX = ['matrix_user_verification', 'hybrid_matrix_token'];

/** Accounts that Prosody keeps go on, on a host of their own: the main one takes tokens. */
function readAccounts(site: Site, sources: readonly Source[], said: Notes): Tree {
  const option = effective(site, site.main, 'authentication');
  const kind = option?.value;
  if (typeof kind !== 'string' || NO_ACCOUNTS.includes(kind)) return {};
  const directory = DIRECTORIES.find((one) => one === kind);
  if (directory !== undefined) return fromProsodyLdap(directory, site, { sources, said });
  const place = { file: site.main?.source.path ?? '', ...(option && { line: option.first }) };
  if (MATRIX.includes(kind)) {
    const service = effective(site, site.main, 'uvs_base_url')?.value;
    tellMatrix(said, place, {
      service: typeof service === 'string' ? service : undefined,
      syncs: effective(site, site.main, 'uvs_sync_power_levels')?.value === true,
    });
    return {};
  }
  if (!kind.startsWith('internal_')) {
    said.left.push({ ...place, says: `accounts by ${kind} have no counterpart` });
    return {};
  }
  const { found } = said;
  const domain = `people.${site.xmppDomain}`;
  found.push({
    file: site.main?.source.path ?? '',
    says: `people have accounts in Prosody; they keep them, on ${domain}`,
  });
  return { providers: [{ id: 'jitsi', kind: 'prosody', name: 'Meeting account', prosody: { domain } }] };
}
