/**
 * A token of somebody else's, brought with each request, and the session it stands for.
 *
 * All tokens of one session there are one session here: so it is found where the provider says that it ended, and a
 * token from before that opens nothing any more. Knows no HTTP.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Person } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { amend, type Store } from '../base/store.ts';
import { type BearerIssuers, type BearerSays, readBearer } from '../identity/bearer.ts';
import type { Session, Sessions } from '../identity/session.ts';

/** Where a token was brought. */
export interface BroughtAt {
  /** The spoken id of the request. */
  readonly id: string;
  readonly address: string;
}

/** What it needs. */
export interface BearerParts {
  readonly issuers: BearerIssuers;
  readonly sessions: Pick<Sessions, 'issue' | 'peek' | 'ranOut' | 'rechecked' | 'end' | 'endedAt'>;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Seconds for which a session may be looked for after the end of its tokens. */
  readonly remembered: number;
  /** A call ends with its token, and does not go on without one. */
  readonly cut: boolean;
  /** Told of every session that began so. */
  readonly began: (person: Person, at: BroughtAt) => Promise<void>;
}

/**
 * The handle of the session a token stands for; undefined for a token that nobody of the list signed. Throws
 * `bearer.unacceptable`, `bearer.expired`, `bearer.graph`, `bearer.unreachable` and what the store throws. A token whose
 * time is over still names a session that time alone ended: what that is good for, `admit` decides.
 */
export type ReadBearer = (token: string, at: BroughtAt) => Promise<string | undefined>;

/** Makes the judging. */
export function createBearers(parts: BearerParts): ReadBearer {
  const { sessions, store, metrics } = parts;
  return async (token, at) => {
    const says = await readBearer(token, parts);
    if (says === undefined) return undefined;
    const thread = digest(says.thread.join('\n'));
    const raw = await store.get(keyOf(thread));
    const known = { ...readKnown(raw), raw };
    const { handle } = known;
    if (says.expired) {
      const over = handle === undefined || parts.cut ? undefined : await sessions.ranOut(handle);
      if (over === undefined) throw new Problem('bearer.expired', { iss: says.thread[0] });
      return over.handle;
    }
    const live = handle === undefined ? undefined : await sessions.peek(handle);
    const session =
      live === undefined
        ? await begin(says, { thread, known, at }, parts)
        : await renewed(live, { says, thread, newest: known.issuedAt }, parts);
    metrics.count('ostiary_bearers_total', { outcome: live === undefined ? 'began' : 'known' });
    return session.handle;
  };
}

interface Renewal {
  readonly says: BearerSays;
  readonly thread: string;
  /** When the newest token was issued that was shown of this session, in Unix seconds. */
  readonly newest: number;
}

/** A newer token says what is true now; an older one, however long it lasts, brings nothing back. */
async function renewed(
  live: Session,
  { says, thread, newest }: Renewal,
  parts: BearerParts,
): Promise<Session> {
  const { sessions, store } = parts;
  const { handle, until = 0 } = live;
  const { signedIn, issuedAt } = says;
  if (issuedAt < newest || (issuedAt === newest && signedIn.until <= until)) return live;
  const now = { ...signedIn, until: Math.max(signedIn.until, until) };
  // Whoever ended it meanwhile meant this token too. Without an id nothing that is sealed is opened, and there is nothing.
  const session = (await sessions.rechecked('', live, now)) ?? gone(says);
  await amend(store, keyOf(thread), keptFor({ signedIn: now }, parts), (raw) => {
    const known = readKnown(raw);
    return known.handle === handle ? knownText(handle, Math.max(known.issuedAt, issuedAt)) : raw;
  });
  return session;
}

interface Beginning {
  readonly thread: string;
  readonly known: Known & { readonly raw: string | undefined };
  readonly at: BroughtAt;
}

async function begin(
  says: BearerSays,
  { thread, known, at }: Beginning,
  parts: BearerParts,
): Promise<Session> {
  const { sessions, store } = parts;
  const { signedIn, issuedAt } = says;
  const endedAt = await sessions.endedAt(thread);
  // Ended is ended: what was issued before that opens nothing, nor what was shown before, whatever the clock there said.
  if (endedAt !== undefined && issuedAt <= Math.max(endedAt, known.issuedAt)) gone(says);
  const { handle } = known;
  const follows = handle === undefined ? undefined : (await sessions.ranOut(handle))?.handle;
  const about = {
    ...{ address: at.address, thread },
    ...(follows !== undefined && { follows }),
    ...(parts.cut && { cut: true as const }),
  };
  const { session } = await sessions.issue(signedIn, about);
  const text = knownText(session.handle, issuedAt);
  if (await store.swap(keyOf(thread), known.raw, text, keptFor(says, parts))) {
    await parts.began(session.person, at);
    return session;
  }
  // Two requests at once: it is the session of the other that counts. Ours would take along the one it follows.
  if (follows === undefined) await sessions.end(session.handle, 'replaced');
  const first = readKnown(await store.get(keyOf(thread))).handle;
  return (first === undefined ? undefined : await sessions.peek(first)) ?? gone(says);
}

function gone({ thread }: BearerSays): never {
  throw new Problem('bearer.unacceptable', { why: 'session ended', iss: thread[0] });
}

/** Seconds for which it is known which session a token's is. */
function keptFor({ signedIn }: Pick<BearerSays, 'signedIn'>, { clock, remembered }: BearerParts): number {
  return Math.max(1, signedIn.until - unixSeconds(clock)) + remembered;
}

function keyOf(thread: string): string {
  return `bearer/${thread}`;
}

/** What is known of a session there. */
interface Known {
  readonly handle: string | undefined;
  /** When the newest token was issued that was shown of it, in Unix seconds. */
  readonly issuedAt: number;
}

function knownText(handle: string, issuedAt: number): string {
  return `${handle} ${issuedAt}`;
}

function readKnown(raw: string | undefined): Known {
  const [handle, issuedAt = 0] = raw?.split(' ') ?? [];
  return { handle, issuedAt: Number(issuedAt) };
}
