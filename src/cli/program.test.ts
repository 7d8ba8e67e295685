import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { Command, Io } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { runCli } from './program.ts';

/** Runs a command line with a table of its own. */
async function ran(argv: readonly string[], command: Partial<Command> = {}) {
  const said: string[] = [];
  const io: Io = {
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
    env: {},
    argv,
    cwd: '/',
    now: () => 0,
    secret: async () => new Secret(''),
    ask: async () => '',
    typed: () => false,
    on: () => () => {},
  };
  const given: unknown[] = [];
  const table: readonly Command[] = [
    {
      name: 'try it',
      does: 'try',
      takes: [{ name: 'word', does: 'a word', optional: true }],
      options: [
        { flags: '--for <time>', does: 'how long' },
        { flags: '--json', does: 'print JSON' },
      ],
      run: async (_, { words, text, flag }) => {
        given.push(words, text('for'), flag('json'));
        return 0;
      },
      ...command,
    },
  ];
  const code = await runCli(io, table);
  return { code, said: said.join('\n'), given };
}

test('words, options and switches reach the command', async () => {
  assert.deepEqual(await ran(['try', 'it', 'one', '--for', '2h', '--json']), {
    code: 0,
    said: '',
    given: [['one'], '2h', true],
  });
  assert.deepEqual(await ran(['try', 'it']), { code: 0, said: '', given: [[], undefined, false] });
});

test('what a command answers is the exit code', async () => {
  assert.equal((await ran(['try', 'it'], { run: async () => 1 })).code, 1);
});

test('a problem is told in two lines, with exit code 1', async () => {
  const run = () => Promise.reject(new Problem('store.unavailable', { errno: 'ENOENT' }));
  const { code, said } = await ran(['try', 'it'], { run });
  assert.equal(code, 1);
  assert.match(said, /^The store does not answer \(store\.unavailable, errno: ENOENT\)\n[^\n]+$/);
});

test('what nobody foresaw is not dressed up as something else', async () => {
  await assert.rejects(ran(['try', 'it'], { run: () => Promise.reject(new TypeError('bug')) }), TypeError);
});

test('a command that is misspelt is suggested, in two lines', async (context) => {
  const { run } = openTerminal(context);
  assert.deepEqual(await run('sesions', 'list'), {
    code: 1,
    out: '',
    err: "Unknown command 'sesions'.\nDid you mean sessions?",
  });
  assert.deepEqual(await run('keys', 'rotat'), {
    code: 1,
    out: '',
    err: "Unknown command 'rotat'.\nDid you mean rotate?",
  });
});

for (const [argv, told] of [
  [['pass'], 'Required option \'--room <name>\' not specified.\nRun "ostiary pass --help".'],
  [['why'], 'Missing required argument \'id\'.\nRun "ostiary why --help".'],
  [['sessions', 'list', '--nothing'], 'Unknown option \'--nothing\'.\nRun "ostiary sessions list --help".'],
  [['version', 'one', 'too-many'], /^Too many arguments.*[^.]\.\nRun "ostiary version --help"\.$/],
] as const)
  test(`"ostiary ${argv.join(' ')}" is told in two lines what is missing`, async (context) => {
    const { code, out, err } = await openTerminal(context).run(...argv);
    assert.equal(code, 1);
    assert.equal(out, '');
    if (typeof told === 'string') assert.equal(err, told);
    else assert.match(err, told);
  });

test('the help is an answer, and names every command of the table', async (context) => {
  const terminal = openTerminal(context);
  const { code, out, err } = await terminal.run('--help');
  assert.deepEqual([code, err], [0, '']);
  for (const { name } of COMMANDS) assert.match(out, new RegExp(`^  ${name.split(' ')[0]}\\b`, 'm'));
  for (const group of Object.keys(GROUPS)) assert.equal((await terminal.run(group, '--help')).code, 0);
});

test('without a word the help is shown, as a mistake', async (context) => {
  const { code, out, err } = await openTerminal(context).run();
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, /^Usage: ostiary/);
});

for (const command of COMMANDS)
  test(`"ostiary ${command.name} --help" tells what it does and every option`, async (context) => {
    const { code, out } = await openTerminal(context).run(...command.name.split(' '), '--help');
    assert.equal(code, 0);
    assert.ok(out.includes(command.does));
    for (const { flags } of command.options ?? []) assert.ok(out.includes(flags), flags);
  });

test('the version is told with and without a command', async (context) => {
  const terminal = openTerminal(context);
  assert.match((await terminal.run('--version')).out, /^ostiary \d+\.\d+\.\d+/);
  assert.equal((await terminal.run('version')).out, (await terminal.run('--version')).out);
  assert.equal((await terminal.json<{ node: string }>('version')).node, process.versions.node);
});

test('a handle that begins with a hyphen is a handle, wherever it stands', async () => {
  for (const argv of [
    ['try', 'it', '-aB3_xyz-9012', '--json'],
    ['try', 'it', '--json', '-aB3_xyz-9012'],
    ['try', 'it', '--json', '--', '-aB3_xyz-9012'],
  ])
    assert.deepEqual(await ran(argv), { code: 0, said: '', given: [['-aB3_xyz-9012'], undefined, true] });
});

test('the help says where to begin, in commands that are there', async (context) => {
  const { out } = await openTerminal(context).run('--help');
  const said = [...(out.split('New here?')[1] ?? '').matchAll(/"ostiary ([a-z-]+)"/g)].map(
    ([, name]) => name,
  );
  assert.ok(said.length > 3);
  for (const name of said)
    assert.ok(
      COMMANDS.some((command) => command.name === name),
      name,
    );
  assert.ok(out.split('\n').every((line) => line.length <= 102));
});

for (const command of COMMANDS.filter(({ options = [] }) => options.some(({ needed }) => needed)))
  test(`the help of "ostiary ${command.name}" shows what must be given, in its usage and beside the option`, async (context) => {
    const { out } = await openTerminal(context).run(...command.name.split(' '), '--help');
    const plain = out.replace(/\s+/g, ' ');
    for (const { flags, does, needed } of command.options ?? []) {
      if (!needed) continue;
      assert.ok(out.split('\n')[0]?.includes(flags), flags);
      assert.ok(plain.includes(`${does.replace(/\s+/g, ' ')} (must be given)`), flags);
    }
  });
