/** The nginx lines of the manual: nginx itself takes them, and what they hand on arrives. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { test } from 'node:test';
import { parse } from 'yaml';
import { BLOCKS } from '../house/manual.ts';
import { freePort } from '../support/http-server.ts';
import { startProgram } from '../support/real/program.ts';
import { startStage } from '../support/server-stage.ts';

const LINES = BLOCKS.filter(({ language }) => language === 'nginx');

/** A settings file around lines of a server block. */
function around(lines: string, port: number, top = ''): { readonly dir: string; readonly file: string } {
  const dir = mkdtempSync(join(tmpdir(), 'ostiary-nginx-'));
  const file = join(dir, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file,
    `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log; events { worker_connections 64; }
http { access_log off; ${temporary.map((kind) => `${kind}_temp_path ${dir}/t-${kind};`).join(' ')}
${top}
server { listen 127.0.0.1:${port}; server_name meet.example.org;
${lines}
} }`,
  );
  return { dir, file };
}

/** Asks at the public name, as phones do; a redirect is an answer. */
async function askNginx(port: number, path: string) {
  const asking = request({ port, path, headers: { host: 'meet.example.org' } }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    text: await readText(answer),
  };
}

/** What the manual says in a sentence is to stand at the top of `http`. */
function topOf(path: string): string {
  const manual = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  return /^At the top of `http`: `([^`]+)`/m.exec(manual)?.[1] ?? '';
}

for (const [at, { path, text }] of LINES.entries())
  test(`nginx takes the lines shown in ${path} as they stand (${at + 1})`, (t) => {
    const { dir, file } = around(text, 8443, topOf(path));
    t.after(() => rmSync(dir, { recursive: true }));
    // It says what is wrong, and ends with another code than 0.
    execFileSync('nginx', ['-t', '-q', '-c', file, '-p', dir], { stdio: 'pipe' });
  });

test('beside Jitsi the lines of the manual hand on what the makers of phones read, without a redirect', async (t) => {
  const settings = BLOCKS.find(({ path, text }) => path.endsWith('apps.md') && text.includes('appLinks'));
  const lines = LINES.find(({ path }) => path.endsWith('apps.md'))?.text ?? '';
  const stage = await startStage({ config: parse(settings?.text ?? '') });
  t.after(() => stage.close());
  const port = await freePort();
  const here = lines.replaceAll('127.0.0.1:8080', `127.0.0.1:${stage.ports.public}`);
  const { dir, file } = around(here, port);
  const nginx = await startProgram({
    ...{ name: 'nginx', command: 'nginx', args: ['-c', file, '-p', dir], dir, version: '1.22' },
    ready: () =>
      new Promise((done) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          done(true);
        });
        socket.on('error', () => done(false));
      }),
  });
  t.after(async () => {
    await nginx.stop();
    rmSync(dir, { recursive: true });
  });
  for (const [name, word] of [
    ['assetlinks.json', 'org.example.meet'],
    ['apple-app-site-association', 'ABCDE12345.org.example.meet'],
  ] as const) {
    const answer = await askNginx(port, `/.well-known/${name}`);
    assert.equal(answer.status, 200, name);
    assert.equal(answer.type, 'application/json');
    assert.ok(answer.text.includes(word));
  }
});
