/**
 * Claims become a token somebody can carry to Jitsi.
 *
 * Decides nothing and looks at nothing: that a decision stands behind the claims is proved by the type that
 * admission asks for.
 */
import { Secret } from '../base/secret.ts';
import { signJwt } from '../keys/jwt.ts';
import type { KeySet } from '../keys/signing-key.ts';
import type { JitsiClaims } from './claims.ts';

/** The signed token. Throws `key.none`, `key.unusable` and what the store of the keys throws. */
export async function mintToken(claims: JitsiClaims, keys: KeySet): Promise<Secret> {
  return new Secret(await signJwt(claims, await keys.signing()));
}
