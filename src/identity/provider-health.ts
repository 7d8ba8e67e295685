/**
 * Whether a provider answers, and how far its clock is from ours.
 *
 * Knows HTTP's `Date` and nothing of what was asked.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { isProblem, type Problem, type ProblemCode } from '../base/problem.ts';
import type { ProviderState } from './provider.ts';

/** Seconds of difference from which on the operator is warned; tokens bear more. */
const WORTH_A_WARNING = 5;
/** Seconds between two such warnings. */
const WARN_AGAIN = 600;

/** A provider's health as far as its answers tell. */
export interface Health {
  state(): ProviderState;
  /** Something worked that needs the provider whole. */
  good(): void;
  /** Something failed for everybody; the log says what was asked and what came of it. */
  bad(problem: Problem): void;
  /** Reads the provider's clock off an answer to a request sent at `sentAt` (milliseconds). */
  heard(answer: Response, sentAt: number): void;
}

/** Watches one provider. */
export function createHealth(parts: {
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}): Health {
  const { id, clock, log, metrics } = parts;
  let up = false;
  let code: ProblemCode | undefined;
  let skew: number | undefined;
  let warnedAt = Number.NEGATIVE_INFINITY;

  function warnOfClock(seconds: number) {
    if (Math.abs(seconds) <= WORTH_A_WARNING || clock.now() - warnedAt < WARN_AGAIN * 1000) return;
    warnedAt = clock.now();
    log.warn('provider.clock-skew', { provider: id, seconds });
  }

  return {
    state: () => ({
      up,
      ...(code !== undefined && { code }),
      ...(skew !== undefined && { clockSkew: skew }),
    }),
    good() {
      if (!up) log.info('provider.up', { provider: id });
      [up, code] = [true, undefined];
      metrics.observe('ostiary_provider_up', { provider: id }, 1);
    },
    bad(problem) {
      if (up || code !== problem.code)
        log.warn('provider.down', { ...problem.facts, provider: id, code: problem.code });
      [up, code] = [false, problem.code];
      metrics.observe('ostiary_provider_up', { provider: id }, 0);
    },
    heard(answer, sentAt) {
      const theirs = dateOf(answer.headers);
      if (theirs === undefined) return;
      // Their second had begun somewhere between our asking and our hearing.
      skew = Math.round(((sentAt + clock.now()) / 2 - theirs - 500) / 1000) + 0;
      metrics.observe('ostiary_provider_clock_skew_seconds', { provider: id }, skew);
      warnOfClock(skew);
    },
  };
}

/** Remembers where something failed for everybody. Throws what the work threw. */
export async function watched<T>(health: Health, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (isProblem(thrown, 'provider.unreachable') || isProblem(thrown, 'provider.misconfigured'))
      health.bad(thrown);
    throw thrown;
  }
}

/**
 * The time an answer was made, in milliseconds; undefined where it came from a cache.
 *
 * @see RFC 9110, sections 5.6.7 and 6.6.1
 */
function dateOf(headers: Headers): number | undefined {
  const date = headers.get('date') ?? '';
  if (headers.has('age') || !/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(date))
    return undefined;
  const at = Date.parse(date);
  return Number.isNaN(at) ? undefined : at;
}
