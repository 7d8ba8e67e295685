/**
 * Coming back from a provider: the attempt is opened, spent once, judged, and
 * becomes a session of this browser.
 */
import { type Attempt, attemptIdOf, openAttempt, spendAttempt } from '../../admission/sign-in.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Provider, SignedIn } from '../../identity/provider.ts';
import { recordEnded } from '../../identity/session-ended.ts';
import { ATTEMPT_COOKIE, POSTED_COOKIE, PROBE_COOKIE, SESSION_COOKIE, writeCookie } from '../cookies.ts';
import { isPopup, readGoal, roomOfGoal } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { openPosted, sealPosted } from '../posted.ts';
import { problemAnswer } from '../problem-answer.ts';
import { replaced } from '../replaced.ts';
import { redirect, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { afterSignIn, callbackAddress } from '../sign-in-ways.ts';
import type { Visit } from '../visit.ts';
import { ASK_AGAIN } from './sign-in.ts';

const PATH = '/callback/:provider';

/** The routes a provider sends the browser back to. */
export function callbackRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: PATH,
      on: ['public'],
      from: 'a provider',
      does: 'the redirect URI: finishes a sign-in once, in the browser that began it',
      handle: (visit) => comeBack(visit, parts),
    },
    {
      method: 'POST',
      path: PATH,
      on: ['public'],
      from: 'a provider',
      does: 'the same for response_mode=form_post: what was posted goes sealed to the GET, where our cookies come along',
      handle: (visit) => posted(visit, parts),
    },
  ];
}

function providerOf(visit: Visit, { providers }: WebParts): Provider {
  const provider = providers.get(visit.param('provider'));
  if (provider === undefined || provider.answersAt !== undefined) throw new Problem('provider.unknown');
  return provider;
}

/** A cross-site POST brings no Lax cookie, but its answer may set one, and the GET that follows brings all. */
async function posted(visit: Visit, parts: WebParts): Promise<Response> {
  const provider = providerOf(visit, parts);
  const sealed = await sealPosted(await visit.form(), parts.attempts);
  return redirect(`${parts.places.prefix}/callback/${provider.id}?posted=1`, {
    status: 303,
    cookies: [sealed],
  });
}

async function comeBack(visit: Visit, parts: WebParts): Promise<Response> {
  const provider = providerOf(visit, parts);
  const wasPosted = visit.query.has('posted');
  const query = wasPosted ? await openPosted(visit.cookies.get(POSTED_COOKIE), parts.attempts) : visit.query;
  const gone = wasPosted ? [writeCookie(POSTED_COOKIE, '', 0)] : [];
  const attempt = query && (await attemptOf(visit, query, parts));
  if (query === undefined || attempt === undefined || attempt.provider !== provider.id)
    return refuseStray(visit, parts, gone);
  // What brings no code redeems nothing: it is judged, and nothing is written for it.
  const spends = query.has('code');
  const judge = () => provider.finish(query, { ...attempt, redirectUri: callbackAddress(provider, parts) });
  return finishAttempt(visit, { provider, attempt, judge, spends, cookies: gone }, parts);
}

/** What came back for an attempt of this browser. */
export interface CameBack {
  readonly provider: Provider;
  readonly attempt: Attempt;
  /** Asks the provider what it makes of it. */
  readonly judge: () => Promise<SignedIn | 'needs-person'>;
  /** Is the attempt spent by it, whatever it turns out to be? */
  readonly spends: boolean;
  /** Sent with every answer. */
  readonly cookies: readonly string[];
}

/** Spends the attempt, has the provider judge what came back, and makes a session of it, or a page that says why not. */
export async function finishAttempt(
  visit: Visit,
  { provider, attempt, judge, spends, cookies: gone }: CameBack,
  parts: WebParts,
): Promise<Response> {
  const goal = readGoal(attempt.target);
  const room = roomOfGoal(goal);
  const onwards = afterSignIn(goal, parts);
  if (spends && !(await spendAttempt(attempt, parts.attempts.store))) {
    if (await sessionHere(visit, parts)) return redirect(onwards, { cookies: gone });
    return problemAnswer(
      new Problem('sign-in.used'),
      { visit, parts },
      {
        ...again(attempt, parts),
        cookies: gone,
        popup: isPopup(goal),
      },
    );
  }
  try {
    const found = await judge();
    const cookies =
      found === 'needs-person'
        ? await silentFailed(visit, attempt, parts)
        : await welcome(visit, { attempt, signedIn: found }, parts);
    return redirect(found === 'needs-person' ? again(attempt, parts).retry : onwards, {
      cookies: [...cookies, ...gone],
    });
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    if (attempt.silent && isProblem(thrown, 'provider.unreachable') && (await putOff(visit, parts)))
      return redirect(onwards, { cookies: gone });
    await recordFailure(thrown, { visit, provider }, parts);
    return problemAnswer(
      thrown,
      { visit, parts },
      {
        ...again(attempt, parts),
        provider,
        ...(room && { room }),
        cookies: gone,
        popup: isPopup(goal),
      },
    );
  }
}

