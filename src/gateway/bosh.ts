/**
 * What is to be done with a request of XMPP over BOSH. Its `sid` alone would open a stream to anybody who learnt it, so
 * every request is checked against the session that opened the stream.
 *
 * The store says whose a stream is, to every node; this node remembers it for a second, and for as long as the store is
 * away. Knows no HTTP and no policy: who may begin is decided elsewhere.
 *
 * @see XEP-0124; XEP-0206; jitsi-meet, resources/prosody-plugins/mod_jitsi_session.lua (the token is read at the start alone)
 */
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Room } from '../base/room.ts';
import type { Soon } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import { type BoshAsk, ended, readBosh, readBoshAnswer, strangersStart } from './bosh-body.ts';
import {
  type BoshOpener,
  type BoshOpening,
  type BoshOwned,
  type BoshOwner,
  type BoshStream,
  type BoshStreams,
  type BoshWay,
  boshKey,
  boshOwned,
  inStep,
} from './bosh-streams.ts';

/** Who sends a request. */
export interface BoshCaller extends BoshWay {
  /** None where neither cookie nor ticket came along. */
  readonly owner: BoshOwner | undefined;
  /** The room and tenant of the address, if it names one. */
  readonly room?: Room;
  /** The one host a stream may be opened to, where it is not everybody's: a recorder's. */
  readonly xmppDomain?: string;
  /** The spoken id of the request. */
  readonly id?: string;
  /** Called once a minute while a stream is there that began elsewhere, in place of a mere touch. */
  readonly inUse?: () => Soon<unknown>;
}

/** What is to be done with a request. */
export type BoshDecision =
  /**
   * A stream is to begin. Who brought neither session nor token is answered `tokenRequired`. Everybody else needs a
   * decision, a fresh token and a place, which `opens` takes; what Prosody answers is shown to the opening first.
   */
  | {
      readonly kind: 'start';
      readonly tokenRequired: string;
      /** Throws `socket.too-many` and `server.draining`. */
      readonly opens: (opener: BoshOpener) => BoshOpening;
    }
  /** It passes, without a token. */
  | {
      readonly kind: 'continue';
      readonly owner: BoshOwner;
      readonly room?: Room;
      /** Aborted when we have ended the stream: what Prosody holds back still may be broken off. */
      readonly ending: AbortSignal;
      /** Shown the beginning of what Prosody answers: it may end the stream by itself. */
      readonly answered: (beginning: Uint8Array) => void;
    }
  /** We answer it ourselves, with 200 and `text/xml`; Jitsi is not asked. */
  | { readonly kind: 'answer'; readonly xml: string; readonly why: BoshRefusal }
  | { readonly kind: 'refuse'; readonly problem: Problem };

/** Why we answered a request ourselves. */
export type BoshRefusal = 'token-required' | 'host-unknown' | 'unknown' | 'not-yours' | 'out-of-step';

/** BOSH at the gate. */
export interface Bosh {
  /** Judges one request. Throws `store.unavailable` where it cannot be known whose the stream is. */
  judge(body: Uint8Array, caller: BoshCaller): Promise<BoshDecision>;
  /** So many streams are known on this node. */
  readonly open: number;
}

/** What it is made of. */
export interface BoshParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly streams: BoshStreams;
  readonly xmppDomain: string;
  /** Does this session stand, or is its meeting within its grace? Straight from the store. */
  readonly stands: (session: string) => Promise<boolean>;
}

/** Milliseconds for which it is remembered whose a stream is. */
const ASK_AGAIN = 1000;

type GoesOn = Extract<BoshAsk, { kind: 'goes-on' }>;

/** Makes the judging; nothing is read or written before the first request. */
export function createBosh(parts: BoshParts): Bosh {
  const { streams } = parts;
  return {
    get open() {
      return streams.size;
    },
    async judge(body, caller) {
      const domain = caller.xmppDomain ?? parts.xmppDomain;
      const ask = readBosh(body, domain);
      switch (ask.kind) {
        case 'starts': {
          const tokenRequired = strangersStart(domain);
          return { kind: 'start', tokenRequired, opens: (opener) => streams.opening(ask.rid, opener) };
        }
        case 'goes-on':
          return goesOn(ask, caller, parts);
        case 'stranger':
          return answer(ask.answer, 'token-required');
        case 'host-unknown':
          return answer(ended('host-unknown'), 'host-unknown');
        case 'unreadable':
          return refuse(
            new Problem(ask.why === 'size' ? 'request.too-large' : 'stream.unusable', { why: ask.why }),
          );
      }
    },
  };
}

