/**
 * Tokens of every kind, the impossible ones included: whoever tests a judge must be able to lie.
 */
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key pair as a provider has it. */
export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** A key pair for this algorithm. */
export function makeKey(
  kid: string,
  alg: 'RS256' | 'PS256' | 'ES256' | 'EdDSA' = 'RS256',
  bits = 2048,
): TestKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: bits });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, privateKey: pair.privateKey, jwk };
}

/** A value as a segment of a token. */
export function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** The signature of `alg` over a text, in base64url. */
export function signature(input: string, alg: string, key: KeyObject): string {
  const data = Buffer.from(input);
  switch (alg) {
    case 'ES256':
      return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    case 'EdDSA':
      return sign(null, data, key).toString('base64url');
    case 'PS256':
      return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }).toString(
        'base64url',
      );
    default:
      return sign('sha256', data, key).toString('base64url');
  }
}

/** An HMAC over a text, with whatever somebody takes for a secret. */
export function hmac(input: string, secret: string | Buffer): string {
  return createHmac('sha256', secret).update(input).digest('base64url');
}

/** A token under this key; `header` is added to `alg` and `kid`, or changes them. */
export function signToken(
  claims: object,
  key: TestKey,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const input = `${segment({ alg: key.alg, kid: key.kid, ...header })}.${segment(claims)}`;
  return `${input}.${signature(input, key.alg, key.privateKey)}`;
}