/**
 * Counts a sign-in that failed, and has the audit say so. Who tried is known where the provider said so much, and less
 * than we need: that is told by `ostiary why` too.
 */
export async function recordFailure(
  { code, facts }: Problem,
  { visit, provider }: { readonly visit: Visit; readonly provider: Provider },
  { metrics, audit, clock }: WebParts,
): Promise<void> {
  metrics.count('ostiary_sign_ins_total', { provider: provider.id, outcome: code });
  await audit.record({
    at: clock.now(),
    event: 'sign-in-failed',
    provider: provider.id,
    code,
    ...(typeof facts['person'] === 'string' && { person: facts['person'] }),
    ...visitFacts(visit),
  });
}

/** The attempt that the `state` of this query belongs to, if this browser began it. */
export async function attemptOf(
  visit: Visit,
  query: URLSearchParams,
  parts: WebParts,
): Promise<Attempt | undefined> {
  const states = query.getAll('state');
  const state = states.length === 1 ? (states[0] ?? '') : '';
  const id = attemptIdOf(state);
  const sealed = id === undefined ? undefined : visit.cookies.get(`${ATTEMPT_COOKIE}${id}`);
  return sealed === undefined ? undefined : openAttempt(sealed, state, parts.attempts);
}

/** Nothing of ours came along: another browser's callback, one too old, or a browser that keeps nothing. Nothing is redeemed. */
export async function refuseStray(
  visit: Visit,
  parts: WebParts,
  cookies: readonly string[],
): Promise<Response> {
  const code = (await sessionHere(visit, parts))
    ? 'sign-in.used'
    : visit.cookies.has(PROBE_COOKIE)
      ? 'sign-in.not-yours'
      : 'sign-in.no-cookie';
  return problemAnswer(new Problem(code), { visit, parts }, { cookies });
}

/** Where trying again leads. Without `auto` nothing happens by itself, so no failure becomes a loop. */
export function again(attempt: Attempt, { places }: WebParts): { readonly retry: string } {
  return { retry: `${places.prefix}/sign-in?auto=0&to=${encodeURIComponent(attempt.target)}` };
}

/** The provider says that nobody is signed in there any more: so nobody is here. */
async function silentFailed(visit: Visit, attempt: Attempt, parts: WebParts): Promise<readonly string[]> {
  if (!attempt.silent) throw new Problem('provider.refused', { error: 'login_required' });
  const here = await sessionHere(visit, parts);
  if (here) {
    await parts.sessions.end(here.session.handle, 'provider-says-gone');
    await recordEnded([here.session], visitFacts(visit), parts);
  }
  return [writeCookie(SESSION_COOKIE, '', 0)];
}

/** "Not reachable", found on our own way to the provider, ends nobody's session. What only the browser says is not believed. */
async function putOff(visit: Visit, parts: WebParts): Promise<boolean> {
  const here = await sessionHere(visit, parts);
  return here !== undefined && (await parts.sessions.postponeRecheck(here.session, ASK_AGAIN)) !== undefined;
}

/** A session for whoever came back. */
export async function welcome(
  visit: Visit,
  {
    attempt,
    signedIn,
  }: { readonly attempt: Pick<Attempt, 'provider' | 'silent'>; readonly signedIn: SignedIn },
  parts: WebParts,
): Promise<readonly string[]> {
  const { sessions } = parts;
  const { person } = signedIn;
  const oldId = visit.cookies.get(SESSION_COOKIE);
  const old = oldId === undefined ? undefined : await sessions.read(oldId);
  if (attempt.silent && old && oldId !== undefined && old.person.id === person.id) {
    await sessions.rechecked(oldId, old, signedIn);
    return [];
  }
  const follows = oldId === undefined ? undefined : await replaced(oldId, old, { person, sessions });
  const { id } = await sessions.issue(signedIn, {
    address: visit.asked.address,
    ...(follows !== undefined && { follows }),
  });
  parts.metrics.count('ostiary_sign_ins_total', { provider: attempt.provider, outcome: 'signed-in' });
  await parts.audit.record({
    at: parts.clock.now(),
    event: 'signed-in',
    ...visitFacts(visit),
    person: person.id,
    ...(person.name !== undefined && { name: person.name }),
    provider: attempt.provider,
    groups: person.groups,
  });
  return [writeCookie(SESSION_COOKIE, id.reveal(), parts.sessionLifetime)];
}
