import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { type Authority, type Certificate, makeAuthority } from '../../test/support/http-authority.ts';
import { stageConfig } from '../../test/support/server-stage.ts';
import { createApp, openParts } from '../app.ts';
import { type Log, type LogFacts, silentLog } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { serve } from '../serve.ts';
import { createCertificate } from './certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostiary-tls-'));
after(() => rmSync(folder, { recursive: true }));
const authority: Authority = makeAuthority(folder);
const ca = readFileSync(authority.caFile, 'utf8');
const first = authority.issue(['meet.example.org']);
const second = authority.issue(['meet.example.org', 'video.example.org']);

/** A folder with a pair in it, its files replaced as a renewal does it: whole, by another name. */
function shelf(context: TestContext, pair: Partial<Certificate> = first) {
  const own = mkdtempSync(join(folder, 'pair-'));
  context.after(() => rmSync(own, { recursive: true }));
  const [certFile, keyFile] = [join(own, 'fullchain.pem'), join(own, 'privkey.pem')];
  const put = ({ cert, key }: Partial<Certificate>) => {
    for (const [file, text] of [
      [certFile, cert],
      [keyFile, key],
    ] as const) {
      if (text === undefined) continue;
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    }
  };
  put(pair);
  return { own, certFile, keyFile, put };
}

function nothingNew(): void {
  assert.fail('was handed a pair');
}

function recordingLog(): { log: Log; told: (readonly [string, LogFacts | undefined])[] } {
  const told: (readonly [string, LogFacts | undefined])[] = [];
  const tell = (event: string, facts?: LogFacts) => void told.push([event, facts]);
  return { log: { ...silentLog, info: tell, error: tell }, told };
}

async function started(context: TestContext, tls: { certFile: string; keyFile: string }, log = silentLog) {
  const config = stageConfig({ listen: { public: { port: 0, tls }, inner: { port: 0 } } });
  const parts = await openParts(config, { log });
  const app = createApp(config, parts);
  const serving = await serve({
    app,
    random: systemRandom,
    log,
    sockets: parts.sockets,
    listen: config.listen,
    drainFor: 1,
  });
  context.after(async () => {
    await serving.close();
    await parts.close();
  });
  return { app, serving, port: Number(new URL(serving.addresses.public).port) };
}

/** Shakes hands, and goes. */
async function shownAt(port: number, most?: 'TLSv1.1'): Promise<PeerCertificate> {
  const socket: TLSSocket = connect({
    port,
    host: '127.0.0.1',
    servername: 'meet.example.org',
    ca,
    ...(most !== undefined && { minVersion: 'TLSv1', maxVersion: most, ciphers: 'DEFAULT@SECLEVEL=0' }),
  });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate();
  } finally {
    socket.destroy();
  }
}

