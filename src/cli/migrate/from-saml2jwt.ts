/**
 * Reads a Jitsi-SAML2JWT (Renater): its `.env`, from which all its files are made.
 *
 * Pure.
 * @see Renater/Jitsi-SAML2JWT, .env_ref and config/template
 */
import type { EnvSource } from './env.ts';
import { adapterTokens, together } from './provider.ts';
import { type Notes, notes, type Reading, type Tree } from './reader.ts';

/** Names that have no counterpart, and why. */
const LEFT: Readonly<Record<string, string>> = {
  AUTH_ERROR_PAGE: 'a page of your own for whom we cannot let in is pages.errorPage',
  JICOFO_ROOM_ENDPOINTS: 'whether a meeting has begun is for rules and the waiting room to say',
  JWT_TOKEN_MODE: 'what it put into tokens is a matter of rules here',
};

/** Reads it; nothing where there is none. */
export function fromSaml2Jwt(all: readonly EnvSource[]): Reading | undefined {
  const mine = all.filter(
    ({ program, values }) =>
      values['SP_ENTITY_ID'] !== undefined ||
      values['JWT_GENERATOR_KEY'] !== undefined ||
      /saml2jwt|shib2jwt/i.test(program),
  );
  if (mine.length === 0) return undefined;
  const { values, source } = together(mine);
  const said = notes();
  const file = source.path;
  for (const [name, why] of Object.entries(LEFT))
    if (values[name] !== undefined) said.left.push({ file, says: `${name}: ${why}` });
  if ((values['DEFAULT_VALIDITY'] ?? '0') === '0')
    said.alarms.push({
      file,
      says: 'its tokens never expire. Whoever holds one may enter as long as Prosody takes its secret: make a new secret afterwards',
    });
  const provider = providerOf(values, said, file);
  const domain = values['JITSI_DOMAIN'];
  const entityId = values['SP_ENTITY_ID'];
  return {
    what: 'Jitsi-SAML2JWT',
    ...said,
    settings: {
      ...(domain !== undefined && { publicUrl: `https://${domain}` }),
      ...(provider && { providers: [provider] }),
      ...(provider && entityId !== undefined && { saml: { entityId } }),
      ...adapterTokens(
        { secret: values['JWT_APP_SECRET'] ?? values['JWT_GENERATOR_KEY'], appId: values['JWT_APP_ID'] },
        said,
        file,
      ),
    },
    obsolete: ['Jitsi-SAML2JWT: take its container out, or its site out of Apache'],
  };
}

function providerOf(values: Readonly<Record<string, string>>, said: Notes, file: string): Tree | undefined {
  const { METADATA_URL: metadata, SSO_URL: sso, SHIBBOLETH_TEMPLATE_XML: template = '' } = values;
  if (metadata === undefined) return undefined;
  const isFederation = /discovery|renater|federation/.test(template);
  if (!metadata.startsWith('https://')) {
    said.alarms.push({
      file,
      says: `METADATA_URL ${metadata} is fetched in the clear: whoever answers there decides who may sign in. It is not taken over`,
    });
    return undefined;
  }
  if (isFederation) {
    said.alarms.push({
      file,
      says: `the metadata of a federation at ${metadata} is believed without a signature. It is not taken over; name its certificate (metadataCertFile), and the discovery service ${sso ?? ''} (federation.discoveryUrl)`,
    });
    return undefined;
  }
  said.found.push({ file, says: `people sign in at the identity provider of ${metadata}` });
  said.left.push({
    file,
    says: `the identity provider has to read our metadata: responses no longer go to ${values['SERVER_NAME'] ?? 'its own host'}`,
  });
  return { id: 'saml', kind: 'saml', saml: { metadataUrl: metadata } };
}
