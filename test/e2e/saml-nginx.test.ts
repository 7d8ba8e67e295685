/** The addresses of a mod_shib that was here before, through a real nginx with the lines that we print for it. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { jitsiAdvice } from '../../src/config/jitsi-lines.ts';
import { freePort } from '../support/http-server.ts';
import { privateDirectory, startProgram } from '../support/real/program.ts';
import { idpMetadata, makeKeyPair } from '../support/saml-idp.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let stage: Stage;
let nginx: Awaited<ReturnType<typeof startProgram>>;
let dir: string;
let port: number;

/** What is answered at this path of the meeting's host. */
function ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((done, failed) => {
    const host = new URL(ORIGIN).host;
    const asking = request({ host: '127.0.0.1', port, path, headers: { host } }, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      done({ status: answer.statusCode ?? 0, text });
    });
    asking.on('error', failed);
    asking.end();
  });
}

before(async () => {
  dir = await privateDirectory('saml-nginx');
  const metadataFile = join(dir, 'idp.xml');
  writeFileSync(metadataFile, idpMetadata([await makeKeyPair('idp')]));
  stage = await startStage({
    asConfigured: true,
    config: {
      providers: [{ id: 'uni', kind: 'saml', saml: { metadataFile } }],
      saml: { shibbolethPaths: true },
    },
  });
  const { listen } = stage.config;
  const config = {
    ...stage.config,
    listen: { ...listen, public: { ...listen.public, port: stage.ports.public } },
  };
  const { files } = jitsiAdvice(config, 'debian');
  const lines = files.find(({ file }) => file.endsWith('/ostiary.conf'))?.lines ?? [];
  port = await freePort();
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log; worker_processes 1; events { worker_connections 64; }
http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/t-${kind};`).join(' ')}
server { listen 127.0.0.1:${port}; server_name meet.example.org;
${lines.map(({ text }) => text).join('\n')}
  location ~ ^/([^/?&:'"]+)$ { return 200 "a room"; }
  location / { return 200 "Jitsi"; } } }`,
  );
  nginx = await startProgram({
    name: 'nginx',
    command: 'nginx',
    args: ['-c', join(dir, 'nginx.conf'), '-p', dir],
    dir,
    version: 'of Debian',
    ready: async () => (await ask('/')).status === 200,
  });
});
after(async () => {
  await nginx?.stop();
  await stage?.close();
  rmSync(dir, { recursive: true, force: true });
});

test('the printed lines hand the old addresses to us, and everything else to Jitsi', async () => {
  const old = await ask('/Shibboleth.sso/Metadata');
  assert.equal(old.status, 200, old.text);
  assert.ok(old.text.includes(`Location="${ORIGIN}/Shibboleth.sso/SAML2/POST"`));
  assert.equal((await ask(`${PREFIX}/saml/metadata`)).text, old.text);
  assert.equal((await ask('/Shibboleth.sso/Session')).status, 404, 'of these we have four, and no others');
  assert.equal((await ask('/standup')).text, 'a room');
  assert.equal((await ask('/Shibboleth')).text, 'a room');
});
