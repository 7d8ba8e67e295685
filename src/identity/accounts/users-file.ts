/**
 * Adapter: accounts in a file of the operator's own, users.yaml.
 *
 * The file is read again when it has changed. A file that cannot be used lets nobody in, and ends nobody's session.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { Secret } from '../../base/secret.ts';
import { PASSWORD_PAGE, passwordPageFor, readCredentials, wrongPassword } from '../password.ts';
import { type ProfileMapping, toPerson } from '../profile.ts';
import type { Provider, Recheck, SignedIn } from '../provider.ts';
import { createHealth, type Health, watched } from '../provider-health.ts';
import type { Hashing } from './hashing.ts';
import { type PasswordHash, readPhc } from './phc.ts';
import { type Account, readAccounts, usernameOf } from './text.ts';

/** A file of accounts as the operator described it, and the parts it works with. */
export interface UsersFileOptions {
  readonly id: string;
  readonly name: string;
  /** An absolute path. */
  readonly file: string;
  /** Do the e-mail addresses in the file count as proved? */
  readonly emailVerified: boolean;
  readonly hashing: Hashing;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What there is to be guessed at where the file holds nobody: costs as `ostiary user` writes them. */
const NOBODY = readPhc(
  '$argon2id$v=19$m=47104,t=1,p=1$b3N0aWFyeSBub2JvZHk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
) as PasswordHash;

interface Read {
  /** Of what was read: time, size and number of the file. */
  readonly mark: string;
  readonly accounts: ReadonlyMap<string, Account>;
}

/** Makes a provider of this file. Reads nothing yet. */
export function createUsersFileProvider(options: UsersFileOptions): Provider {
  const health = createHealth(options);
  const current = createReader(options, health);
  const mapping: ProfileMapping = {
    id: ['username'],
    name: ['name', 'username'],
    email: 'email',
    emailVerified: options.emailVerified ? 'always' : 'never',
    groups: { claim: 'groups', required: false },
  };
  const signedIn = (account: Account): SignedIn => ({
    person: { ...toPerson({ ...account }, mapping, options.id) },
    // No secret: it is there so that the hourly look is ours to take, without the browser.
    refreshToken: new Secret(account.username),
  });
  return {
    id: options.id,
    name: options.name,
    answersAt: PASSWORD_PAGE,
    origins: () => [],
    start: (started) =>
      watched(health, async () => {
        await current();
        return passwordPageFor(started);
      }),
    finish: (fields) =>
      watched(health, async () => {
        const { username, password } = readCredentials(fields, options.id);
        const accounts = await current();
        const account = accounts.get(usernameOf(username));
        const known = account !== undefined && !account.disabled;
        // Whoever is not there costs as much as somebody who is, and always the same one.
        const right = await options.hashing.matches(password, account?.hash ?? decoyFor(username, accounts));
        if (!known || !right)
          throw wrongPassword(
            options.id,
            account === undefined ? 'unknown' : known ? 'password' : 'disabled',
          );
        const found = signedIn(account);
        return { ...found, person: { ...found.person, authenticatedAt: unixSeconds(options.clock) } };
      }),
    recheck: (_, person) => recheck(person.id, { current, signedIn, id: options.id }),
    knows: (person) => recheck(person.id, { current, signedIn, id: options.id }),
    logoutForm: async () => undefined,
    readLogoutToken: async () => {
      throw new Problem('logout-token.unacceptable', { provider: options.id, why: 'file' });
    },
    state: () => health.state(),
    tryClient: async () => {
      await watched(health, current);
      return {};
    },
    warm: async () => {
      try {
        await watched(health, current);
      } catch (thrown) {
        // The answer is in `state()`, and was logged there.
        if (!isProblem(thrown)) throw thrown;
      }
    },
  };
}

async function recheck(
  personId: string,
  {
    current,
    signedIn,
    id,
  }: {
    readonly current: () => Promise<ReadonlyMap<string, Account>>;
    readonly signedIn: (account: Account) => SignedIn;
    readonly id: string;
  },
): Promise<Recheck> {
  const account = (await current()).get(personId.slice(id.length + 1));
  if (account === undefined) return { kind: 'gone', why: 'unknown' };
  return account.disabled
    ? { kind: 'gone', why: 'disabled' }
    : { kind: 'still', signedIn: signedIn(account) };
}

/** The hash that stands in for somebody who is not there: one of the file, the same for the same name. */
function decoyFor(username: string, accounts: ReadonlyMap<string, Account>): PasswordHash {
  const hashes = [...accounts.values()].map(({ hash }) => hash);
  const at =
    createHash('sha256').update(usernameOf(username)).digest().readUInt32BE(0) % Math.max(1, hashes.length);
  return hashes[at] ?? NOBODY;
}

function createReader(
  { id, file, log }: UsersFileOptions,
  health: Health,
): () => Promise<ReadonlyMap<string, Account>> {
  let last: Read | undefined;
  const unusable = (why: string, cause?: unknown) =>
    new Problem('provider.misconfigured', { provider: id, asked: 'file', why }, cause);
  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const mark = `${mtimeMs}/${size}/${ino}`;
      if (last?.mark !== mark) {
        const read = readAccounts(await readFile(file, 'utf8'));
        if ('complaints' in read) {
          const [first] = read.complaints;
          throw unusable(`line ${first?.line}: ${first?.wrong}`);
        }
        last = { mark, accounts: read.accounts };
        log.info('accounts.read', { provider: id, accounts: read.accounts.size });
      }
      health.good();
      return last.accounts;
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause) || isProblem(cause)) throw cause;
      throw unusable(String(cause.code), cause);
    }
  };
}
