/**
 * Whose session this browser shows by its cookie.
 */
import type { Session } from '../identity/session.ts';
import { SESSION_COOKIE } from './cookies.ts';
import type { WebParts } from './parts.ts';
import type { Visit } from './visit.ts';

/** The session, and the id in the cookie; undefined where there is none that lives. Throws what the store throws. */
export async function sessionHere(
  { cookies }: Visit,
  { sessions }: Pick<WebParts, 'sessions'>,
): Promise<{ readonly id: string; readonly session: Session } | undefined> {
  const id = cookies.get(SESSION_COOKIE);
  const session = id === undefined ? undefined : await sessions.read(id);
  return id === undefined || session === undefined ? undefined : { id, session };
}
