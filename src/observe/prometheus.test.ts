/**
 * What is counted can be read, and nothing else can be counted.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METRICS } from '../base/metrics.ts';
import { createPrometheus } from './prometheus.ts';

test('every metric of the table is told, with its help', async () => {
  const text = await createPrometheus().text();
  for (const [name, { kind, help }] of Object.entries(METRICS)) {
    assert.ok(text.includes(`# HELP ${name} ${help}`), name);
    assert.ok(text.includes(`# TYPE ${name} ${kind}`), name);
  }
});

test('a counter counts, a gauge stands, a histogram adds up', async () => {
  const metrics = createPrometheus();
  metrics.count('ostiary_entries_total', { outcome: 'admitted' });
  metrics.count('ostiary_entries_total', { outcome: 'admitted' });
  metrics.observe('ostiary_provider_up', { provider: 'example' }, 1);
  metrics.observe('ostiary_provider_up', { provider: 'example' }, 0);
  metrics.observe('ostiary_outbound_seconds', { purpose: 'token', outcome: 'answered' }, 0.2);
  metrics.observe('ostiary_outbound_seconds', { purpose: 'token', outcome: 'answered' }, 0.3);
  const lines = (await metrics.text()).split('\n');
  for (const line of [
    'ostiary_entries_total{outcome="admitted"} 2',
    'ostiary_provider_up{provider="example"} 0',
    'ostiary_outbound_seconds_count{purpose="token",outcome="answered"} 2',
    'ostiary_outbound_seconds_sum{purpose="token",outcome="answered"} 0.5',
  ])
    assert.ok(lines.includes(line), line);
});

test('what is counted between two readings is told by the second, once', async () => {
  const metrics = createPrometheus();
  const told = async () =>
    /^ostiary_gate_requests_total\{surface="page",verdict="passed"\} (\d+)$/m.exec(await metrics.text())?.[1];
  const count = () => metrics.count('ostiary_gate_requests_total', { surface: 'page', verdict: 'passed' });
  count();
  assert.equal(await told(), '1');
  assert.equal(await told(), '1');
  count();
  count();
  metrics.count('ostiary_gate_requests_total', { surface: 'page' });
  assert.equal(await told(), '3');
});

test('a label that is not in the table is not told', async () => {
  const metrics = createPrometheus();
  metrics.count('ostiary_entries_total', { outcome: 'refused', room: 'secret-plans' });
  assert.doesNotMatch(await metrics.text(), /secret-plans/);
});

test('a label cannot break out of its line', async () => {
  const metrics = createPrometheus();
  metrics.count('ostiary_refused_total', { reason: 'a"} 1\nforged_total 7' });
  assert.doesNotMatch(await metrics.text(), /^forged_total/m);
});

test('a metric used as what it is not is a mistake that is heard', () => {
  const metrics = createPrometheus();
  assert.throws(() => metrics.count('ostiary_provider_up', { provider: 'example' }), TypeError);
  assert.throws(() => metrics.observe('ostiary_entries_total', { outcome: 'admitted' }, 1), TypeError);
});

test('two registries count for themselves', async () => {
  const [one, other] = [createPrometheus(), createPrometheus()];
  one.count('ostiary_entries_total', { outcome: 'admitted' });
  assert.doesNotMatch(await other.text(), /ostiary_entries_total\{/);
});

test('the media type is the one Prometheus reads', () => {
  assert.match(createPrometheus().contentType, /^text\/plain; version=0\.0\.4/);
});
