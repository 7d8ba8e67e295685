/**
 * Signed and sealed texts: the only door to jose.
 *
 * Signs what we hand out, judges what others hand in, seals what we give a browser to keep.
 * Knows nothing of what the claims mean. What it refuses, it refuses without repeating it:
 * jose's errors carry the payload, so none of them leaves this file.
 */
import { createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, errors, jwtVerify } from 'jose';
import { type Clock, unixSeconds } from '../base/clock.ts';
import { Problem, type ProblemFacts } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { RemoteKeys } from './remote-keys.ts';
import { signatureOf } from './signature.ts';
import type { PublicKey, SealingKey, SigningKey } from './signing-key.ts';

// biome-ignore lint/performance/noBarrelFile: who judges a token finds somebody else's keys at the same door.
export { type RemoteKeys, type RemoteKeysParts, remoteKeys } from './remote-keys.ts';

/** The claims of a token that held. Their types are still to be looked at. */
export type JwtClaims = Readonly<Record<string, unknown>>;

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * A JWT with exactly these claims. The header holds `alg`, `typ` (Prosody takes none but `JWT`) and `kid`.
 * Throws `key.unusable`.
 * @see RFC 7519, section 7.1
 */
export async function signJwt(claims: object, key: SigningKey): Promise<string> {
  const input = `${encoded({ alg: key.algorithm, typ: 'JWT', kid: key.kid })}.${encoded(claims)}`;
  return `${input}.${await signatureOf(input, key)}`;
}

/** The RFC 7638 thumbprint of a public key's PEM, SHA-256 in base64url: a kid that no other key can have. */
export function thumbprintOf(pem: string): Promise<string> {
  return calculateJwkThumbprint(createPublicKey(pem));
}

/** What a token must be to hold. */
export interface VerifyOptions {
  /** Our own public keys by kid, a shared secret, or somebody else's keys. */
  readonly keys: readonly PublicKey[] | Secret | RemoteKeys;
  /** The only values of `alg`; HS* with a shared secret and nothing else. */
  readonly algorithms: readonly string[];
  /** Compared character by character. */
  readonly issuer: string;
  /** `aud` must be this, or a list of it alone, or a list with it whose `azp` it is. Without it `aud` is not looked at. */
  readonly audience?: string;
  /** The header's `typ`, if it must have one. */
  readonly typ?: string;
  readonly requiredClaims: readonly string[];
  readonly clock: Clock;
  /** How far the other clock may be off. */
  readonly leewaySeconds: number;
  /** 16,384 if not given. */
  readonly maxBytes?: number;
}

const LONGEST_TOKEN = 16_384;

/** The last second of the year 9999; a date beyond it is a mistake or a trick. */
const LAST_SECOND = 253_402_300_799;

function unacceptable(facts: ProblemFacts): Problem {
  return new Problem('token.unacceptable', facts);
}

function unacceptableTo(cause: errors.JOSEError): Problem {
  const claim =
    cause instanceof errors.JWTClaimValidationFailed || cause instanceof errors.JWTExpired
      ? { claim: cause.claim }
      : {};
  return unacceptable({ jose: cause.code, ...claim });
}

/** base64url can be written in several ways that decode alike; only the one we would write passes. */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function refuseShape(token: string, longest: number): void {
  if (token.length > longest) throw unacceptable({ why: 'too-long' });
  const segments = token.split('.', 4);
  if (segments.length !== 3) throw unacceptable({ why: 'segments' });
  if (!segments.every((segment) => segment !== '' && isCanonical(segment)))
    throw unacceptable({ why: 'encoding' });
}

function refuseDates(claims: JwtClaims): void {
  for (const claim of ['exp', 'nbf', 'iat']) {
    const value = claims[claim];
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= LAST_SECOND))
      throw unacceptable({ why: 'date', claim });
  }
}

