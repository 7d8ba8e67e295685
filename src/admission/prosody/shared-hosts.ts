/**
 * Where hosts are by report, for every process on one store: the one that Prosody reports to writes it down, all read
 * it once a second.
 *
 * What stands there for longer than a report is believed is not known, and counts for nothing.
 */
import type { Clock } from '../../base/clock.ts';
import { amend, type Store } from '../../base/store.ts';

/** What one Prosody reported: the rooms with a host, by `roomKey`, and until when that is believed (milliseconds since 1970). */
export interface HostsOf {
  readonly led: readonly string[];
  /** How many people are connected to it. */
  readonly connections: number;
  readonly until: number;
}

/** What is shared. Both throw what the store throws. */
export interface SharedHosts {
  write(from: string, hosts: HostsOf): Promise<void>;
  read(): Promise<ReadonlyMap<string, HostsOf>>;
}

const KEY = 'prosody/hosts';

/** Makes it. */
export function createSharedHosts({ store, clock }: { store: Store; clock: Clock }): SharedHosts {
  const parsed = (raw: string | undefined) =>
    Object.entries(raw === undefined ? {} : (JSON.parse(raw) as Record<string, HostsOf>)).filter(
      ([, { until }]) => clock.now() < until,
    );
  return {
    async write(from, hosts) {
      const ttl = Math.max(1, Math.ceil((hosts.until - clock.now()) / 1000));
      await amend(store, KEY, ttl, (raw) =>
        JSON.stringify(Object.fromEntries([...parsed(raw).filter(([name]) => name !== from), [from, hosts]])),
      );
    },
    read: async () => new Map(parsed(await store.get(KEY))),
  };
}
