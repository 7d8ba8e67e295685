/**
 * What `ostiary migrate` makes of Jitsi's files is what nginx, Apache and Lua themselves take: the real programs read it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectedOf, filesBelow, type Machine, machineOf, migrateCases } from '../cases/migrate.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { needCommand } from '../support/real/need.ts';
import { privateDirectory } from '../support/real/program.ts';

/** Whatever the machine has: nobody listens with these configurations. */
const PORTS = { '80': '18080', '443': '18443' } as const;

type Port = keyof typeof PORTS;

const applied = migrateCases().filter((name) => expectedOf(name).settings !== undefined);

async function migrated(name: string, work: (machine: Machine) => Promise<void> | void): Promise<void> {
  const machine = machineOf(name);
  try {
    await machine.migrate('../in', '--apply');
    await work(machine);
  } finally {
    machine.away();
  }
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 0, stdout + stderr);
}

/** A site as it stands, with names of files and ports that this machine has. */
function here(text: string, { root, folder }: { readonly root: string; readonly folder: string }): string {
  return text
    .replaceAll(/\/etc\/jitsi\/meet\/\S+\.crt/g, `${folder}/site.crt`)
    .replaceAll(/\/etc\/jitsi\/meet\/\S+\.key/g, `${folder}/site.key`)
    .replaceAll('/etc/jitsi/', `${root}/in/etc/jitsi/`)
    .replaceAll(/^\s*listen \[.*$/gm, '')
    .replaceAll(/listen (80|443)\b/g, (_, port: Port) => `listen 127.0.0.1:${PORTS[port]}`)
    .replaceAll(/<VirtualHost \*:(?:80|443)>/g, `<VirtualHost 127.0.0.1:${PORTS['443']}>`);
}

async function withCertificate(work: (folder: string) => void): Promise<void> {
  const folder = await privateDirectory('migrated');
  const { key, cert } = makeAuthority(folder).issue(['meet.example.org']);
  writeFileSync(join(folder, 'site.key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'site.crt'), cert);
  mkdirSync(join(folder, 'logs'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const name of applied) {
  const files = Object.keys(expectedOf(name).after);

  const lua = files.filter((file) => file.endsWith('.cfg.lua'));
  if (lua.length > 0)
    test(`${name}: Lua reads what Prosody is told`, () =>
      migrated(name, ({ root }) => {
        const luac = needCommand('luac5.4', 'lua5.4');
        for (const file of lua) run(luac, '-p', join(root, 'in', file));
      }));

  const sites = Object.keys(filesBelow(join(import.meta.dirname, '../cases/migrate', name, 'in')));
  const nginx = sites.find(
    (file) => file.includes('nginx/sites-available/meet') || file.includes('nginx/sites-available/jitsi'),
  );
  if (nginx !== undefined)
    test(`${name}: nginx takes the site and what it includes`, () =>
      migrated(name, ({ root }) =>
        withCertificate((folder) => {
          const text = here(readFileSync(join(root, 'in', nginx), 'utf8'), { root, folder });
          const whole = `pid ${folder}/pid; error_log stderr; events {}\nhttp {\naccess_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/t-${kind};`).join('\n')}\n${text}}\n`;
          writeFileSync(join(folder, 'nginx.conf'), whole);
          run(needCommand('nginx', 'nginx'), '-t', '-p', folder, '-c', join(folder, 'nginx.conf'));
        }),
      ));

  const apache = files.find((file) => file.includes('apache2/'));
  if (apache !== undefined)
    test(`${name}: Apache takes the site, without mod_shib`, () =>
      migrated(name, ({ root }) =>
        withCertificate((folder) => {
          const modules = [
            'mpm_event',
            'authz_core',
            'access_compat',
            'mime',
            'dir',
            'alias',
            'rewrite',
            'include',
            'ssl',
            'headers',
            'proxy',
            'proxy_http',
          ];
          const loaded = modules.map(
            (one) => `LoadModule ${one}_module /usr/lib/apache2/modules/mod_${one}.so`,
          );
          const text = here(readFileSync(join(root, 'in', apache), 'utf8'), { root, folder });
          const own = `ServerRoot "${folder}"\nServerName here\nListen 127.0.0.1:${PORTS['443']}\nPidFile ${folder}/pid\nErrorLog ${folder}/error.log\nMutex file:${folder} default\n`;
          writeFileSync(join(folder, 'httpd.conf'), `${own}${loaded.join('\n')}\n${text}`);
          run(needCommand('apache2', 'apache2'), '-t', '-f', join(folder, 'httpd.conf'));
        }),
      ));
}

test('killed between two files, the program is told so at its next start, and --undo gives back every byte', async () => {
  const machine = machineOf('debian-plain');
  try {
    await machine.migrate('../in');
    const before = machine.files('in');
    const ostiary = (words: readonly string[], killedAt?: string) =>
      spawnSync(
        process.execPath,
        [
          ...(killedAt === undefined
            ? []
            : ['--import', join(import.meta.dirname, '../support/killed-at.ts')]),
          join(import.meta.dirname, '../../bin/ostiary.js'),
          'migrate',
          ...words,
        ],
        {
          cwd: join(machine.root, 'out'),
          encoding: 'utf8',
          timeout: 60_000,
          env: { ...process.env, ...(killedAt !== undefined && { KILLED_AT: killedAt }) },
        },
      );
    assert.equal(ostiary(['../in', '--apply'], 'jicofo.conf').signal, 'SIGKILL');
    const half = machine.files('in');
    assert.notDeepEqual(half, before);
    assert.equal(half['etc/jitsi/jicofo/jicofo.conf'], before['etc/jitsi/jicofo/jicofo.conf']);
    const again = ostiary(['../in', '--apply']);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /interrupted/);
    const back = ostiary(['--undo']);
    assert.equal(back.status, 0, back.stderr);
    assert.deepEqual(machine.files('in'), before);
  } finally {
    machine.away();
  }
});
