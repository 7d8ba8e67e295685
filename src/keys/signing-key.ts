/**
 * What a key looks like to those who sign with it and those who publish it.
 */
import type { Secret } from '../base/secret.ts';

/** The algorithms Prosody takes of those we offer. @see jitsi-meet, resources/prosody-plugins/luajwtjitsi.lib.lua */
export type SigningAlgorithm = 'HS256' | 'RS256';

/** A key we can sign with now. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  /** PKCS #8 PEM for RS256, the shared secret for HS256. */
  readonly secret: Secret;
}

/** A key others may verify with. */
export interface PublicKey {
  readonly kid: string;
  readonly algorithm: 'RS256';
  /** SubjectPublicKeyInfo PEM. */
  readonly pem: string;
}

/** The keys of this moment. Both may wait for the store at first, and are remembered for a second. */
export interface KeySet {
  /** The key that signs now. Throws `key.none`. */
  signing(): Promise<SigningKey>;
  /** Every key that is published: coming, signing and retired but not dropped. Empty for a shared secret. */
  published(): Promise<readonly PublicKey[]>;
}

/** The keys that seal our own cookies: the newest first, the older ones still open. */
export interface SealingKeys {
  sealing(): Promise<readonly SealingKey[]>;
}

/** A 256-bit key for `dir` with A256GCM (RFC 7518, sections 4.5 and 5.3). */
export interface SealingKey {
  readonly kid: string;
  readonly secret: Secret;
}
