/**
 * The sign-in page and its form: an attempt is begun and sealed into the
 * browser's own cookie; nothing is written here.
 */
import { beginAttempt } from '../../admission/sign-in.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { roomPath } from '../../base/room.ts';
import { PASSWORD_PAGE } from '../../identity/password.ts';
import { cleanEmail } from '../../identity/profile.ts';
import type { Provider } from '../../identity/provider.ts';
import { inAppBrowserPage } from '../../pages/chooser.ts';
import { type AttemptCookies, createAttemptCookies } from '../attempt-cookies.ts';
import { choose, frameOf } from '../choose.ts';
import { BY_COOKIE, writeCookie } from '../cookies.ts';
import { type Goal, goalText, isPopup, readGoal, roomOfGoal } from '../jitsi-state.ts';
import { leadOn, onward } from '../onward.ts';
import type { WebParts } from '../parts.ts';
import { probeOf } from '../probe.ts';
import { problemAnswer } from '../problem-answer.ts';
import { page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { afterSignIn, callbackAddress } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';
import { withoutFragment } from '../way-back.ts';

/** Seconds for which a browser remembers where somebody signed in: a year. */
const BY_LIFETIME = 31_536_000;
/** Seconds before an unreachable provider is asked again about somebody who is signed in. */
export const ASK_AGAIN = 300;

/** Browsers inside other apps: sign-in services refuse them, and their cookies are nobody's. */
const IN_APP =
  /\b(?:FBAN|FBAV|FB_IAB|Instagram|Line|MicroMessenger|Snapchat|BytedanceWebview|TikTok|LinkedInApp|GSA)\b|; wv\)/;

/** The routes of signing in. */
export function signInRoutes(parts: WebParts): readonly Route[] {
  const attempts = createAttemptCookies();
  return [
    {
      method: 'GET',
      path: '/sign-in',
      on: ['public'],
      from: 'anyone',
      does: 'the sign-in page: one button a provider; with a live session straight on into the room',
      handle: (visit) => show(visit, parts),
    },
    {
      method: 'POST',
      path: '/sign-in',
      on: ['public'],
      from: 'our own form',
      does: 'begins a sign-in at a provider',
      handle: (visit) => begin(visit, attempts, parts),
    },
  ];
}

async function show(visit: Visit, parts: WebParts): Promise<Response> {
  const goal = readGoal(single(visit.query, 'to'));
  const session = await sessionOf(visit, parts);
  if (session && !(session.due && asksByBrowser(session, parts))) return redirect(afterSignIn(goal, parts));
  if (IN_APP.test(visit.asked.header('user-agent') ?? '') && visit.query.get('anyway') !== '1')
    return inAppBrowser(visit, goal, parts);
  const due = session && parts.providers.get(session.provider);
  const asked = due && { due, whose: session.person };
  return choose(visit, { goal, ...asked, named: single(visit.query, 'provider') }, parts);
}

function inAppBrowser(visit: Visit, goal: Goal | undefined, parts: WebParts): Response {
  const { places } = parts;
  const target = roomOfGoal(goal);
  const url = `${places.jitsiUrl}${target ? roomPath(target) : '/'}`;
  const anyway = `${places.prefix}/sign-in?anyway=1&to=${encodeURIComponent(goalText(goal, roomPath))}`;
  return page(inAppBrowserPage({ ...frameOf(visit, goal, parts), url, anyway }), visit.nonce);
}

/** Only a provider with pages of its own asks the browser whether somebody is still there; the others are asked by us, when a room is entered. */
function asksByBrowser({ provider }: { readonly provider: string }, { providers }: WebParts): boolean {
  return providers.get(provider)?.answersAt !== PASSWORD_PAGE;
}

interface LiveSession {
  readonly id: string;
  readonly handle: string;
  readonly provider: string;
  /** Their id. */
  readonly person: string;
  /** The provider is to be asked again, and only the browser can ask it. */
  readonly due: boolean;
}

async function sessionOf(visit: Visit, parts: WebParts): Promise<LiveSession | undefined> {
  const here = await sessionHere(visit, parts);
  // A guest who comes here wants to be more than that.
  if (here === undefined || here.session.person.guest) return undefined;
  const { id, session } = here;
  const { person, handle } = session;
  const due = parts.sessions.recheckDue(session);
  return { id, handle, provider: person.provider, person: person.id, due };
}

