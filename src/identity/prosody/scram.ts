/**
 * SCRAM as a client: shows that it knows a password without sending it, and learns whether the other side knows it too.
 *
 * Channel binding is not asked for: BOSH has no channel of its own.
 *
 * @see RFC 5802; RFC 7677 for SHA-256
 */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../../base/secret.ts';

/** The hash of a mechanism: of `SCRAM-SHA-256` or `SCRAM-SHA-1`. */
export type ScramHash = 'sha256' | 'sha1';

/** What was said first, by us and by the server. */
export interface ScramBegun {
  readonly hash: ScramHash;
  readonly bare: string;
  readonly nonce: string;
}

/** What a server said in its first message. */
export interface ScramChallenge {
  readonly text: string;
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

const LENGTH = { sha256: 32, sha1: 20 } as const;

/** Fewer are too cheap to guess at for whoever listens (RFC 5802, section 5.1), and more are asked for by nobody who means well. */
const ITERATIONS = { least: 4096, most: 1_000_000 } as const;

/** The first message. `nonce` is of letters and digits that nobody can guess. */
export function beginScram(
  hash: ScramHash,
  { username, nonce }: { readonly username: string; readonly nonce: string },
): { readonly message: string; readonly begun: ScramBegun } {
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  return { message: `n,,${bare}`, begun: { hash, bare, nonce } };
}

/** Reads the server's first message; undefined where it does not answer ours, or asks for what we do not do. */
export function readChallenge(text: string, { nonce }: ScramBegun): ScramChallenge | undefined {
  const [, theirs = '', salt = '', count = ''] =
    /^r=([!-+\--~]{1,256}),s=([A-Za-z0-9+/]{4,128}={0,2}),i=([1-9]\d{0,6})(?:,|$)/.exec(text) ?? [];
  const iterations = Number(count);
  const fits =
    theirs.startsWith(nonce) &&
    theirs.length > nonce.length &&
    iterations >= ITERATIONS.least &&
    iterations <= ITERATIONS.most;
  return fits ? { text, nonce: theirs, salt: Buffer.from(salt, 'base64'), iterations } : undefined;
}

/** The last message, and what the server must answer to show that it knows the password. */
export async function proveScram(
  { hash, bare }: ScramBegun,
  challenge: ScramChallenge,
  { password, derive = deriveKey }: { readonly password: Secret; readonly derive?: Derive },
): Promise<{ readonly message: string; readonly answers: (text: string) => boolean }> {
  const salted = await derive(saslPrep(password.reveal()), challenge, hash);
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const without = `c=biws,r=${challenge.nonce}`;
  const all = `${bare},${challenge.text},${without}`;
  const signature = hmac(storedKey, all);
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)));
  const expected = hmac(hmac(salted, 'Server Key'), all);
  return {
    message: `${without},p=${proof.toString('base64')}`,
    answers: (text) => {
      const said = Buffer.from(/^v=([A-Za-z0-9+/]{1,128}={0,2})(?:,|$)/.exec(text)?.[1] ?? '', 'base64');
      return said.length === expected.length && timingSafeEqual(said, expected);
    },
  };
}

/** Salts a password, which is what costs. */
export type Derive = (
  password: string,
  by: Pick<ScramChallenge, 'salt' | 'iterations'>,
  hash: ScramHash,
) => Promise<Buffer>;

const pbkdf2Of = promisify(pbkdf2);

/** Off the main thread. */
export const deriveKey: Derive = (password, { salt, iterations }, hash) =>
  pbkdf2Of(password, salt, iterations, LENGTH[hash], hash);

/**
 * A password as both sides know it: every space is one, what is never seen is nothing.
 * @see RFC 4013, section 2
 */
export function saslPrep(password: string): string {
  return password
    .replace(/\p{Zs}/gu, ' ')
    .replace(/\u034f|[\u180b-\u180d]|[\ufe00-\ufe0f]|[\u00ad\u1806\u200b\u2060\ufeff]|\u200c|\u200d/g, '')
    .normalize('NFKC');
}
