/**
 * Reads a mod_shib: `shibboleth2.xml` and its attribute map. We stand in its place under the same name and keys, so
 * that identity providers need not be told anything.
 *
 * Pure.
 */
import { dirname, resolve } from 'node:path';
import { parseAttributeMap } from '../../identity/attribute-map.ts';
import {
  parseShibbolethConfig,
  type ShibbolethConfig,
  type ShibbolethMetadata,
} from '../../identity/shibboleth-config.ts';
import { type Notes, notes, type Reading, type Source, type Tree } from './reader.ts';
import { nameOf } from './source.ts';

/** Reads it; nothing where there is none. */
export function fromShibboleth(sources: readonly Source[]): Reading | undefined {
  const source = sources.find((one) => nameOf(one) === 'shibboleth2.xml');
  if (source === undefined) return undefined;
  const said = notes();
  const file = source.path;
  const what = 'Shibboleth SP (mod_shib)';
  if (/\$\{[A-Z_]+\}/.test(source.text)) {
    said.left.push({ file, says: 'is a template whose names are filled in elsewhere' });
    return { what, ...said, settings: {} };
  }
  const config = parseShibbolethConfig(source.text);
  if ('fault' in config) {
    said.left.push({ file, says: `cannot be read (${config.fault})` });
    return { what, ...said, settings: {} };
  }
  for (const name of config.ignored) said.left.push({ file, says: `${name} is not taken over` });
  for (const filter of config.filters)
    said.alarms.push({
      file,
      says: `a MetadataFilter of type ${filter} says which identity providers are believed, and is not taken over: name those that are under federation.members, or entityId`,
    });
  const beside = (name: string) => resolve(dirname(file), name);
  const provider = providerOf(config, { file, said, beside });
  const map = readMap(config, sources, { file, said, beside });
  const keys = config.keys.map(({ keyFile, certFile, use }) => ({
    keyFile: beside(keyFile),
    certFile: beside(certFile),
    ...(use === 'signing' && { use }),
    ...(use === 'encryption' && { use: 'encryption' }),
  }));
  if (config.entityId !== undefined)
    said.found.push({ file, says: `identity providers know this service as ${config.entityId}` });
  const settings: Tree = {
    ...(provider && { providers: [provider] }),
    saml: {
      ...(config.entityId !== undefined && { entityId: config.entityId }),
      shibbolethPaths: true,
      ...(map !== undefined && { attributeMapFile: map }),
      ...(keys.length > 0 && { keys }),
    },
  };
  return { what, ...said, settings: provider ? settings : {} };
}

interface Around {
  readonly file: string;
  readonly said: Notes;
  readonly beside: (name: string) => string;
}

function providerOf(config: ShibbolethConfig, { file, said, beside }: Around): Tree | undefined {
  const [metadata, ...others] = config.metadata;
  if (metadata === undefined) {
    said.left.push({ file, says: 'names no metadata of an identity provider that could be taken over' });
    return undefined;
  }
  for (const other of others)
    said.left.push({
      file,
      says: `further metadata at ${placeOf(other)}: each takes a provider of its own`,
    });
  const place = {
    ...(metadata.url !== undefined && { metadataUrl: metadata.url }),
    ...(metadata.file !== undefined && { metadataFile: beside(metadata.file) }),
    ...(metadata.query !== undefined && { metadataQuery: metadata.query }),
    ...(metadata.certFile !== undefined && { metadataCertFile: beside(metadata.certFile) }),
  };
  const isFederation = config.idp === undefined && config.discoveryUrl !== undefined;
  if (isFederation && metadata.certFile === undefined && metadata.file === undefined) {
    said.alarms.push({
      file,
      says: `the metadata of a federation is believed without a signature: whoever answers at ${placeOf(metadata)} decides who may sign in. It is not taken over; name its certificate (metadataCertFile)`,
    });
    return undefined;
  }
  said.found.push({
    file,
    says: isFederation
      ? `people choose their identity provider at ${config.discoveryUrl}`
      : `people sign in at ${config.idp ?? 'the one identity provider of the metadata'}`,
  });
  return {
    id: 'shibboleth',
    kind: 'saml',
    saml: {
      ...place,
      ...(config.idp !== undefined && { entityId: config.idp }),
      ...(isFederation && { federation: { discoveryUrl: config.discoveryUrl } }),
    },
    ...subjectOf(config),
  };
}

function placeOf({ url, file, query }: ShibbolethMetadata): string {
  return url ?? query ?? file ?? 'nowhere';
}

/** Who somebody is was REMOTE_USER; only what never changes may be that here. */
function subjectOf({ remoteUser }: ShibbolethConfig): Tree {
  const [first] = remoteUser;
  return first === 'eppn' ? { subject: ['eduPersonPrincipalName'] } : {};
}

function readMap(
  { attributeMapFile }: ShibbolethConfig,
  sources: readonly Source[],
  { said, beside }: Around,
): string | undefined {
  if (attributeMapFile === undefined) return undefined;
  const path = beside(attributeMapFile);
  const source = sources.find((one) => one.path === path);
  if (source === undefined) return undefined;
  const map = parseAttributeMap(source.text);
  if ('fault' in map) {
    said.left.push({ file: path, says: `cannot be read (${map.fault})` });
    return undefined;
  }
  said.found.push({ file: path, says: `maps ${map.attributes.length} attributes` });
  for (const name of map.ignored)
    said.left.push({ file: path, says: `${name} is more than a name and an id` });
  return path;
}
