/**
 * What identity providers that speak SAML are told, made out of what the operator said. Knows no adapter, and opens
 * nothing.
 */
import type { Config } from '../config/load.ts';
import type { Federation, SamlOptions } from '../identity/saml/options.ts';
import { type SamlPlaces, samlPlaces, shibbolethPlaces } from '../identity/saml-places.ts';
import { CHOSEN, MEMBERS } from '../web/routes/saml-members.ts';
import { defined, speaksOfGroups } from './options.ts';

/** What an identity provider by SAML is told, but for the parts it works with. */
type SamlWords = Omit<
  SamlOptions,
  'keys' | 'sealing' | 'thread' | 'slowThread' | 'store' | 'outbound' | 'clock' | 'random' | 'log' | 'metrics'
>;

/** Every identity provider that speaks SAML. */
export function samlOptionsOf(config: Config): readonly SamlWords[] {
  const grouped = speaksOfGroups(config);
  return config.providers
    .filter((said) => said.kind === 'saml')
    .map(({ saml, groups, subject, emailVerified, ...said }) => ({
      id: said.id,
      name: said.name,
      place: {
        ...(saml.metadataUrl !== undefined && { url: saml.metadataUrl }),
        ...(saml.metadataFile !== undefined && { file: saml.metadataFile }),
        ...(saml.metadataQuery !== undefined && { query: saml.metadataQuery }),
        ...(saml.metadataCertFile !== undefined && { certFile: saml.metadataCertFile }),
        ...defined(saml, ['entityId']),
      },
      ...(saml.federation && { federation: federationOf(saml.federation, config) }),
      entityId: samlEntityId(config),
      places: samlPlacesOf(config),
      ...defined(config.saml, ['attributeMapFile']),
      signed: saml.signed,
      ...defined(saml, ['nameIdFormat']),
      ...(saml.scopes && { scopes: saml.scopes.map((scope) => scope.toLowerCase()) }),
      legacy: saml.legacy.map(({ algorithm, until }) => ({ algorithm, until: Date.parse(until) / 1000 })),
      maxAge: said.maxAge ?? LONGEST_SIGN_IN,
      contexts: said.acrValues ?? [],
      force: said.prompt === 'login',
      mapping: {
        ...(subject && { id: subject }),
        name: ['displayName', 'cn', 'fullName', 'name'],
        email: 'mail',
        emailVerified:
          emailVerified === undefined ? { claim: 'mailInScope' } : emailVerified ? 'always' : 'never',
        groups: { claim: groups?.claim ?? 'groups', required: groups?.required ?? grouped },
        ...defined(said, ['attributes']),
      },
    }));
}

/** Where people choose, and where they come back to. */
function federationOf(
  { discoveryUrl, members }: { readonly discoveryUrl?: string; readonly members?: readonly string[] },
  { publicUrl, prefix }: Config,
): Federation {
  return {
    ...(discoveryUrl !== undefined && { discoveryUrl }),
    ...(members && { only: members }),
    listAt: `${publicUrl}${prefix}${MEMBERS}`,
    chosenAt: `${publicUrl}${prefix}${CHOSEN}`,
  };
}

/** Seconds: however long somebody stays signed in at an identity provider, once a quarter they prove themselves. */
const LONGEST_SIGN_IN = 90 * 86_400;

/** What identity providers know us by: the address of our metadata unless the operator says otherwise. */
export function samlEntityId({ saml, publicUrl, prefix }: Config): string {
  return saml.entityId ?? `${publicUrl}${prefix}/saml/metadata`;
}

/** Where identity providers find our service provider. */
export function samlPlacesOf({ publicUrl, prefix, saml }: Config): SamlPlaces {
  return saml.shibbolethPaths ? shibbolethPlaces(publicUrl) : samlPlaces(publicUrl, prefix);
}
