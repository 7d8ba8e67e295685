import assert from 'node:assert/strict';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseEnv } from 'node:util';
import { type Machine, machineOf } from '../../../test/cases/migrate.ts';
import { settingsElsewhere } from './where.ts';

const CONF = 'etc/jitsi/jicofo/jicofo.conf';

function open(context: TestContext, name = 'debian-plain'): Machine {
  const machine = machineOf(name);
  context.after(machine.away);
  return machine;
}

test('what was changed by somebody else since is not taken back, and nothing else is either', async (context) => {
  const machine = open(context);
  await machine.migrate('../in', '--apply');
  writeFileSync(join(machine.root, 'in', CONF), 'jicofo {}\n');
  const before = machine.files('in');
  const { code, err } = await machine.migrate('--undo');
  assert.equal(code, 1);
  assert.match(err, /jicofo\.conf was changed by somebody else/);
  assert.deepEqual(machine.files('in'), before);
});

test('two changes are taken back one after the other, and a third time there is nothing', async (context) => {
  const machine = open(context);
  const first = machine.files('in');
  await machine.migrate('../in', '--apply');
  const second = machine.files('in');
  const yaml = join(machine.root, 'out', 'ostiary.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('roles: enforced', 'roles: everyone-moderator'));
  await machine.migrate('../in', '--apply');
  assert.notDeepEqual(machine.files('in'), second);
  await machine.migrate('--undo');
  assert.deepEqual(machine.files('in'), second);
  await machine.migrate('--undo');
  assert.deepEqual(machine.files('in'), first);
  assert.equal((await machine.migrate('--undo')).code, 1);
});

test('a file keeps its mode, and a link stays a link', async (context) => {
  const machine = open(context);
  const file = join(machine.root, 'in', CONF);
  chmodSync(file, 0o604);
  const link = join(machine.root, 'in', 'etc/prosody/linked.cfg.lua');
  symlinkSync('conf.avail/meet.example.org.cfg.lua', link);
  const { out } = await machine.migrate('../in', '--apply');
  assert.match(out, /changed\. Back:/);
  assert.equal(statSync(file).mode & 0o777, 0o604);
  assert.match(readFileSync(link, 'utf8'), /authentication = "token"/);
  await machine.migrate('--undo');
  assert.equal(statSync(file).mode & 0o777, 0o604);
});

test('the copies of what was there are for their owner alone', async (context) => {
  const machine = open(context);
  await machine.migrate('../in', '--apply');
  for (const [name] of Object.entries(machine.files('out')).filter(([file]) =>
    file.startsWith('ostiary-undo'),
  ))
    assert.equal(statSync(join(machine.root, 'out', name)).mode & 0o077, 0, name);
});

test('of several hosts the one that is named is read', async (context) => {
  const machine = open(context, 'two-hosts');
  const { code, out } = await machine.migrate('../in', '--host', 'zwei.example.org');
  assert.equal(code, 0);
  assert.match(out, /^publicUrl: https:\/\/zwei\.example\.org$/m);
});

test('settings that are there and wrong stop everything, and are told what is wrong', async (context) => {
  const machine = open(context);
  writeFileSync(join(machine.root, 'out', 'ostiary.yaml'), 'publicUrl: here\n');
  const before = machine.files('in');
  const { code, err } = await machine.migrate('../in', '--apply');
  assert.equal(code, 1);
  assert.match(err, /publicUrl/);
  assert.deepEqual(machine.files('in'), before);
});

test('a folder that is not there is named, and what is there is read all the same', async (context) => {
  const machine = open(context);
  const { code, out } = await machine.migrate('../in', '../nowhere');
  assert.equal(code, 0);
  assert.match(out, /nowhere: cannot be read \(ENOENT\)/);
});

test('without a folder nothing is read', async (context) => {
  const { code, err } = await open(context).migrate();
  assert.equal(code, 1);
  assert.match(err, /Name folders/);
});

test("another site's /login is nobody's business, in a file of its own or in that of the meetings", async (context) => {
  const machine = open(context, 'debian-shibboleth');
  const sites = join(machine.root, 'in', 'etc/nginx/sites-available');
  const other =
    'server {\n    server_name wiki.example;\n    location /login {\n        proxy_pass http://127.0.0.1:9;\n    }\n}\n';
  const snippet = 'location /login {\n    proxy_pass http://127.0.0.1:9;\n}\n';
  writeFileSync(join(sites, 'wiki.conf'), other);
  writeFileSync(join(sites, 'snippet.conf'), snippet);
  const meetings = join(sites, 'meet.uni.example.conf');
  writeFileSync(meetings, other + readFileSync(meetings, 'utf8'));
  await machine.migrate('../in', '--apply');
  assert.equal(readFileSync(join(sites, 'wiki.conf'), 'utf8'), other);
  assert.equal(readFileSync(join(sites, 'snippet.conf'), 'utf8'), snippet);
  const now = readFileSync(meetings, 'utf8');
  assert.ok(now.startsWith(other));
  assert.match(now, /^# {5}location \/login \{$/m);
});

test('a template that was never filled in is not read', async (context) => {
  const machine = open(context, 'foreign');
  writeFileSync(join(machine.root, 'in', 'srv', 'env.example'), 'JICOFO_AUTH_PASSWORD=\nENABLE_AUTH=1\n');
  assert.match((await machine.migrate('../in')).err, /Nothing of a Jitsi/);
});

const SEES_PEOPLE = /user add NAME.*/;

test('where no rule speaks of groups, nobody is told to type one; where one does, it is that one', async (context) => {
  const machine = open(context);
  const plain = (await machine.migrate('../in')).out;
  assert.doesNotMatch(SEES_PEOPLE.exec(plain)?.[0] ?? '--groups', /--groups/);
  const yaml = join(machine.root, 'out', 'ostiary.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('signedIn: true', 'groups: [board]'));
  assert.match((await machine.migrate('../in')).out, /user add NAME --name 'THEIR NAME' --groups board$/m);
});

test('of a quoted value that goes over lines nothing is left when another takes its place', async (context) => {
  const machine = open(context, 'docker-openid');
  const file = join(machine.root, 'in/docker/.env');
  const there = 'XMPP_MUC_MODULES=muc_wait_for_host,mod_of_ours';
  const over = 'XMPP_MUC_MODULES="muc_wait_for_host,\nmod_of_ours,\nmod_of_yours"';
  const before = readFileSync(file, 'utf8').replace(there, over);
  assert.ok(before.includes(over));
  writeFileSync(file, before);
  await machine.migrate('../in', '--apply');
  const { XMPP_MUC_MODULES: modules = '', ...others } = parseEnv(readFileSync(file, 'utf8'));
  for (const name of ['mod_of_ours', 'mod_of_yours']) assert.ok(modules.includes(name), modules);
  assert.equal(others['ENABLE_AUTH'], '1');
  assert.doesNotMatch(readFileSync(file, 'utf8'), /^mod_of_yours"$/m);
  await machine.migrate('--undo');
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('with docker every command that is told runs in the container', async (context) => {
  const { out } = await open(context, 'docker-plain').migrate('../in');
  assert.match(out, /docker compose run --rm ostiary user add/);
  assert.match(out, /docker compose run --rm ostiary check/);
  assert.doesNotMatch(out, /^[^#].*(?<!--rm )ostiary (?:user|check)\b/m);
});

test('once the files are changed, nothing is told to be changed any more', async (context) => {
  const { out } = await open(context).migrate('../in', '--apply');
  assert.doesNotMatch(out, /to change/);
  assert.match(out, /^4 files changed\. Back: .*\nStill to do, as the steps say: .*afterwards\.$/m);
});

test('who has no tokens yet is told the packages that they need, with keys and with a shared secret', async (context) => {
  const packages = /^By hand: apt-get install lua-basexx lua-cjson lua-luaossl lua-inspect$/m;
  const machine = open(context);
  assert.match((await machine.migrate('../in')).out, packages);
  const has = open(context, 'debian-external-jwt');
  assert.doesNotMatch((await has.migrate('../in')).out, packages);
});

test('a program reads what was found, what was not understood, every file with its diff, and the steps', async (context) => {
  const machine = open(context, 'debian-secure-domain');
  const said = JSON.parse((await machine.migrate('../in', '--json')).out);
  assert.equal(said.settings.state, 'written');
  assert.ok(said.found.every((one: object) => 'what' in one && 'file' in one && 'says' in one));
  assert.deepEqual(said.applied, []);
  const files = said.steps.flatMap((step: { readonly files: readonly { readonly file: string }[] }) =>
    step.files.map(({ file }) => file),
  );
  assert.ok(files.length > 0);
  const again = JSON.parse((await machine.migrate('../in', '--json', '--apply')).out);
  assert.equal(again.settings.state, 'there');
  assert.deepEqual(again.applied, files);
  const undone = JSON.parse((await machine.migrate('--undo', '--json')).out);
  assert.deepEqual(undone.undone, files);
});

test('settings that cannot be used are told to a program with what is wrong, and the exit code says so', async (context) => {
  const machine = open(context);
  writeFileSync(join(machine.root, 'out', 'ostiary.yaml'), 'publicUrl: here\n');
  const { code, out } = await machine.migrate('../in', '--json');
  assert.equal(code, 1);
  const { settings, steps } = JSON.parse(out);
  assert.equal(settings.state, 'unusable');
  assert.ok(settings.complaints.some(({ path }: { readonly path: string }) => path === 'publicUrl'));
  assert.deepEqual(steps, []);
});

test('what is written is for others to read at most, even where the umask forbids nobody anything', async (context) => {
  const machine = open(context, 'debian-external-jwt');
  const umask = process.umask(0);
  context.after(() => process.umask(umask));
  const before = new Set(Object.keys(machine.files('in')));
  await machine.migrate('--out', '../new', '--apply', '../in');
  const made = Object.keys(machine.files('in')).filter((name) => !before.has(name));
  assert.ok(made.length > 0);
  const written = [
    ...made.flatMap((name) => [name, dirname(name)].map((one) => join('in', one))),
    ...Object.keys(machine.files('new')).flatMap((name) =>
      [name, dirname(name)].map((one) => join('new', one)),
    ),
  ];
  for (const name of written) assert.equal(statSync(join(machine.root, name)).mode & 0o022, 0, name);
});

for (const [what, link] of [
  ['secret', 'secrets/jwt'],
  ['settings', 'ostiary.yaml'],
] as const)
  test(`a link that was laid where the ${what} shall stand is not written through, or taken away, and no secret is left`, async (context) => {
    const machine = open(context, 'debian-external-jwt');
    mkdirSync(join(machine.root, 'out', 'secrets'));
    symlinkSync(join(machine.root, 'victim'), join(machine.root, 'out', link));
    const { code, err } = await machine.migrate('../in');
    assert.equal(code, 1);
    assert.match(err, new RegExp(link));
    assert.equal(existsSync(join(machine.root, 'victim')), false);
    assert.deepEqual(
      readdirSync(join(machine.root, 'out'), { recursive: true }).sort(),
      ['secrets', link].sort(),
    );
  });

for (const [name, afterwards] of [
  ['debian-plain', 'systemctl restart prosody jicofo, and reload the web server'],
  ['docker-plain', 'docker compose up -d --force-recreate'],
] as const)
  test(`${name}: whoever went back is told what has to read the files anew`, async (context) => {
    const machine = open(context, name);
    await machine.migrate('../in', '--apply');
    assert.equal((await machine.migrate('--undo')).out.split('\n').at(-1), `Afterwards: ${afterwards}`);
  });

/** A folder of the settings that the service reads by its group, and root at the terminal. */
function asRoot(context: TestContext, name: string): Machine {
  const machine = open(context, name);
  // Whoever is no root has a group of their own already.
  if (process.getuid?.() === 0) chownSync(join(machine.root, 'out'), 0, 65_534);
  context.mock.method(process as { getuid: () => number }, 'getuid', () => 0);
  return machine;
}

test('what root writes is for the group of its folder to read, whatever the umask, and for nobody else', async (context) => {
  const machine = asRoot(context, 'debian-external-jwt');
  const umask = process.umask(0o077);
  context.after(() => process.umask(umask));
  assert.equal((await machine.migrate('../in')).code, 0);
  const folder = join(machine.root, 'out');
  for (const [name, mode] of [
    ['ostiary.yaml', 0o640],
    ['secrets', 0o750],
    ['secrets/jwt', 0o640],
  ] as const) {
    const is = statSync(join(folder, name));
    assert.equal(is.gid, statSync(folder).gid, name);
    assert.equal(is.mode & 0o777, mode, name);
  }
});

test('where the group cannot be given the settings are written all the same, and the command that is left is told', async (context) => {
  const machine = asRoot(context, 'debian-plain');
  const refuses = () => {
    throw Object.assign(new Error('no'), { code: 'EPERM' });
  };
  context.mock.method(fs, 'fchownSync', refuses);
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const { code, out } = await machine.migrate('../in');
  assert.equal(code, 0);
  assert.match(
    out,
    /^- .*chgrp ostiary \/etc\/ostiary\/ostiary\.yaml && chmod 0640 \/etc\/ostiary\/ostiary\.yaml$/m,
  );
});

for (const [name, says] of [
  ['debian-plain', 'nobody has to sign in'],
  ['docker-plain', 'nobody has to sign in'],
  ['debian-secure-domain', 'hosts.anonymousdomain lets guests in'],
  ['debian-secure-domain', 'guest.meet.verein.example lets guests in'],
  ['docker-openid', 'ENABLE_GUESTS lets guests in'],
] as const)
  test(`${name}: "${says}" stands where one is told to look first`, async (context) => {
    const first = (await open(context, name).migrate('../in')).out.split('\n\n')[0] ?? '';
    assert.match(first, /^===== LOOK AT THIS FIRST$/m);
    assert.ok(first.includes(says), first);
  });

test('what is left to do by hand is told again by every later run, until the change is taken back', async (context) => {
  const machine = open(context);
  const left = /^(?:By hand: apt-get install lua-.*|Afterwards: systemctl restart prosody)$/gm;
  const first = (await machine.migrate('../in', '--apply')).out.match(left);
  assert.equal(first?.length, 2);
  const again = (await machine.migrate('../in')).out;
  assert.deepEqual(
    again.slice(again.indexOf('===== Left by an earlier --apply, if not done yet')).match(left),
    first,
  );
  const { still } = JSON.parse((await machine.migrate('../in', '--json')).out);
  assert.ok(first?.every((line) => still.includes(line)));
  await machine.migrate('--undo');
  assert.doesNotMatch((await machine.migrate('../in')).out, /Left by an earlier/);
});

test('where other settings are in use no second ones are written beside them, unless a folder is named', async (context) => {
  const machine = open(context);
  const elsewhere = join(machine.root, 'elsewhere');
  await machine.migrate('--out', elsewhere, '../in');
  const file = join(elsewhere, 'ostiary.yaml');
  const env = { OSTIARY_CONFIG: file };
  const before = machine.files('in');
  const { code, err } = await machine.migrateWith(env, '../in', '--apply');
  assert.equal(code, 1);
  assert.match(
    err,
    /There are settings in \S+elsewhere\/ostiary\.yaml, .* nothing was done\. \(config\.unusable\)/,
  );
  assert.match(err, /Run this in \S+elsewhere, or name .*--out/);
  assert.deepEqual([machine.files('in'), machine.files('out')], [before, {}]);
  // Those of the packages are found without a word, in their folder and in any other.
  const unsaid = { text: () => undefined };
  assert.equal(settingsElsewhere({ env: {}, cwd: machine.root }, unsaid, file), file);
  assert.equal(settingsElsewhere({ env: {}, cwd: elsewhere }, unsaid, file), undefined);
  assert.equal((await machine.migrateWith(env, '--out', '.', '../in')).code, 0);
});
