/**
 * The accounts in users.yaml: added, shown, taken out, given another password.
 *
 * A password is typed without being shown, or read from what is piped in. It is never a word of the command line, which
 * everybody on the machine can read.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemRandom } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import { createHashing } from '../identity/accounts/hashing.ts';
import {
  type Account,
  type AccountChange,
  isUsername,
  readAccounts,
  usernameOf,
  withAccount,
  withoutAccount,
} from '../identity/accounts/text.ts';
import { PASSWORD_LIMITS } from '../identity/password.ts';
import { cleanEmail } from '../identity/profile.ts';
import { CONFIG, type Command, complain, type ExitCode, type Given, type Io, JSON_OUT } from './command.ts';
import { withConfig } from './open.ts';
import { columns, json, plain } from './text.ts';

const FILE = {
  flags: '--file <file>',
  does: 'the file of the accounts',
  otherwise: 'usersFile of the one provider that has one',
};

const USERNAME = { name: 'username', does: 'what they type to sign in' };

/** Characters of a password, at least. @see NIST SP 800-63B, section 3.1.1.2 */
const SHORTEST = 8;

const ABOUT = 'The server reads the file again by itself.';

/** `ostiary user add` */
export const userAdd: Command = {
  name: 'user add',
  does: 'let one more person sign in with a password',
  about: `Asks for the password without showing it, or reads it from standard input. ${ABOUT}`,
  takes: [USERNAME],
  options: [
    { flags: '--name <name>', does: 'what others call them' },
    { flags: '--email <address>', does: 'their e-mail address' },
    { flags: '--groups <list>', does: 'their groups, with commas between' },
    FILE,
    CONFIG,
  ],
  run: (io, given) =>
    withFile(io, given, async (file) => {
      const [typed = ''] = given.words;
      const username = usernameOf(typed);
      if (!isUsername(username))
        return complain(
          io,
          'Nobody can be called so here.',
          'Take letters, digits and . _ - @ +, beginning with a letter or a digit.',
        );
      const email = given.text('email');
      if (email !== undefined && cleanEmail(email) === undefined)
        return complain(io, 'That is no e-mail address.', 'Write it as name@example.org.');
      const old = read(file);
      if ('wrong' in old) return complain(io, old.wrong, 'Mend that line first.');
      if (old.accounts.has(username))
        return complain(io, `${username} is there already.`, '"ostiary user passwd" gives another password.');
      const password = await hashed(io, `Password for ${username}: `);
      if (password === undefined) return 1;
      const [name, groups] = [given.text('name'), listOf(given.text('groups'))];
      return change(io, file, {
        to: (text) =>
          withAccount(text, username, {
            password,
            ...(name !== undefined && { name }),
            ...(email !== undefined && { email }),
            ...(groups !== undefined && { groups }),
          } satisfies AccountChange),
        says: `${username} may sign in now.`,
      });
    }),
};

/** `ostiary user passwd` */
export const userPasswd: Command = {
  name: 'user passwd',
  does: 'give somebody another password',
  about: `Asks for it without showing it, or reads it from standard input. Whoever is signed in stays so: "ostiary sessions end" ends that. ${ABOUT}`,
  takes: [USERNAME],
  options: [FILE, CONFIG],
  run: (io, given) =>
    withAccountOf(io, given, async (file, { username }) => {
      const password = await hashed(io, `New password for ${username}: `);
      if (password === undefined) return 1;
      return change(io, file, {
        to: (text) => withAccount(text, username, { password }),
        says: `${username} has another password.`,
      });
    }),
};

/** `ostiary user remove` */
export const userRemove: Command = {
  name: 'user remove',
  does: 'let somebody sign in no more',
  about: `Where they are signed in, that ends within the hour, or at once with "ostiary sessions end". ${ABOUT}`,
  takes: [USERNAME],
  options: [FILE, CONFIG],
  run: (io, given) =>
    withAccountOf(io, given, (file, { username }) =>
      change(io, file, {
        to: (text) => withoutAccount(text, username),
        says: `${username} may sign in no more.`,
      }),
    ),
};

