/** Lines of the manual for Caddy, Prosody and systemd: each program itself reads them. nginx and Apache have tests of their own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BLOCKS } from '../house/manual.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { needCommand } from '../support/real/need.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-fronts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function reads(command: string, args: readonly string[], folder: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    ...{ encoding: 'utf8', timeout: 30_000, cwd: folder },
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  assert.equal(status, 0, stdout + stderr);
}

const marked = (kind: string) => [...BLOCKS.filter(({ mark }) => mark === kind).entries()];

for (const [at, { path, text }] of marked('caddy'))
  test(`Caddy takes the Caddyfile shown in ${path} (${at + 1})`, (t) => {
    const folder = folderFor(t);
    const { key, cert } = makeAuthority(folder).issue(['meet.example.org']);
    writeFileSync(join(folder, 'privkey.pem'), key, { mode: 0o600 });
    writeFileSync(join(folder, 'fullchain.pem'), cert);
    writeFileSync(join(folder, 'Caddyfile'), text.replaceAll('/etc/caddy/', `${folder}/`));
    reads(
      needCommand('caddy', 'caddy'),
      ['validate', '--adapter', 'caddyfile', '--config', 'Caddyfile'],
      folder,
    );
  });

for (const [at, { path, text }] of BLOCKS.filter(({ language }) => language === 'lua').entries())
  test(`Lua reads the lines for Prosody shown in ${path} (${at + 1})`, (t) => {
    const folder = folderFor(t);
    // Those of a list stand inside one.
    writeFileSync(join(folder, 'lines.lua'), text.startsWith('"') ? `modules_enabled = {\n${text}}` : text);
    // What Prosody calls `VirtualHost`, `Component` and `Include` takes a name, perhaps another one, and gives nothing back.
    const script =
      'local function any() return any end assert(loadfile("lines.lua", "t", setmetatable({}, { __index = function() return any end })))()';
    reads(needCommand('lua5.4', 'lua5.4'), ['-e', script], folder);
  });

for (const [at, { path, text }] of marked('unit'))
  test(`systemd takes the lines shown in ${path} with the packaged unit (${at + 1})`, (t) => {
    const folder = folderFor(t);
    const packaged = readFileSync(new URL('../../packaging/ostiary.service', import.meta.url), 'utf8');
    mkdirSync(join(folder, 'ostiary.service.d'));
    // The program is not installed here.
    writeFileSync(
      join(folder, 'ostiary.service'),
      packaged.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true'),
    );
    writeFileSync(join(folder, 'ostiary.service.d/ports.conf'), text);
    reads(needCommand('systemd-analyze', 'systemd'), ['verify', './ostiary.service'], folder);
  });
