/**
 * From tokens to somebody who is signed in.
 *
 * Judges what the library leaves to us, asks the userinfo endpoint where the mapping
 * needs it, and makes the person. Keeps nothing.
 */
import type { ServerMetadata } from 'openid-client';
import { unixSeconds } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { judgeIdToken, judgeProof } from './oidc-checks.ts';
import type { Conversation, Tokens } from './oidc-client.ts';
import { LEEWAY, type OidcOptions } from './oidc-options.ts';
import { type Claims, speaksOfEverything, toPerson } from './profile.ts';
import type { SignedIn } from './provider.ts';
import type { Health } from './provider-health.ts';

const MAX_SID = 256;

/**
 * Refuses where the clocks are further apart than the leeway: tokens that hold today would
 * be too old or too young without anybody knowing why.
 * Throws `provider.clock` with the measured seconds.
 */
export function refuseSkew({ id, leeway = LEEWAY }: OidcOptions, health: Health): void {
  const { clockSkew: seconds = 0 } = health.state();
  // HTTP tells the time to the second only.
  if (Math.abs(seconds) > leeway + 1) throw new Problem('provider.clock', { provider: id, seconds });
}

/**
 * Judges an ID token, if there is one, and the proof behind it.
 * Throws `provider.response-invalid`, `provider.clock`, `provider.reauthentication`.
 */
export function judgeTokens(
  tokens: Tokens,
  options: OidcOptions,
  proof: Pick<OidcOptions, 'acrValues' | 'maxAge'>,
): void {
  const { id, clientId, clock, leeway = LEEWAY } = options;
  if (tokens.claims === undefined || tokens.idToken === undefined) return;
  const expected = { provider: id, clientId, now: unixSeconds(clock), leeway };
  judgeIdToken(tokens.idToken, tokens.claims, expected);
  judgeProof(tokens.claims, { ...expected, acrValues: proof.acrValues ?? [], maxAge: proof.maxAge });
}

/** The ID token's claims, and what the userinfo endpoint adds to them; what is signed wins. */
export async function profileOf(
  tokens: Tokens,
  options: OidcOptions,
  asked: { readonly conversation: Conversation; readonly metadata: ServerMetadata },
): Promise<Claims> {
  const { claims = {} } = tokens;
  const { mapping, userinfo } = options;
  const wanted = userinfo === 'always' || (userinfo === 'if-needed' && !speaksOfEverything(claims, mapping));
  if (!wanted || asked.metadata.userinfo_endpoint === undefined) return claims;
  const subject = typeof claims['sub'] === 'string' ? claims['sub'] : undefined;
  return { ...(await asked.conversation.userinfo(tokens.accessToken, subject)), ...claims };
}

/**
 * Who signed in. `before` is who they were at the last look: a refreshed token may leave
 * out their name, picture and proof, but never what rules speak of.
 * Throws `provider.id-missing` and `provider.groups-missing`.
 */
export function toSignedIn(
  profile: Claims,
  tokens: Tokens,
  about: { readonly options: OidcOptions; readonly before?: Person },
): SignedIn {
  const { options, before } = about;
  const { acr = before?.acr, auth_time: at = before?.authenticatedAt, sid } = tokens.claims ?? {};
  const person: Person = {
    ...(before?.name !== undefined && { name: before.name }),
    ...(before?.avatar !== undefined && { avatar: before.avatar }),
    ...toPerson(profile, options.mapping, options.id),
    ...(typeof acr === 'string' && { acr }),
    ...(typeof at === 'number' && { authenticatedAt: at }),
  };
  return {
    person,
    ...(typeof sid === 'string' && sid !== '' && sid.length <= MAX_SID && { sid }),
    ...(tokens.refreshToken !== undefined && { refreshToken: new Secret(tokens.refreshToken) }),
    ...(tokens.idToken !== undefined && { idToken: new Secret(tokens.idToken) }),
  };
}
