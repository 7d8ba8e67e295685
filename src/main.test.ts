import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TERMINAL_CONFIG } from '../test/support/terminal.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const LONGEST = 20_000;

function start(cwd: string, ...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], {
    cwd,
    timeout: LONGEST,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ran(cwd: string, ...words: readonly string[]) {
  const child = start(cwd, ...words);
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...said };
}

function folderOf(
  context: { after(done: () => void): void },
  settings: Readonly<Record<string, unknown>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-main-'));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ostiary.yaml'), JSON.stringify({ ...TERMINAL_CONFIG, ...settings }), {
    mode: 0o600,
  });
  return folder;
}

test('answers go to standard output, complaints to standard error, and the exit code says which', async () => {
  const told = await ran('/', 'version');
  assert.match(told.out, /^ostiary \d/);
  assert.deepEqual([told.code, told.err], [0, '']);
  const wrong = await ran('/', 'versoin');
  assert.deepEqual(wrong, { code: 1, out: '', err: "Unknown command 'versoin'.\nDid you mean version?\n" });
});

test('a reader who has seen enough is no failure', async () => {
  const child = start('/', '--help');
  child.stdout?.destroy();
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
});

test('FAIL-12: a server that cannot have both its ports ends at once, and keeps neither', async (context) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  context.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const folder = folderOf(context, {
    listen: { public: { port: 0 }, inner: { port } },
    log: { level: 'silent' },
  });
  const { code, err } = await ran(folder, 'serve');
  assert.equal(code, 1);
  assert.match(err, /is taken by another program\.\nStop it, or set listen/);
});

test('a server that is told to stop says so and ends with 0', async (context) => {
  const child = start(folderOf(context, {}), 'serve');
  const events: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n')) events.push(JSON.parse(line).event);
    if (events.at(-1) === 'serving') child.kill('SIGTERM');
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  assert.deepEqual(
    events.filter((event) => !event.startsWith('provider.')),
    ['serving', 'stopping', 'stopped'],
  );
});
