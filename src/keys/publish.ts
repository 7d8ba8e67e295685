/**
 * Our public keys as others ask for them: a JWKS document, and one PEM at a time by the digest of its kid.
 *
 * Pure. Gives away public members only, whatever it is handed.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { publicPemOf } from './rsa.ts';
import type { PublicKey } from './signing-key.ts';

/**
 * Seconds for which others may keep the documents. Prosody asks again a minute before they end, and in a loop
 * if this were short.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:start_cache_keys_url_refresh`
 */
export const JWKS_MAX_AGE = 300;

/** One public key as the JWKS document shows it. @see RFC 7518, section 6.3.1 */
export interface PublicJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
}

/** The JWKS document. @see RFC 7517, section 5 */
export interface Jwks {
  readonly keys: readonly PublicJwk[];
}

function toJwk({ kid, algorithm, pem }: PublicKey): PublicJwk {
  const { n = '', e = '' } = createPublicKey(pem).export({ format: 'jwk' });
  return { kty: 'RSA', n, e, kid, alg: algorithm, use: 'sig' };
}

/** The JWKS document of these keys, each kid once. */
export function jwks(keys: readonly PublicKey[]): Jwks {
  const isFirst = ({ kid }: PublicKey, at: number) => keys.findIndex((other) => other.kid === kid) === at;
  return { keys: keys.filter(isFirst).map(toJwk) };
}

/**
 * Where Prosody will look for a public key: the SHA-256 of its id, in hex.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:get_public_key`
 */
export function asapPath(kid: string): string {
  return `${createHash('sha256').update(kid).digest('hex')}.pem`;
}

/**
 * The PEM that stands at such a path, if one of these keys does. Slashes before it are forgiven, because an
 * `asap_key_server` that ends in one makes Prosody ask for `//…pem`.
 */
export function findAsap(path: string, keys: readonly PublicKey[]): string | undefined {
  const name = path.replace(/^\/+/, '');
  const found = keys.find(({ kid }) => asapPath(kid) === name);
  return found === undefined ? undefined : publicPemOf(found.pem);
}
