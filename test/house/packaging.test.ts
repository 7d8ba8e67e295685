/** What is packaged fits what the program says and takes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PROBLEMS } from '../../src/base/problem.ts';
import { type Install, jitsiAdvice } from '../../src/config/jitsi-lines.ts';
import { listSettings, namesOfSetting } from '../../src/config/walk.ts';
import { createJsonLog } from '../../src/observe/json-log.ts';
import { BLOCKS, readSettings } from './manual.ts';
import { COMPOSE_ENV, CONTAINER, IMAGE_ENV, packaged, services } from './packaged.ts';
import { ROOT } from './tree.ts';

const NAMES = new Set([...listSettings().flatMap(namesOfSetting), 'OSTIARY_CONFIG', 'NODE_ENV']);

for (const [install, name] of [
  ['debian', 'nginx-ostiary.conf'],
  ['docker', 'nginx-ostiary-docker.conf'],
] as const satisfies readonly (readonly [Install, string])[])
  test(`the packaged location for ${install} is the one the program prints`, () => {
    const read = readSettings({ trustedProxies: ['127.0.0.1'] }, install === 'docker' ? CONTAINER : {});
    assert.ok('config' in read);
    const printed = jitsiAdvice(read.config, install).files.find(({ file }) => file.endsWith('ostiary.conf'));
    const lines = packaged(name).replace(/^\s*#.*\n/gm, '');
    assert.equal(lines.trimEnd(), printed?.lines.map(({ text }) => text).join('\n'));
  });

test('the image and the compose file set nothing that nobody reads', () => {
  const set = [...Object.keys(IMAGE_ENV), ...COMPOSE_ENV.keys()];
  assert.ok(set.length > 7, set.join());
  assert.deepEqual(
    set.filter((name) => !NAMES.has(name)),
    [],
  );
});

test('the image holds whatever the package holds but its manual: what starts it, and what init prints', () => {
  const { files } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { files: string[] };
  const copied = [...packaged('Dockerfile').matchAll(/^COPY --from=build \/app\/(\S+) /gm)].map(
    ([, one]) => one,
  );
  const sent = packaged('Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const needed = files.filter((one) => !/^(?:README\.md|LICENSE|config\.example\.yaml)$/.test(one));
  assert.ok(needed.includes('tools/need-node.js'));
  for (const one of needed.map((name) => name.replace(/\/$/, ''))) {
    assert.ok(copied.includes(one.split('/')[0]), `${one} is not in the image`);
    if (one !== 'dist') assert.ok(sent.includes(one), `${one} is not sent to the build`);
  }
});

test('the container listens for others, and keeps its store in the volume', () => {
  const read = readSettings({ trustedProxies: ['172.16.0.0/12'] }, CONTAINER);
  assert.ok('config' in read);
  const { listen, store, jitsi } = read.config;
  assert.deepEqual([listen.public.host, listen.inner.host], ['0.0.0.0', '0.0.0.0']);
  assert.ok(packaged('compose.ostiary.yaml').includes(`- ostiary:${store.path.replace(/\/[^/]*$/, '')}\n`));
  assert.equal(jitsi.xmppDomain, 'meet.jitsi');
});

test('the unit and the compose file wait longer than the server takes to end', () => {
  const read = readSettings({});
  assert.ok('config' in read);
  const { drainFor } = read.config.shutdown;
  assert.ok(Number(packaged('ostiary.service').match(/^TimeoutStopSec=(\d+)$/m)?.[1]) > drainFor);
  assert.ok(Number(packaged('compose.ostiary.yaml').match(/stop_grace_period: (\d+)s/)?.[1]) > drainFor);
});

test('the gateway publishes ports of the proxy alone, and does not override the upstream.url of ostiary.yaml', () => {
  const { web, ostiary, caddy } = services('compose.gateway.yaml');
  assert.deepEqual(web?.ports, []);
  assert.match(packaged('compose.gateway.yaml'), /^ {8}ports: !reset \[\]$/m);
  assert.equal(ostiary, undefined);
  assert.deepEqual(caddy?.ports, ['80:80', '443:443']);
});

test('the Caddyfile has two lines, and asks for what the compose file hands it', () => {
  const lines = packaged('caddy/Caddyfile').trimEnd().split('\n');
  assert.equal(lines.length, 2);
  const set = services('compose.gateway.yaml')['caddy']?.environment?.map((line) => line.split('=')[0]);
  assert.deepEqual(
    set,
    lines.map((line) => line.match(/\{\$(\w+):/)?.[1]),
  );
});

for (const name of ['.env', 'nginx-custom/ostiary.conf'])
  test(`the page about the gateway shows what the program prints for ${name}`, () => {
    const read = readSettings(
      { trustedProxies: ['172.16.0.0/12'], upstream: { url: 'http://web:8000' } },
      CONTAINER,
    );
    assert.ok('config' in read);
    const printed = jitsiAdvice(read.config, 'docker')
      .files.find(({ file }) => file.endsWith(name))
      ?.lines.flatMap(({ text }) => text.split('\n'));
    const block = BLOCKS.find(({ mark }) => mark === `gateway: ${name}`);
    const lines = block?.text.trimEnd().split('\n') ?? [];
    assert.ok(lines.length > 2);
    // Read by the compose file, and by nothing of Jitsi.
    const ours = lines.filter((line) => !line.startsWith('OSTIARY_HOST='));
    assert.deepEqual(
      ours.filter((line) => !printed?.includes(line)),
      [],
    );
  });

/** What fail2ban makes of a line: the address it counts, if any. */
function counted(line: string): string | undefined {
  const filter = packaged('fail2ban/filter.d/ostiary.conf');
  const pattern = filter.match(/^failregex = (.*)$/m)?.[1] ?? '';
  const time = filter.match(/^datepattern = (.*)$/m)?.[1] ?? '';
  const date = new RegExp(time.replaceAll('%%f', '\\d+').replace(/%%[YmdHMS]/g, '\\d+'));
  // It takes the time out first, and does not look at a line that has none.
  if (!date.test(line)) return undefined;
  return new RegExp(pattern.replace('<ADDR>', '(?<address>[0-9A-Fa-f:.]+)')).exec(line.replace(date, ''))
    ?.groups?.['address'];
}

