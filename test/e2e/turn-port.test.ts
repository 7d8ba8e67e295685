/** Port 443 shared by name, with a real nginx and the lines we print: coturn by TLS under one, the web server under the others. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { turnBesides } from '../../src/config/turn-besides.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { serve } from '../support/http-server.ts';
import { freeTurnPort } from '../support/real/coturn.ts';
import { versionOf } from '../support/real/debian.ts';
import { needCommand } from '../support/real/need.ts';
import { privateDirectory, startProgram } from '../support/real/program.ts';
import { allocate } from '../support/turn-client.ts';
import { BRIDGE, made, openPeer, startTurnStage } from '../support/turn-stage.ts';

const TURN_NAME = 'turn.example.org';
const WEB_NAME = 'meet.example.org';

/** Asks a web server on this machine, under a name. */
function ask(port: number, ca: string): Promise<string> {
  return new Promise((done, failed) => {
    const options = { host: '127.0.0.1', port, servername: WEB_NAME, ca, headers: { host: WEB_NAME } };
    request(options, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      done(text);
    })
      .on('error', failed)
      .end();
  });
}

/** Takes away what was opened, the last first. */
function closer(t: TestContext): (close: () => unknown) => void {
  const closing: (() => unknown)[] = [];
  t.after(async () => {
    for (const close of closing.reverse()) await close();
  });
  return (close) => void closing.push(close);
}

test('under its own name coturn is on port 443 by TLS, and relays to the bridge from its own address; under another name there is the web server', async (t) => {
  const after = closer(t);
  const dir = await privateDirectory('turn-port');
  after(() => rm(dir, { recursive: true, force: true }));
  const authority = makeAuthority(dir);
  const ca = readFileSync(authority.caFile, 'utf8');
  const { key, cert } = authority.issue([TURN_NAME]);
  const [certFile, keyFile] = [join(dir, 'turn.pem'), join(dir, 'turn.key')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  const web = await serve(t, (_, response) => response.end('the web server'), authority.issue([WEB_NAME]));
  const urls = [`turns:${TURN_NAME}:443?transport=tcp`];
  const turn = await startTurnStage({ turn: { urls, certFile, keyFile, tlsPort: await freeTurnPort() } });
  after(() => turn.close());
  const bridge = await openPeer(BRIDGE);
  after(() => bridge.close());

  const file = turnBesides(turn.stage.config, 'bridges-only').files.find(({ file: name }) =>
    name.includes('modules-enabled'),
  );
  const port = await freeTurnPort();
  const stream = (file?.lines[0]?.text ?? assert.fail('no lines for port 443'))
    .replace('listen 443;', `listen 127.0.0.1:${port};`)
    .replace('listen [::]:443;', '')
    .replace('127.0.0.1:4444', `127.0.0.1:${web}`);
  const conf = join(dir, 'nginx.conf');
  writeFileSync(
    conf,
    `load_module /usr/lib/nginx/modules/ngx_stream_module.so;\ndaemon off;\npid ${dir}/nginx.pid;\nevents {}\n${stream}\n`,
  );
  const nginx = await startProgram({
    name: 'nginx',
    command: needCommand('nginx', 'nginx-light'),
    args: ['-e', 'stderr', '-c', conf],
    dir,
    ready: async () => (await ask(port, ca)) !== '',
    version: versionOf('nginx-light'),
  });
  after(() => nginx.stop());

  assert.equal(await ask(port, ca), 'the web server');
  const shown = await turn.shown('ada');
  const by = { server: { address: '127.0.0.1', port }, tls: { servername: TURN_NAME, ca }, shown };
  const mine = made(await allocate(by));
  after(() => mine.close());
  assert.equal(mine.relayed.address, turn.coturn.at.address);
  assert.equal(await mine.permit(bridge.at), 200);
  const coming = bridge.next();
  mine.send(bridge.at, 'by TLS');
  const { data, from } = await coming;
  assert.deepEqual([data, from], ['by TLS', mine.relayed]);
  bridge.say(from, 'and back');
  assert.equal((await mine.received()).data, 'and back');
  assert.equal(await allocate({ ...by, shown: { ...shown, password: 'made up' } }), 401);
});
