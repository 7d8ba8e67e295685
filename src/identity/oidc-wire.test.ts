/** Where our own requests to a provider really go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type Labels, noMetrics } from '../base/metrics.ts';
import type { Outbound } from '../base/outbound.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { createWire, internalAddress } from './oidc-wire.ts';
import { createHealth } from './provider-health.ts';

for (const [issuer, internal, asked, goes] of [
  [
    'https://sso.example.org/realms/x',
    undefined,
    'https://sso.example.org/realms/x/token',
    'https://sso.example.org/realms/x/token',
  ],
  [
    'https://sso.example.org/realms/x',
    'http://keycloak:8080/realms/x',
    'https://sso.example.org/realms/x/token',
    'http://keycloak:8080/realms/x/token',
  ],
  [
    'https://sso.example.org/auth/x/',
    'http://keycloak:8080/x',
    'https://sso.example.org/auth/x/keys?v=2',
    'http://keycloak:8080/x/keys?v=2',
  ],
  [
    'https://sso.example.org/realms/x',
    'http://keycloak:8080/',
    'https://sso.example.org/realms/xy/token',
    'http://keycloak:8080/realms/xy/token',
  ],
  [
    'https://sso.example.org',
    'http://inside',
    'https://sso.example.org.evil.example/token',
    'https://sso.example.org.evil.example/token',
  ],
  [
    'https://sso.example.org',
    'http://inside',
    'https://keys.example.org/jwks',
    'https://keys.example.org/jwks',
  ],
] as const)
  test(`${asked} of ${issuer} is asked at ${goes}`, () =>
    assert.equal(internalAddress(issuer, internal)(asked), goes));

const clock = fixedClock('2026-03-02T09:00:00Z');

function stage(outbound: Outbound) {
  const gauges: [string, Labels, number][] = [];
  const warnings: unknown[] = [];
  const metrics = {
    ...noMetrics,
    observe: (name: string, labels: Labels, value: number) => void gauges.push([name, labels, value]),
  };
  const log = { ...silentLog, warn: (event: string, facts: unknown) => void warnings.push([event, facts]) };
  const health = createHealth({ id: 'sso', clock, log, metrics });
  return {
    wire: createWire({ id: 'sso', internal: (url) => url, outbound, clock, health }),
    health,
    gauges,
    warnings,
  };
}

const answering =
  (headers: Record<string, string>, body = '{}', status = 200): Outbound =>
  async () =>
    new Response(body, { status, headers });

test('how far the clocks are apart is read off every answer and told in whole seconds', async () => {
  const { wire, health, gauges } = stage(answering({ date: 'Mon, 02 Mar 2026 08:58:30 GMT' }));
  await wire('https://sso.example.org/jwks', 'jwks');
  assert.equal(health.state().clockSkew, 90);
  assert.deepEqual(gauges, [['ostiary_provider_clock_skew_seconds', { provider: 'sso' }, 90]]);
});

test('an answer out of a cache, or with a date of no kind, tells nothing of the clock', async () => {
  for (const headers of [{ date: 'Mon, 02 Mar 2026 08:00:00 GMT', age: '3600' }, { date: '1' }, {}] as Record<
    string,
    string
  >[]) {
    const { wire, health } = stage(answering(headers));
    await wire('https://sso.example.org/jwks', 'jwks');
    assert.equal(health.state().clockSkew, undefined);
  }
});

test('clocks more than five seconds apart are warned of, once in a while', async () => {
  const { wire, warnings } = stage(answering({ date: 'Mon, 02 Mar 2026 09:00:10 GMT' }));
  for (let n = 0; n < 3; n += 1) await wire('https://sso.example.org/jwks', 'jwks');
  assert.deepEqual(warnings, [['provider.clock-skew', { provider: 'sso', seconds: -10 }]]);
  const { wire: near, warnings: none } = stage(answering({ date: 'Mon, 02 Mar 2026 09:00:04 GMT' }));
  await near('https://sso.example.org/jwks', 'jwks');
  assert.deepEqual(none, []);
});

for (const [happened, code] of [
  ['outbound.failed', 'provider.unreachable'],
  ['outbound.too-large', 'provider.misconfigured'],
  ['outbound.forbidden', 'provider.misconfigured'],
] as const)
  test(`${happened} on the way to a provider is ${code}`, async () => {
    const { wire } = stage(async () => {
      throw new Problem(happened, { reason: 'why' });
    });
    await assert.rejects(
      wire('https://sso.example.org/token', 'token'),
      (thrown) => isProblem(thrown, code) && thrown.facts.provider === 'sso' && thrown.facts.reason === 'why',
    );
  });

test('why a provider is down is said once, in the log', () => {
  const { health, warnings } = stage(answering({}));
  const problem = new Problem('provider.unreachable', { asked: 'discovery', reason: 'tls' });
  health.bad(problem);
  health.bad(problem);
  assert.deepEqual(warnings, [
    ['provider.down', { asked: 'discovery', reason: 'tls', provider: 'sso', code: 'provider.unreachable' }],
  ]);
});

test('whether a provider answers is a gauge and a state', () => {
  const { health, gauges } = stage(answering({}));
  assert.deepEqual(health.state(), { up: false });
  health.good();
  health.bad(new Problem('provider.unreachable', {}));
  assert.deepEqual(health.state(), { up: false, code: 'provider.unreachable' });
  health.good();
  assert.deepEqual(health.state(), { up: true });
  assert.deepEqual(
    gauges.map(([, , value]) => value),
    [1, 0, 1],
  );
});
