/**
 * Passwords against their hashes, off the main thread, and never many at a time: each takes tens of milliseconds of
 * a core and megabytes of memory.
 */
import { type Argon2Parameters, argon2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Problem } from '../../base/problem.ts';
import type { Random } from '../../base/random.ts';
import type { Secret } from '../../base/secret.ts';
import { type PasswordHash, writePhc } from './phc.ts';

/** What new hashes cost: OWASP's recommendation for argon2id, 46 MiB once. */
const NEW = { kind: 'argon2id', m: 47_104, t: 1, p: 1 } as const;

/** Guesses worked on at once. libuv has four threads, and the store and name look-ups need some of them. */
const AT_ONCE = 2;
/** Guesses that may wait for their turn. */
const WAITING = 64;

/** Works out hashes. */
export interface Hashing {
  /** Is this the password of that hash? Throws `sign-in.busy` where too many wait. */
  matches(password: Secret, of: PasswordHash): Promise<boolean>;
  /** A new hash, in the PHC string format. */
  make(password: Secret, random: Random): Promise<string>;
}

/** Makes the works of one process. `derive` is for tests that count. */
export function createHashing(derive: Derive = deriveHash): Hashing {
  const inTurn = createTurns(AT_ONCE, WAITING);
  return {
    matches: (password, of) =>
      inTurn(async () => timingSafeEqual(await derive(password.reveal(), of), of.hash)),
    make: async (password, random) => {
      const shape: PasswordHash = { ...NEW, salt: Buffer.from(random.bytes(16)), hash: Buffer.alloc(32) };
      return writePhc({ ...shape, hash: await inTurn(() => derive(password.reveal(), shape)) });
    },
  };
}

/** The hash of a password with the salt, the costs and the length of this one. */
export type Derive = (password: string, of: PasswordHash) => Promise<Buffer>;

const argon2Of = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);

/** One text in two ways of Unicode is one password. */
const deriveHash: Derive = async (password, of) => {
  const message = password.normalize('NFC');
  if (of.kind === 'argon2id') {
    const { m, t, p, salt, hash } = of;
    return argon2Of('argon2id', {
      message,
      nonce: salt,
      memory: m,
      passes: t,
      parallelism: p,
      tagLength: hash.length,
    });
  }
  const { ln, r, p, salt, hash } = of;
  // OpenSSL counts some blocks more than N·r·128 bytes.
  const costs = { N: 2 ** ln, r, p, maxmem: 128 * r * (2 ** ln + p + 8) + 1024 * 1024 };
  return new Promise((done, failed) => {
    scrypt(message, salt, hash.length, costs, (cause, key) => (cause ? failed(cause) : done(key)));
  });
};

/** Lets so many work at once and so many wait; whoever comes on top of that is sent away. */
function createTurns(atOnce: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let working = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (working >= atOnce) {
      if (queue.length >= waiting) throw new Problem('sign-in.busy', { what: 'hashing' });
      await new Promise<void>((go) => queue.push(go));
    } else working += 1;
    try {
      return await work();
    } finally {
      // Whoever comes next takes over this place, and nobody slips in between.
      const next = queue.shift();
      if (next === undefined) working -= 1;
      else next();
    }
  };
}
