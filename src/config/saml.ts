/**
 * What contradicts itself in the settings of SAML: our own keys, where metadata is found, what a federation may promise.
 */
import type { Complaint } from './complaints.ts';
import type { Said } from './provider-kinds.ts';
import type { Settings } from './schema/settings.ts';

/** Nobody looks through a longer list of buttons. */
const MOST_LISTED = 50;

type Tell = (name: string, wrong: string, right: string) => void;

/** Everything that does not go together for one provider. */
export function samlComplaints(said: Said, path: string): readonly Complaint[] {
  if (said.kind !== 'saml') return [];
  const complaints: Complaint[] = [];
  const tell: Tell = (name, wrong, right) => void complaints.push({ path: `${path}.${name}`, wrong, right });
  metadataComplaints(said, tell);
  if (said.saml.federation !== undefined) federationComplaints(said, tell);
  if (said.prompt !== undefined && said.prompt !== 'login')
    tell('prompt', 'asks for what SAML has no word for', 'login, which has people sign in anew (ForceAuthn)');
  return complaints;
}

/** One identity provider, or one federation, has one place of metadata. */
function metadataComplaints({ saml }: Said, tell: Tell): void {
  const { metadataUrl, metadataFile, metadataQuery, metadataCertFile, entityId, federation } = saml;
  const places = [metadataUrl, metadataFile, metadataQuery].filter((place) => place !== undefined).length;
  if (places !== 1) {
    const wrong = places === 0 ? 'does not say where the metadata is' : 'names two places of metadata';
    tell('saml', wrong, 'one of metadataUrl, metadataFile and metadataQuery');
  }
  if (metadataQuery !== undefined && entityId === undefined && federation === undefined)
    tell('saml.entityId', 'is missing', 'whom metadataQuery is asked for, or federation');
  if (
    metadataCertFile === undefined &&
    (metadataQuery !== undefined || (federation && metadataUrl !== undefined))
  )
    tell(
      'saml.metadataCertFile',
      'is missing',
      'the certificate of whoever signs the metadata: in their name anybody could be anybody',
    );
}

/** What is promised of one identity provider is not promised of all. */
function federationComplaints({ saml, emailVerified }: Said, tell: Tell): void {
  const { federation = {}, metadataQuery, entityId, scopes } = saml;
  const { discoveryUrl, members } = federation;
  if (entityId !== undefined)
    tell(
      'saml.entityId',
      'names one identity provider of a federation',
      'federation.members, or no federation',
    );
  if (scopes !== undefined)
    tell('saml.scopes', 'lets every member speak for these domains', 'nothing: the metadata says who may');
  if (emailVerified === true)
    tell(
      'emailVerified',
      'promises the addresses of every member',
      'nothing: the metadata says whose domains are whose',
    );
  if (discoveryUrl === undefined && metadataQuery !== undefined && members === undefined)
    tell('saml.federation', 'does not say who can be chosen', 'discoveryUrl, or up to fifty members');
  if (discoveryUrl === undefined && (members?.length ?? 0) > MOST_LISTED)
    tell(
      'saml.federation.members',
      'is longer than a list people look through',
      'up to fifty, or discoveryUrl',
    );
  for (const [at, member] of (members ?? []).entries())
    if (member.length > 256)
      tell(`saml.federation.members[${at}]`, 'is longer than an entity id we take', 'up to 256 characters');
}

/** What is wrong with our own keys together. */
export function samlKeyComplaints({ saml }: Partial<Settings>): readonly Complaint[] {
  const keys = saml?.keys ?? [];
  if (keys.length === 0 || keys.some(({ use }) => use !== 'encryption')) return [];
  return [{ path: 'saml.keys', wrong: 'holds no key that may sign', right: 'one with use: signing or both' }];
}
