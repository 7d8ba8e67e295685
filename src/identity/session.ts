/**
 * Who has signed in and still is: issue, read, look again at the provider, end.
 *
 * The browser holds a random id, the store its digest; neither can be made from
 * the other's side. Parsed sessions are remembered for a second, so an end by
 * whatever process is felt by the next. Knows nothing of cookies and HTTP.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { personId } from '../base/person.ts';
import { digest, type Random, randomToken } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import type { Soon } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import { createHandles, isHandle } from './handles.ts';
import type { SignedIn } from './provider.ts';
import { addToIndex, personKey, readIndex, removeFromIndex, sidKey, subjectKey } from './session-index.ts';
import {
  isRecheckDue,
  lastsUntil,
  type Session,
  type SessionLimits,
  type Standing,
  subjectOf,
} from './session-record.ts';
import { openSecrets, type SessionSecrets, sealSecrets } from './session-secrets.ts';
import { createSessionShelf, type SessionShelf } from './session-shelf.ts';

export type { Session, SessionLimits, Standing } from './session-record.ts';
export type { SessionSecrets } from './session-secrets.ts';

/** Why a session was ended by somebody, in the words of the audit. Running out is no such reason. */
export type EndReason =
  | 'signed-out'
  | 'replaced'
  | 'operator'
  | 'forgotten'
  | 'provider-signed-out'
  | 'provider-says-gone'
  | 'another-person'
  | 'too-many';

/** What sessions are made of. */
export interface SessionParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly options: SessionLimits;
  /** Seconds for which a parsed session is believed without asking the store. */
  readonly memory?: number;
  /** So many parsed sessions are remembered at most. */
  readonly maxRemembered?: number;
  /** Told of every session that somebody ended, after it is gone. */
  readonly ended?: (session: Session, why: EndReason) => void | Promise<void>;
}

