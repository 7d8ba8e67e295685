/**
 * The algorithms we take in signatures and encryption, and the old ones an operator may take from one
 * identity provider until a date. Pure.
 */

/** What is broken or leaking, and still in use: SHA-1 in signatures; AES-CBC, which is not authenticated. */
export type Legacy = 'sha1' | 'cbc';

/** Which of the old ones are taken now. */
export type Allowed = ReadonlySet<Legacy>;

/** @see RFC 9231, sections 2.3.2, 2.3.4, 2.3.10 */
const SIGNATURES: readonly string[] = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
];
const SHA1_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';

const DIGESTS: readonly string[] = [
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
];
const SHA1_DIGEST = 'http://www.w3.org/2000/09/xmldsig#sha1';

const CONTENT: readonly string[] = [
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
];
const CBC_CONTENT: readonly string[] = [
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
];

const KEY_TRANSPORT: readonly string[] = [
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
  'http://www.w3.org/2009/xmlenc11#rsa-oaep',
];
/** Within OAEP nothing depends on a hash without collisions, so SHA-1 is as good as the others there. */
const OAEP_DIGESTS: readonly string[] = [SHA1_DIGEST, ...DIGESTS];
const OAEP_MASKS: readonly string[] = ['sha1', 'sha256', 'sha512'].map(
  (name) => `http://www.w3.org/2009/xmlenc11#mgf1${name}`,
);

/** May a signature be made by this? */
export function isSignature(uri: string, allowed: Allowed): boolean {
  return SIGNATURES.includes(uri) || (uri === SHA1_SIGNATURE && allowed.has('sha1'));
}

/** May what is signed be digested by this? */
export function isDigest(uri: string, allowed: Allowed): boolean {
  return DIGESTS.includes(uri) || (uri === SHA1_DIGEST && allowed.has('sha1'));
}

/** May an assertion be encrypted by this? */
export function isContentEncryption(uri: string, allowed: Allowed): boolean {
  return CONTENT.includes(uri) || (CBC_CONTENT.includes(uri) && allowed.has('cbc'));
}

/** May the key be wrapped by this? */
export function isKeyTransport(uri: string): boolean {
  return KEY_TRANSPORT.includes(uri);
}

/** May OAEP use this hash? */
export function isOaepDigest(uri: string): boolean {
  return OAEP_DIGESTS.includes(uri);
}

/** May OAEP use this mask? */
export function isOaepMask(uri: string): boolean {
  return OAEP_MASKS.includes(uri);
}

/** What our metadata says we decrypt. */
export const ENCRYPTION_METHODS: readonly string[] = [...CONTENT, ...KEY_TRANSPORT];
