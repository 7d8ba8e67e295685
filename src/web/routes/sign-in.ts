/**
 * The sign-in page and its form: an attempt is begun and sealed into the
 * browser's own cookie; nothing is written here.
 */
import { beginAttempt } from '../../admission/sign-in.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { type Room, roomPath, shownRoom } from '../../base/room.ts';
import { LONGEST_GUEST_NAME } from '../../identity/guest.ts';
import { PASSWORD_PAGE } from '../../identity/password.ts';
import type { PostForm, Provider } from '../../identity/provider.ts';
import { ANSWERS_AT } from '../../identity/saml-places.ts';
import { inAppBrowserPage, leadingOnPage, signInPage } from '../../pages/chooser.ts';
import { onwardPage } from '../../pages/onward.ts';
import { type AttemptCookies, createAttemptCookies } from '../attempt-cookies.ts';
import { PROBE_COOKIE, SESSION_COOKIE, writeCookie } from '../cookies.ts';
import { type Goal, goalText, isPopup, readGoal, roomOfGoal } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { problemAnswer } from '../problem-answer.ts';
import { page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';
import { withoutFragment } from '../way-back.ts';
import { linkForm } from './link.ts';

const PROBE_LIFETIME = 3600;
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

/** The one provider's id on the way out; `auto` with several providers is never. */
async function show(visit: Visit, parts: WebParts): Promise<Response> {
  const goal = readGoal(single(visit.query, 'to'));
  const session = await sessionOf(visit, parts);
  if (session && !(session.due && asksByBrowser(session, parts))) return redirect(afterSignIn(goal, parts));
  const { words, nonce, asked } = visit;
  const { places, branding } = parts;
  const frame = { words, branding, prefix: places.prefix, nonce, id: asked.id };
  const target = roomOfGoal(goal);
  const room = target && {
    room: target.name,
    ...(places.gateway && { keepsFragmentFor: roomPath(target) }),
    ...(parts.followLink && { takesLinks: linkForm(target, parts) }),
  };
  const to = goalText(goal, roomPath);
  const guests = target !== undefined && (await takesGuests(visit, target, parts));
  if (IN_APP.test(asked.header('user-agent') ?? '') && visit.query.get('anyway') !== '1') {
    const url = `${places.jitsiUrl}${target ? roomPath(target) : '/'}`;
    const anyway = `${places.prefix}/sign-in?anyway=1&to=${encodeURIComponent(to)}`;
    return page(inAppBrowserPage({ ...frame, ...room, url, anyway }), nonce);
  }
  const due = session && parts.providers.get(session.provider);
  const offered = due ? [due] : [...parts.providers.values()];
  // The page names the providers' origins: without them the browser stops the redirect that follows its form.
  await Promise.all(offered.filter((provider) => !provider.state().up).map((provider) => provider.warm()));
  const html = signInPage({
    ...frame,
    ...room,
    target: to,
    action: `${places.prefix}/sign-in`,
    providers: offered.map(({ id, name }) => ({ id, name })),
    auto: visit.query.get('auto') !== '0',
    ...(guests && {
      guest: { form: { action: `${places.prefix}/guest`, hidden: { to } }, longest: LONGEST_GUEST_NAME },
    }),
    ...(due && { hidden: { silent: '1' } }),
  });
  return page(html, nonce, {
    popup: isPopup(goal),
    formAction: offered.flatMap((provider) => provider.origins()),
    cookies: [writeCookie(PROBE_COOKIE, probeOf(visit) ?? visit.nonce, PROBE_LIFETIME)],
  });
}

/** Would the rules take this visitor into the room for a name alone? */
async function takesGuests({ asked }: Visit, room: Room, { admit }: WebParts): Promise<boolean> {
  const outcome = await admit({ asked, wants: { kind: 'enter', room }, client: 'browser' });
  return outcome.kind === 'sign-in' && outcome.guests === true;
}

/** The probe's value also tells browsers apart for the limits; it is no secret. What we did not write is none. */
export function probeOf(visit: Visit): string | undefined {
  const known = visit.cookies.get(PROBE_COOKIE);
  return known !== undefined && /^[\w-]{22}$/.test(known) ? known : undefined;
}

/** Only a provider with pages of its own asks the browser whether somebody is still there; the others are asked by us, when a room is entered. */
function asksByBrowser({ provider }: { readonly provider: string }, { providers }: WebParts): boolean {
  return providers.get(provider)?.answersAt !== PASSWORD_PAGE;
}

interface LiveSession {
  readonly id: string;
  readonly handle: string;
  readonly provider: string;
  /** The provider is to be asked again, and only the browser can ask it. */
  readonly due: boolean;
}

async function sessionOf(visit: Visit, { sessions }: WebParts): Promise<LiveSession | undefined> {
  const id = visit.cookies.get(SESSION_COOKIE);
  const session = id === undefined ? undefined : await sessions.read(id);
  // A guest who comes here wants to be more than that.
  if (id === undefined || session === undefined || session.person.guest) return undefined;
  return { id, handle: session.handle, provider: session.person.provider, due: sessions.recheckDue(session) };
}

/**
 * Where somebody goes who is signed in: through `join`, where the rules are asked. Jitsi's start page is ours to
 * lead to where we stand in front of it.
 */
export function afterSignIn(goal: Goal | undefined, { places }: WebParts): string {
  if (goal === 'start' && places.gateway) return withoutFragment(`${places.publicUrl}/`);
  if (goal === undefined || goal === 'start') return `${places.prefix}/session`;
  return `${places.prefix}/join?to=${encodeURIComponent(goalText(goal, roomPath))}`;
}

async function begin(visit: Visit, attempts: AttemptCookies, parts: WebParts): Promise<Response> {
  const form = await visit.form();
  const goal = readGoal(single(form, 'to'));
  const probed = probeOf(visit);
  if (probed === undefined) throw new Problem('sign-in.no-cookie');
  await parts.limits.count('sign-in', { address: visit.asked.address, browser: probed });
  const provider = parts.providers.get(single(form, 'provider') ?? '');
  if (provider === undefined) throw new Problem('provider.unknown');
  const session = await sessionOf(visit, parts);
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
  const cookies = attempts.add({ id: attempt.id, sealed, browser: probed, cookies: visit.cookies });
  try {
    const asked = {
      memory: attempt,
      redirectUri: callbackAddress(provider, parts),
      silent,
      languages: [visit.words.language],
    };
    const form = await provider.startForm?.(asked);
    if (form !== undefined) return onward(visit, { provider, form, goal, cookies }, parts);
    const url = await provider.start(asked);
    if (provider.leadsAnywhere) return leadOn(visit, { url, cookies, provider, goal }, parts);
    return redirect(withoutFragment(url), { status: 303, cookies });
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    if (silent && thrown.code === 'provider.unreachable') return goOn(session, goal, parts);
    return notBegun(thrown, { visit, goal, provider }, parts);
  }
}

/**
 * A page in between: a browser that follows our form by redirects goes to no address that the page with the form did
 * not name, and where the proxy has people sign in only the proxy knows.
 */
function leadOn(
  { words, nonce, asked }: Visit,
  about: {
    readonly url: string;
    readonly cookies: readonly string[];
    readonly provider: Provider;
    readonly goal: Goal | undefined;
  },
  { places, branding }: WebParts,
): Response {
  const { url, cookies, provider, goal } = about;
  const target = roomOfGoal(goal);
  const frame = { words, branding, prefix: places.prefix, nonce, id: asked.id };
  const html = leadingOnPage({
    ...frame,
    url,
    provider: provider.name,
    ...(target && { room: shownRoom(target) }),
  });
  const answer = page(html, nonce, { popup: isPopup(goal), cookies });
  answer.headers.set('refresh', `0; url=${url}`);
  return answer;
}

interface Onward {
  readonly provider: Provider;
  readonly form: PostForm;
  readonly goal: Goal | undefined;
  readonly cookies: readonly string[];
}

/** To a provider that wants to be asked by a form. What is behind the `#` was put by on the page before. */
function onward(visit: Visit, { provider, form, goal, cookies }: Onward, parts: WebParts): Response {
  const { words, nonce, asked } = visit;
  const html = onwardPage({
    ...{ words, nonce, branding: parts.branding, prefix: parts.places.prefix, id: asked.id },
    provider: provider.name,
    form: { action: form.action, hidden: form.fields },
  });
  return page(html, nonce, {
    formAction: [new URL(form.action).origin, ...provider.origins()],
    popup: isPopup(goal),
    cookies,
  });
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

/** The one address a provider may send the browser back to: from configuration, never from a header. */
export function callbackAddress(provider: Provider, { places, saml }: WebParts): string {
  if (provider.answersAt === ANSWERS_AT && saml !== undefined) return saml.acs;
  return `${places.publicUrl}${places.prefix}${provider.answersAt ?? `/callback/${provider.id}`}`;
}
