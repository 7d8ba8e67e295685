/**
 * Who signed in by a directory yesterday does so today, and nobody else: what `ostiary migrate` makes of Prosody's and
 * saslauthd's settings, with a real slapd behind.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { fixedClock } from '../../src/base/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { machineOf } from '../cases/migrate.ts';
import { READER, type Slapd, SUFFIX, startSlapd } from '../support/real/slapd.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let slapd: Slapd;
before(async () => {
  slapd = await startSlapd();
});
after(() => slapd?.stop());

const STAFF = `cn=staff,ou=groups,${SUFFIX}`;
const MAIN = 'etc/prosody/conf.avail/meet.example.org.cfg.lua';

/** In place of the line that lets everybody in; and files beside. */
interface Yesterday {
  readonly prosody: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** The server with the settings that were made of it. */
async function migrated(t: TestContext, { prosody, files = {} }: Yesterday): Promise<Stage> {
  const machine = machineOf('debian-plain');
  t.after(machine.away);
  const main = join(machine.root, 'in', MAIN);
  writeFileSync(
    main,
    readFileSync(main, 'utf8').replace(
      '    authentication = "jitsi-anonymous" -- do not delete me\n',
      prosody,
    ),
  );
  for (const [name, text] of Object.entries(files)) writeFileSync(join(machine.root, 'in', name), text);
  const { code, out } = await machine.migrate('../in');
  assert.equal(code, 0, out);
  assert.doesNotMatch(out, new RegExp(READER.password));
  const file = join(machine.root, 'out', 'ostiary.yaml');
  assert.ok('config' in loadConfig(file, {}));
  const { providers } = parse(readFileSync(file, 'utf8'));
  assert.deepEqual(providers[0].ldap.bindPassword, { file: 'secrets/ldap' });
  providers[0].ldap.bindPassword = readFileSync(join(machine.root, 'out/secrets/ldap'), 'utf8');
  const stage = await startStage({
    asConfigured: true,
    clock: fixedClock(Date.now()),
    config: { providers, outbound: { timeout: '2s' } },
  });
  t.after(() => stage.close());
  return stage;
}

async function isLetIn(stage: Stage, username: string, password: string): Promise<boolean> {
  const visitor = stage.visitor();
  const { state } = await visitor.leave('/standup', 'directory');
  await visitor.post(`${PREFIX}/password`, { state, username, password });
  return visitor.isSignedIn();
}

const host = (url: string) => url.replace(/^ldap:\/\//, '').replace(/\/$/, '');

for (const [what, yesterday] of [
  [
    'mod_auth_ldap',
    () => ({
      prosody: `    authentication = "ldap"\n    ldap_server = "${host(slapd.ldap)}"\n    ldap_rootdn = "${READER.dn}"\n    ldap_password = "${READER.password}"\n    ldap_base = "${SUFFIX}"\n    ldap_filter = "(&(uid=$user)(memberOf=${STAFF}))"\n`,
    }),
  ],
  [
    'mod_auth_ldap2',
    () => ({
      prosody: `    authentication = "ldap2"\n    ldap = {\n        hostname = "${host(slapd.ldap)}",\n        bind_dn = "${READER.dn}",\n        bind_password = "${READER.password}",\n        user = { basedn = "${SUFFIX}", filter = "memberOf=${STAFF}", usernamefield = "uid" },\n    }\n`,
    }),
  ],
  [
    'Cyrus SASL and saslauthd',
    () => ({
      prosody: '    authentication = "cyrus"\n',
      files: {
        'etc/saslauthd.conf': `ldap_servers: ${slapd.ldaps}\nldap_search_base: ${SUFFIX}\nldap_bind_dn: ${READER.dn}\nldap_bind_pw: ${READER.password}\nldap_group_dn: ${STAFF}\nldap_tls_cacert_file: ${slapd.caFile}\n`,
      },
    }),
  ],
] as const satisfies readonly (readonly [string, () => Yesterday])[])
  test(`who signed in by ${what} signs in, who was kept out is, and a password is asked for`, async (t) => {
    const stage = await migrated(t, yesterday());
    assert.equal(await isLetIn(stage, 'ada', 'ada-pw'), true, stage.lines.join(''));
    assert.equal(await isLetIn(stage, 'bob', 'bob-pw'), false);
    assert.equal(await isLetIn(stage, 'ada', 'bob-pw'), false);
  });
