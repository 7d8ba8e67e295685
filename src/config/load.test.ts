import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { complaintsOf, configOf, LEAST, load } from '../../test/support/config.ts';
import { describeConfig, loadConfig } from './load.ts';

test('what depends on other settings is filled in', () => {
  const config = configOf(load(LEAST));
  assert.deepEqual(
    [
      config.access,
      config.jitsi.url,
      config.jitsi.xmppDomain,
      config.tokens.audience,
      config.listen.inner.url,
      config.providers[0]?.name,
    ],
    ['members', 'https://meet.example.org', 'meet.example.org', 'ostiary', 'http://127.0.0.1:8081', 'campus'],
  );
});

test("with rules of one's own nobody is a member unasked", () => {
  const config = configOf(load(`${LEAST}rules: [{ name: all, then: guest }]`));
  assert.deepEqual([config.access, config.rules], [undefined, [{ name: 'all', when: {}, then: 'guest' }]]);
});

test('an empty list of rules is silence, not "members"', () =>
  assert.equal(configOf(load(`${LEAST}rules: []`)).access, undefined));

test('rules about rooms are compared with names in lower case', () =>
  assert.deepEqual(
    configOf(load(`${LEAST}rules: [{ name: a, when: { rooms: [Größe-*], tenants: [Sales] }, then: guest }]`))
      .rules?.[0]?.when,
    { rooms: ['größe-*'], tenants: ['sales'] },
  ));

for (const host of [
  "meet.example.org';reload",
  'meet.example.org"',
  'meet.example.org;x',
  'a$(id)',
  'a`id`',
  'a{b}',
])
  test(`an address whose host is ${host} is none: it would be printed into other programs' files`, () => {
    const [complaint, ...others] = complaintsOf(
      load(LEAST.replace('https://meet.example.org', JSON.stringify(`https://${host}`))),
    );
    assert.deepEqual([complaint?.path, others.length], ['publicUrl', 0]);
  });

test('an issuer is kept to the letter', () =>
  assert.equal(
    configOf(load(LEAST.replace('https://id.example.org', 'https://ID.example.org:443/a/'))).providers[0]
      ?.issuer,
    'https://ID.example.org:443/a/',
  ));

test('a section without a line in it is a section of defaults', () =>
  assert.equal(configOf(load(`${LEAST}session:\ntokens:\n`)).session.idle, 43_200));

test('the configuration is frozen all the way down', () => {
  const open: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) open.push(path);
    for (const [key, inner] of Object.entries(value)) look(inner, `${path}.${key}`);
  };
  look(
    configOf(
      load(
        `${LEAST}rules: [{ name: a, when: { groups: [g] }, then: host }]\ntokens: { secret: ${'s'.repeat(40)} }`,
      ),
    ),
    '',
  );
  assert.deepEqual(open, []);
});

const SECRET = 'hunter2-hunter2-hunter2-hunter2-hunter2';
const WITH_SECRETS = `${LEAST.replace('clientId: jitsi', `clientId: jitsi, clientSecret: ${SECRET}`)}tokens: { secret: ${SECRET} }`;

test('no way of printing a configuration shows a secret', () => {
  const config = configOf(load(WITH_SECRETS));
  const printed = [
    describeConfig(config),
    JSON.stringify(config),
    inspect(config, { depth: 9, showHidden: true }),
    String(config.tokens.secret),
  ].join('\n');
  assert.ok(!printed.includes('hunter2'));
  assert.equal(describeConfig(config).match(/\[secret\]/g)?.length, 2);
});

