/**
 * How a Prosody judges tokens, as its own files say, or as it has to with the settings we have.
 *
 * Pure. Fetches nothing: a key that is somewhere else is not known here.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util.new`
 */
import { Secret } from '../base/secret.ts';
import type { Config } from '../config/load.ts';
import type { ProsodyOptions } from '../tokens/prosody.ts';
import { commaList, type DockerSite, isOn } from './migrate/from-docker.ts';
import { type LuaValue, textsOf } from './migrate/lua.ts';
import { effective, type Site } from './migrate/site.ts';

/** One Prosody, as far as its files tell. */
export interface FoundProsody {
  /** What it was read from. */
  readonly from: string;
  readonly options: ProsodyOptions;
  /** What it shares with whoever signs; absent where it fetches keys. */
  readonly secret?: Secret;
  /** Where it fetches keys. */
  readonly keysAt?: string;
  readonly xmppDomain: string;
  readonly domainVerification: boolean;
}

const ALGORITHMS: readonly ProsodyOptions['algorithm'][] = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
];

function algorithmOf(said: LuaValue | undefined, fetches: boolean): ProsodyOptions['algorithm'] {
  return ALGORITHMS.find((one) => one === said) ?? (fetches ? 'RS256' : 'HS256');
}

/** As our own settings ask of it. */
export function prosodyOfConfig(
  { tokens, jitsi, publicUrl }: Config,
  file: string | undefined,
): FoundProsody {
  const { secret, appId, audience } = tokens;
  return {
    from: file ?? 'the environment',
    options: { algorithm: secret === undefined ? 'RS256' : 'HS256', issuers: [appId], audiences: [audience] },
    ...(secret === undefined ? { keysAt: publicUrl } : { secret }),
    xmppDomain: jitsi.xmppDomain,
    domainVerification: jitsi.domainVerification,
  };
}

/** As a Prosody from Debian packages says; undefined where its main host takes no tokens, or is not there. */
export function prosodyOfSite(site: Site): FoundProsody | undefined {
  const { main, xmppDomain } = site;
  const said = (name: string) => effective(site, main, name)?.value;
  if (main === undefined || said('authentication') !== 'token') return undefined;
  const keysAt = [said('asap_key_server'), said('cache_keys_url')].find((one) => typeof one === 'string');
  const secret = said('app_secret');
  const [audiences, issuers] = [said('asap_accepted_audiences'), said('asap_accepted_issuers')].map(textsOf);
  return {
    from: main.source.path,
    options: {
      algorithm: algorithmOf(said('signature_algorithm'), keysAt !== undefined),
      keyServer: keysAt !== undefined,
      issuers: issuers && issuers.length > 0 ? issuers : textsOf(said('app_id')),
      ...(audiences && audiences.length > 0 && { audiences }),
      requireRoom: said('asap_require_room_claim') !== false,
      allowEmptyToken: said('allow_empty_token') === true,
    },
    ...(keysAt !== undefined ? { keysAt } : typeof secret === 'string' ? { secret: new Secret(secret) } : {}),
    xmppDomain,
    domainVerification: said('enable_domain_verification') !== false,
  };
}

/** As the `.env` of a docker-jitsi-meet says; undefined where it takes no tokens. */
export function prosodyOfDocker({ source, values, xmppDomain }: DockerSite): FoundProsody | undefined {
  const type = values['PROSODY_AUTH_TYPE'] ?? values['AUTH_TYPE'];
  if (!isOn(values['ENABLE_AUTH']) || type !== 'jwt') return undefined;
  const keysAt = values['JWT_ASAP_KEYSERVER'] || undefined;
  const secret = values['JWT_APP_SECRET'] || undefined;
  const issuers = commaList(values['JWT_ACCEPTED_ISSUERS']);
  const audiences = commaList(values['JWT_ACCEPTED_AUDIENCES']);
  return {
    from: source.path,
    options: {
      algorithm: algorithmOf(values['JWT_SIGN_TYPE'], keysAt !== undefined),
      keyServer: keysAt !== undefined,
      issuers: issuers.length > 0 ? issuers : commaList(values['JWT_APP_ID']),
      ...(audiences.length > 0 && { audiences }),
      allowEmptyToken: isOn(values['JWT_ALLOW_EMPTY']),
    },
    ...(keysAt !== undefined ? { keysAt } : secret !== undefined ? { secret: new Secret(secret) } : {}),
    xmppDomain,
    domainVerification: isOn(values['JWT_ENABLE_DOMAIN_VERIFICATION']),
  };
}
