/**
 * How much of what strangers posted one node keeps at a time: counted here, kept elsewhere.
 */
import { Problem } from '../../base/problem.ts';

/** A count of what is kept. */
export interface Kept {
  /** Counts one more. Throws `saml.busy` where there is no room. */
  add(id: string, about: KeptMessageAbout): void;
  forget(id: string): void;
}

/** What is counted of one. */
interface KeptMessageAbout {
  readonly bytes: number;
  /** Unix seconds. */
  readonly now: number;
  /** Seconds. */
  readonly ttl: number;
  /** What it answers. Whoever has one request of ours takes up a few places by it, not all of them. */
  readonly request?: string | undefined;
}

/** A double click, a reload, and some patience. */
const MOST_OF_ONE = 4;

/** Makes one of these bounds. */
export function createKept(most: { readonly messages: number; readonly bytes: number }): Kept {
  const kept = new Map<string, { readonly until: number } & Pick<KeptMessageAbout, 'bytes' | 'request'>>();
  const ofOne = new Map<string, number>();
  let bytes = 0;

  function count(request: string | undefined, one: 1 | -1): void {
    if (request === undefined) return;
    const now = (ofOne.get(request) ?? 0) + one;
    if (now > 0) ofOne.set(request, now);
    else ofOne.delete(request);
  }

  function forget(id: string): void {
    const known = kept.get(id);
    if (known === undefined) return;
    bytes -= known.bytes;
    count(known.request, -1);
    kept.delete(id);
  }

  return {
    forget,
    add: (id, { bytes: size, now, ttl, request }) => {
      for (const [known, { until }] of kept) if (until <= now) forget(known);
      if (request !== undefined && (ofOne.get(request) ?? 0) >= MOST_OF_ONE)
        throw new Problem('saml.busy', { why: 'kept-of-one' });
      if (kept.size >= most.messages || bytes + size > most.bytes)
        throw new Problem('saml.busy', { why: 'kept' });
      kept.set(id, { until: now + ttl, bytes: size, request });
      count(request, 1);
      bytes += size;
    },
  };
}
