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

/** What a key is for. */
export type KeyUse = 'both' | 'signing' | 'encryption';

/** A private key and the certificate it goes by. */
export interface CertifiedKey {
  readonly use: KeyUse;
  /** PKCS #8 PEM. */
  readonly key: Secret;
  /** PEM. */
  readonly certificate: string;
}

/** The keys of this moment: the first that may signs, all that may decrypt, all are published. */
export interface CertifiedKeys {
  /** Throws `key.unusable`, and what the store throws. */
  all(): Promise<readonly CertifiedKey[]>;
}

/** The one that signs. Throws `key.none`. */
export async function signingKey(keys: CertifiedKeys): Promise<CertifiedKey> {
  const found = (await keys.all()).find(({ use }) => use !== 'encryption');
  if (found === undefined) throw new Problem('key.none', { keys: 'saml' });
  return found;
}

/** Those that decrypt, PEM. */
export async function decryptingKeys(keys: CertifiedKeys): Promise<readonly string[]> {
  return (await keys.all()).filter(({ use }) => use !== 'signing').map(({ key }) => key.reveal());
}

const PLACE = 'keys/saml';
/** Seconds: written anew once a month of use, so it is gone only where nobody has been for more than a year. */
const TTL = 400 * 86_400;
const AGAIN = 30 * 86_400;
/** Seconds after which a key that somebody put beside ours at a terminal is known here. */
const KNOWN_FOR = 60;
/** Ten years; nobody looks at a date of these, but some programs refuse one that is past. */
const CERTIFICATE_LIFETIME = 3650 * 86_400;
/** One key that is in use, and one to come or to go. */
const MOST_STORED = 2;

/** Keys we make, and turn over when somebody says so. */
export interface StoredCertifiedKeys extends CertifiedKeys {
  /** Makes a second one: published, and good for decryption. False where there are two already. */
  addNext(): Promise<boolean>;
  /** From now on the second one signs. False where there is none. */
  switchOver(): Promise<boolean>;
  /** Forgets the second one. False where there is none. */
  dropSecond(): Promise<boolean>;
}

/** What they are made of. */
export interface StoredCertifiedKeyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Our host, as people who look at the certificate read it. */
  readonly commonName: string;
}

/** A key we make when it is first asked for. */
export function createStoredCertifiedKeys(parts: StoredCertifiedKeyParts): StoredCertifiedKeys {
  const { store, clock, random, commonName } = parts;
  let known:
    | { readonly keys: readonly CertifiedKey[]; readonly text: string; readonly at: number }
    | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  const now = () => unixSeconds(clock);

  async function make(): Promise<string> {
    const key = await makeRsaKey();
    const from = now();
    const words = { commonName, from, until: from + CERTIFICATE_LIFETIME, serial: random.bytes(16) };
    return `${key.trimEnd()}\n${selfSigned(key, words)}`;
  }

  async function read(): Promise<string> {
    const text = await store.get(PLACE);
    if (text !== undefined) {
      if (now() - writtenAt > AGAIN) await store.swap(PLACE, text, text, TTL);
      writtenAt = now();
      return text;
    }
    // Two nodes may make one at the same time: the one that was first stands.
    await store.swap(PLACE, undefined, await make(), TTL);
    return (await store.get(PLACE)) ?? '';
  }

  /** One step, however many do it: what was read must still stand. */
  async function change(to: (pairs: readonly string[]) => Promise<readonly string[] | undefined>) {
    const text = await read();
    const next = await to(pairsIn(text));
    known = undefined;
    return next !== undefined && (await store.swap(PLACE, text, next.join('\n'), TTL));
  }

  return {
    all: async () => {
      if (known === undefined || now() - known.at >= KNOWN_FOR) {
        const text = await read();
        const keys =
          known?.text === text ? known.keys : pairsIn(text).map((pair) => pairOf(PLACE, pair, pair, 'both'));
        known = { keys, text, at: now() };
      }
      return known.keys;
    },
    addNext: () =>
      change(async (pairs) => (pairs.length < MOST_STORED ? [...pairs, await make()] : undefined)),
    switchOver: () => change(async ([first, second]) => (first && second ? [second, first] : undefined)),
    dropSecond: () => change(async ([first, second]) => (first && second ? [first] : undefined)),
  };
}

function pairsIn(text: string): readonly string[] {
  return text.match(/-----BEGIN PRIVATE KEY-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

/** One pair of files. */
export interface CertifiedKeyFiles {
  readonly keyFile: string;
  readonly certFile: string;
  /** Both, if it is not said. */
  readonly use?: KeyUse;
}

/** Keys an operator put on disk, read when they are first asked for. */
export function createCertifiedKeyFiles(files: readonly CertifiedKeyFiles[]): CertifiedKeys {
  let known: Promise<readonly CertifiedKey[]> | undefined;
  return {
    all: () => {
      known ??= Promise.all(files.map(readPair)).catch((thrown: unknown) => {
        known = undefined;
        throw thrown;
      });
      return known;
    },
  };
}

async function readPair({ keyFile, certFile, use = 'both' }: CertifiedKeyFiles): Promise<CertifiedKey> {
  return pairOf(keyFile, await textOf(keyFile), await textOf(certFile), use);
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

function pairOf(file: string, keyText: string, certificateText: string, use: KeyUse): CertifiedKey {
  const unusable = (why: string) => new Problem('key.unusable', { file, why });
  if (/-----BEGIN ENCRYPTED |^Proc-Type:.*ENCRYPTED/m.test(keyText)) throw unusable('encrypted');
  if (!keyText.includes('PRIVATE KEY-----')) throw unusable('no-private-key');
  const key = parsed(file, 'not-a-key', () => createPrivateKey(keyText));
  const fault = rsaFault(key);
  if (fault !== undefined) throw unusable(fault);
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(certificateText)?.[0] ?? '';
  const certificate = parsed(file, 'not-a-certificate', () => new X509Certificate(pem));
  if (!certificate.checkPrivateKey(key)) throw unusable('another-key');
  const text = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { use, key: new Secret(text), certificate: certificate.toString() };
}

function parsed<T>(file: string, why: string, read: () => T): T {
  try {
    return read();
  } catch {
    // OpenSSL's own words say nothing an operator could act on.
    throw new Problem('key.unusable', { file, why });
  }
}
