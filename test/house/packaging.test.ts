/** What is packaged fits what the program says and takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Install, jitsiAdvice } from '../../src/config/jitsi-lines.ts';
import { listSettings, namesOfSetting } from '../../src/config/walk.ts';
import { readSettings } from './manual.ts';
import { COMPOSE_ENV, CONTAINER, IMAGE_ENV, packaged } from './packaged.ts';

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