/** @see OpenID Connect Core 1.0, section 3.1.3.7, points 3 to 5 */
function refuseAudience({ aud, azp }: JwtClaims, ours: string): void {
  const list = Array.isArray(aud) ? aud : [aud];
  const isOursAlone = list.length > 0 && list.every((entry) => entry === ours);
  if (!isOursAlone && !(list.includes(ours) && azp === ours))
    throw unacceptable({ why: 'audience', claim: 'aud' });
}

/** Reading a PEM is the dearest step of a verification, so each key object is read once. */
const read = new WeakMap<PublicKey, KeyObject>();

function readPublicKey(key: PublicKey): KeyObject {
  const known = read.get(key);
  if (known !== undefined) return known;
  const fresh = createPublicKey(key.pem);
  read.set(key, fresh);
  return fresh;
}

type KeySource = VerifyOptions['keys'];

function isOurs(keys: KeySource): keys is readonly PublicKey[] {
  return Array.isArray(keys);
}

async function keyFor(
  keys: KeySource,
  kid: string | undefined,
  algorithm: string,
): Promise<KeyObject | Uint8Array> {
  if (keys instanceof Secret) return Buffer.from(keys.reveal());
  if (!isOurs(keys)) return (await keys.find(kid, algorithm)) ?? noKey();
  const ours = keys.find((key) => key.kid === kid && key.algorithm === algorithm) ?? noKey();
  return readPublicKey(ours);
}

function noKey(): never {
  throw new errors.JWKSNoMatchingKey();
}

/** A public key must never be taken for a shared secret; asking for that is our own mistake, not the token's. */
function assertNoConfusion({ keys, algorithms }: VerifyOptions): void {
  const shared = keys instanceof Secret;
  if (algorithms.length === 0 || !algorithms.every((algorithm) => algorithm.startsWith('HS') === shared))
    throw new TypeError('the algorithms do not belong to this kind of key');
}

/**
 * The claims of a token that holds: size and shape first, then signature, `typ`, issuer, audience, dates.
 * Keys or addresses in the token's own header (`jwk`, `x5c`, `jku`, `x5u`) are never looked at.
 * Throws `token.unacceptable`, whose facts name the check and never the token, and what fetching remote keys throws.
 * @see RFC 8725, section 3
 */
export async function verifyJwt(token: string, options: VerifyOptions): Promise<JwtClaims> {
  assertNoConfusion(options);
  refuseShape(token, options.maxBytes ?? LONGEST_TOKEN);
  const claims = await verified(token, options);
  refuseDates(claims);
  if (options.audience !== undefined) refuseAudience(claims, options.audience);
  return claims;
}

