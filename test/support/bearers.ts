/**
 * Tokens as an API client or a proxy in front brings them, signed by whoever tests configure, and the impossible ones.
 */
import type { Clock } from '../../src/base/clock.ts';
import { type RemoteKeys, remoteKeys } from '../../src/keys/jwt.ts';
import { makeKey, signToken, type TestKey } from './jws.ts';

/** Who signs them. */
export const BEARER_ISS = 'https://sso.example.org/realms/example';
/** What they name as `aud`. */
export const BEARER_AUDIENCE = 'jitsi-api';
/** The key they are signed with. */
export const BEARER_KEY: TestKey = makeKey('api-1');

/** That key as it is published. */
export function bearerKeys(clock: Clock, keys: readonly TestKey[] = [BEARER_KEY]): RemoteKeys {
  return remoteKeys({ fetchJwks: async () => ({ keys: keys.map(({ jwk }) => jwk) }), clock, whileAway: 60 });
}

/** The claims of somebody, good for five minutes; what is given comes on top, `undefined` takes away. */
export function bearerClaims(clock: Clock, more: object = {}): Record<string, unknown> {
  const now = Math.floor(clock.now() / 1000);
  return {
    iss: BEARER_ISS,
    aud: BEARER_AUDIENCE,
    sub: 'ada',
    sid: 'their-session-1',
    name: 'Ada Lovelace',
    groups: ['staff'],
    iat: now - 5,
    exp: now + 300,
    ...more,
  };
}

/** A token of these claims. */
export function bearerToken(
  claims: object,
  header: Readonly<Record<string, unknown>> = {},
  key = BEARER_KEY,
): string {
  return signToken(claims, key, header);
}
