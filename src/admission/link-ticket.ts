/**
 * The token of another application's link where no page is: Jitsi's apps show it with every connection. It is taken
 * for a ticket of one session, which the first of them begins.
 *
 * Which session a token began is remembered for as long as it holds, and for the meeting after that: so an ended one
 * is not begun again, and a meeting goes on.
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
  /** Told of everybody who came so. */
  readonly followed: (person: Person & { readonly bound: PersonBound }, at: ShownAt) => Promise<void>;
}

/** Seconds for which it is remembered beyond the end of the token: no meeting's grace is longer. */
const AFTERWARDS = 86_400;

/** Makes the judging. It throws `issuer.unreachable` and what the store throws; what does not hold is an answer. */
export function createLinkTickets(
  parts: LinkTicketParts,
): (token: string, at: ShownAt) => Promise<TicketProof | NoTicket> {
  const { sessions, store } = parts;
  return async (token, at) => {
    const key = `link/${digest(`${roomPath(at.room)} ${token}`)}`;
    const known = await store.get(key);
    if (known === undefined) return begin(token, { key, at }, parts);
    const standing = (await sessions.standing([known])).get(known);
    return standing === undefined || standing === 'gone' ? 'session-gone' : ticketOf(known, at.room);
  };
}

async function begin(
  token: string,
  { key, at }: { readonly key: string; readonly at: ShownAt },
  parts: LinkTicketParts,
): Promise<TicketProof | NoTicket> {
  const { sessions, store, clock } = parts;
  const followed = await judged(token, at.room, parts);
  if (typeof followed === 'string') return followed;
  if (followed.kind !== 'followed') return 'not-ours';
  const { person } = followed;
  const { session } = await sessions.issue({ person }, { address: at.address });
  const keep = person.bound.until - unixSeconds(clock) + AFTERWARDS;
  if (await store.swap(key, undefined, session.handle, keep)) {
    await parts.followed(person, at);
    return ticketOf(session.handle, at.room);
  }
  // Two connections at once: there is one session, that of the other.
  await sessions.end(session.handle, 'replaced');
  const first = await store.get(key);
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
