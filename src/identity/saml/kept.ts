/**
 * How much of what strangers posted one node keeps at a time: counted here, kept elsewhere.
 */
import { Problem } from '../../base/problem.ts';

/** A count of what is kept. */
export interface Kept {
  /** Counts one more. `ttl` in seconds. Throws `saml.busy` where there is no room. */
  add(id: string, about: { readonly bytes: number; readonly now: number; readonly ttl: number }): void;
  forget(id: string): void;
}

/** Makes one of these bounds. */
export function createKept(most: { readonly messages: number; readonly bytes: number }): Kept {
  const kept = new Map<string, { readonly until: number; readonly bytes: number }>();
  let bytes = 0;

  function forget(id: string): void {
    bytes -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  }

  return {
    forget,
    add: (id, { bytes: size, now, ttl }) => {
      for (const [known, { until }] of kept) if (until <= now) forget(known);
      if (kept.size >= most.messages || bytes + size > most.bytes)
        throw new Problem('saml.busy', { why: 'kept' });
      kept.set(id, { until: now + ttl, bytes: size });
      bytes += size;
    },
  };
}
