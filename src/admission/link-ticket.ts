/**
 * The token of another application's link where no page is: Jitsi's apps show it with every connection. It is taken
 * for a ticket of one session, which the first of them begins.
 *
 * Which session a token began is remembered for as long as that may be looked for: so one that somebody ended is not
 * begun again by an app that reconnects by itself, and a meeting goes on after the end of its token.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import type { Person, PersonBound } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { type Room, roomPath } from '../base/room.ts';
import type { Store } from '../base/store.ts';
import type { Sessions } from '../identity/session.ts';
import type { Followed } from './link.ts';
import { type NoTicket, type TicketProof, ticketOf } from './ticket.ts';

/** Where a token was shown. */
export interface ShownAt {
  readonly room: Room;
  /** The spoken id of the request. */
  readonly id: string;
  readonly address: string;
}

/** What it needs. */
export interface LinkTicketParts {
  readonly followLink: (token: string, room: Room) => Promise<Followed>;
  readonly sessions: Pick<Sessions, 'issue' | 'standing' | 'end'>;
  readonly store: Store;
  readonly clock: Clock;
  /** Seconds for which a session that is not used may be looked for: until it runs out, and for its meeting after that. */
  readonly remembered: number;
  /** Counts a session that is about to begin. Throws `request.too-many`: a token for every room begins one in each. */
  readonly count: (address: string) => Promise<void>;
  /** Told of everybody who came so. */
  readonly followed: (person: Person & { readonly bound: PersonBound }, at: ShownAt) => Promise<void>;
}

/** Seconds between two writings of what is in use. */
const WRITE_BACK = 600;

/** What is known of a token at a room. */
interface Shown {
  readonly key: string;
  /** As it stands in the store. */
  readonly raw: string | undefined;
  readonly at: ShownAt;
}

/** Makes the judging. It throws `issuer.unreachable`, `request.too-many` and what the store throws; what does not hold is an answer. */
export function createLinkTickets(
  parts: LinkTicketParts,
): (token: string, at: ShownAt) => Promise<TicketProof | NoTicket> {
  const { sessions, store } = parts;
  return async (token, at) => {
    const key = `link/${digest(`${roomPath(at.room)} ${token}`)}`;
    const raw = await store.get(key);
    const shown = { key, raw, at };
    const [handle = '', writtenAt = '0'] = raw?.split(' ') ?? [];
    if (raw === undefined) return begin(token, shown, parts);
    const standing = (await sessions.standing([handle])).get(handle);
    if (standing === undefined || standing === 'gone') return 'session-gone';
    if (standing === 'live') {
      await keep(shown, { handle, writtenAt: Number(writtenAt) }, parts);
      return ticketOf(handle, at.room);
    }
    // Time alone ended it. While the token holds it is good for another one; else for going on where one is.
    const again = await begin(token, shown, parts, handle);
    return typeof again === 'string' ? ticketOf(handle, at.room) : again;
  };
}

async function keep(
  { key, raw }: Shown,
  { handle, writtenAt }: { readonly handle: string; readonly writtenAt: number },
  { store, clock, remembered }: LinkTicketParts,
): Promise<void> {
  const now = unixSeconds(clock);
  if (Math.abs(now - writtenAt) < WRITE_BACK) return;
  // Who comes second finds it written already.
  await store.swap(key, raw, `${handle} ${now}`, remembered + WRITE_BACK);
}

async function begin(
  token: string,
  { key, raw, at }: Shown,
  parts: LinkTicketParts,
  follows?: string,
): Promise<TicketProof | NoTicket> {
  const { sessions, store, clock, remembered } = parts;
  const followed = await judged(token, at.room, parts);
  if (typeof followed === 'string') return followed;
  if (followed.kind !== 'followed') return 'not-ours';
  const { person } = followed;
  await parts.count(at.address);
  const about = { address: at.address, ...(follows !== undefined && { follows }) };
  const { session } = await sessions.issue({ person }, about);
  const value = `${session.handle} ${unixSeconds(clock)}`;
  if (await store.swap(key, raw, value, remembered + WRITE_BACK)) {
    await parts.followed(person, at);
    return ticketOf(session.handle, at.room);
  }
  // Two connections at once: it is the session of the other that counts. Ours would take along the one it follows.
  if (follows === undefined) await sessions.end(session.handle, 'replaced');
  const first = (await store.get(key))?.split(' ')[0];
  return first === undefined ? 'session-gone' : ticketOf(first, at.room);
}

async function judged(
  token: string,
  room: Room,
  { followLink }: LinkTicketParts,
): Promise<Followed | NoTicket> {
  try {
    return await followLink(token, room);
  } catch (thrown) {
    if (isProblem(thrown, 'link.expired')) return 'expired';
    if (isProblem(thrown, 'link.unacceptable')) return 'not-ours';
    throw thrown;
  }
}
