/** The package as somebody else gets it, away from this tree. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { packInto } from '../../tools/pack.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostiary-packed-'));
const home = join(folder, 'node_modules', 'ostiary');
const ostiary = join(home, 'bin', 'ostiary.js');

before(() => {
  const build = join(folder, 'build');
  mkdirSync(build);
  const { filename } = packInto(build, { dryRun: false });
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(build, filename), '-C', home, '--strip-components=1']);
  // Its dependencies, as an installation would lay them beside it, without asking a registry.
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(home, 'node_modules'));
});

after(() => rmSync(folder, { recursive: true }));

test('the packed command line answers, and knows its version', { timeout: 60_000 }, () => {
  assert.match(
    execFileSync(process.execPath, [ostiary, '--help'], { cwd: folder, encoding: 'utf8' }),
    /serve/,
  );
  assert.match(
    execFileSync(process.execPath, [ostiary, 'version'], { cwd: folder, encoding: 'utf8' }),
    /^ostiary \d+\.\d+\.\d+/,
  );
});

test('the packed demo starts, says one line, and sends a stranger to sign in', {
  timeout: 60_000,
}, async () => {
  const child = spawn(process.execPath, [ostiary, 'demo', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const lines = createInterface({ input: child.stdout });
    const { value } = await lines[Symbol.asyncIterator]().next();
    const { url, inner, users, config } = JSON.parse(value as string);
    assert.equal(users.length, 3);
    const asked = await fetch(`${url}/_ostiary/join?room=standup`, { redirect: 'manual' });
    assert.equal(asked.headers.get('location'), '/_ostiary/sign-in?to=%2Fstandup');
    assert.equal((await fetch(`${inner}/_ostiary/ready`)).status, 200);
    assert.equal(statSync(config).mode & 0o777, 0o600);
    const sessions = ['sessions', 'list', '--json', '--config', config];
    assert.deepEqual(
      JSON.parse(execFileSync(process.execPath, [ostiary, ...sessions], { encoding: 'utf8' })),
      [],
    );
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }
});
