/**
 * Whose session is this, and does the provider still know the person? Asked
 * once an hour with the refresh token, or, without one, by the browser.
 *
 * "No" ends the session; "not reachable" does not.
 */
import type { Log } from '../base/log.ts';
import type { Person } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import type { Provider } from './provider.ts';
import type { Session, Sessions } from './session.ts';

/** What looking again needs. */
export interface RecheckParts {
  readonly sessions: Sessions;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly log: Log;
  /** Told of every session the provider's "no" ended. */
  readonly gone: (session: Session) => Promise<void>;
}

/** Seconds until a provider that did not answer is asked again. */
const ASK_AGAIN = 300;

/** A live session, as the spine knows it. */
export interface Known {
  readonly person: Person;
  readonly session: string;
}

/**
 * Makes the question "whose session id is this?". Undefined for nobody's, and
 * for one that only the browser can confirm (`prompt=none`): its sign-in is silent.
 * Answers at once where the session is remembered and nothing is due. Fails with `store.unavailable`.
 */
export function createRecogniser(
  parts: RecheckParts,
): (sessionId: string | undefined) => Soon<Known | undefined> {
  const { sessions } = parts;
  return (sessionId) =>
    sessionId === undefined
      ? undefined
      : whenThere(sessions.read(sessionId), (session) =>
          session !== undefined && sessions.recheckDue(session)
            ? lookAgain(sessionId, session, parts).then(known)
            : known(session),
        );
}

function known(session: Session | undefined): Known | undefined {
  return session && { person: session.person, session: session.handle };
}

async function lookAgain(id: string, session: Session, parts: RecheckParts): Promise<Session | undefined> {
  const { sessions, providers, log } = parts;
  const provider = providers.get(session.person.provider);
  // Taken out of the configuration: nobody vouches for them any more.
  if (provider === undefined) return end(session, parts);
  const { refreshToken } = sessions.secretsOf(id, session);
  if (refreshToken === undefined) return undefined;
  // Somebody else is asking at this moment; until they know more, the last answer holds.
  if (!(await sessions.claimRecheck(session))) return session;
  const found = await provider.recheck(refreshToken, session.person).catch((thrown: unknown) => {
    if (!isProblem(thrown)) throw thrown;
    log.warn('recheck.failed', { provider: provider.id, code: thrown.code }, thrown);
    return { kind: 'unreachable' } as const;
  });
  switch (found.kind) {
    case 'still':
      return sessions.rechecked(id, session, found.signedIn);
    case 'unreachable':
      return sessions.postponeRecheck(session, ASK_AGAIN);
    case 'gone':
      return end(session, parts);
  }
}

async function end(session: Session, { sessions, gone }: RecheckParts): Promise<undefined> {
  const ended = await sessions.end(session.handle, 'provider-says-gone');
  if (ended) await gone(ended);
  return undefined;
}
