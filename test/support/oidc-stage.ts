/**
 * A sign-in at the stand-in provider, from the first redirect to the person, in one line.
 */
import { silentLog } from '../../src/base/log.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import { randomToken, systemRandom } from '../../src/base/random.ts';
import { createOidcProvider } from '../../src/identity/oidc.ts';
import type { OidcOptions } from '../../src/identity/oidc-options.ts';
import { PRESETS } from '../../src/identity/presets.ts';
import type { FinishedAttempt, Provider, SignedIn, StartOptions } from '../../src/identity/provider.ts';
import type { Bends, MutableOp } from './mutable-op.ts';

/** Where our callback is. */
export const REDIRECT_URI = 'https://meet.example.org/_ostiary/callback/sso';

/** A provider of ours for this stand-in. */
export function providerFor(op: MutableOp, changes: Partial<OidcOptions> = {}): Provider {
  const { mapping, scopes, userinfo } = PRESETS.generic;
  return createOidcProvider({
    id: 'sso',
    name: 'Example',
    issuer: op.issuer,
    clientId: op.clientId,
    clientSecret: op.clientSecret,
    scopes,
    mapping,
    userinfo,
    outbound: op.outbound,
    clock: op.clock,
    log: silentLog,
    metrics: noMetrics,
    ...changes,
  });
}

/** The secrets of one more attempt. */
export function newAttempt(): FinishedAttempt {
  const [state, nonce, verifier] = [1, 2, 3].map(() => randomToken(systemRandom)) as [string, string, string];
  return { state, nonce, verifier, redirectUri: REDIRECT_URI };
}

/** Sends somebody away: the address, and what to remember. */
export async function sendAway(
  provider: Provider,
  attempt = newAttempt(),
  changes: Partial<StartOptions> = {},
) {
  const url = await provider.start({
    memory: attempt,
    redirectUri: attempt.redirectUri,
    silent: false,
    ...changes,
  });
  return { url, attempt };
}

/** Signs somebody in. Throws what the provider throws; a silent answer would be a mistake of the test. */
export async function signIn(op: MutableOp, provider: Provider, bend: Bends = {}): Promise<SignedIn> {
  const { url, attempt } = await sendAway(provider);
  Object.assign(op.bend, bend);
  const finished = await provider.finish(op.authorize(url), attempt);
  if (finished === 'needs-person') throw new Error('nobody asked silently');
  return finished;
}
