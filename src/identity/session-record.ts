/**
 * One session as it stands in the store, and when it has ended. Pure.
 *
 * Knows neither the store nor the cookie: text in, a Session or nothing out.
 */
import { type Person, untilOf } from '../base/person.ts';
import type { Secret } from '../base/secret.ts';

/** A remembered person. All times are Unix seconds. */
export interface Session {
  /** The digest of the id: what the session is known by everywhere but in the browser. It opens nothing. */
  readonly handle: string;
  readonly person: Person;
  readonly createdAt: number;
  /** The last use that was written down; uses of the same minute are not. */
  readonly seenAt: number;
  /** When the provider last said that the person is still there. */
  readonly checkedAt: number;
  /** Not to be asked of the provider again before this. */
  readonly postponedUntil?: number;
  /** The provider's own session id, for back-channel logout. */
  readonly sid?: string;
  /** The provider's own word for the person, where our id was made from another claim. */
  readonly subject?: string;
  /** The address the sign-in came from, for the list a person reads. */
  readonly address?: string;
  /** Refresh token and ID token, sealed under the session's id: the store alone cannot open them. */
  readonly sealed?: string;
  /** When it ran out by time; written down once seen, and from then on it is never live, whatever the clock does. */
  readonly ranOutAt?: number;
  /** The session in the same browser before this one, which stays for its connections alone: it ends with this one. */
  readonly follows?: string;
  /** When the provider said that it ends. */
  readonly until?: number;
  /** Of one that is shown by tokens of somebody else's: what those have in common. It opens nothing. */
  readonly thread?: string;
  /** At the provider's end it is over for connections that are open too. */
  readonly cut?: true;
}

/** How a session stands, for connections that are open: live, over by time alone (Unix seconds), or ended. */
export type Standing = 'live' | { readonly ranOutAt: number } | 'gone';

/**
 * How long sessions live, in seconds: unused, at all, before the provider is asked again, and for how long one that
 * ran out by time is kept for connections that are open.
 */
export interface SessionLimits {
  readonly idle: number;
  readonly absolute: number;
  readonly recheck: number;
  readonly grace: number;
}

/** So many seconds may a clock go back, or two nodes differ, before a session from the future is not believed. */
const FORGIVEN = 120;

/** Seconds a session that ran out unseen is kept at least: a clock moved back must not find it alive. */
const AFTERWARDS = 86_400;

const VERSION = 1;

/** A session as the store keeps it. The handle is the key and is not repeated. */
export function writeSession({ handle: _, ...rest }: Session): string {
  return JSON.stringify({ v: VERSION, ...rest });
}

/** What the store kept under this handle; undefined for what a newer version wrote, or nobody could have written. */
export function readSession(handle: string, text: string): Session | undefined {
  const { v, ...rest } = parseObject(text) ?? {};
  const found = { ...rest, handle };
  return v === VERSION && isSession(found) ? Object.freeze(found) : undefined;
}

/** When this session ends if nobody uses it again: unused, old, or the end of what one room was entered by. */
export function endsAt(session: Session, { idle, absolute }: SessionLimits): number {
  return Math.min(session.seenAt + idle, lastsUntil(session, absolute));
}

/** When this session ends however much it is used. */
export function lastsUntil({ createdAt, person, until }: Session, absolute: number): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(createdAt + absolute, untilOf(person) ?? never, until ?? never);
}

/** When its time ran out; undefined while it has not. */
export function ranOutAt(session: Session, now: number, limits: SessionLimits): number | undefined {
  if (session.ranOutAt !== undefined) return session.ranOutAt;
  const end = endsAt(session, limits);
  return now >= end ? end : undefined;
}

/** Does it live? What was seen in the future does not: a clock moved back must not lengthen it. */
export function isLive(session: Session, now: number, limits: SessionLimits): boolean {
  return ranOutAt(session, now, limits) === undefined && session.seenAt <= now + FORGIVEN;
}

/** For how many seconds from now the store keeps it: what ran out unseen long enough for somebody to see and mark it. */
export function keptFor(session: Session, now: number, limits: SessionLimits): number {
  if (session.ranOutAt !== undefined) return Math.max(1, session.ranOutAt + limits.grace - now);
  return Math.max(0, endsAt(session, limits) - now) + Math.max(AFTERWARDS, limits.grace);
}

/** How it stands for connections that are open: what time alone ended, they outlive for the grace. */
export function standingOf(session: Session | undefined, now: number, limits: SessionLimits): Standing {
  if (session === undefined || isCut(session, now)) return 'gone';
  if (isLive(session, now, limits)) return 'live';
  // Seen in the future: not believed, and not ended either, until the clock is right again.
  const at = ranOutAt(session, now, limits) ?? now;
  return now < at + limits.grace ? { ranOutAt: at } : 'gone';
}

function isCut({ cut, until }: Session, now: number): boolean {
  return cut === true && until !== undefined && now >= until;
}

/** Is it time to ask the provider whether the person is still there? Never for who has none: a one-time entry, the word of an application. */
export function isRecheckDue(
  { person, thread, checkedAt, postponedUntil }: Session,
  now: number,
  limits: SessionLimits,
): boolean {
  // Of a guest nobody knows more; and a token of somebody else's says so each time it is shown.
  if (person.guest || thread !== undefined) return false;
  return untilOf(person) === undefined && now >= Math.max(checkedAt + limits.recheck, postponedUntil ?? 0);
}

/**
 * The `sub` of an ID token the provider's adapter has judged already; nothing is verified here.
 * @see OpenID Connect Core 1.0, section 2
 */
export function subjectOf(idToken: Secret | undefined): string | undefined {
  const payload = idToken?.reveal().split('.')[1];
  if (payload === undefined) return undefined;
  const subject = parseObject(Buffer.from(payload, 'base64url').toString())?.['sub'];
  return typeof subject === 'string' ? subject : undefined;
}

/** The object a JSON text holds, or nothing. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function isSession(value: object): value is Session {
  const { person, createdAt, seenAt, checkedAt, ranOutAt: over = 0, until = 0 } = value as Partial<Session>;
  return (
    [createdAt, seenAt, checkedAt, over, until].every(Number.isSafeInteger) &&
    typeof person?.id === 'string' &&
    typeof person.provider === 'string' &&
    Array.isArray(person.groups)
  );
}
