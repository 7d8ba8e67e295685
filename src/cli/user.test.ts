/** The accounts in users.yaml, from the terminal. */
import assert from 'node:assert/strict';
import fs, {
  chmodSync,
  existsSync,
  fstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { Secret } from '../base/secret.ts';
import { createHashing } from '../identity/accounts/hashing.ts';
import { readAccounts } from '../identity/accounts/text.ts';
import { secretLines } from './secret-line.ts';

const PASSWORD = 'correct horse battery';

function open(t: TestContext) {
  const terminal = openTerminal(t);
  const file = join(terminal.folder, 'users.yaml');
  terminal.configure({ providers: [{ id: 'house', kind: 'file', usersFile: file }] });
  const account = (username: string) => {
    const read = readAccounts(readFileSync(file, 'utf8'));
    return 'accounts' in read ? read.accounts.get(username) : undefined;
  };
  return { ...terminal, file, account };
}

test('an account is made, with the password somebody typed twice, in a file for nobody else to read', async (t) => {
  const { run, types, file, account } = open(t);
  types(PASSWORD, PASSWORD);
  const ran = await run(
    'user',
    'add',
    'Ada',
    '--name',
    'Ada Lovelace',
    '--email',
    'ada@example.org',
    '--groups',
    'staff, board',
  );
  assert.deepEqual([ran.code, ran.out, ran.err], [0, 'ada may sign in now.', '']);
  const ada = account('ada') ?? assert.fail();
  assert.deepEqual(
    [ada.name, ada.email, ada.groups],
    ['Ada Lovelace', 'ada@example.org', ['staff', 'board']],
  );
  assert.ok(await createHashing().matches(new Secret(PASSWORD), ada.hash));
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(file, 'utf8'), /correct/);
});

test('a password that is piped in is asked for once', async (t) => {
  const { run, pipes, account } = open(t);
  pipes(PASSWORD);
  assert.equal((await run('user', 'add', 'bob')).code, 0);
  assert.ok(account('bob'));
});

test('there is no option for a password: a command line is for everybody to read', async (t) => {
  const { run, types, file } = open(t);
  types(PASSWORD, PASSWORD);
  assert.equal((await run('user', 'add', 'ada', '--password', PASSWORD)).code, 1);
  assert.equal((await run('user', 'add', 'ada', PASSWORD)).code, 1);
  assert.equal(existsSync(file), false);
});

for (const [what, lines, says] of [
  ['too short', ['seven77'], /too short/],
  ['too long', ['x'.repeat(600)], /too long/],
  ['typed differently the second time', [PASSWORD, `${PASSWORD}!`], /differ/],
] as const)
  test(`a password that is ${what} makes no account`, async (t) => {
    const { run, types, file } = open(t);
    types(...lines);
    const ran = await run('user', 'add', 'ada');
    assert.equal(ran.code, 1);
    assert.match(ran.err, says);
    assert.equal(existsSync(file), false);
  });

test('a name that cannot be one, or is there already, makes no account', async (t) => {
  const { run, pipes, types } = open(t);
  pipes(PASSWORD);
  await run('user', 'add', 'ada');
  types(PASSWORD, PASSWORD);
  for (const name of ['a b', 'a#b', '-x', 'ADA'])
    assert.equal((await run('user', 'add', '--', name)).code, 1, name);
});

