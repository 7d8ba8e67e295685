import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { configOf, load } from '../../test/support/config.ts';
import { configExample, configReference } from './reference.ts';
import { listSettings, namesOfSetting } from './walk.ts';

test('the reference names every setting once, and every name it has in the environment', () => {
  const rows = configReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  assert.deepEqual(
    rows.map((line) => line.split('`')[1]).sort(),
    listSettings()
      .map(({ path }) => path)
      .sort(),
  );
  for (const setting of listSettings()) {
    const row = rows.find((line) => line.startsWith(`| \`${setting.path}\``)) ?? '';
    for (const name of namesOfSetting(setting))
      assert.ok(row.includes(`\`${name}\``), `${setting.path} ${name}`);
  }
});

test('every table of the reference has as many cells as its head', () => {
  for (const line of configReference()
    .split('\n')
    .filter((one) => one.startsWith('|')))
    assert.equal(line.match(/(?<!\\)\|/g)?.length, 6, line);
});

test('the example says nothing until somebody takes a # away', () => {
  assert.equal(parse(configExample()), null);
  assert.ok(
    configExample()
      .split('\n')
      .every((line) => line === '' || line.startsWith('#')),
  );
});

test('the whole example holds when every first # is taken away', () => {
  const tree = parse(configExample().replaceAll(/^#/gm, ''));
  // What in it cannot stand together.
  delete tree.tokens.secret;
  delete tree.prosodyModule.secret;
  delete tree.apps[0].secret;
  delete tree.apps[0].jwksUri;
  delete tree.issuers[0].secret;
  delete tree.issuers[0].publicKeyFile;
  for (const name of ['id', 'subject', 'groups', 'secret', 'publicKeyFile'])
    delete tree.bearer.issuers[0][name];
  delete tree.pages.errorPage;
  delete tree.upstream.carry;
  delete tree.forwardAuth.enabled;
  // It is of one kind.
  for (const name of ['ldap', 'prosody', 'saml', 'header', 'usersFile']) delete tree.providers[0][name];
  tree.rules[0].then = 'host';
  delete tree.rules[0].reason;
  delete tree.rules[0].lobby.person;
  delete tree.rules[0].lifetimes;
  const config = configOf(
    load(JSON.stringify(tree), { readFile: () => 'a secret that nobody could guess, of the provider' }),
  );
  assert.equal(config.providers[0]?.id, 'keycloak');
  assert.equal(config.rules?.length, 1);
});
