/**
 * Stages, wired: what is guarded by the settings, and the parts of a decision that leads nowhere, for what is not.
 */
import { createObserved, type Observed } from '../admission/observed.ts';
import type { Clock } from '../base/clock.ts';
import type { Audit, Log } from '../base/log.ts';
import { type Metrics, noMetrics } from '../base/metrics.ts';
import { Secret } from '../base/secret.ts';
import type { Store } from '../base/store.ts';
import type { Config } from '../config/load.ts';
import { createObserving, type Observing } from '../gateway/observe.ts';
import type { GatewayParts } from '../gateway/parts.ts';
import { type Stages, stagesOf } from '../policy/rollout.ts';
import type { Spine } from './spine.ts';

/** Which part is guarded, and until when nothing is, by these settings; undefined where everything is. */
export function stagesIn({ insecureObserveOnly, rollout }: Config): Stages | undefined {
  const { rooms = [], networks = [], percent = 0 } = rollout;
  const isPart = rooms.length > 0 || networks.length > 0 || percent > 0;
  if (insecureObserveOnly === undefined && !isPart) return undefined;
  return stagesOf({
    ...(insecureObserveOnly !== undefined && { until: Date.parse(insecureObserveOnly) }),
    ...(isPart && { rollout: { rooms, networks, percent } }),
  });
}

/** What `ready` and `health` say of it: nothing where no setting speaks of stages. */
export function guardingOf(stages: Stages | undefined, now: number): Readonly<Record<string, unknown>> {
  if (stages === undefined) return {};
  const standing = stages.standing(now);
  if (standing === 'all-guarded') return { guarded: 'everything' };
  if (standing === 'part-guarded') return { guarded: 'a part', rollout: stages.rollout };
  return { guarded: 'NOTHING', until: new Date(stages.until ?? 0).toISOString() };
}

/** Says it in numbers. */
export function measureGuarding(stages: Stages | undefined, now: number, metrics: Metrics): void {
  const standing = stages?.standing(now);
  metrics.observe(
    'ostiary_nothing_guarded_until_seconds',
    {},
    standing === 'nothing-guarded' ? (stages?.until ?? 0) / 1000 : 0,
  );
  metrics.observe('ostiary_part_guarded', {}, standing === 'part-guarded' ? 1 : 0);
}

/** Tells whoever reads the log, as loudly as it can. */
export function tellGuarding(stages: Stages | undefined, now: number, log: Log): void {
  const standing = stages?.standing(now);
  if (standing === 'nothing-guarded')
    log.warn('NOTHING-IS-GUARDED', {
      setting: 'insecureObserveOnly',
      until: new Date(stages?.until ?? 0).toISOString(),
    });
  if (standing === 'part-guarded') {
    const { rooms, networks, percent } = stages?.rollout ?? { rooms: [], networks: [], percent: 0 };
    log.warn('only-a-part-is-guarded', {
      setting: 'rollout',
      rooms: rooms.join(' '),
      networks: networks.join(' '),
      percent,
    });
  }
}

/** What observing is made of. */
export interface StageParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What is counted, for `ostiary report`. */
export function observedOf(config: Config, parts: StageParts): Observed {
  return createObserved({ ...parts, keep: config.audit.keep });
}

/** Nothing that is decided beside is an act: it is in no audit, and counts for nothing. */
const NO_AUDIT: Audit = { record: async () => {} };

/** Looks at what passes. `spine` is one whose audit and counts lead nowhere. */
export function observingOf(
  gateway: GatewayParts,
  spine: Spine,
  { log, metrics, observed }: Pick<StageParts, 'log' | 'metrics'> & { readonly observed: Observed },
): Observing {
  const { admit, readTicket } = spine;
  const mint = async () => ({ token: new Secret('nobody gets this'), jti: 'none', expires: 0 });
  const web = { ...gateway.web, admit, mint, readTicket, audit: NO_AUDIT, metrics: noMetrics };
  const entries = { record: async () => {} };
  return createObserving({ deciding: { ...gateway, web, readTicket, entries }, observed, log, metrics });
}

/**
 * What a spine for observing is made of beside its own parts. A session that ends while it is looked at has ended all the
 * same, and that is written down.
 */
export function unheard(audit: Audit): { readonly audit: Audit; readonly metrics: Metrics } {
  const record: Audit['record'] = async (entry) => {
    if (entry.event === 'session-ended') await audit.record(entry);
  };
  return { audit: { record }, metrics: noMetrics };
}

/** Tells the log once when everything is guarded, or a part, that was not before. */
export function createGuardWatch(log: Log): (stages: Stages | undefined, now: number) => void {
  let before: string | undefined;
  return (stages, now) => {
    const standing = stages?.standing(now) ?? 'all-guarded';
    if (before === 'nothing-guarded' && standing !== before) log.warn('guarded-from-now-on', { standing });
    before = standing;
  };
}
