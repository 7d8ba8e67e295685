/**
 * Keys an operator put on disk: PEM private keys, the first signs, all are published.
 *
 * Reads files and judges what is in them. Who may read the files, and when to read them again, is the caller's.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { thumbprintOf } from './jwt.ts';
import { publicPemOf, rsaFault } from './rsa.ts';
import type { KeySet, PublicKey, SigningKey } from './signing-key.ts';

/** One file of a private key. */
export interface PemFile {
  readonly file: string;
  /** The RFC 7638 thumbprint if not given, so that another key never comes under an old name. */
  readonly kid?: string;
}

/** Keys from files. */
export interface PemKeys extends KeySet {
  /** Reads the files again; where one is not good, throws `key.unusable` and keeps what was read before. */
  reload(): Promise<void>;
}

interface PemKey {
  readonly signing: SigningKey;
  readonly published: PublicKey;
}

function unusable(file: string, why: string): Problem {
  return new Problem('key.unusable', { file, why });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
      throw unusable(file, cause.code);
    throw cause;
  }
}

function privateKeyOf(file: string, pem: string): KeyObject {
  if (/-----BEGIN ENCRYPTED |^Proc-Type:.*ENCRYPTED/m.test(pem)) throw unusable(file, 'encrypted');
  if (!pem.includes('PRIVATE KEY-----')) throw unusable(file, 'no-private-key');
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's own words say nothing an operator could act on.
    throw unusable(file, 'not-a-key');
  }
}

async function readKey({ file, kid }: PemFile): Promise<PemKey> {
  const key = privateKeyOf(file, await textOf(file));
  const fault = rsaFault(key);
  if (fault !== undefined) throw unusable(file, fault);
  const secret = new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString());
  const pem = publicPemOf(secret.reveal());
  const name = kid ?? (await thumbprintOf(pem));
  return {
    signing: { kid: name, algorithm: 'RS256', secret },
    published: { kid: name, algorithm: 'RS256', pem },
  };
}

async function readKeys(files: readonly PemFile[]): Promise<readonly [PemKey, ...PemKey[]]> {
  const keys = await Promise.all(files.map(readKey));
  const kids = keys.map(({ published }) => published.kid);
  const twice = files.find((_, at) => kids.indexOf(kids[at] ?? '') !== at);
  if (twice !== undefined) throw unusable(twice.file, 'kid-twice');
  const [first, ...others] = keys;
  if (first === undefined) throw new Problem('key.none', { why: 'no-files' });
  return [first, ...others];
}

/**
 * A key set of these files, read now. Throws `key.unusable` with the file and why: `ENOENT` and its like,
 * `encrypted`, `no-private-key`, `not-a-key`, `type`, `short`, `long`, `exponent`, `modulus`, `kid-twice`.
 */
export async function createPemKeys(files: readonly PemFile[]): Promise<PemKeys> {
  let keys = await readKeys(files);
  return {
    signing: () => Promise.resolve(keys[0].signing),
    published: () => Promise.resolve(keys.map(({ published }) => published)),
    reload: async () => {
      keys = await readKeys(files);
    },
  };
}