/** The sessions of everybody. Every method throws what the store throws; an error never reads as "not signed in". */
export interface Sessions {
  /** A new session under a new random id, which only the browser may keep. `follows`: one before it, which ends with it. */
  issue(
    signedIn: SignedIn,
    about?: Pick<Session, 'address' | 'follows' | 'thread' | 'cut'>,
  ): Promise<{ readonly id: Secret; readonly session: Session }>;
  /**
   * Whose id is this? Counts as use, written down once a minute at most. Anything that is no live id is undefined.
   * Answers at once where the session is remembered and nothing is to be written down.
   */
  read(id: string): Soon<Session | undefined>;
  /** The session of a handle, without counting as use. */
  peek(handle: string): Promise<Session | undefined>;
  /** As `read`, by what the session is known by: an open connection is activity. Never for what a caller brings alone. */
  touch(handle: string): Soon<Session | undefined>;
  /** The session of a handle that time alone ended, until its grace is over. It lives no more and opens nothing new. */
  ranOut(handle: string): Promise<Session | undefined>;
  /** What the provider trusted us with; nothing where the id is not this session's. */
  secretsOf(id: string, session: Session): SessionSecrets;
  /** Ends one session and returns what it was; undefined if it was gone already. */
  end(handle: string, why: EndReason): Promise<Session | undefined>;
  endAllOf(person: string, why: EndReason): Promise<readonly Session[]>;
  /** @see OpenID Connect Back-Channel Logout 1.0, section 2.7 */
  endBySid(provider: string, sid: string): Promise<readonly Session[]>;
  endBySubject(provider: string, subject: string): Promise<readonly Session[]>;
  /**
   * Those of this person at the provider that hang on one of these sessions there, and those of whom it is not known on
   * which; all of them where none is named. Nobody else's, whatever the sessions are called.
   * @see SAML Core 2.0, section 3.7.1
   */
  endByNames(provider: string, subject: string, sids: readonly string[]): Promise<readonly Session[]>;
  /** All live sessions. For people, never on the way into a meeting. */
  list(): Promise<readonly Session[]>;
  recheckDue(session: Session): boolean;
  /** One caller may ask the provider: a refresh token used by two at once ends both. Given back by itself after `seconds`. */
  claimRecheck(session: Session, seconds?: number): Promise<boolean>;
  /**
   * The provider still knows the person, as `signedIn` says if it said anything. Returns the session as it is
   * now, undefined if it ended meanwhile or another person came back, which ends it.
   */
  rechecked(id: string, session: Session, signedIn: SignedIn | undefined): Promise<Session | undefined>;
  /** The provider did not answer: ask again in so many seconds. */
  postponeRecheck(session: Session, seconds: number): Promise<Session | undefined>;
  /**
   * How these stand, straight from the store in slices: for the tick that ends open connections. `gone` is out;
   * what ran out by time stands as such until its grace is over. Looking is not using.
   */
  standing(handles: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
  /** When somebody ended a session of this thread, in Unix seconds, for as long as a token from before it may live. */
  endedAt(thread: string): Promise<number | undefined>;
  /** True for the first caller with this id, on however many nodes; `ttl` seconds long. Refuses replays. */
  firstUse(kind: string, id: string, ttl: number): Promise<boolean>;
}

/** Where it stands when sessions shown by somebody else's tokens were ended. */
const ENDED = 'bearer-ended/';
/** Longer than a provider may take to answer; seconds. */
const CLAIM = 30;

/** Makes the sessions of a store. */
export function createSessions(parts: SessionParts): Sessions {
  const { store, clock, options } = parts;
  const shelf = createSessionShelf({
    store,
    clock,
    options,
    memory: parts.memory ?? 1,
    maxRemembered: parts.maxRemembered ?? 10_000,
  });
  const handleOf = createHandles(clock);
  const now = () => unixSeconds(clock);
  const ending = endings(parts, shelf);

  return {
    ...ending,
    issue: issuing(parts, { shelf, end: ending.end }),
    read(id) {
      const handle = handleOf(id);
      return handle === undefined ? undefined : shelf.use(handle);
    },
    async peek(handle) {
      return isHandle(handle) ? shelf.peek(handle) : undefined;
    },
    secretsOf: (id, { sealed, handle }) => openSecrets(sealed, id, handle),
    list: () => shelf.list(),
    touch: (handle) => (isHandle(handle) ? shelf.use(handle) : undefined),
    ranOut: async (handle) => (isHandle(handle) ? shelf.ranOut(handle) : undefined),
    standing: (handles) => shelf.standing(handles),
    recheckDue: (session) => isRecheckDue(session, now(), options),
    claimRecheck: ({ handle }, seconds = CLAIM) => store.swap(`recheck/${handle}`, undefined, '1', seconds),
    postponeRecheck: (session, seconds) =>
      shelf.change(session, (before) => ({ ...before, postponedUntil: now() + seconds })),
    async rechecked(id, session, signedIn) {
      if (signedIn !== undefined && signedIn.person.id !== session.person.id) {
        await ending.end(session.handle, 'another-person');
        return undefined;
      }
      const names = signedIn && namesOf(signedIn);
      if (names) await relist(parts, session, names);
      return shelf.change(session, ({ postponedUntil: _, ...before }) => ({
        ...before,
        ...(signedIn && refreshed(before, signedIn, { id, random: parts.random })),
        ...names,
        checkedAt: now(),
        seenAt: Math.max(before.seenAt, now()),
      }));
    },
    async endedAt(thread) {
      const at = await store.get(ENDED + thread);
      return at === undefined ? undefined : Number(at);
    },
    firstUse: (kind, id, seconds) => store.swap(`once/${kind}/${digest(id)}`, undefined, '1', seconds),
  };
}

/** By which names the provider will speak of this session, as far as it said. */
function namesOf({ person, sid, subject, idToken }: SignedIn): Pick<Session, 'sid' | 'subject'> {
  const word = subject ?? subjectOf(idToken);
  return {
    ...(sid !== undefined && { sid }),
    ...(word !== undefined && personId(person.provider, word) !== person.id && { subject: word }),
  };
}

/** Where an hourly look brought other names, the session is found under them too, before it bears them. */
async function relist(
  { store, clock, options }: SessionParts,
  session: Session,
  names: Pick<Session, 'sid' | 'subject'>,
): Promise<void> {
  const now = unixSeconds(clock);
  const known = indexKeys(session);
  const { handle, createdAt } = session;
  const ttl = listFor(options);
  for (const key of indexKeys({ ...session, ...names }).filter((key) => !known.includes(key)))
    await addToIndex(store, { key, ttl }, { handle, until: createdAt + ttl, now });
}

/** What an hourly look changes, beside the names the provider has for the session. */
function refreshed(
  before: Session,
  signedIn: SignedIn,
  { id, random }: { id: string; random: Random },
): Pick<Session, 'person' | 'sealed' | 'until'> {
  const { sealed, handle } = before;
  const { until } = signedIn;
  // A provider that sends no new refresh token means the old one to be kept (RFC 6749, section 6).
  const again = sealSecrets({ ...openSecrets(sealed, id, handle), ...signedIn }, { id, handle, random });
  return {
    person: signedIn.person,
    ...(again !== undefined && { sealed: again }),
    ...(until !== undefined && { until }),
  };
}

function issuing(
  { store, clock, random, options }: SessionParts,
  { shelf, end }: { readonly shelf: SessionShelf; readonly end: Sessions['end'] },
): Sessions['issue'] {
  return async (signedIn, about = {}) => {
    const { person, until: ends, sid: _, subject: __, ...secrets } = signedIn;
    const id = randomToken(random);
    const handle = digest(id);
    const at = unixSeconds(clock);
    const sealed = sealSecrets(secrets, { id, handle, random });
    const session: Session = Object.freeze({
      handle,
      person,
      createdAt: at,
      seenAt: at,
      checkedAt: at,
      ...namesOf(signedIn),
      ...about,
      ...(sealed !== undefined && { sealed }),
      ...(ends !== undefined && { until: ends }),
    });
    // The lists first: a crash in between leaves a name too many, never a session nobody can find.
    // A further link of the same application, or the next look at the provider, may lengthen what the first one began.
    const until =
      person.bound || ends !== undefined ? at + options.absolute : lastsUntil(session, options.absolute);
    const listed = { handle, until: until + options.grace, now: at };
    const crowded: string[] = [];
    for (const key of indexKeys(session))
      crowded.push(...(await addToIndex(store, { key, ttl: listFor(options) }, listed)));
    await shelf.put(session);
    for (const oldest of crowded) await end(oldest, 'too-many');
    return { id: new Secret(id), session };
  };
}

type Endings = Pick<Sessions, 'end' | 'endAllOf' | 'endBySid' | 'endBySubject' | 'endByNames'>;

function endings({ store, clock, options, ended }: SessionParts, shelf: SessionShelf): Endings {
  const now = () => unixSeconds(clock);

  async function end(handle: string, why: EndReason): Promise<Session | undefined> {
    const session = isHandle(handle) ? await shelf.take(handle) : undefined;
    if (session === undefined) return undefined;
    for (const key of indexKeys(session))
      await removeFromIndex(store, { key, ttl: listFor(options) }, { handle, now: now() });
    if (session.thread !== undefined && why !== 'replaced' && why !== 'too-many')
      await store.put(
        ENDED + session.thread,
        String(now()),
        listFor(options) + (session.until ?? 0) - session.createdAt,
      );
    await ended?.(session, why);
    if (session.follows !== undefined) await end(session.follows, why);
    return session;
  }

  async function endListed(keys: readonly string[], why: EndReason): Promise<readonly Session[]> {
    const handles = await Promise.all(keys.map((key) => readIndex(store, key, now())));
    const sessions: Session[] = [];
    for (const handle of new Set(handles.flat())) {
      const session = await end(handle, why);
      if (session !== undefined) sessions.push(session);
    }
    return sessions;
  }

  async function endByNames(provider: string, subject: string, sids: readonly string[]) {
    const sessions: Session[] = [];
    for (const handle of await readIndex(store, subjectKey(provider, subject), now())) {
      const found = (await shelf.peek(handle)) ?? (await shelf.ranOut(handle));
      // A list may name what is gone, or what bears another name by now.
      if (found?.subject !== subject || found.person.provider !== provider) continue;
      if (found.sid !== undefined && sids.length > 0 && !sids.includes(found.sid)) continue;
      const session = await end(handle, 'provider-signed-out');
      if (session !== undefined) sessions.push(session);
    }
    return sessions;
  }

  return {
    end,
    endByNames,
    endAllOf: (person, why) => endListed([personKey(person)], why),
    endBySid: (provider, sid) => endListed([sidKey(provider, sid)], 'provider-signed-out'),
    endBySubject: (provider, subject) =>
      endListed(
        [personKey(personId(provider, subject)), subjectKey(provider, subject)],
        'provider-signed-out',
      ),
  };
}

/** What ran out by time may still be ended by somebody, and is found until its grace is over. */
function listFor({ absolute, grace }: SessionLimits): number {
  return absolute + grace;
}

/** Every list this session stands in. */
function indexKeys({ person, sid, subject }: Session): readonly string[] {
  return [
    personKey(person.id),
    ...(sid === undefined ? [] : [sidKey(person.provider, sid)]),
    ...(subject === undefined ? [] : [subjectKey(person.provider, subject)]),
  ];
}
