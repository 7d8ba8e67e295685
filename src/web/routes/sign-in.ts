/**
 * The sign-in page and its form: an attempt is begun and sealed into the
 * browser's own cookie; nothing is written here.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { beginAttempt } from '../../admission/sign-in.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { type Room, roomPath, shownRoom } from '../../base/room.ts';
import { LONGEST_GUEST_NAME } from '../../identity/guest.ts';
import { PASSWORD_PAGE } from '../../identity/password.ts';
import { cleanEmail } from '../../identity/profile.ts';
import type { PostForm, Provider } from '../../identity/provider.ts';
import { ANSWERS_AT } from '../../identity/saml-places.ts';
import { inAppBrowserPage, leadingOnPage, signInPage } from '../../pages/chooser.ts';
import { onwardPage } from '../../pages/onward.ts';
import { type AttemptCookies, createAttemptCookies } from '../attempt-cookies.ts';
import { BY_COOKIE, PROBE_COOKIE, writeCookie } from '../cookies.ts';
import { type Goal, goalText, isPopup, readGoal, roomOfGoal } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { problemAnswer } from '../problem-answer.ts';
import { type PageOptions, page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { single, type Visit } from '../visit.ts';
import { withoutFragment } from '../way-back.ts';
import { linkForm } from './link.ts';

/** Seconds for which a browser shows that it keeps cookies. */
export const PROBE_LIFETIME = 3600;
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

/** Where it leads, as every page of the way there shows it. */
function frameOf({ words, nonce, asked }: Visit, goal: Goal | undefined, parts: WebParts) {
  const { places, branding } = parts;
  const target = roomOfGoal(goal);
  return {
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    ...(target && {
      room: target.name,
      ...(places.gateway && { keepsFragmentFor: roomPath(target) }),
      ...(parts.followLink && { takesLinks: linkForm(target, parts) }),
    }),
  };
}

function inAppBrowser(visit: Visit, goal: Goal | undefined, parts: WebParts): Response {
  const { places } = parts;
  const target = roomOfGoal(goal);
  const url = `${places.jitsiUrl}${target ? roomPath(target) : '/'}`;
  const anyway = `${places.prefix}/sign-in?anyway=1&to=${encodeURIComponent(goalText(goal, roomPath))}`;
  return page(inAppBrowserPage({ ...frameOf(visit, goal, parts), url, anyway }), visit.nonce);
}

/** What is known before the choice. */
interface Choosing {
  readonly goal: Goal | undefined;
  /** Somebody is signed in there, and only the browser can ask whether they still are. */
  readonly due?: Provider;
  /** Then their id. */
  readonly whose?: string;
  /** What the link names; one that is not offered is nobody. */
  readonly named?: string | undefined;
  /** An address was typed that is nobody's here. */
  readonly unknownEmail?: true;
}

/** The list; one alone where there is one, or the link names it. */
async function choose(
  visit: Visit,
  { goal, due, whose, named, unknownEmail }: Choosing,
  parts: WebParts,
): Promise<Response> {
  const { choices, places } = parts;
  const target = roomOfGoal(goal);
  const guests = target !== undefined && (await takesGuests(visit, target, parts));
  const all = choices.offered(target);
  const byName = all.filter(({ id }) => id === named);
  const offered = due ? [due] : byName.length > 0 ? byName : all;
  // The page names the providers' origins: without them the browser stops the redirect that follows its form.
  await knockAt(offered, whose);
  const to = goalText(goal, roomPath);
  const html = signInPage({
    ...frameOf(visit, goal, parts),
    target: to,
    action: `${places.prefix}/sign-in`,
    ...ordered(offered, visit.cookies.get(BY_COOKIE)),
    auto: visit.asked.method === 'GET' && visit.query.get('auto') !== '0',
    ...(guests && {
      guest: { form: { action: `${places.prefix}/guest`, hidden: { to } }, longest: LONGEST_GUEST_NAME },
    }),
    ...(due && { hidden: { silent: '1' } }),
    ...(!due &&
      offered.length < all.length && {
        others: `${places.prefix}/sign-in?auto=0&to=${encodeURIComponent(to)}`,
      }),
    ...(choices.asksForEmail(offered) && { email: unknownEmail ? ('unknown' as const) : ('ask' as const) }),
  });
  return page(html, visit.nonce, {
    popup: isPopup(goal),
    formAction: offered.flatMap((provider) => provider.origins(whose)),
    cookies: [writeCookie(PROBE_COOKIE, probeOf(visit) ?? visit.nonce, PROBE_LIFETIME)],
  });
}

/** Would the rules take this visitor into the room for a name alone? */
async function takesGuests({ asked }: Visit, room: Room, { admit }: WebParts): Promise<boolean> {
  const outcome = await admit({ asked, wants: { kind: 'enter', room }, client: 'browser' });
  return outcome.kind === 'sign-in' && outcome.guests === true;
}

/** What somebody took the last time in this browser stands first. */
function ordered(offered: readonly Provider[], last: string | undefined) {
  const rank = ({ id }: Provider) => (id === last ? 0 : 1);
  const providers = offered
    .toSorted((one, other) => rank(one) - rank(other))
    .map(({ id, name, state }) => ({
      ...{ id, name },
      ...(state().code === 'provider.unreachable' && { away: true as const }),
    }));
  return { providers, ...(offered.length > 1 && providers[0]?.id === last && { remembered: true as const }) };
}

/** Among several, nobody waits longer than this for one that hangs; milliseconds. */
const PATIENCE = 1500;

async function knockAt(offered: readonly Provider[], whose?: string): Promise<void> {
  const down = offered.filter((provider) => whose !== undefined || !provider.state().up);
  const asked = Promise.all(down.map((provider) => provider.warm(whose)));
  if (offered.length === 1) await asked;
  else await Promise.race([asked, pause(PATIENCE, undefined, { ref: false })]);
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

/** A form, whom it is for, and on what page it stands. */
export interface Onward extends Pick<PageOptions, 'cookies' | 'framed' | 'popup'> {
  readonly provider: Provider;
  readonly form: PostForm;
}

/** To a provider that wants to be told by a form. What is behind the `#` was put by on the page before. */
export function onward(visit: Visit, { provider, form, ...how }: Onward, parts: WebParts): Response {
  const { words, nonce, asked } = visit;
  const html = onwardPage({
    ...{ words, nonce, branding: parts.branding, prefix: parts.places.prefix, id: asked.id },
    provider: provider.name,
    form: { action: form.action, hidden: form.fields },
  });
  return page(html, nonce, { ...how, formAction: [new URL(form.action).origin, ...provider.origins()] });
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