test('another password, the list, and taking somebody out leave the rest of the file as it was', async (t) => {
  const { run, pipes, file, account } = open(t);
  for (const name of ['ada', 'bob']) {
    pipes(PASSWORD);
    await run('user', 'add', name, '--groups', 'staff');
  }
  writeFileSync(file, `# ours\n${readFileSync(file, 'utf8')}`);
  chmodSync(file, 0o644);
  pipes('another password');
  assert.equal((await run('user', 'passwd', 'ada')).code, 0);
  assert.ok(
    await createHashing().matches(new Secret('another password'), account('ada')?.hash ?? assert.fail()),
  );
  assert.equal(statSync(file).mode & 0o777, 0o640, 'others read no hashes');
  const { out } = await run('user', 'list');
  assert.match(out, /^ada +- +- +staff +argon2id +open$/m);
  const { out: asJson } = await run('user', 'list', '--json');
  assert.doesNotMatch(out + asJson, /\$argon2id/);
  assert.equal((await run('user', 'remove', 'bob')).code, 0);
  assert.equal(account('bob'), undefined);
  assert.match(readFileSync(file, 'utf8'), /^# ours\n/);
  assert.deepEqual(
    readdirSync(join(file, '..')).filter((name) => name.startsWith('users.yaml.')),
    [],
  );
  assert.equal((await run('user', 'remove', 'nobody')).code, 1);
});

test('a file with a mistake in it is not written over', async (t) => {
  const { run, pipes, file } = open(t);
  writeFileSync(file, 'users:\n  ada: { password: hunter2 }\n');
  pipes(PASSWORD);
  const ran = await run('user', 'add', 'bob');
  assert.equal(ran.code, 1);
  assert.match(ran.err, /users\.yaml:2: ada has no "password" that is a hash/);
  assert.match(readFileSync(file, 'utf8'), /hunter2/);
});

test('without a file in the configuration it has to be named', async (t) => {
  const { run, pipes, folder, configure } = open(t);
  configure({});
  pipes(PASSWORD);
  assert.equal((await run('user', 'add', 'ada')).code, 1);
  pipes(PASSWORD);
  assert.equal((await run('user', 'add', 'ada', '--file', 'other.yaml')).code, 0);
  assert.ok(existsSync(join(folder, 'other.yaml')));
});

test('a folder that is not there is told in two lines', async (t) => {
  const { run, pipes } = open(t);
  pipes(PASSWORD);
  const ran = await run('user', 'add', 'ada', '--file', 'nowhere/users.yaml');
  assert.equal(ran.code, 1);
  assert.match(ran.err, /nowhere\/users\.yaml cannot be read or written \(ENOENT\)\.\n/);
});

test('check says where a file of accounts has its mistake', async (t) => {
  const { run, file } = open(t);
  writeFileSync(file, 'users:\n  ada: { password: hunter2 }\n', { mode: 0o600 });
  const { out } = await run('check');
  assert.match(out, /usersFile cannot be used \(line 2: ada has no "password"/);
  assert.doesNotMatch(out, /hunter2/);
});

/** A terminal whose keys a test presses. */
function keyboard() {
  const keys = new PassThrough();
  const raw: boolean[] = [];
  const shown: string[] = [];
  const typed = Object.assign(keys, { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) });
  return { keys, raw, shown, ask: secretLines(typed, (text) => void shown.push(text)) };
}

test('what is typed is not shown, a slip can be taken back, and the terminal is left as it was', async () => {
  const { keys, raw, shown, ask } = keyboard();
  keys.write('correcx');
  keys.write('\u007ft hörse\rnext\r');
  assert.equal((await ask('Password: ')).reveal(), 'correct hörse');
  assert.equal((await ask('Once more: ')).reveal(), 'next');
  assert.deepEqual(raw, [true, false, true, false]);
  assert.deepEqual(shown, ['Password: ', '\n', 'Once more: ', '\n']);
});

test('Ctrl-C gives up, and nothing was typed', async () => {
  const { keys, raw, ask } = keyboard();
  keys.write('secret\u0003');
  assert.equal((await ask('Password: ')).reveal(), '');
  assert.deepEqual(raw, [true, false]);
});

test('what is piped in is read to the end of its line, with or without a newline', async () => {
  for (const text of ['pässword', 'pässword\n', 'pässword\r\nmore']) {
    const input = new PassThrough();
    const bytes = Buffer.from(text);
    input.write(bytes.subarray(0, 2));
    input.end(bytes.subarray(2));
    assert.equal((await secretLines(input, () => assert.fail())('Password: ')).reveal(), 'pässword');
  }
});

test('who owns the folder has nobody else’s file given to them, whatever they put in the place of ours', async (t) => {
  const { run, pipes, file, folder } = open(t);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'somebody else’s');
  // Root writes, and the folder is another user's, who is quicker than the file is done.
  t.mock.method(process as { getuid: () => number }, 'getuid', () => 0);
  const given: (string | number)[] = [];
  t.mock.method(fs, 'chownSync', (path: fs.PathLike) => void given.push(String(path)));
  t.mock.method(fs, 'fchownSync', (handle: number) => void given.push(fstatSync(handle).ino));
  const { fsyncSync } = fs;
  t.mock.method(fs, 'fsyncSync', (handle: number) => {
    fsyncSync(handle);
    written = fstatSync(handle).ino;
    const beside = readdirSync(folder).find((name) => name.startsWith('users.yaml.')) ?? assert.fail();
    rmSync(join(folder, beside));
    symlinkSync(victim, join(folder, beside));
  });
  let written = 0;
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  pipes(PASSWORD);
  await run('user', 'add', 'ada', '--file', file);
  assert.deepEqual(given, [written]);
});