function answer(xml: string, why: BoshRefusal): BoshDecision {
  return { kind: 'answer', xml, why };
}

function refuse(problem: Problem): BoshDecision {
  return { kind: 'refuse', problem };
}

/** The same words whatever the reason: whose a stream is, or whether there is one, is nobody else's business. */
function notFound(why: Exclude<BoshRefusal, 'token-required' | 'host-unknown'>): BoshDecision {
  return answer(ended('item-not-found'), why);
}

async function goesOn(ask: GoesOn, caller: BoshCaller, parts: BoshParts): Promise<BoshDecision> {
  const { streams } = parts;
  const stream = await found(ask, caller, parts);
  if ('kind' in stream) return stream;
  if (stream.over) return notFound('unknown');
  const { owner, room } = stream;
  if (caller.room !== undefined && room !== undefined && !isSame(caller.room, room))
    return refuse(new Problem('stream.unusable', { why: 'another room' }));
  if (!inStep(stream, ask.rid)) return notFound('out-of-step');
  stream.place.heard();
  stream.way = { path: caller.path, address: caller.address };
  await (ask.ends ? streams.left(stream) : streams.keep(stream));
  return {
    kind: 'continue',
    owner,
    ...(room && { room }),
    ending: stream.ending.signal,
    answered: (beginning) => {
      const said = readBoshAnswer(beginning);
      // What is not found may be this one request.
      if (said?.ends === true && said.condition !== 'item-not-found' && !stream.over)
        void streams.left(stream);
    },
  };
}

/** The stream a request belongs to, if it is the caller's; or what the caller is told. */
async function found(ask: GoesOn, caller: BoshCaller, parts: BoshParts): Promise<BoshStream | BoshDecision> {
  const { streams } = parts;
  const { owner, path, address, id, inUse } = caller;
  const key = boshKey(ask.sid);
  const here = streams.get(key);
  if (owner === undefined || (here !== undefined && !isSame(here.owner, owner))) return notFound('not-yours');
  if (here !== undefined && parts.clock.now() - here.askedAt < ASK_AGAIN) return here;
  const said = await asked(key, { owner, here }, parts);
  if (said === 'inside' && here !== undefined) return here;
  if (said === 'ended') {
    if (here !== undefined) void streams.end(here);
    return refuse(new Problem('session.ended', { by: 'bosh' }));
  }
  if (typeof said === 'string') {
    if (here !== undefined) streams.forget(here);
    return notFound('unknown');
  }
  if (!isSame(said.owner, owner)) return notFound('not-yours');
  // Another request of the same stream may have come here meanwhile, or its end.
  const about = { ...(id !== undefined && { id }), ...(inUse && { inUse }) };
  const opener = { ...said, owner, path, address, ...about };
  const stream = streams.get(key) ?? streams.adopted(ask.sid, ask.rid, opener);
  stream.askedAt = parts.clock.now();
  return stream;
}

interface Asking {
  readonly owner: BoshOwner;
  readonly here: BoshStream | undefined;
}

/** Whose the stream is by the store, and whether that session still stands. */
async function asked(
  key: string,
  { owner, here }: Asking,
  { store, stands }: BoshParts,
): Promise<BoshOwned | 'nobody' | 'ended' | 'inside'> {
  try {
    const text = await store.get(key);
    const owned = text === undefined ? undefined : boshOwned(text);
    if (owned === undefined) return 'nobody';
    if (!isSame(owned.owner, owner) || 'machine' in owner) return owned;
    return (await stands(owner.session)) ? owned : 'ended';
  } catch (cause) {
    // Who is inside stays while the store is away, as with sockets: a stream never changes hands.
    if (here !== undefined && !here.over && isProblem(cause, 'store.unavailable')) return 'inside';
    throw cause;
  }
}

function isSame(a: BoshOwner | Room, b: BoshOwner | Room): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
