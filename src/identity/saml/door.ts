/**
 * What our addresses of SAML are answered with: our metadata, and messages that wait a moment for the browser that
 * asked for them.
 *
 * A response comes as a POST from another site, and brings no cookie of ours. So it is looked at for the price of a
 * few hashes, kept under an id that is good once and for a minute, and judged where the cookie is there. One that
 * answers no request is kept for the browser that posted it, where the operator takes such from its issuer.
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import { digest, type Random, randomToken } from '../../base/random.ts';
import type { Store } from '../../base/store.ts';
import type { CertifiedKeys } from '../../keys/certified-keys.ts';
import type { SealingKeys } from '../../keys/signing-key.ts';
import type { SignedIn } from '../provider.ts';
import type { SamlPlaces } from '../saml-places.ts';
import { decodeMessage, type Encoded, type MessageName, readMessage } from './encoded.ts';
import { type HeardFrom, hear, speakersOf } from './hearing.ts';
import { createKept } from './kept.ts';
import { serviceProviderXml } from './messages.ts';
import { type MessageParameter, readSignedQuery } from './redirect-binding.ts';
import { requestStanding } from './request-id.ts';
import type { SamlProvider } from './saml.ts';

/** A message as it was posted. */
interface PostedMessage {
  readonly response: string;
  readonly relayState: string;
}

/** A message that was kept. */
export interface KeptMessage extends PostedMessage {
  /** It answers no request of ours. */
  readonly unsolicited: boolean;
}

/** Where a message is kept. */
export interface Keeping {
  /** Good once, in an address or a form. */
  readonly id: string;
  /** What only the browser that posted it knows, for a cookie; absent where it answers a request of that browser. */
  readonly browser?: string;
}

/** Who came without having been asked for. */
export interface Arrived {
  readonly provider: SamlProvider;
  readonly signedIn: SignedIn;
}

/** Our side of SAML, whichever identity provider speaks. */
export interface SamlDoor {
  /** Where responses are posted, as an address. */
  readonly acs: string;
  /** Our metadata, as XML. */
  metadata(): Promise<string>;
  /**
   * Keeps a message that answers a request of ours, or may come without one.
   * Throws `saml.unacceptable`, `saml.unsolicited`, `sign-in.expired`, and `saml.busy` where too much is kept already.
   */
  keep(message: PostedMessage): Promise<Keeping>;
  /** Keeps one that was judged until the person has said yes; the browser that posted it stays the one. */
  keepFor(message: PostedMessage, browser: string): Promise<string>;
  /** The message, once. `browser` is what the cookie says. */
  take(id: string, browser: string | undefined): Promise<KeptMessage | undefined>;
  /**
   * Judges one that answers no request. With `spend` it is taken, and never again.
   * Throws as `finish` of the provider does, and `saml.unsolicited`.
   */
  judge(message: KeptMessage, how: { readonly spend: boolean }): Promise<Arrived>;
  /** Judges a message of single logout in a query, as it was sent. Throws `saml.logout-unacceptable`. */
  hearQuery(query: string): Promise<HeardFrom>;
  /** The same for a posted one. */
  hearPosted(posted: PostedLogout): Promise<HeardFrom>;
}

/** A message of single logout as it was posted. */
interface PostedLogout {
  readonly parameter: MessageParameter;
  /** Base64. */
  readonly message: string;
  readonly relayState?: string;
}

/** What the door is made of. */
interface SamlDoorParts {
  readonly entityId: string;
  readonly places: SamlPlaces;
  readonly name: string;
  /** Where a discovery service sends people back to; absent where none is asked. */
  readonly chosenAt?: string;
  readonly keys: CertifiedKeys;
  readonly sealing: SealingKeys;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly providers: readonly SamlProvider[];
  /** Entity ids of identity providers whose responses need answer no request. */
  readonly allowUnsolicited: readonly string[];
}

/** Seconds. */
const KEPT_FOR = 60;
/** Seconds in which a person says yes. */
const ASKED_FOR = 300;
/** What one node keeps at a time: strangers who begin sign-ins may answer each of them a few times. */
const MOST = { messages: 500, bytes: 16 * 1024 * 1024 };
/** Of what anybody can post who never asked us for anything. */
const MOST_UNSOLICITED = { messages: 50, bytes: 2 * 1024 * 1024 };
/** So many of what anybody can post are judged at a time, so that nobody who asked waits behind more. */
const MOST_JUDGED = 4;
const LONGEST_RELAY_STATE = 80;
/** Where it is no handle of ours but names a room. */
const LONGEST_PLACE = 512;
/** Characters of a message of single logout in base64: it has no attributes. */
const LONGEST_LOGOUT = 64 * 1024;

