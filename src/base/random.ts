/**
 * Ids and secrets from one injected source of chance.
 */
import { createHash, hash, randomBytes } from 'node:crypto';

/** Gives bytes nobody can guess. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** So many bytes are fetched at once: asking the machine costs more than what most ids need. */
const POOL = 4096;

/** The machine's source of randomness. */
export const systemRandom: Random = pooled((count) => randomBytes(count));

/** Hands out a stock in pieces; each byte once, and none is kept that was given away. */
function pooled(fetch: (count: number) => Buffer): Random {
  let stock: Buffer = Buffer.alloc(0);
  let at = 0;
  return {
    bytes: (count) => {
      if (count > POOL / 16) return fetch(count);
      if (at + count > stock.length) {
        stock = fetch(POOL);
        at = 0;
      }
      const piece = new Uint8Array(count);
      // By hand: for so few bytes asking the array to copy and to fill takes longer.
      for (let next = 0; next < count; next += 1, at += 1) {
        piece[next] = stock[at] ?? 0;
        stock[at] = 0;
      }
      return piece;
    },
  };
}

/** A source for tests that gives the same bytes at every run, different at every call. */
export function countingRandom(seed = 'test'): Random {
  let calls = 0;
  return {
    bytes: (count) => {
      const chunks: Buffer[] = [];
      calls += 1;
      for (let block = 0; block * 32 < count; block += 1)
        chunks.push(createHash('sha256').update(`${seed}/${calls}/${block}`).digest());
      return Buffer.concat(chunks).subarray(0, count);
    },
  };
}

/** A random text of `bytes` bytes in base64url; 32 bytes are 256 bits. */
export function randomToken(random: Random, bytes = 32): string {
  return Buffer.from(random.bytes(bytes)).toString('base64url');
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Every two of them, since every request is given an id. */
const PAIRS = [...CROCKFORD].flatMap((first) => [...CROCKFORD].map((second) => first + second));

/**
 * An id that can be read over the telephone: characters of Crockford's base32 in groups of four.
 * Eight characters are 40 bits: enough to find a line in a log, no secret.
 */
export function spokenId(random: Random, characters = 8): string {
  const bytes = random.bytes(characters);
  const one = (at: number) => (bytes[at] ?? 0) % 32;
  let text = '';
  for (let at = 0; at < characters; at += 2) {
    if (at > 0 && at % 4 === 0) text += '-';
    text += at + 1 === characters ? CROCKFORD[one(at)] : PAIRS[one(at) * 32 + one(at + 1)];
  }
  return text;
}

/** What somebody typed for a spoken id, as we write it: case, spaces, I, L and O are forgiven. */
export function readSpokenId(typed: string): string {
  const plain = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0');
  return plain.match(/.{1,4}/g)?.join('-') ?? plain;
}

/** Longer than any way of writing such a code down. */
const LONGEST_CODE = 64;

/** What somebody typed for a secret of so many characters that `spokenId` made; undefined for what cannot be one. */
export function readSpokenCode(typed: string, characters: number): string | undefined {
  const code = typed.length > LONGEST_CODE ? '' : readSpokenId(typed);
  const plain = code.replaceAll('-', '');
  return plain.length === characters && [...plain].every((one) => CROCKFORD.includes(one)) ? code : undefined;
}

/** The SHA-256 of a text in base64url: how a one-time secret is kept, so that a stolen store opens nothing. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
