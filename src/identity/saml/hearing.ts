/**
 * Messages of single logout, heard by whichever of our providers the speaker is.
 */
import { isProblem, Problem } from '../../base/problem.ts';
import type { Encoded } from './encoded.ts';
import type { SamlProvider } from './saml.ts';
import type { LogoutHeard, LogoutMessageIn } from './single-logout.ts';

/** What was heard, and from whom. */
export interface HeardFrom {
  readonly provider: SamlProvider;
  /** Its entity id. */
  readonly issuer: string;
  /** It, and whatever other providers of ours are the same identity provider. */
  readonly speakers: readonly SamlProvider[];
  readonly heard: LogoutHeard;
  readonly relayState?: string;
}

/** The providers that this entity is: an operator may have two buttons for one. */
export async function speakersOf(
  entityId: string,
  providers: readonly SamlProvider[],
): Promise<readonly SamlProvider[]> {
  const speaks = await Promise.all(providers.map((provider) => provider.isEntity(entityId)));
  return providers.filter((_, at) => speaks[at]);
}

/** It is given back as it came; some identity providers write an address into it. */
const LONGEST_GIVEN_BACK = 2048;

type Came = Pick<LogoutMessageIn, 'parameter' | 'binding' | 'proof' | 'relayState'>;

/** Judges a message, undefined where it was none. Throws `saml.logout-unacceptable`, and what asking for metadata throws. */
export async function hear(
  message: Encoded | undefined,
  { relayState, ...came }: Came,
  providers: readonly SamlProvider[],
): Promise<HeardFrom> {
  if (message === undefined) throw new Problem('saml.logout-unacceptable', { why: 'not-a-logout' });
  if ((relayState?.length ?? 0) > LONGEST_GIVEN_BACK)
    throw new Problem('saml.logout-unacceptable', { why: 'relay-state' });
  const { issuer = '', ...encoded } = message;
  const speakers = await speakersOf(issuer, providers);
  const back = relayState === undefined ? {} : { relayState };
  let wrong = new Problem('saml.logout-unacceptable', { why: 'issuer' });
  for (const provider of speakers) {
    try {
      const heard = await provider.singleLogout(issuer).hear({ ...encoded, ...came, ...back });
      return { provider, issuer, speakers, heard, ...back };
    } catch (thrown) {
      // It may answer what was asked of the same one by another name.
      if (!isProblem(thrown, 'saml.logout-unacceptable') || thrown.facts['why'] !== 'request') throw thrown;
      wrong = thrown;
    }
  }
  throw wrong;
}
