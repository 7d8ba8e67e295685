/**
 * Tokens we sign for ourselves: by keys made of those that seal our cookies, one for each purpose, which are
 * published to nobody. What was signed for one purpose holds for no other.
 */
import type { Clock } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { type JwtClaims, ownSigningKey, signJwt, verifyJwt } from './jwt.ts';
import type { SealingKeys } from './signing-key.ts';

/** Which key, and what the token must say. */
export interface OwnJwtOptions {
  readonly keys: SealingKeys;
  /** What the token is for, such as `ticket`. */
  readonly purpose: string;
  readonly issuer: string;
  readonly audience: string;
  readonly requiredClaims: readonly string[];
  readonly clock: Clock;
}

const ALGORITHMS = ['HS256'];

/** Signs these claims by the key of this purpose. Throws `key.none` and what the store of the keys throws. */
export async function signOwnJwt(
  claims: object,
  { keys, purpose }: Pick<OwnJwtOptions, 'keys' | 'purpose'>,
): Promise<string> {
  const [key] = await keys.sealing();
  return signJwt(claims, ownSigningKey(key, purpose));
}

/**
 * The claims of a token we signed for this purpose, or that its time is over; undefined for whatever else somebody
 * brings. Throws what the store of the keys throws.
 */
export async function verifyOwnJwt(
  token: string,
  { keys, purpose, ...rest }: OwnJwtOptions,
): Promise<JwtClaims | 'expired' | undefined> {
  const kid = kidOf(token);
  const key = kid === undefined ? undefined : (await keys.sealing()).find((one) => one.kid === kid);
  if (key === undefined) return undefined;
  const { secret } = ownSigningKey(key, purpose);
  try {
    return await verifyJwt(token, {
      ...rest,
      keys: secret,
      algorithms: ALGORITHMS,
      typ: 'JWT',
      leewaySeconds: 0,
    });
  } catch (thrown) {
    if (!isProblem(thrown, 'token.unacceptable')) throw thrown;
    // Asked after the signature, so this is one of ours.
    return thrown.facts['jose'] === 'ERR_JWT_EXPIRED' ? 'expired' : undefined;
  }
}

/** Which key the token says it was signed with: believed only for choosing one of ours. */
function kidOf(token: string): unknown {
  const [header = ''] = token.split('.', 1);
  if (header.length > 1024) return undefined;
  try {
    const said: unknown = JSON.parse(Buffer.from(header, 'base64url').toString());
    return typeof said === 'object' && said !== null && 'kid' in said ? said.kid : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