/** Makes the door. */
export function createSamlDoor(parts: SamlDoorParts): SamlDoor {
  const { store, clock, random, sealing, allowUnsolicited } = parts;
  const asked = createKept(MOST);
  const unasked = createKept(MOST_UNSOLICITED);
  const unaskedGate = createGate('unsolicited');
  const logoutGate = createGate('logout');

  async function put(
    message: KeptMessage,
    { browser, request, ttl }: { readonly browser?: string; readonly request?: string; readonly ttl: number },
  ): Promise<string> {
    const { response, relayState, unsolicited } = message;
    const longest = unsolicited ? LONGEST_PLACE : LONGEST_RELAY_STATE;
    const text = JSON.stringify([
      response,
      relayState.length > longest ? '' : relayState,
      browser === undefined ? '' : digest(browser),
    ]);
    const id = randomToken(random);
    (unsolicited ? unasked : asked).add(id, { bytes: text.length, now: unixSeconds(clock), ttl, request });
    await store.put(placeOf(id), text, ttl);
    return id;
  }

  async function checkAsked({ inResponseTo = '' }: Encoded): Promise<void> {
    const about = { keys: await sealing.sealing(), now: unixSeconds(clock) };
    const standing = requestStanding(inResponseTo, about);
    if (standing === 'unknown') throw new Problem('saml.unacceptable', { why: 'request' });
    if (standing === 'late') throw new Problem('sign-in.expired');
  }

  return {
    acs: parts.places.acs,
    metadata: async () => {
      return serviceProviderXml({ ...parts, ...parts.places, keys: await parts.keys.all() });
    },
    keep: async (posted) => {
      const message = decodeMessage(posted.response);
      if (message === undefined) throw new Problem('saml.unacceptable', { why: 'not-a-response' });
      if (message.inResponseTo !== undefined) {
        await checkAsked(message);
        return {
          id: await put({ ...posted, unsolicited: false }, { request: message.inResponseTo, ttl: KEPT_FOR }),
        };
      }
      if (message.issuer === undefined || !allowUnsolicited.includes(message.issuer))
        throw new Problem('saml.unsolicited', { why: 'issuer' });
      const browser = randomToken(random);
      return { id: await put({ ...posted, unsolicited: true }, { browser, ttl: KEPT_FOR }), browser };
    },
    keepFor: (posted, browser) => put({ ...posted, unsolicited: true }, { browser, ttl: ASKED_FOR }),
    take: async (id, browser) => {
      if (!/^[\w-]{43}$/.test(id)) return undefined;
      for (const kept of [asked, unasked]) kept.forget(id);
      const text = await store.take(placeOf(id));
      if (text === undefined) return undefined;
      const [response, relayState, by] = JSON.parse(text) as [string, string, string];
      if (by !== '' && (browser === undefined || digest(browser) !== by)) return undefined;
      return { response, relayState, unsolicited: by !== '' };
    },
    hearQuery: async (query) => {
      const read = readSignedQuery(query);
      if ('fault' in read) throw new Problem('saml.logout-unacceptable', { why: read.fault });
      const { bytes, ...came } = read;
      const message = readMessage(bytes, nameOf(came.parameter));
      return logoutGate(() => hear(message, { ...came, binding: 'redirect' }, parts.providers));
    },
    hearPosted: async ({ message, ...came }) => {
      const fits = message.length <= LONGEST_LOGOUT;
      const encoded = fits ? decodeMessage(message, nameOf(came.parameter)) : undefined;
      return logoutGate(() => hear(encoded, { ...came, binding: 'post' }, parts.providers));
    },
    judge: async ({ response }, how) => {
      const { issuer = '' } = decodeMessage(response) ?? {};
      const [provider] = await speakersOf(issuer, parts.providers);
      // The settings may have been read again since it was kept.
      if (provider === undefined || !allowUnsolicited.includes(issuer))
        throw new Problem('saml.unsolicited', { why: 'issuer' });
      return unaskedGate(async () => ({
        provider,
        signedIn: await provider.finishUnsolicited(response, how),
      }));
    },
  };
}

type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so much be done at a time and no more: `saml.busy`. */
function createGate(why: string): Gate {
  let under = 0;
  return async (work) => {
    if (under >= MOST_JUDGED) throw new Problem('saml.busy', { why });
    under += 1;
    try {
      return await work();
    } finally {
      under -= 1;
    }
  };
}

function nameOf(parameter: MessageParameter): MessageName {
  return parameter === 'SAMLRequest' ? 'LogoutRequest' : 'LogoutResponse';
}

/** As every one-time secret is kept: a stolen store opens nothing. */
function placeOf(id: string): string {
  return `saml/message/${digest(id)}`;
}
