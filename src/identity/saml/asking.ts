/**
 * Asking an identity provider who somebody is: where the browser goes with our request, or to choose whom to ask.
 *
 * @see SAML Profiles 2.0, section 4.1.4.1
 */
import { unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import type { PostForm, StartOptions } from '../provider.ts';
import { discoveryAddress } from './discovery.ts';
import { authnRequestXml } from './messages.ts';
import type { Federation, SamlOptions } from './options.ts';
import { requestId } from './request-id.ts';
import { inAddress, inForm } from './sending.ts';
import { memberMeant, metadataOf, type SamlParts } from './trust.ts';

type Asked = Pick<StartOptions, 'memory' | 'redirectUri' | 'silent' | 'member' | 'person'>;

/** What a request is bound to: one attempt, and of many identity providers the one that was asked. */
export function bindingOf(nonce: string, member: string | undefined): string {
  return member === undefined ? nonce : `${nonce} ${member}`;
}

/** The address to go to: wherever the identity provider takes one, a request is in it. Throws as `start` of a provider. */
export async function start(parts: SamlParts, asked: Asked): Promise<string> {
  const { options, trust } = parts;
  const member = memberMeant(parts, asked);
  if (trust.kind === 'many' && member === undefined)
    return choiceOf(options, trust.federation, asked.memory.state);
  const { redirect } = (await metadataOf(trust, member)).signOn;
  if (redirect === undefined) {
    const facts = { provider: options.id, asked: 'metadata', why: 'no-redirect' };
    throw new Problem('provider.misconfigured', facts);
  }
  return inAddress(redirect, await requestFor(options, { destination: redirect, member }, asked), options);
}

/** The form to send where it takes no address; undefined where it does, or somebody is to choose first. Throws as `start`. */
export async function startForm(parts: SamlParts, asked: Asked): Promise<PostForm | undefined> {
  const { options, trust } = parts;
  const member = memberMeant(parts, asked);
  if (trust.kind === 'many' && member === undefined) return undefined;
  const { redirect, post } = (await metadataOf(trust, member)).signOn;
  if (redirect !== undefined || post === undefined) return undefined;
  return inForm(post, await requestFor(options, { destination: post, member }, asked), options);
}

/** Where somebody chooses, and comes back from with the attempt they began. */
function choiceOf({ entityId }: SamlOptions, federation: Federation, state: string): string {
  const { discoveryUrl, listAt, chosenAt } = federation;
  const withState = (address: string) => `${address}?state=${encodeURIComponent(state)}`;
  if (discoveryUrl === undefined) return `${withState(listAt)}#`;
  return `${discoveryAddress(discoveryUrl, { entityId, returnTo: withState(chosenAt) })}#`;
}

async function requestFor(
  { sealing, clock, entityId, force, contexts, nameIdFormat }: SamlOptions,
  { destination, member }: { readonly destination: string; readonly member: string | undefined },
  { memory, redirectUri, silent }: Asked,
) {
  const at = unixSeconds(clock);
  const xml = authnRequestXml({
    id: requestId(bindingOf(memory.nonce, member), { keys: await sealing.sealing(), at }),
    at,
    destination,
    entityId,
    acs: redirectUri,
    passive: silent,
    force: force && !silent,
    contexts,
    ...(nameIdFormat !== undefined && { nameIdFormat }),
  });
  return { parameter: 'SAMLRequest', xml, relayState: memory.state } as const;
}
