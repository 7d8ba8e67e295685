/**
 * How the hash of a password is written: the PHC string format.
 *
 * Pure. It holds a hash to bounds, so that no line of a file makes one guess cost minutes or gigabytes.
 *
 * @see https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 */

/** Scrypt (RFC 7914). `ln` is the binary logarithm of N. */
export interface ScryptHash {
  readonly kind: 'scrypt';
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Argon2id (RFC 9106), version 1.3. `m` in kibibytes. */
export interface Argon2Hash {
  readonly kind: 'argon2id';
  readonly m: number;
  readonly t: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** A hash of a password, read. */
export type PasswordHash = ScryptHash | Argon2Hash;

/** What one guess may cost at most. Memory in bytes; `work` in passes over that memory. */
const MOST = { memory: 256 * 1024 * 1024, work: 16, salt: 64, hash: 64 } as const;
const LEAST = { salt: 8, hash: 16 } as const;

/** Reads a hash; undefined where it is none we know, or beyond what one guess may cost. */
export function readPhc(text: string): PasswordHash | undefined {
  const [, kind, version, parameters = '', salt = '', hash = ''] =
    /^\$(scrypt|argon2id)(?:\$v=(\d{1,3}))?\$([a-z0-9=,]{1,64})\$([A-Za-z0-9+/]{1,96})\$([A-Za-z0-9+/]{1,96})$/.exec(
      text,
    ) ?? [];
  const said = new Map(
    parameters.split(',').map((one): [string, number] => {
      const [name = '', value = ''] = one.split('=');
      return [name, /^[1-9]\d{0,8}$/.test(value) ? Number(value) : Number.NaN];
    }),
  );
  const bytes = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
  if (kind === undefined || said.size !== 3 || !holds(bytes)) return undefined;
  const [p = Number.NaN, r = Number.NaN, ln = Number.NaN] = ['p', 'r', 'ln'].map((name) => said.get(name));
  const [m = Number.NaN, t = Number.NaN] = ['m', 't'].map((name) => said.get(name));
  if (kind === 'scrypt') {
    const fits = version === undefined && ln <= 24 && 128 * 2 ** ln * r <= MOST.memory && p <= MOST.work;
    return fits ? { kind, ln, r, p, ...bytes } : undefined;
  }
  const fits = version === '19' && m * 1024 <= MOST.memory && m >= 8 * p && t <= MOST.work && p <= MOST.work;
  return fits ? { kind: 'argon2id', m, t, p, ...bytes } : undefined;
}

function holds({ salt, hash }: { readonly salt: Buffer; readonly hash: Buffer }): boolean {
  return (
    salt.length >= LEAST.salt &&
    salt.length <= MOST.salt &&
    hash.length >= LEAST.hash &&
    hash.length <= MOST.hash
  );
}

/** Writes a hash. */
export function writePhc(of: PasswordHash): string {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const tail = `${base64(of.salt)}$${base64(of.hash)}`;
  return of.kind === 'scrypt'
    ? `$scrypt$ln=${of.ln},r=${of.r},p=${of.p}$${tail}`
    : `$argon2id$v=19$m=${of.m},t=${of.t},p=${of.p}$${tail}`;
}
