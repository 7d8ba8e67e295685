import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { type Machine, machineOf } from '../../../test/cases/migrate.ts';
import { loadConfig } from '../../config/load.ts';

const LDAP = 'etc/prosody/conf.avail/meet.werk.example.cfg.lua';
const SASL = 'etc/saslauthd.conf';

/** A machine on which one file says something else. */
function changed(
  context: TestContext,
  name: string,
  change: { readonly file: string; readonly from: RegExp; readonly to: string },
): Machine {
  const machine = machineOf(name);
  context.after(machine.away);
  const path = join(machine.root, 'in', change.file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(change.from, change.to);
  assert.notEqual(after, before);
  writeFileSync(path, after);
  return machine;
}

/** What the settings say of the directory; they are good as they stand. */
function directoryOf({ root }: Machine): Readonly<Record<string, unknown>> {
  const file = join(root, 'out', 'ostiary.yaml');
  assert.ok('config' in loadConfig(file, {}), 'the settings load');
  return parse(readFileSync(file, 'utf8')).providers[0].ldap;
}

test('a password that does not stand there is asked for, and no account is written without one', async (context) => {
  const machine = changed(context, 'debian-ldap', {
    file: LDAP,
    from: /ldap_password = .*/,
    to: 'ldap_password = os.getenv("LDAP")',
  });
  const { out } = await machine.migrate('../in');
  assert.match(out, /^\? .*cfg\.lua:13: the password of cn=jitsi,\S+ does not follow from the text/m);
  assert.equal(directoryOf(machine)['bindDn'], undefined);
});

for (const [name, from, to] of [
  ['a part of the name', /ldap_filter: .*/, 'ldap_filter: (&(uid=%u)(o=%d))'],
  ['a name that stands nowhere', /ldap_filter: .*/, 'ldap_filter: (uid=jitsi)'],
  ['a filter for groups', /ldap_group_dn: .*/, 'ldap_group_match_method: filter'],
] as const)
  test(`a filter with ${name} is not half taken over: it finds nobody until somebody says it`, async (context) => {
    const machine = changed(context, 'debian-saslauthd', { file: SASL, from, to });
    const { out } = await machine.migrate('../in');
    assert.match(out, /^!! .*saslauthd\.conf:7: the filter .* finds NOBODY/m);
    assert.equal(directoryOf(machine)['filter'], '(&(uid={username})(!(objectClass=*)))');
  });

test('a filter of docker-jitsi-meet with signs we do not have finds nobody either', async (context) => {
  const machine = changed(context, 'docker-ldap', {
    file: 'docker/.env',
    from: /LDAP_FILTER=.*/,
    to: 'LDAP_FILTER=(uid=%R)',
  });
  assert.match((await machine.migrate('../in')).out, /finds NOBODY/);
});

test('whoever had to be in a group has to be in it still', async (context) => {
  const machine = changed(context, 'debian-saslauthd', {
    file: SASL,
    from: /ldap_group_dn: .*/,
    to: 'ldap_group_dn: CN=Video (alle),DC=amt,DC=example',
  });
  await machine.migrate('../in');
  assert.equal(
    directoryOf(machine)['filter'],
    '(&(sAMAccountName={username})(memberOf=CN=Video \\28alle\\29,DC=amt,DC=example))',
  );
});

test('a DN with a place for the name becomes a base and a filter', async (context) => {
  const machine = changed(context, 'debian-saslauthd', {
    file: SASL,
    from: /ldap_auth_method: bind\nldap_filter: .*\nldap_group_dn: .*/,
    to: 'ldap_auth_method: fastbind\nldap_filter: uid=%u,ou=people,dc=amt,dc=example',
  });
  const { out } = await machine.migrate('../in');
  assert.match(out, /fastbind" looks nobody up/);
  const { base, filter } = directoryOf(machine);
  assert.deepEqual([base, filter], ['ou=people,dc=amt,dc=example', '(uid={username})']);
});

test('where the settings of saslauthd were not named, they are asked for', async (context) => {
  const machine = machineOf('debian-saslauthd');
  context.after(machine.away);
  rmSync(join(machine.root, 'in', SASL));
  assert.match((await machine.migrate('../in')).out, /name \/etc\/saslauthd\.conf too/);
});

test('what has no counterpart is told where it is set, and not dropped in silence', async (context) => {
  const machine = changed(context, 'debian-ldap', {
    file: LDAP,
    from: /ldap_tls = true/,
    to: 'ldap_tls = true\n    ldap_admin_filter = "(uid=ada)"\n    ldap_mode = "getpasswd"',
  });
  const { out } = await machine.migrate('../in');
  assert.match(out, /^!! .*ldap_scope "onelevel" has no counterpart/m);
  assert.match(out, /^\? .*ldap_admin_filter has no counterpart/m);
  assert.match(out, /^\? .*ldap_mode "getpasswd"/m);
});
