/**
 * The real way out of the process, open to the parts a test runs on this machine and to nothing else.
 */
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import type { Outbound } from '../../src/base/outbound.ts';
import { createOutbound } from '../../src/outbound/fetch.ts';

const opened = new Set<string>();

// One for all tests of a process: reading the system's authorities takes its time.
const parts = {
  allowedOrigins: () => [...opened],
  insecureHttp: true,
  timeoutMs: 2000,
  metrics: noMetrics,
  log: silentLog,
  clock: systemClock,
};
const outbound = createOutbound(parts);

/** Opens the way to one origin, such as `http://127.0.0.1:4711`. */
export function wayOutTo(origin: string): Outbound {
  opened.add(origin);
  return outbound;
}
