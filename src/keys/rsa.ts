/**
 * What an RSA key must be before we sign with it or believe it.
 *
 * Knows nothing of where keys come from or how long they live.
 */
import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The least modulus in bits. @see RFC 7518, section 3.3 */
const LEAST_BITS = 2048;

/** Verifying costs the square of the length, and a stranger's JWKS may name it. */
const MOST_BITS = 8192;

const LEAST_EXPONENT = 65_537n;
const MOST_EXPONENT = 2n ** 64n;

/** Why an RSA key is not good enough, in one word. */
export type RsaFault = 'type' | 'short' | 'long' | 'exponent' | 'modulus';

/** What is wrong with a private or public RSA key; undefined for a good one. @see RFC 8725, section 3.5 */
export function rsaFault(key: KeyObject): RsaFault | undefined {
  if (key.asymmetricKeyType !== 'rsa') return 'type';
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < LEAST_BITS) return 'short';
  if (modulusLength > MOST_BITS) return 'long';
  if (publicExponent < LEAST_EXPONENT || publicExponent > MOST_EXPONENT || publicExponent % 2n === 0n)
    return 'exponent';
  return hasOddModulus(key) ? undefined : 'modulus';
}

function hasOddModulus(key: KeyObject): boolean {
  const { n } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  const last = Buffer.from(n ?? '', 'base64url').at(-1);
  return last !== undefined && last % 2 === 1;
}

/** The public half, as SubjectPublicKeyInfo PEM, of a private or public key's PEM. Never lets a private member through. */
export function publicPemOf(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
}

/** Makes an RSA key of 2048 bits in the thread pool and gives it as PKCS #8 PEM. */
export async function makeRsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: LEAST_BITS });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
