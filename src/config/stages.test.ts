import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, LEAST, noFiles } from '../../test/support/config.ts';
import { jitsiAdvice } from './jitsi-lines.ts';
import { parseConfig } from './load.ts';

const NOW = Date.parse('2026-03-02T09:00Z');
const GATEWAY = "upstream: { url: 'http://10.0.0.5' }";
const FORWARD = "forwardAuth: { enabled: true }\ntrustedProxies: ['127.0.0.1']";

const read = (more: string) =>
  parseConfig({ yamlText: `${LEAST}\n${more}\n`, env: {}, readFile: noFiles, now: NOW });
const wrongIn = (more: string) => complaintsOf(read(more)).map(({ path, wrong }) => `${path} ${wrong}`);
const observing = (value: string, door = GATEWAY) => wrongIn(`${door}\ninsecureObserveOnly: ${value}`);

for (const value of ['2026-03-10', '2026-03-10T18:00Z', "'2026-03-10 18:00:30+01:00'", '2026-04-02T09:00Z'])
  test(`nothing may be guarded until ${value}`, () => {
    assert.deepEqual(observing(value), []);
  });

test('a date that is over guards everything, and stops no start', () => {
  assert.deepEqual(observing('2026-01-10'), []);
});

for (const value of [
  'true',
  'yes',
  '7d',
  '7',
  'tomorrow',
  '2026-02-30',
  '2026-03-10T18:00',
  "''",
  '10.03.2026',
])
  test(`nothing is guarded by no more than ${value}: it wants a date`, () => {
    assert.equal(observing(value).length, 1);
    assert.match(observing(value)[0] ?? '', /^insecureObserveOnly /);
  });

for (const value of ['2026-04-02T09:00:01Z', '2026-05-01', '9999-12-31'])
  test(`not until ${value}, which is more than 31 days ahead`, () => {
    assert.deepEqual(observing(value), ['insecureObserveOnly is more than 31 days ahead']);
  });

test('a token service sees nobody who is not sent to it, and says so', () => {
  assert.match(observing('2026-03-10', '')[0] ?? '', /^insecureObserveOnly has nothing to look at/);
  assert.match(wrongIn('rollout: { percent: 10 }')[0] ?? '', /^rollout\.percent has nothing to look at/);
});

test('beside a proxy that asks, names of rooms would leave a hole, and networks do not', () => {
  assert.match(wrongIn(`${FORWARD}\nrollout: { rooms: [board] }`)[0] ?? '', /^rollout\.rooms leaves a hole/);
  assert.match(wrongIn(`${FORWARD}\nrollout: { percent: 5 }`)[0] ?? '', /^rollout\.percent leaves a hole/);
  assert.deepEqual(wrongIn(`${FORWARD}\nrollout: { networks: [10.0.0.0/8] }`), []);
  assert.deepEqual(observing('2026-03-10', FORWARD), []);
});

for (const part of [
  'rooms: []',
  'networks: []',
  'percent: 0',
  'percent: 101',
  'percent: 1.5',
  'networks: [here]',
])
  test(`a part is some part: ${part}`, () => {
    assert.equal(wrongIn(`${GATEWAY}\nrollout: { ${part} }`).length, 1);
  });

test('Prosody is to take people without a token for as long as somebody passes, and no longer', () => {
  const config = (more: string) => {
    const loaded = read(`${GATEWAY}\n${more}`);
    assert.ok('config' in loaded);
    return loaded.config;
  };
  const lines = (more: string, now: number) =>
    (['debian', 'docker'] as const).map((install) =>
      jitsiAdvice(config(more), install, now)
        .files.flatMap(({ lines: all }) => all.map(({ text }) => text))
        .find((text) => /allow_empty_token|JWT_ALLOW_EMPTY/.test(text)),
    );
  const open = ['allow_empty_token = true', 'JWT_ALLOW_EMPTY=1'];
  const shut = ['allow_empty_token = false', 'JWT_ALLOW_EMPTY=0'];
  assert.deepEqual(lines('insecureObserveOnly: 2026-03-10', NOW), open);
  assert.deepEqual(lines('insecureObserveOnly: 2026-03-10', Date.parse('2026-03-10')), shut);
  assert.deepEqual(lines('rollout: { percent: 10 }', NOW), open);
  assert.deepEqual(lines('', NOW), shut);
});
