/**
 * What our addresses of SAML are answered with: our metadata, and messages that wait a moment for the browser that
 * asked for them.
 *
 * A response comes as a POST from another site, and brings no cookie of ours. So it is looked at for the price of a
 * few hashes, kept under an id that is good once and for a minute, and judged where the cookie is there.
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import { digest, type Random, randomToken } from '../../base/random.ts';
import type { Store } from '../../base/store.ts';
import type { CertifiedKeys } from '../../keys/certified-keys.ts';
import type { SealingKeys } from '../../keys/signing-key.ts';
import { decodeMessage } from './encoded.ts';
import { serviceProviderXml } from './messages.ts';
import { readRequestId } from './request-id.ts';

/** A message as it was posted. */
export interface PostedMessage {
  readonly response: string;
  readonly relayState: string;
}

/** Our side of SAML, whichever identity provider speaks. */
export interface SamlDoor {
  /** Our metadata, as XML. */
  metadata(): Promise<string>;
  /**
   * Keeps a message that answers a request of ours, and gives the id it is kept under.
   * Throws `saml.unacceptable`, `sign-in.expired`, and `saml.busy` where too much is kept already.
   */
  keep(message: PostedMessage): Promise<string>;
  /** The message, once. */
  take(id: string): Promise<PostedMessage | undefined>;
}

/** What the door is made of. */
export interface SamlDoorParts {
  readonly entityId: string;
  readonly acs: string;
  readonly name: string;
  readonly keys: CertifiedKeys;
  readonly sealing: SealingKeys;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** Seconds. */
const KEPT_FOR = 60;
const REQUEST_LIFETIME = 900;
/** What one node keeps at a time: a stranger who has a request of ours may answer it as often as they like. */
const MOST_MESSAGES = 500;
const MOST_BYTES = 16 * 1024 * 1024;
const LONGEST_RELAY_STATE = 80;

/** Makes the door. */
export function createSamlDoor(parts: SamlDoorParts): SamlDoor {
  const { store, clock, random, sealing } = parts;
  const kept = new Map<string, { readonly until: number; readonly bytes: number }>();
  let bytes = 0;

  function forget(id: string): void {
    bytes -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  }

  function makeRoom(size: number, now: number): void {
    // In the order in which they came, so the first that still counts ends the search.
    for (const [id, { until }] of kept) {
      if (until > now) break;
      forget(id);
    }
    if (kept.size >= MOST_MESSAGES || bytes + size > MOST_BYTES)
      throw new Problem('saml.busy', { why: 'kept' });
  }

  return {
    metadata: async () => {
      const keys = await parts.keys.all();
      return serviceProviderXml({ ...parts, certificates: keys.map(({ certificate }) => certificate) });
    },
    keep: async ({ response, relayState }) => {
      const now = unixSeconds(clock);
      const message = decodeMessage(response);
      if (message === undefined) throw new Problem('saml.unacceptable', { why: 'not-a-response' });
      const made = readRequestId(message.inResponseTo ?? '', await sealing.sealing());
      if (made === undefined) throw new Problem('saml.unacceptable', { why: 'request' });
      if (now - made.at > REQUEST_LIFETIME) throw new Problem('sign-in.expired');
      const text = JSON.stringify([response, relayState.length > LONGEST_RELAY_STATE ? '' : relayState]);
      makeRoom(text.length, now);
      const id = randomToken(random);
      kept.set(id, { until: now + KEPT_FOR, bytes: text.length });
      bytes += text.length;
      await store.put(placeOf(id), text, KEPT_FOR);
      return id;
    },
    take: async (id) => {
      if (!/^[\w-]{43}$/.test(id)) return undefined;
      forget(id);
      const text = await store.take(placeOf(id));
      if (text === undefined) return undefined;
      const [response, relayState] = JSON.parse(text) as [string, string];
      return { response, relayState };
    },
  };
}

/** As every one-time secret is kept: a stolen store opens nothing. */
function placeOf(id: string): string {
  return `saml/message/${digest(id)}`;
}
