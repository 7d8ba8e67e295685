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

  /** What was counted since it was last read, by name and labels: every request counts, and few are read about. */
  const counted = new Map<string, { readonly add: (times: number) => void; times: number }>();
  function seriesOf(name: MetricName, labels: Labels, key: string) {
    const metric = made.get(name);
    if (!(metric instanceof Counter)) throw new TypeError(`${name} is no counter`);
    const of = labelled(name, labels);
    const series = { add: (times: number) => metric.inc(of, times), times: 0 };
    counted.set(key, series);
    return series;
  }

  return {
    contentType: registry.contentType,
    text: () => {
      for (const { add, times } of counted.values()) if (times > 0) add(times);
      counted.clear();
      return registry.metrics();
    },
    count(name, labels) {
      let key: string = name;
      for (const label of METRICS[name].labels) key += `\u0000${labels[label] ?? ''}`;
      const series = counted.get(key) ?? seriesOf(name, labels, key);
      series.times += 1;
    },
    observe(name, labels, value) {
      const metric = made.get(name);
      if (metric instanceof Gauge) metric.set(labelled(name, labels), value);
      else if (metric instanceof Histogram) metric.observe(labelled(name, labels), value);
      else throw new TypeError(`${name} is a counter`);
    },
  };
}
