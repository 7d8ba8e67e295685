/**
 * What the demo's provider remembers: in memory, until the process ends, and
 * bounded. Nobody's real account is in it.
 */
import type { Adapter, AdapterPayload } from 'oidc-provider';

const MOST = 5000;

/** Makes one drawer a kind of thing, as oidc-provider asks for them. @see oidc-provider, example/my_adapter.js */
export function createMemoryAdapter(): (kind: string) => Adapter {
  const drawers = new Map<string, Map<string, AdapterPayload>>();
  const drawer = (kind: string) => {
    const found = drawers.get(kind) ?? new Map<string, AdapterPayload>();
    drawers.set(kind, found);
    return found;
  };
  return (kind) => {
    const kept = drawer(kind);
    const live = (payload: AdapterPayload | undefined) =>
      payload === undefined || (payload.exp !== undefined && payload.exp * 1000 < Date.now())
        ? undefined
        : payload;
    const first = (fits: (payload: AdapterPayload) => boolean) => live([...kept.values()].find(fits));
    return {
      upsert: async (id, payload) => {
        kept.delete(id);
        kept.set(id, payload);
        const oldest = kept.keys().next().value;
        if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
      },
      find: async (id) => live(kept.get(id)),
      findByUid: async (uid) => first((payload) => payload.uid === uid),
      findByUserCode: async (code) => first((payload) => payload.userCode === code),
      consume: async (id) => {
        const payload = kept.get(id);
        if (payload) payload['consumed'] = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => {
        kept.delete(id);
      },
      revokeByGrantId: async (grant) => {
        for (const things of drawers.values())
          for (const [id, payload] of things) if (payload.grantId === grant) things.delete(id);
      },
    };
  };
}