/** `ostiary user list` */
export const userList: Command = {
  name: 'user list',
  does: 'show who may sign in with a password, without any',
  options: [FILE, CONFIG, JSON_OUT],
  run: (io, given) =>
    withFile(io, given, async (file) => {
      const found = read(file);
      if ('wrong' in found) return complain(io, found.wrong, 'Mend that line first.');
      const all = [...found.accounts.values()].map(({ hash, ...account }) => ({
        ...account,
        hash: hash.kind,
      }));
      if (given.flag('json')) io.out(json(all));
      else if (all.length === 0) io.out('There is no account.');
      else
        io.out(
          columns(
            ['USERNAME', 'NAME', 'E-MAIL', 'GROUPS', 'HASH', 'STATE'],
            all.map(({ username, name = '-', email = '-', groups, hash, disabled }) => [
              username,
              name,
              email,
              groups.join(',') || '-',
              hash,
              disabled ? 'disabled' : 'open',
            ]),
          ),
        );
      return 0;
    }),
};

function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

async function withFile(io: Io, given: Given, work: (file: string) => Promise<ExitCode>): Promise<ExitCode> {
  const named = given.text('file');
  if (named !== undefined) return tried(io, resolve(io.cwd, named), work);
  return withConfig(io, given, async ({ providers }) => {
    const files = [...new Set(providers.flatMap((one) => (one.kind === 'file' ? [one.usersFile] : [])))];
    const [file] = files;
    if (file !== undefined && files.length === 1) return tried(io, file, work);
    return complain(
      io,
      files.length === 0
        ? 'No provider of the configuration has accounts in a file.'
        : 'There are several files.',
      'Name it with --file, or give a provider kind: file and usersFile.',
    );
  });
}

/** A file that this user may not read or write is told as that. */
async function tried(io: Io, file: string, work: (file: string) => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work(file);
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause && 'code' in cause)) throw cause;
    return complain(
      io,
      plain(`${file} cannot be read or written (${cause.code}).`),
      'Run this as a user who may write to the file and its folder.',
    );
  }
}

function withAccountOf(
  io: Io,
  given: Given,
  work: (file: string, account: Account) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withFile(io, given, async (file) => {
    const found = read(file);
    if ('wrong' in found) return complain(io, found.wrong, 'Mend that line first.');
    const account = found.accounts.get(usernameOf(given.words[0] ?? ''));
    if (account !== undefined) return work(file, account);
    return complain(io, 'There is no such account.', '"ostiary user list" shows those there are.');
  });
}

function read(
  file: string,
): { readonly accounts: ReadonlyMap<string, Account> } | { readonly wrong: string } {
  const found = readAccounts(textOf(file));
  if ('accounts' in found) return found;
  const [first] = found.complaints;
  return { wrong: plain(`${file}:${first?.line}: ${first?.wrong}.`) };
}

/** What stands in the file; nothing where there is none yet. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
    throw cause;
  }
}

async function hashed(io: Io, prompt: string): Promise<string | undefined> {
  const said = (what: string, whatToDo: string) => void complain(io, what, whatToDo);
  const first = await io.secret(prompt);
  const length = [...first.reveal()].length;
  if (length < SHORTEST)
    return (
      said(
        'That password is too short.',
        `Take ${SHORTEST} characters or more; several words are easy to remember.`,
      ) ?? undefined
    );
  if (length > PASSWORD_LIMITS.password || first.reveal().includes('\0'))
    return (
      said('That password is too long.', `Take ${PASSWORD_LIMITS.password} characters or fewer.`) ?? undefined
    );
  if (io.typed() && (await io.secret('Once more: ')).reveal() !== first.reveal())
    return said('The two differ.', 'Nothing was changed; try again.') ?? undefined;
  return createHashing().make(new Secret(first.reveal()), systemRandom);
}

/** Writes beside the file and puts that in its place, so that nobody ever reads half of it. */
async function change(
  io: Io,
  file: string,
  { to, says }: { readonly to: (text: string) => string; readonly says: string },
): Promise<ExitCode> {
  const beside = `${file}.${randomBytes(6).toString('hex')}`;
  const old = statSync(file, { throwIfNoEntry: false });
  const owner = old ?? statSync(dirname(file));
  const asRoot = process.getuid?.() === 0;
  // Made by root, it is the group of its folder that the server reads it by.
  const mode = old?.mode ?? (asRoot && owner.gid !== 0 ? 0o640 : 0o600);
  // Others never read hashes, whatever the file was before.
  const handle = openSync(beside, 'wx', mode & 0o660);
  try {
    writeSync(handle, to(textOf(file)));
    fsyncSync(handle);
    // Written by root, it still belongs to whom the server runs as.
    // By the handle: whoever owns the folder may have put another file's name in its place.
    if (asRoot) fchownSync(handle, owner.uid, owner.gid);
    renameSync(beside, file);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw cause;
  } finally {
    closeSync(handle);
  }
  io.out(says);
  return 0;
}
