/**
 * The keys of our SAML service provider: ours, made once and kept in the store, or files an operator brought.
 *
 * Each has a certificate, because metadata carries no bare keys. They do not turn over by themselves: identity
 * providers read our metadata when somebody tells them to.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Clock, unixSeconds } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Random } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import type { Store } from '../base/store.ts';
import { makeRsaKey, rsaFault } from './rsa.ts';
import { selfSigned } from './self-signed.ts';

/** A private key and the certificate it goes by. */
export interface CertifiedKey {
  /** PKCS #8 PEM. */
  readonly key: Secret;
  /** PEM. */
  readonly certificate: string;
}

/** The keys of this moment: the first signs, all decrypt, all are published. */
export interface CertifiedKeys {
  /** Throws `key.unusable`, and what the store throws. */
  all(): Promise<readonly [CertifiedKey, ...CertifiedKey[]]>;
}

const PLACE = 'keys/saml';
/** Seconds: written anew once a month of use, so it is gone only where nobody has been for more than a year. */
const TTL = 400 * 86_400;
const AGAIN = 30 * 86_400;
/** Ten years; nobody looks at a date of these, but some programs refuse one that is past. */
const CERTIFICATE_LIFETIME = 3650 * 86_400;

/** A key we make when it is first asked for. */
export function createStoredCertifiedKeys({
  store,
  clock,
  random,
  commonName,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Our host, as people who look at the certificate read it. */
  readonly commonName: string;
}): CertifiedKeys {
  let known: { readonly key: CertifiedKey; readonly at: number } | undefined;

  async function make(): Promise<string> {
    const key = await makeRsaKey();
    const from = unixSeconds(clock);
    const words = { commonName, from, until: from + CERTIFICATE_LIFETIME, serial: random.bytes(16) };
    return `${key}${selfSigned(key, words)}`;
  }

  async function read(): Promise<CertifiedKey> {
    const text = await store.get(PLACE);
    if (text !== undefined) {
      await store.put(PLACE, text, TTL);
      return pairOf(PLACE, text, text);
    }
    // Two nodes may make one at the same time: the one that was first stands.
    await store.swap(PLACE, undefined, await make(), TTL);
    const made = (await store.get(PLACE)) ?? '';
    return pairOf(PLACE, made, made);
  }

  return {
    all: async () => {
      const now = unixSeconds(clock);
      if (known === undefined || now - known.at > AGAIN) known = { key: await read(), at: now };
      return [known.key];
    },
  };
}

/** One pair of files. */
export interface CertifiedKeyFiles {
  readonly keyFile: string;
  readonly certFile: string;
}

/** Keys an operator put on disk, read when they are first asked for: the first signs. */
export function createCertifiedKeyFiles(
  files: readonly [CertifiedKeyFiles, ...CertifiedKeyFiles[]],
): CertifiedKeys {
  let known: Promise<readonly [CertifiedKey, ...CertifiedKey[]]> | undefined;
  const [first, ...others] = files;
  return {
    all: () => {
      known ??= Promise.all([readPair(first), ...others.map(readPair)]).catch((thrown: unknown) => {
        known = undefined;
        throw thrown;
      }) as Promise<readonly [CertifiedKey, ...CertifiedKey[]]>;
      return known;
    },
  };
}

async function readPair({ keyFile, certFile }: CertifiedKeyFiles): Promise<CertifiedKey> {
  return pairOf(keyFile, await textOf(keyFile), await textOf(certFile));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
      throw new Problem('key.unusable', { file, why: cause.code });
    throw cause;
  }
}

function pairOf(file: string, keyText: string, certificateText: string): CertifiedKey {
  const key = parsed(file, 'not-a-key', () => createPrivateKey(keyText));
  const fault = rsaFault(key);
  if (fault !== undefined) throw new Problem('key.unusable', { file, why: fault });
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(certificateText)?.[0] ?? '';
  const certificate = parsed(file, 'not-a-certificate', () => new X509Certificate(pem));
  if (!certificate.checkPrivateKey(key)) throw new Problem('key.unusable', { file, why: 'another-key' });
  const text = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key: new Secret(text), certificate: certificate.toString() };
}

function parsed<T>(file: string, why: string, read: () => T): T {
  try {
    return read();
  } catch {
    // OpenSSL's own words say nothing an operator could act on.
    throw new Problem('key.unusable', { file, why });
  }
}