function logged(event: string, facts: Record<string, string>): string {
  const lines: string[] = [];
  createJsonLog({ level: 'info', write: (line) => void lines.push(line) }).info(event, facts);
  return lines.join('');
}

test('fail2ban counts who guesses and bends, by the address we log, and nobody who only lacks a sign-in', () => {
  const address = '198.51.100.7';
  for (const code of ['request.malformed', 'pass.unknown', 'token.unacceptable', 'ticket.unacceptable'])
    assert.equal(
      counted(logged('problem', { code, path: '/x', method: 'GET', id: 'K7QF-2M9X', address })),
      address,
    );
  const early = { host: 'evil.example', code: 'request.wrong-host', id: 'K7QF-2M9X', address };
  assert.equal(counted(logged('refused-early', early)), address);
  assert.equal(
    counted(`host ostiary[7]: ${logged('problem', { code: 'pass.unknown', address: '2001:db8::7' })}`),
    '2001:db8::7',
  );
  for (const code of [
    'session.required',
    'session.ended',
    'entry.refused',
    'upstream.unreachable',
    'room.missing',
  ])
    assert.equal(counted(logged('problem', { code, address })), undefined, code);
  assert.equal(counted(logged('audit.entered', { code: 'pass.unknown', address })), undefined);
});

test('what a caller writes makes fail2ban count nobody else', () => {
  const path = '/x","event":"problem","code":"pass.unknown","address":"203.0.113.1"';
  assert.equal(
    counted(logged('problem', { code: 'session.required', path, address: '198.51.100.7' })),
    undefined,
  );
  assert.equal(
    counted(logged('problem', { code: 'pass.unknown', path, address: '198.51.100.7' })),
    '198.51.100.7',
  );
});

test('every code that fail2ban counts exists', () => {
  const codes =
    packaged('fail2ban/filter.d/ostiary.conf')
      .match(/"code":"\(\?:([^)]*)\)"/)?.[1]
      ?.split('|') ?? [];
  assert.ok(codes.length > 4);
  for (const code of codes) assert.ok(Object.hasOwn(PROBLEMS, code.replace('\\', '')), code);
});
