/**
 * Tokens as we mint them, and tokens as somebody else might make them.
 *
 * `mintFor` is the way of the product: the same claims, the same signature. `forge` writes what it is told, by hand.
 */
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { type Room, tenantClaim } from '../../src/base/room.ts';
import { Secret } from '../../src/base/secret.ts';
import type { PublicKey, SigningKey } from '../../src/keys/signing-key.ts';
import { toClaims } from '../../src/tokens/claims.ts';
import { mintToken } from '../../src/tokens/mint.ts';
import { DOMAIN } from './prosody.ts';

/** `app_id` of every Prosody here. */
export const APP_ID = 'ostiary';

/** The only audience any Prosody here accepts. */
export const AUDIENCE = 'jitsi';

/** A key pair and its public half as we publish it. */
export interface KeyPair {
  readonly signing: SigningKey;
  readonly published: PublicKey;
}

/** Makes an RSA key pair. */
export function makeKeyPair(kid: string): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    signing: { kid, algorithm: 'RS256', secret: new Secret(privateKey) },
    published: { kid, algorithm: 'RS256', pem: publicKey },
  };
}

/** A shared secret as a signing key. */
export function sharedSecret(secret: string): SigningKey {
  return { kid: 'shared', algorithm: 'HS256', secret: new Secret(secret) };
}

/** Unix seconds of the machine, whose clock is Prosody's too. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The token of a made-up participant for this room, made by our own mint. `ago` seconds before now. */
export async function mintFor(room: Room, key: SigningKey, ago = 0): Promise<string> {
  const person = { id: 'staff#ada', provider: 'staff', name: 'Ada', emailVerified: false, groups: [] };
  const claims = toClaims(
    { person, room, role: 'participant', lobby: false },
    {
      issuer: APP_ID,
      audience: AUDIENCE,
      xmppDomain: DOMAIN,
      lifetime: 3600,
      now: nowSeconds() - ago,
      jti: 'test',
      email: false,
    },
  );
  const token = await mintToken(claims, { signing: async () => key, published: async () => [] });
  return token.reveal();
}

/** The node under which a room stands in the MUC. */
export function nodeOf(room: Room): string {
  return room.tenant === undefined ? room.claim : `[${tenantClaim(room.tenant)}]${room.claim}`;
}

function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A signature over a text, in base64url. */
export function signed(input: string, key: SigningKey): string {
  const secret = key.secret.reveal();
  return key.algorithm === 'HS256'
    ? createHmac('sha256', secret).update(input).digest('base64url')
    : createSign('sha256').update(input).sign(secret, 'base64url');
}

/** Claims Prosody accepts for the room `standup`. */
export function soundClaims(): Record<string, unknown> {
  const now = nowSeconds();
  return { iss: APP_ID, aud: AUDIENCE, sub: DOMAIN, room: 'standup', nbf: now - 60, exp: now + 3600 };
}

/** What a forger changes. A text stands as it is, not as JSON. */
export interface Forgery {
  readonly header?: object | string;
  readonly claims?: object | string;
}

/** A token signed with this key, whatever header and claims say. */
export function forge(key: SigningKey, { header = {}, claims = {} }: Forgery = {}): string {
  const head =
    typeof header === 'string' ? header : { alg: key.algorithm, typ: 'JWT', kid: key.kid, ...header };
  const body = typeof claims === 'string' ? claims : { ...soundClaims(), ...claims };
  const input = `${encoded(head)}.${encoded(body)}`;
  return `${input}.${signed(input, key)}`;
}
