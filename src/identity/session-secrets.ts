/**
 * What a provider trusted us with, sealed under the session's id: the id is in
 * the browser alone, so a stolen store opens nothing.
 *
 * HKDF-SHA-256 makes the key, AES-256-GCM seals, the handle is bound in.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import { parseObject } from './session-record.ts';

/** What a sign-in leaves with us that others could use. */
export interface SessionSecrets {
  readonly refreshToken?: Secret;
  readonly idToken?: Secret;
  readonly logoutName?: Secret;
}

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** @see RFC 5869, section 3.2: `info` keeps this key apart from every other made of the same id */
function keyOf(id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', id, '', 'ostiary session secrets 1', 32));
}

/** Seals them for the session of this id and handle; undefined where there is nothing to seal. */
export function sealSecrets(
  { refreshToken, idToken, logoutName }: SessionSecrets,
  { id, handle, random }: { readonly id: string; readonly handle: string; readonly random: Random },
): string | undefined {
  const secrets = { refreshToken, idToken, logoutName };
  if (Object.values(secrets).every((secret) => secret === undefined)) return undefined;
  const nonce = random.bytes(NONCE);
  const cipher = createCipheriv(CIPHER, keyOf(id), nonce).setAAD(Buffer.from(handle));
  const text = JSON.stringify(
    Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret?.reveal()])),
  );
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64url');
}

/** Opens them again. What does not hold, or belongs to another session, opens to nothing. */
export function openSecrets(sealed: string | undefined, id: string, handle: string): SessionSecrets {
  const bytes = Buffer.from(sealed ?? '', 'base64url');
  if (bytes.length <= NONCE + TAG) return {};
  const decipher = createDecipheriv(CIPHER, keyOf(id), bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(handle)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  const text = decipher.update(bytes.subarray(NONCE + TAG));
  try {
    return secretsIn(Buffer.concat([text, decipher.final()]).toString());
  } catch (cause) {
    // Node has one nameless error for "the tag does not fit", and final() no other.
    if (cause instanceof Error && cause.message.includes('unable to authenticate')) return {};
    throw cause;
  }
}

function secretsIn(text: string): SessionSecrets {
  const { refreshToken, idToken, logoutName } = parseObject(text) ?? {};
  return {
    ...(typeof refreshToken === 'string' && { refreshToken: new Secret(refreshToken) }),
    ...(typeof idToken === 'string' && { idToken: new Secret(idToken) }),
    ...(typeof logoutName === 'string' && { logoutName: new Secret(logoutName) }),
  };
}
