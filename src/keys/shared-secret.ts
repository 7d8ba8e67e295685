/**
 * The one key we share with Prosody: `app_secret` there, HS256 here, nothing published.
 *
 * Whether the secret is good enough is asked where the configuration is read.
 */
import type { Secret } from '../base/secret.ts';
import type { KeySet, SigningKey } from './signing-key.ts';

/** Not made from the secret: a digest of it would let anybody who sees a token try words against it. */
const KID = 'shared';

/**
 * A key set of one shared secret.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `appSecret`
 */
export function createSharedSecretKeys(secret: Secret): KeySet {
  const key: SigningKey = { kid: KID, algorithm: 'HS256', secret };
  return { signing: () => Promise.resolve(key), published: () => Promise.resolve([]) };
}