test('no complaint repeats a secret, wherever it was written', () => {
  for (const text of [
    WITH_SECRETS.replace('roles: enforced', `roles: ${SECRET}-${SECRET}`),
    `${WITH_SECRETS}\npublicurl: ${SECRET}`,
    LEAST.replace('https://id.example.org', `https://user:${SECRET}@id.example.org`),
    `${LEAST}tokens: { secret: { file: /a, ${SECRET}: 1 }, lifetime: ${SECRET}, appId: [${SECRET}] }`,
    `${LEAST}tokens: { secret: [${SECRET}] }`,
    `${LEAST}tokens: { secret: changeme, insecureShortSecret: true }`,
  ]) {
    const complaints = complaintsOf(load(text));
    assert.notEqual(complaints.length, 0, text);
    assert.doesNotMatch(JSON.stringify(complaints), /hunter2|"changeme/);
  }
});

test("a secret may stand in a file, in the environment or in systemd's credentials", () => {
  const files: Record<string, string> = {
    '/etc/ostiary/jwt': `${SECRET}-1\n`,
    '/run/credentials/ostiary/jwt': `${SECRET}-3`,
  };
  const readFile = (path: string) => files[path] ?? assert.fail(path);
  const env = { MY_SECRET: `${SECRET}-2`, CREDENTIALS_DIRECTORY: '/run/credentials/ostiary' };
  const got = ['{ file: ./jwt }', '{ env: MY_SECRET }', '{ credential: jwt }'].map((where) =>
    configOf(
      load(`${LEAST}tokens: { secret: ${where} }`, { env, readFile, folder: '/etc/ostiary' }),
    ).tokens.secret?.reveal(),
  );
  assert.deepEqual(got, [`${SECRET}-1`, `${SECRET}-2`, `${SECRET}-3`]);
});

test('the files that secrets came from are remembered, and are no setting', () => {
  const config = configOf(
    load(`${LEAST}tokens: { secret: { file: ./jwt } }`, {
      env: { OIDC_CLIENT_SECRET_FILE: '/run/oidc' },
      readFile: () => SECRET,
      folder: '/etc/ostiary',
    }),
  );
  assert.deepEqual(config.secretFiles, ['/etc/ostiary/jwt', '/run/oidc']);
  assert.ok(!describeConfig(config).includes('secretFiles'));
});

test('a file of blanks is an empty secret, wherever it is named', () => {
  const blank = { readFile: () => ' \n\n' };
  const told = (text: string, env = {}) =>
    complaintsOf(load(text, { ...blank, env })).map(({ path, wrong }) => `${path} ${wrong}`);
  assert.deepEqual(told(LEAST.replace('clientId', 'clientSecret: { file: /blank }, clientId')), [
    'providers[0].clientSecret is empty',
  ]);
  assert.deepEqual(told(LEAST, { OIDC_CLIENT_SECRET_FILE: '/blank' }), [
    'providers[0].clientSecret is empty',
  ]);
});

test('a file of a secret that is not there is named in full', () =>
  assert.match(
    complaintsOf(load(`${LEAST}tokens: { secret: { file: secrets/jwt } }`, { folder: '/etc/ostiary' }))[0]
      ?.wrong ?? '',
    /^names \/etc\/ostiary\/secrets\/jwt, which cannot be read \(ENOENT\)$/,
  ));

for (const where of [
  '{ file: /none }',
  '{ env: NONE }',
  '{ credential: x }',
  '{ credential: ../x }',
  '{ file: a, env: b }',
  '{ vault: x }',
  '{}',
  '{ file: 1 }',
])
  test(`a secret that says ${where} is a complaint about that one setting`, () =>
    assert.deepEqual(
      complaintsOf(load(`${LEAST}tokens: { secret: ${where} }`)).map(({ path }) => path),
      ['tokens.secret'],
    ));

test('relative paths start from the folder of the file, the default one too', () => {
  const config = configOf(
    load(
      `${LEAST}pages: { css: a.css }\ntokens: { keyFiles: [{ file: ../k.pem }] }\noutbound: { caFile: /ca.pem }`,
      { folder: '/etc/ostiary' },
    ),
  );
  assert.deepEqual(
    [config.pages.css, config.tokens.keyFiles?.[0]?.file, config.outbound.caFile, config.store.path],
    ['/etc/ostiary/a.css', '/etc/k.pem', '/ca.pem', '/etc/ostiary/ostiary.sqlite'],
  );
});

test('a store in memory has no folder', () =>
  assert.equal(
    configOf(load(`${LEAST}store: { path: ":memory:" }`, { folder: '/etc/ostiary' })).store.path,
    ':memory:',
  ));

test('whatever the file holds, the answer is a configuration or complaints', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string({
          unit: fc.constantFrom(
            'a',
            ':',
            ' ',
            '\n',
            '-',
            '[',
            ']',
            '{',
            '}',
            '&',
            '*',
            '!',
            '|',
            '"',
            '#',
            '\t',
          ),
        }),
      ),
      (text) => {
        const loaded = load(text);
        return 'complaints' in loaded && loaded.complaints.length > 0;
      },
    ),
    { numRuns: 500 },
  );
});

test('a section in the place of a list or a text is told, whatever it calls its length', () => {
  for (const length of [{}, 0, 1, '1', null, [[]]]) {
    const section = { length };
    for (const tree of [
      ...[{ providers: section }, { trustedProxies: section }, { hosts: section }, { rules: section }],
      ...[
        { tokens: { keyFiles: section } },
        { machines: [{ reaches: section }] },
        { rooms: [{ names: section }] },
      ],
      { rules: [{ name: 'x', then: 'host', when: { rooms: section } }] },
      { providers: [{ id: 'x', kind: 'header', header: { separator: section } }] },
    ]) {
      const loaded = load(JSON.stringify(tree));
      assert.ok('complaints' in loaded, JSON.stringify(tree));
      assert.ok(
        loaded.complaints.some(({ wrong }) => /section/.test(wrong)),
        JSON.stringify(tree),
      );
    }
  }
});

test('whatever a setting holds, nothing is thrown', () => {
  const names = [
    'publicUrl',
    'listen',
    'jitsi',
    'providers',
    'rules',
    'tokens',
    'session',
    'hosts',
    'pages',
    'trustedProxies',
  ];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (tree) => {
      const loaded = load(JSON.stringify(tree), {
        env: { OIDC_CLIENT_ID: 'x', JWT_APP_SECRET: 'y', PUBLIC_URL: 'z' },
      });
      return 'complaints' in loaded;
    }),
    { numRuns: 500 },
  );
});

test('the file named here is read, and its folder is where paths start from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-config-'));
  try {
    const file = join(folder, 'ostiary.yaml');
    writeFileSync(file, LEAST);
    for (const loaded of [loadConfig(file, {}), loadConfig(undefined, { OSTIARY_CONFIG: file })])
      assert.equal(configOf(loaded).store.path, join(folder, 'ostiary.sqlite'));
    assert.match(
      complaintsOf(loadConfig(join(folder, 'none.yaml'), {}))[0]?.wrong ?? '',
      /none\.yaml cannot be read \(ENOENT\)/,
    );
    assert.match(complaintsOf(loadConfig(folder, {}))[0]?.wrong ?? '', /cannot be read \(EISDIR\)/);
    writeFileSync(file, `#${'x'.repeat(10_000_000)}\n${LEAST}`);
    assert.match(complaintsOf(loadConfig(file, {}))[0]?.wrong ?? '', /larger than one megabyte/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
