/** users.yaml: what is read, what is complained of, and that writing leaves the rest as it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUsername, readAccounts, usernameOf, withAccount, withoutAccount } from './text.ts';

const HASH = '$scrypt$ln=15,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const FILE = `# Who may sign in when nobody else answers.
users:
  # the one who runs this
  ada:
    password: ${HASH}
    name: Ada Lovelace # as she likes it
    email: ada@example.org
    groups: [staff, board]
  bob:
    password: ${HASH}
    disabled: true
`;

test('a file is read as it stands', () => {
  const read = readAccounts(FILE);
  assert.ok('accounts' in read);
  assert.deepEqual([...read.accounts.keys()], ['ada', 'bob']);
  const { hash, ...ada } = read.accounts.get('ada') ?? assert.fail();
  assert.equal(hash.kind, 'scrypt');
  assert.deepEqual(ada, {
    username: 'ada',
    name: 'Ada Lovelace',
    email: 'ada@example.org',
    groups: ['staff', 'board'],
    disabled: false,
  });
  assert.equal(read.accounts.get('bob')?.disabled, true);
});

for (const text of ['', '# nobody yet\n', 'users:\n', 'users: {}\n'])
  test(`a file of ${JSON.stringify(text)} holds nobody, and is no mistake`, () =>
    assert.deepEqual(readAccounts(text), { accounts: new Map() }));

for (const [what, text, line, wrong] of [
  ['no YAML', 'users: [', 1, /no YAML/],
  ['a list', '- ada\n', 1, /no section "users"/],
  ['a name twice', `users:\n  ada: { password: ${HASH} }\n  ada: { password: ${HASH} }\n`, 3, /no YAML/],
  ['a name in capitals', `users:\n  Ada: { password: "${HASH}" }\n`, 2, /user name/],
  ['a name with a colon', `users:\n  "a:b": { password: "${HASH}" }\n`, 2, /user name/],
  ['a password in plain', 'users:\n  ada: { password: hunter2 }\n', 2, /no "password" that is a hash/],
  [
    'a setting there is not',
    `users:\n  ada: { password: "${HASH}", group: x }\n`,
    2,
    /"group", which is no setting/,
  ],
  ['groups as a text', `users:\n  ada: { password: "${HASH}", groups: staff }\n`, 2, /groups/],
  ['disabled as a text', `users:\n  ada: { password: "${HASH}", disabled: "yes" }\n`, 2, /disabled/],
] as const)
  test(`${what} is complained of at its line, and no password is said again`, () => {
    const read = readAccounts(text);
    assert.ok('complaints' in read);
    assert.equal(read.complaints[0]?.line, line);
    assert.match(read.complaints[0]?.wrong ?? '', wrong);
    assert.doesNotMatch(JSON.stringify(read), /hunter2|AAAA/);
  });

test('one account is one, however capitals and wide letters are typed', () => {
  assert.equal(usernameOf('ＡＤＡ'), 'ada');
  assert.ok(isUsername('jörg.müller@example.org'));
  for (const bad of ['', 'Ada', '-ada', 'a b', 'a#b', 'a/b', 'a\u202Eb', 'a'.repeat(200)])
    assert.equal(isUsername(bad), false, bad);
});

test('an alias that leads nowhere or everywhere is a mistake in a line, and throws nothing', () => {
  const many = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of).join(', ')}]`;
  const bomb = [many('a', 'x'), many('b', '*a'), many('c', '*b'), many('d', '*c')].join('\n');
  for (const [text, line] of [
    ['users:\n  ada:\n    password: *nobody\n', 2],
    [`${bomb}\nusers:\n  ada:\n    groups: [*d, *d, *d]\n`, 6],
  ] as const)
    assert.deepEqual(readAccounts(text), {
      complaints: [{ line, wrong: 'ada refers (*) to what is not there, or to too much' }],
    });
});

test('a name that YAML takes for something else must stand in quotes: two spellings of one would be two passwords', () => {
  for (const name of ['123', '0x10', 'null', 'true', '1e3'])
    assert.deepEqual(readAccounts(`users:\n  ${name}: { password: "${HASH}" }\n`), {
      complaints: [{ line: 2, wrong: `${name} must stand in quotes, or YAML reads something else` }],
    });
  assert.ok('accounts' in readAccounts(`users:\n  "123": { password: "${HASH}" }\n`));
  assert.match(withAccount('', '123', { password: HASH }), /"123":/);
});

test('a changed account keeps what stands around it, comments too', () => {
  const other = HASH.replace('ln=15', 'ln=16');
  const text = withAccount(FILE, 'ada', { password: other });
  assert.equal(text, FILE.replace(HASH, other));
});

test('a new account is put in, and taken out again leaves the file as it was', () => {
  const text = withAccount(FILE, 'cy', { password: HASH, name: 'Cy', groups: ['staff'] });
  const read = readAccounts(text);
  assert.ok('accounts' in read);
  assert.deepEqual(read.accounts.get('cy')?.groups, ['staff']);
  assert.equal(withoutAccount(text, 'cy'), FILE);
});

test('the first account makes the file', () => {
  const read = readAccounts(withAccount('', 'ada', { password: HASH }));
  assert.ok('accounts' in read);
  assert.deepEqual([...read.accounts.keys()], ['ada']);
});