async function begin(visit: Visit, attempts: AttemptCookies, parts: WebParts): Promise<Response> {
  const form = await visit.form();
  const goal = readGoal(single(form, 'to'));
  const probed = probeOf(visit);
  if (probed === undefined) throw new Problem('sign-in.no-cookie');
  await parts.limits.count('sign-in', { address: visit.asked.address, browser: probed });
  const session = await sessionOf(visit, parts);
  const hint = form.has('provider') ? undefined : typedAddress(form);
  const provider = chosen({ goal, form, session, hint }, parts);
  if (provider === undefined) {
    if (form.has('email')) return choose(visit, { goal, unknownEmail: true }, parts);
    throw new Problem('provider.unknown');
  }
  const silent = form.get('silent') === '1' && session?.due === true && session.provider === provider.id;
  if (await isAway(provider)) {
    if (silent) return goOn(session, goal, parts);
    const away = new Problem('provider.unreachable', { provider: provider.id, asked: 'discovery' });
    return notBegun(away, { visit, goal, provider }, parts);
  }
  const { attempt, sealed } = await beginAttempt(
    { provider: provider.id, target: goalText(goal, roomPath), silent },
    parts.attempts,
  );
  const cookies = [
    ...attempts.add({ id: attempt.id, sealed, browser: probed, cookies: visit.cookies }),
    ...(silent || parts.providers.size === 1 ? [] : [writeCookie(BY_COOKIE, provider.id, BY_LIFETIME)]),
  ];
  try {
    const asked = {
      memory: attempt,
      redirectUri: callbackAddress(provider, parts),
      silent,
      ...(silent && { person: session.person }),
      languages: [visit.words.language],
      ...(hint !== undefined && { hint }),
    };
    const form = await provider.startForm?.(asked);
    if (form !== undefined) return onward(visit, { provider, form, popup: isPopup(goal), cookies }, parts);
    const url = await provider.start(asked);
    if (provider.leadsAnywhere) return leadOn(visit, { url, cookies, provider, goal }, parts);
    return redirect(withoutFragment(url), { status: 303, cookies });
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    if (silent && thrown.code === 'provider.unreachable') return goOn(session, goal, parts);
    return notBegun(thrown, { visit, goal, provider }, parts);
  }
}

/** The address somebody typed to be taken to their service. It goes there as a hint, and nowhere else. */
function typedAddress(form: URLSearchParams): string | undefined {
  return cleanEmail(single(form, 'email')?.trim());
}

/** The service that was pressed, or whose addresses these are: one that is offered, or where they are signed in already. */
function chosen(
  about: {
    readonly goal: Goal | undefined;
    readonly form: URLSearchParams;
    readonly session: LiveSession | undefined;
    readonly hint: string | undefined;
  },
  { choices, providers }: WebParts,
): Provider | undefined {
  const { goal, form, session, hint } = about;
  const offered = choices.offered(roomOfGoal(goal));
  const id = single(form, 'provider');
  if (id === undefined) return hint === undefined ? undefined : choices.byEmail(hint, offered);
  return offered.find((one) => one.id === id) ?? (session?.provider === id ? providers.get(id) : undefined);
}

/** A browser sent to a provider that is gone stands before an error of its own, with no way back. So we knock first. */
async function isAway(provider: Provider): Promise<boolean> {
  await provider.warm();
  return provider.state().code === 'provider.unreachable';
}

/** "Not reachable" ends nobody's session: they go on, and the provider is asked again later. */
async function goOn(session: LiveSession, goal: Goal | undefined, parts: WebParts): Promise<Response> {
  const live = await parts.sessions.read(session.id);
  if (live) await parts.sessions.postponeRecheck(live, ASK_AGAIN);
  return redirect(afterSignIn(goal, parts), { status: 303 });
}

interface NotBegun {
  readonly visit: Visit;
  readonly goal: Goal | undefined;
  readonly provider: Provider;
}

/** The page leads back to the list, where another provider may stand that answers. */
function notBegun(problem: Problem, { visit, goal, provider }: NotBegun, parts: WebParts): Promise<Response> {
  const to = goalText(goal, roomPath);
  const room = roomOfGoal(goal);
  return problemAnswer(
    problem,
    { visit, parts },
    {
      provider,
      retry: `${parts.places.prefix}/sign-in?auto=0&to=${encodeURIComponent(to)}`,
      ...(room && { room }),
      popup: isPopup(goal),
    },
  );
}
