/**
 * What becomes of the session a browser had before it is given another.
 */
import type { Person } from '../base/person.ts';
import { digest } from '../base/random.ts';
import type { Session, Sessions } from '../identity/session.ts';

/**
 * What was there before ends: no id survives a sign-in. But time alone ends no running meeting: a session that ran
 * out stays for the connections of the same person, and ends with the one that follows it, whose `follows` this gives.
 */
export async function replaced(
  oldId: string,
  old: Session | undefined,
  { person, sessions }: { readonly person: Person; readonly sessions: Sessions },
): Promise<string | undefined> {
  const before = old ?? (await sessions.ranOut(digest(oldId)));
  if (before === undefined) return undefined;
  if (before.ranOutAt !== undefined && before.person.id === person.id) return before.handle;
  await sessions.end(before.handle, 'replaced');
  return undefined;
}
