/**
 * The proxies in front that are believed, wired: whom each is believed from, and in which headers it speaks.
 */
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import type { Config, ProviderConfig } from '../config/load.ts';
import type { HeaderOptions, Spoken } from '../identity/header.ts';
import { HEADER_PRESETS, type HeaderNames, type HeaderPreset } from '../identity/header-presets.ts';
import { createIssuerKeys } from '../identity/issuer-keys.ts';
import type { ProfileMapping } from '../identity/profile.ts';
import { trustedProxies } from '../web/origin.ts';
import { speaksOfGroups } from './options.ts';

type HeaderConfig = Extract<ProviderConfig, { readonly kind: 'header' }>;

/** What Pomerium signs with; a proxy that signs with anything else is another one. */
const ALGORITHMS = ['ES256'];

/** Every provider of kind header. */
export function headerOptionsOf(
  config: Config,
  parts: { readonly clock: Clock; readonly outbound: Outbound },
): readonly HeaderOptions[] {
  const grouped = speaksOfGroups(config);
  return providersOf(config).map((said) => {
    const { from, secret, secretHeader } = said.header;
    const trusted = trustedProxies(from);
    return {
      id: said.id,
      name: said.name,
      comesFrom: (address) => trusted.includes(address),
      ...(secret && { secret: { header: secretHeader, value: secret } }),
      spoken: spokenOf(said, parts),
      mapping: mappingOf(said, grouped),
      clock: parts.clock,
    };
  });
}

/** The names of all headers that are for us: nobody else is told them, whoever wrote them. */
export function headerNamesOf(config: Config): readonly string[] {
  return providersOf(config).flatMap((said) => {
    const { carrier, verify, reads }: HeaderPreset = HEADER_PRESETS[said.header.preset];
    const { id, name = [], email, emailVerified, groups, acr } = namesOf(said);
    const spoken = reads === 'headers' ? [...id, ...name, email, emailVerified, groups, acr] : [];
    return [said.header.secretHeader, carrier, verify, ...spoken].filter((one) => one !== undefined);
  });
}

function providersOf({ providers }: Config): readonly HeaderConfig[] {
  return providers.filter((said) => said.kind === 'header');
}

function namesOf({ subject, groups, header }: HeaderConfig): HeaderNames {
  const { names }: HeaderPreset = HEADER_PRESETS[header.preset];
  return {
    ...names,
    ...(subject && { id: subject }),
    ...(header.nameHeader !== undefined && { name: [header.nameHeader] }),
    ...(header.emailHeader !== undefined && { email: header.emailHeader }),
    ...(groups?.claim !== undefined && { groups: groups.claim }),
  };
}

function spokenOf(said: HeaderConfig, parts: { readonly clock: Clock; readonly outbound: Outbound }): Spoken {
  const { preset, encoding, separator, jwksUri, issuer, audience } = said.header;
  const about: HeaderPreset = HEADER_PRESETS[preset];
  if (about.reads === 'headers')
    return {
      by: 'headers',
      names: namesOf(said),
      encoding: encoding ?? about.encoding,
      separator: separator ?? about.separator,
      escaped: about.escaped,
    };
  const { carrier = '', verify = '' } = about;
  if (about.reads === 'certificate') return { by: 'certificate', carrier, verify };
  // That these are there was judged when the configuration was read.
  if (jwksUri === undefined || issuer === undefined || audience === undefined)
    throw new TypeError(`${said.id} has no keys`);
  return {
    by: 'assertion',
    carrier,
    keys: createIssuerKeys(jwksUri, parts),
    algorithms: ALGORITHMS,
    issuer,
    audience,
  };
}

function mappingOf(said: HeaderConfig, grouped: boolean): ProfileMapping {
  const about: HeaderPreset = HEADER_PRESETS[said.header.preset];
  const names = namesOf(said);
  const { emailVerified, groups } = said;
  const required = groups?.required ?? grouped;
  const verified = emailVerified === undefined ? about.emailVerified : emailVerified ? 'always' : 'never';
  const plain = about.reads === 'headers';
  return {
    id: plain ? names.id.map((_, at) => `id${at}`) : names.id,
    name: plain ? ['name'] : (names.name ?? []),
    email: plain ? 'email' : (names.email ?? 'email'),
    emailVerified: verified,
    groups: { claim: plain ? 'groups' : (names.groups ?? 'groups'), required },
  };
}
