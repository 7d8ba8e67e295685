/**
 * What we count, as Prometheus reads it.
 *
 * A door to prom-client. Counts what stands in the table of metrics, under the
 * labels that stand there; a registry of its own, so that nothing else gets in.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Labels, METRICS, type MetricName, type Metrics } from '../base/metrics.ts';

/** Metrics that can be read. */
export interface Prometheus extends Metrics {
  /** The media type of `text()`. */
  readonly contentType: string;
  /** Everything counted so far. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): Promise<string>;
}

/** Makes counters, gauges and histograms of the whole table. Using one as what it is not throws a TypeError. */
export function createPrometheus(): Prometheus {
  const registry = new Registry();
  const made = new Map<MetricName, Counter | Gauge | Histogram>();
  for (const [name, { kind, help, labels }] of Object.entries(METRICS)) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    const kinds = {
      counter: () => new Counter(options),
      gauge: () => new Gauge(options),
      histogram: () => new Histogram(options),
    };
    made.set(name as MetricName, kinds[kind]());
  }

  /** The labels of the table and no others: a missing one is empty, so that every series has the same. */
  function labelled(name: MetricName, given: Labels): Record<string, string> {
    return Object.fromEntries(METRICS[name].labels.map((label) => [label, given[label] ?? '']));
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count(name, labels) {
      const metric = made.get(name);
      if (!(metric instanceof Counter)) throw new TypeError(`${name} is no counter`);
      metric.inc(labelled(name, labels));
    },
    observe(name, labels, value) {
      const metric = made.get(name);
      if (metric instanceof Gauge) metric.set(labelled(name, labels), value);
      else if (metric instanceof Histogram) metric.observe(labelled(name, labels), value);
      else throw new TypeError(`${name} is a counter`);
    },
  };
}
