/**
 * The public keys of another application, as the operator named them: fetched where it publishes them, or read from a
 * file.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import { Problem } from '../base/problem.ts';
import { createDiscoveredKeys, createIssuerKeys } from '../identity/issuer-keys.ts';
import type { RemoteKeys } from '../keys/jwt.ts';
import { publicPemKeys } from '../keys/public-pem.ts';

/** Where they are; neither where the application has a secret. */
export interface TheirKeys {
  readonly jwksUri?: string;
  readonly publicKeyFile?: string;
  /** Else found in the metadata of this issuer. */
  readonly discoveredAt?: string;
}

/** Makes what finds them. Throws `key.unusable` for a file that holds no public key. */
export function theirKeys(
  { jwksUri, publicKeyFile, discoveredAt }: TheirKeys,
  parts: { readonly clock: Clock; readonly outbound: Outbound },
): RemoteKeys | undefined {
  if (publicKeyFile !== undefined)
    return publicPemKeys(textOf(publicKeyFile), { clock: parts.clock, file: publicKeyFile });
  if (jwksUri !== undefined) return createIssuerKeys(jwksUri, parts);
  return discoveredAt === undefined ? undefined : createDiscoveredKeys(discoveredAt, parts);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
      throw new Problem('key.unusable', { file, why: cause.code });
    throw cause;
  }
}