test('with a certificate of our own the public listener answers over TLS, the inner one stays as it was', async (context) => {
  const { certFile, keyFile } = shelf(context);
  const { serving, port } = await started(context, { certFile, keyFile });
  assert.match(serving.addresses.public, /^https:/);
  assert.match(serving.addresses.inner, /^http:/);
  const asked = request({
    port,
    host: '127.0.0.1',
    servername: 'meet.example.org',
    path: '/_ostiary/none',
    headers: { host: 'meet.example.org' },
    ca,
  }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  assert.equal(answer.statusCode, 404);
});

test('a replaced certificate is shown at the next handshake, connections that are open stay', async (context) => {
  const { certFile, keyFile, put } = shelf(context);
  const { app, serving, port } = await started(context, { certFile, keyFile });
  assert.equal((await shownAt(port)).subjectaltname, 'DNS:meet.example.org');
  const open = connect({ port, host: '127.0.0.1', servername: 'meet.example.org', ca });
  await once(open, 'secureConnect');

  put(second);
  serving.replace(app);

  assert.equal((await shownAt(port)).subjectaltname, 'DNS:meet.example.org, DNS:video.example.org');
  open.write('GET /_ostiary/none HTTP/1.1\r\nHost: meet.example.org\r\nConnection: close\r\n\r\n');
  const [answer] = await once(open, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 404/);
});

test('no handshake below TLS 1.2 succeeds', async (context) => {
  const { certFile, keyFile } = shelf(context);
  const { port } = await started(context, { certFile, keyFile });
  await assert.rejects(shownAt(port, 'TLSv1.1'), /protocol|version|alert/i);
});

test('plain HTTP at the TLS port gets nothing', async (context) => {
  const { certFile, keyFile } = shelf(context);
  const { port } = await started(context, { certFile, keyFile });
  await assert.rejects(
    fetch(`http://127.0.0.1:${port}/_ostiary/ready`, { signal: AbortSignal.timeout(5000) }),
  );
});

test('the new pair is taken through the link that a renewal turns to another folder', (context) => {
  const [old, renewed] = [shelf(context), shelf(context, second)];
  const live = join(folder, 'live');
  symlinkSync(old.own, live);
  const certificate = createCertificate(
    { certFile: join(live, 'fullchain.pem'), keyFile: join(live, 'privkey.pem') },
    silentLog,
  );
  const taken: unknown[] = [];
  certificate.look((options) => taken.push(options.cert));
  unlinkSync(live);
  symlinkSync(renewed.own, live);
  certificate.look((options) => taken.push(options.cert));
  certificate.look((options) => taken.push(options.cert));
  assert.deepEqual(taken, [second.cert]);
});

for (const [what, pair, why] of [
  ['a certificate whose key has not come yet', { cert: second.cert }, 'key-of-another'],
  ['half a certificate', { cert: second.cert.slice(0, 200) }, 'no-certificate'],
  ['an empty key', { key: '' }, 'no-key'],
] as const)
  test(`${what} is not taken: the old pair stays, and the log says why once`, (context) => {
    const { certFile, keyFile, put } = shelf(context);
    const { log, told } = recordingLog();
    const certificate = createCertificate({ certFile, keyFile }, log);
    const taken: unknown[] = [];
    put(pair);
    certificate.look(nothingNew);
    certificate.look(nothingNew);
    assert.equal(certificate.options().cert, first.cert);
    const kept = told.filter(([event]) => event === 'certificate.kept');
    assert.deepEqual(
      kept.map(([, facts]) => facts?.['why']),
      [why],
    );

    put(second);
    certificate.look((options) => taken.push(options.cert));
    assert.deepEqual(taken, [second.cert]);
  });

test('a file that goes away and comes back is told each time it goes', (context) => {
  const { certFile, keyFile, put } = shelf(context);
  const { log, told } = recordingLog();
  const certificate = createCertificate({ certFile, keyFile }, log);
  for (let round = 0; round < 2; round += 1) {
    unlinkSync(keyFile);
    certificate.look(nothingNew);
    certificate.look(nothingNew);
    put(first);
    certificate.look(nothingNew);
  }
  assert.deepEqual(
    told.slice(1).map(([event, facts]) => [event, facts?.['why']]),
    [
      ['certificate.kept', 'ENOENT'],
      ['certificate.kept', 'ENOENT'],
    ],
  );
});

test('a pair that is no good stops the start, and names the file', (context) => {
  const encrypted = execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:word'], {
    input: first.key,
  });
  for (const [pair, file, why] of [
    [{ cert: first.cert, key: second.key }, 'privkey.pem', 'key-of-another'],
    [{ cert: first.cert, key: String(encrypted) }, 'privkey.pem', 'encrypted'],
    [{ cert: 'none', key: first.key }, 'fullchain.pem', 'no-certificate'],
    [{ cert: first.cert }, 'privkey.pem', 'ENOENT'],
  ] as const) {
    const { certFile, keyFile } = shelf(context, pair);
    assert.throws(
      () => createCertificate({ certFile, keyFile }, silentLog),
      (thrown) =>
        isProblem(thrown, 'config.unusable') &&
        thrown.facts['why'] === why &&
        String(thrown.facts['file']).endsWith(file),
      why,
    );
  }
});

test('nothing of a key reaches the log', (context) => {
  const { certFile, keyFile, put } = shelf(context);
  const { log, told } = recordingLog();
  const certificate = createCertificate({ certFile, keyFile }, log);
  put({ key: first.key.replace(/[A-Z]{3}/g, 'AAA') });
  certificate.look(nothingNew);
  put(second);
  certificate.look(() => {});
  const lines = first.key.split('\n').filter((line) => line.length > 40);
  assert.ok(lines.length > 0 && told.length >= 2);
  for (const line of lines) assert.ok(!JSON.stringify(told).includes(line.slice(0, 24)));
});
