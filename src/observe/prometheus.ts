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

/** How often, by the value of one label after the other: finding the place takes no text to be put together. */
interface Counted {
  readonly below: Map<string, Counted>;
  times: number;
}

function emptyCount(): Counted {
  return { below: new Map(), times: 0 };
}

function below({ below }: Counted, value: string): Counted {
  const known = below.get(value);
  if (known !== undefined) return known;
  const made = emptyCount();
  below.set(value, made);
  return made;
}

type Series = readonly [labels: Record<string, string>, times: number];

/** Every place that was counted at, under the labels that lead there. */
function seriesOf({ below, times }: Counted, [label = '', ...others]: readonly string[]): readonly Series[] {
  const deeper = [...below].flatMap(([value, counted]) =>
    seriesOf(counted, others).map(([labels, often]) => [{ [label]: value, ...labels }, often] as const),
  );
  return times > 0 ? [[{}, times], ...deeper] : deeper;
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

  /** What was counted since it was last read: every request counts, and few are read about. */
  const counted = new Map<MetricName, Counted>();
  function rootOf(name: MetricName): Counted {
    if (!(made.get(name) instanceof Counter)) throw new TypeError(`${name} is no counter`);
    const root = emptyCount();
    counted.set(name, root);
    return root;
  }

  return {
    contentType: registry.contentType,
    text: () => {
      for (const [name, root] of counted)
        for (const [labels, times] of seriesOf(root, METRICS[name].labels))
          (made.get(name) as Counter).inc(labels, times);
      counted.clear();
      return registry.metrics();
    },
    count(name, labels) {
      let at = counted.get(name) ?? rootOf(name);
      for (const label of METRICS[name].labels) at = below(at, labels[label] ?? '');
      at.times += 1;
    },
    observe(name, labels, value) {
      const metric = made.get(name);
      if (metric instanceof Gauge) metric.set(labelled(name, labels), value);
      else if (metric instanceof Histogram) metric.observe(labelled(name, labels), value);
      else throw new TypeError(`${name} is a counter`);
    },
  };
}
