/**
 * The keys that another application publishes: fetched by the one way out, remembered, and believed for a day while
 * nobody answers there.
 */
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import { Problem } from '../base/problem.ts';
import { type RemoteKeys, remoteKeys } from '../keys/jwt.ts';

/** Seconds. */
const WHILE_AWAY = 86_400;

/** Makes the memory of one application's keys. Asking throws `issuer.unreachable` and what `outbound` throws. */
export function createIssuerKeys(
  url: string,
  { outbound, clock }: { readonly outbound: Outbound; readonly clock: Clock },
): RemoteKeys {
  return remoteKeys({ fetchJwks: () => fetched(url, outbound), clock, whileAway: WHILE_AWAY });
}

/** The same, found in the metadata of an issuer. @see OpenID Connect Discovery 1.0, section 4 */
export function createDiscoveredKeys(
  issuer: string,
  { outbound, clock }: { readonly outbound: Outbound; readonly clock: Clock },
): RemoteKeys {
  const metadata = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const fetchJwks = async () => {
    const said = await fetched(metadata, outbound);
    const { issuer: named, jwks_uri: at } = (said ?? {}) as Readonly<Record<string, unknown>>;
    if (named !== issuer || typeof at !== 'string')
      throw new Problem('issuer.unreachable', { why: 'metadata' });
    return fetched(at, outbound);
  };
  return remoteKeys({ fetchJwks, clock, whileAway: WHILE_AWAY });
}

async function fetched(url: string, outbound: Outbound): Promise<unknown> {
  const answer = await outbound(url, { purpose: 'jwks', headers: { accept: 'application/json' } });
  if (answer.status !== 200) throw new Problem('issuer.unreachable', { status: answer.status });
  try {
    return await answer.json();
  } catch (cause) {
    throw new Problem('issuer.unreachable', { why: 'json' }, cause);
  }
}
