/**
 * Whose session is this, and does the provider still know the person? Asked
 * once an hour with the refresh token, or, without one, by the browser.
 *
 * "No" ends the session; "not reachable" does not.
 */
import type { Log } from '../base/log.ts';
import type { Person } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
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

/** Who is it? `resumes` for a connection that was here a moment ago: time alone does not end it, until its grace is over. */
export type Recogniser<Named> = (named: Named, resumes?: boolean) => Soon<Known | undefined>;

/**
 * Makes the question "whose session id is this?". Undefined for nobody's, and
 * for one that only the browser can confirm (`prompt=none`): its sign-in is silent.
 * Answers at once where the session is remembered and nothing is due. Fails with `store.unavailable`.
 */
export function createRecogniser(parts: RecheckParts): Recogniser<string | undefined> {
  const { sessions } = parts;
  return (id, resumes = false) =>
    id === undefined
      ? undefined
      : whenThere(sessions.read(id), (session) => {
          if (session === undefined) return resumes ? onceMore({ id, handle: digest(id) }, parts) : undefined;
          return sessions.recheckDue(session) ? confirmed(session, { id, resumes }, parts) : known(session);
        });
}

/**
 * The same question for the handle in a gate ticket that held. Without the id no refresh token opens, so a session
 * the provider must be asked about is confirmed by its browser alone.
 */
export function createTicketRecogniser(parts: RecheckParts): Recogniser<string> {
  const { sessions } = parts;
  return (handle, resumes = false) =>
    whenThere(sessions.touch(handle), (session) => {
      if (session === undefined) return resumes ? onceMore({ handle }, parts) : undefined;
      return sessions.recheckDue(session) ? confirmed(session, { resumes }, parts) : known(session);
    });
}

function known(session: Session | undefined): Known | undefined {
  return session && { person: session.person, session: session.handle };
}

/** A session that ran out by time goes on for connections that are open; one that somebody ended does not. */
async function onceMore(
  { id, handle }: { readonly id?: string; readonly handle: string },
  parts: RecheckParts,
): Promise<Known | undefined> {
  const session = await parts.sessions.ranOut(handle);
  if (session === undefined || !parts.sessions.recheckDue(session)) return known(session);
  return confirmed(session, { ...(id !== undefined && { id }), resumes: true }, parts);
}

async function confirmed(
  session: Session,
  { id, resumes }: { readonly id?: string; readonly resumes: boolean },
  parts: RecheckParts,
): Promise<Known | undefined> {
  const found = await lookAgain(session, id, parts);
  // Whom only the browser can ask about is left where they are until their next page.
  if (found === 'ask-browser') return resumes ? known(session) : undefined;
  return known(found);
}

async function lookAgain(
  session: Session,
  id: string | undefined,
  parts: RecheckParts,
): Promise<Session | 'ask-browser' | undefined> {
  const { sessions, providers, log } = parts;
  const provider = providers.get(session.person.provider);
  // Taken out of the configuration: nobody vouches for them any more.
  if (provider === undefined) return end(session, parts);
  const { refreshToken } = id === undefined ? {} : sessions.secretsOf(id, session);
  if (id === undefined || refreshToken === undefined) return 'ask-browser';
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
