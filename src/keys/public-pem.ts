/**
 * Somebody's one public key, as PEM text that was read already.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { type RemoteKeys, remoteKeys } from './remote-keys.ts';

/** The key as one that is never asked for again, whatever tokens call it: there is one. Throws `key.unusable`. */
export function publicPemKeys(
  pem: string,
  { clock, file }: { readonly clock: Clock; readonly file: string },
): RemoteKeys {
  const jwk = publicKeyOf(pem, file).export({ format: 'jwk' });
  const only = remoteKeys({ clock, fetchJwks: async () => ({ keys: [jwk] }) });
  return { ...only, find: (_, algorithm) => only.find(undefined, algorithm) };
}

function publicKeyOf(pem: string, file: string): KeyObject {
  // Of a private key Node would make the public one: it should not lie here at all.
  if (!pem.includes('PUBLIC KEY-----') || pem.includes('PRIVATE KEY-----'))
    throw new Problem('key.unusable', { file, why: 'no-public-key' });
  try {
    return createPublicKey(pem);
  } catch {
    // OpenSSL's own words say nothing an operator could act on.
    throw new Problem('key.unusable', { file, why: 'not-a-key' });
  }
}
