/**
 * The applications whose links let people in, wired: what each may say, and what its tokens are held against.
 */
import {
  type Followed,
  followLink,
  followTicket,
  type LinkParts,
  type TicketLinkParts,
} from '../admission/link.ts';
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import type { Room } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import type { Config } from '../config/load.ts';
import type { Issuer, Issuers } from '../identity/issuer.ts';
import type { RemoteKeys } from '../keys/jwt.ts';
import type { WebParts } from '../web/parts.ts';
import { standsInFront } from './options.ts';
import { theirKeys } from './their-keys.ts';

/** What they are made of. */
export interface IssuersParts {
  readonly clock: Clock;
  readonly outbound: Outbound;
}

type IssuerConfig = Config['issuers'][number];

/** Makes them. Throws `key.unusable` for a file that holds no public key. */
export function issuersOf({ issuers }: Config, parts: IssuersParts): Issuers {
  return new Map(issuers.map((said) => [said.iss, issuerOf(said, parts)]));
}

function issuerOf(said: IssuerConfig, parts: IssuersParts): Issuer {
  const { iss, rooms, role, wildcard, audience, tenants } = said;
  return {
    ...{ iss, rooms, role, wildcard },
    algorithm: said.algorithm ?? (said.secret === undefined ? 'RS256' : 'HS256'),
    keys: keysOf(said, parts),
    ...(audience !== undefined && { audience }),
    ...(tenants !== undefined && { tenants }),
  };
}

function keysOf(said: IssuerConfig, parts: IssuersParts): Secret | RemoteKeys {
  const keys = said.secret ?? theirKeys(said, parts);
  // That each has one of them was judged when the configuration was read.
  if (keys === undefined) throw new TypeError(`${said.iss} has no keys`);
  return keys;
}

/** What following links needs. */
export interface LinksParts extends TicketLinkParts {
  readonly issuers: Issuers;
  readonly clock: Clock;
}

/**
 * Links are followed where some application may send them or was given a ticket, and where we stand in front of the
 * page they lead to.
 */
export function linksOf(config: Config, parts: LinksParts): Pick<WebParts, 'followLink'> {
  if (parts.issuers.size + config.apps.length === 0 || !standsInFront(config)) return {};
  const byIssuer = byIssuers(config, parts);
  return {
    followLink: async (token, room) => (await followTicket(token, room, parts)) ?? byIssuer(token, room),
  };
}

/** The same where tickets are looked at before: the tokens of applications with keys of their own, and no others. */
export function byIssuers(
  config: Config,
  { issuers, clock }: Pick<LinksParts, 'issuers' | 'clock'>,
): (token: string, room: Room) => Promise<Followed> {
  const about = { issuers, clock, domains: domainsOf(config), own: config.tokens.appId };
  return (token, room) => followLink(token, room, about);
}

/** What `sub` may say where no tenant is: what Prosody takes today. */
function domainsOf({ jitsi, publicUrl }: Config): LinkParts['domains'] {
  if (!jitsi.domainVerification) return 'any';
  return [jitsi.xmppDomain, new URL(publicUrl).hostname].map((name) => name.toLowerCase());
}
