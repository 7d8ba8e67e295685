/**
 * The door for proxies that ask, while not everything is guarded: what is not is told yes, with what came as it came, and
 * is looked at beside.
 */
import type { IncomingMessage } from 'node:http';
import type { Asked } from '../admission/arrival.ts';
import type { Yes } from './forward-decision.ts';
import type { Passing } from './observe.ts';
import { isGuarded, kindIn, type Reached, reachedBy, type StagedParts } from './staged.ts';

/** Looks at requests whether they are guarded. */
export interface StagedForward {
  /** What an unguarded request is told; undefined where it is guarded. Counts it as looked at. */
  passes(ask: {
    readonly incoming: IncomingMessage;
    readonly asked: Asked;
    readonly upgrade: boolean;
  }): { readonly yes: Yes; readonly kind: string } | undefined;
  /** Is it guarded? Counts nothing. */
  guards(asked: Asked): boolean;
  /** Does what is known to be one of Jitsi's files, and no more of it, pass unguarded from this address? */
  filePasses(address: string): boolean;
}

/** Milliseconds of silence after which a stream over BOSH counts as begun anew: its bodies are not shown to us. */
const SILENCE = 120_000;
const MOST = 10_000;

/** Who may show one of our pages in a frame: anybody, as without us. */
export const ANY_FRAMER = '*';

/** Makes it. */
export function createStagedForward(
  parts: StagedParts,
  reach: (asked: Asked) => Exclude<Reached['reached'], Error>,
): StagedForward {
  const { stages, observing, clock } = parts;
  const heard = new Map<string, number>();

  function isNew({ asked, reached, room }: Passing): boolean {
    if (reached instanceof Error || reached.kind !== 'bosh' || asked.method !== 'POST') return true;
    const key = JSON.stringify([asked.address, room?.tenant, room?.name]);
    const now = clock.now();
    const before = heard.get(key);
    heard.delete(key);
    heard.set(key, now);
    const oldest = heard.keys().next().value;
    if (heard.size > MOST && oldest !== undefined) heard.delete(oldest);
    return before === undefined || now - before > SILENCE;
  }

  return {
    passes({ incoming, asked, upgrade }) {
      const found = reachedBy(asked, () => reach(asked));
      if (isGuarded(asked, found, parts)) return undefined;
      const passing = { incoming, asked, ...found, upgrade };
      if (isNew(passing)) observing.look(passing);
      return { yes: asItCame(asked, found), kind: kindIn(found) };
    },
    guards: (asked) =>
      isGuarded(
        asked,
        reachedBy(asked, () => reach(asked)),
        parts,
      ),
    filePasses: (address) => !stages.guards({ address }, clock.now()),
  };
}

function asItCame({ query, header }: Asked, { reached }: Reached): Yes {
  const authorization = header('authorization');
  const tenant = reached instanceof Error || !('tenant' in reached) ? undefined : reached.tenant;
  return {
    ...{ kind: 'yes', verdict: 'unguarded', query },
    ...(tenant !== undefined && { tenant }),
    ...(authorization !== undefined && { authorization }),
  };
}