async function verified(token: string, options: VerifyOptions): Promise<JwtClaims> {
  const { keys, algorithms, issuer, audience, typ, requiredClaims, clock, leewaySeconds } = options;
  try {
    const { payload } = await jwtVerify(token, ({ kid, alg }) => keyFor(keys, kid, alg), {
      algorithms: [...algorithms],
      issuer,
      ...(audience === undefined ? {} : { audience }),
      requiredClaims: [...requiredClaims],
      currentDate: new Date(clock.now()),
      clockTolerance: leewaySeconds,
      ...(typ === undefined ? {} : { typ }),
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JOSEError) throw unacceptableTo(cause);
    throw cause;
  }
}

/** How a text is sealed. */
export interface SealOptions {
  /** The first seals. */
  readonly keys: readonly SealingKey[];
  /** What the text is for, such as `sign-in`; it opens for nothing else. */
  readonly purpose: string;
  /** Seconds until it opens no more. */
  readonly ttl: number;
  readonly clock: Clock;
}

/** How a sealed text is opened. */
export type OpenOptions = Omit<SealOptions, 'ttl'>;

/** More than a browser keeps in a cookie and a proxy lets through. */
const LONGEST_SEALED = 8192;

function typeOf(purpose: string): string {
  return `ostiary-${purpose}`;
}

function derivedKey(secret: string, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', info, 32));
}

function contentKey({ secret }: SealingKey, purpose: string): Uint8Array {
  return derivedKey(secret.reveal(), `ostiary content ${purpose}`);
}

/**
 * A sealing key out of a secret somebody else keeps, such as a session's id: what it seals opens only for whoever
 * brings that secret again. Its kid tells nothing about the secret.
 * @see RFC 5869
 */
export function sealingKeyFrom(secretText: string, purpose: string): SealingKey {
  const secret = Buffer.from(derivedKey(secretText, `ostiary sealing key ${purpose}`)).toString('base64url');
  return { kid: 'derived', secret: new Secret(secret) };
}

function headerOf({ kid }: SealingKey, purpose: string, exp: number) {
  return { alg: 'dir', enc: 'A256GCM', typ: typeOf(purpose), kid, exp };
}

/** The protected header of what is sealed with this key, letter for letter. */
export function sealedHeader(key: SealingKey, purpose: string, exp: number): string {
  return JSON.stringify(headerOf(key, purpose, exp));
}

/**
 * The key that signs for one purpose of our own, made of one that seals and named like it; published to nobody.
 * Throws `key.none` without a key.
 * @see RFC 5869
 */
export function ownSigningKey(key: SealingKey | undefined, purpose: string): SigningKey {
  if (key === undefined) throw new Problem('key.none', { purpose });
  const secret = Buffer.from(derivedKey(key.secret.reveal(), `ostiary signing key ${purpose}`));
  return { kid: key.kid, algorithm: 'HS256', secret: new Secret(secret.toString('base64url')) };
}

/**
 * A payload only we can read and nobody can change: compact JWE, `dir` with A256GCM, under a key of its own for
 * each purpose; purpose and end stand in the protected header as well.
 * Throws `key.none` without a key and `request.too-large` for what would not open again.
 * @see RFC 7516, section 7.1; RFC 7518, section 4.5
 */
export async function seal(payload: object, { keys, purpose, ttl, clock }: SealOptions): Promise<string> {
  const [key] = keys;
  if (key === undefined) throw new Problem('key.none', { purpose });
  const text = await new CompactEncrypt(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader(headerOf(key, purpose, unixSeconds(clock) + ttl))
    .encrypt(contentKey(key, purpose));
  if (text.length > LONGEST_SEALED) throw new Problem('request.too-large', { purpose });
  return text;
}

/**
 * What was sealed for this purpose; undefined for whatever does not hold (changed, expired, another purpose's,
 * of an unknown key, too long, not ours), so that a bad cookie reads like none.
 */
export async function open(text: string, options: OpenOptions): Promise<JwtClaims | undefined> {
  // `dir` has no encrypted key, so the second of the five segments is empty.
  if (text.length > LONGEST_SEALED || !/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return undefined;
  if (!text.split('.').every(isCanonical)) return undefined;
  try {
    const { plaintext } = await compactDecrypt(text, (header) => openingKey(header, options), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      // Nothing is ever inflated: a `zip` in the header is refused.
      maxDecompressedLength: 0,
    });
    return readPayload(plaintext);
  } catch (cause) {
    if (cause instanceof errors.JOSEError) return undefined;
    throw cause;
  }
}

function openingKey(header: JwtClaims, { keys, purpose, clock }: OpenOptions): Uint8Array {
  const { typ, kid, exp } = header;
  const key = keys.find((candidate) => candidate.kid === kid);
  const alive = typeof exp === 'number' && exp > unixSeconds(clock);
  if (key === undefined || !alive || typ !== typeOf(purpose)) throw new errors.JWEDecryptionFailed();
  return contentKey(key, purpose);
}

function readPayload(plaintext: Uint8Array): JwtClaims {
  // The tag held, so this is what `seal` wrote.
  return JSON.parse(Buffer.from(plaintext).toString()) as JwtClaims;
}
