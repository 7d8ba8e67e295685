/**
 * Signing out: here at once, at the provider by a form of its own, and on the
 * provider's word (back-channel).
 */
import type { Person } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { roomPath } from '../../base/room.ts';
import type { LogoutForm, LogoutOptions } from '../../identity/provider.ts';
import { recordEnded } from '../../identity/session-ended.ts';
import { signOutBehindPage } from '../../pages/popup.ts';
import { signedOutPage, signingOutPage, signOutPage } from '../../pages/signed-out.ts';
import { whoamiPage } from '../../pages/whoami.ts';
import { linkCookies, NEXT_COOKIE, SESSION_COOKIE, writeCookie } from '../cookies.ts';
import { goalText, readGoal } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { page, redirect, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { single, type Visit } from '../visit.ts';
import { withoutFragment } from '../way-back.ts';

/** Seconds for which "sign in as somebody else" remembers the room while the provider signs out. */
const NEXT_LIFETIME = 600;

/** The routes of signing out. */
export function signOutRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/session',
      on: ['public'],
      from: 'anyone',
      does: 'who is signed in here',
      handle: (visit) => whoami(visit, parts),
    },
    {
      method: 'GET',
      path: '/',
      on: ['public'],
      from: 'anyone',
      does: 'leads to /session',
      handle: () => redirect(`${parts.places.prefix}/session`),
    },
    {
      method: 'GET',
      path: '/sign-out',
      on: ['public'],
      from: 'anyone',
      does: "Jitsi's tokenLogoutUrl: asks whether to sign out; changes nothing",
      handle: (visit) => ask(visit, parts),
    },
    {
      method: 'POST',
      path: '/sign-out',
      on: ['public'],
      from: 'our own form',
      does: 'ends the session and those of links, then leads over the sign-out of the provider',
      handle: (visit) => leave(visit, parts),
    },
    {
      method: 'GET',
      path: '/signed-out',
      on: ['public'],
      from: 'anyone',
      does: 'says that it is done',
      handle: (visit) => left(visit, parts),
    },
    {
      method: 'POST',
      path: '/backchannel-logout/:provider',
      on: ['public'],
      from: 'a provider',
      does: 'OpenID Connect back-channel logout: ends the sessions a logout token names',
      handle: (visit) => backChannel(visit, parts),
    },
  ];
}

/** Our page that says it is done, but for the provider at which somebody may still be signed in. */
export function signedOutAt({ places }: Pick<WebParts, 'places'>, still?: string): string {
  const page = `${places.prefix}/signed-out`;
  return still === undefined ? page : `${page}?at=${encodeURIComponent(still)}`;
}

function frameOf({ words, nonce, asked }: Visit, { branding, places }: WebParts) {
  return { words, nonce, branding, prefix: places.prefix, id: asked.id, home: `${places.jitsiUrl}/` };
}

/** Who came by links signs out of all of them with the rest: nobody expects to be somebody still. */
async function endLinks(visit: Visit, { sessions, audit, clock }: WebParts): Promise<readonly string[]> {
  const links = linkCookies(visit.asked.header('cookie'));
  for (const id of links.values()) {
    const ended = await sessions.end(digest(id), 'signed-out');
    if (ended === undefined) continue;
    const { id: person, provider } = ended.person;
    await audit.record({ at: clock.now(), event: 'signed-out', person, provider, ...visitFacts(visit) });
  }
  return [...links.keys()].map((name) => writeCookie(name, '', 0));
}

async function linkSessionOf(visit: Visit, { sessions }: WebParts) {
  for (const id of linkCookies(visit.asked.header('cookie')).values()) {
    const session = await sessions.read(id);
    if (session !== undefined) return { id, session };
  }
  return undefined;
}

/** Who may still be in a meeting with a session whose time ran out signs out too. */
async function anySessionOf(visit: Visit, parts: WebParts) {
  const id = visit.cookies.get(SESSION_COOKIE);
  const live = await sessionHere(visit, parts);
  if (live !== undefined || id === undefined) return live;
  const session = await parts.sessions.ranOut(digest(id));
  return session && { id, session };
}

async function whoami(visit: Visit, parts: WebParts): Promise<Response> {
  const { places, providers } = parts;
  const found = await sessionHere(visit, parts);
  if (found === undefined) return redirect(`${places.prefix}/sign-in?auto=0`);
  const { person } = found.session;
  const provider = providers.get(person.provider)?.name;
  const html = whoamiPage({
    ...frameOf(visit, parts),
    name: person.name ?? person.email ?? person.id,
    ...(person.email !== undefined && { email: person.email }),
    ...(provider !== undefined && { provider }),
    lead: `${places.prefix}/room`,
    signOut: { action: `${places.prefix}/sign-out` },
  });
  return page(html, visit.nonce, { formAction: await originsOf(person, parts) });
}

async function originsOf({ provider: at, id }: Person, { providers }: WebParts): Promise<readonly string[]> {
  const provider = providers.get(at);
  // Since the start of this node nobody may have come from theirs.
  if (provider?.origins(id).length === 0) await provider.warm(id);
  return provider?.origins(id) ?? [];
}

async function ask(visit: Visit, parts: WebParts): Promise<Response> {
  // Jitsi's page signs out in a frame behind itself and waits to be told. (`tokenAuthInline`)
  if (
    visit.asked.header('sec-fetch-dest') === 'iframe' &&
    visit.asked.header('sec-fetch-site') === 'same-origin'
  )
    return page(
      signOutBehindPage({ ...frameOf(visit, parts), action: `${parts.places.prefix}/sign-out` }),
      visit.nonce,
      { framed: 'here', asks: true },
    );
  const found = (await anySessionOf(visit, parts)) ?? (await linkSessionOf(visit, parts));
  if (found === undefined) return redirect(signedOutAt(parts));
  const { person } = found.session;
  const name = person.name ?? person.email;
  // Somebody who pressed "Logout" on a page of this origin need not be asked twice; a link from elsewhere does nothing by itself.
  const pressed =
    visit.asked.header('sec-fetch-site') === 'same-origin' &&
    visit.asked.header('sec-fetch-dest') === 'document';
  const html = signOutPage({
    ...frameOf(visit, parts),
    ...(parts.places.callsGoOn && { callsGoOn: true }),
    form: { action: `${parts.places.prefix}/sign-out` },
    auto: pressed,
    ...(name !== undefined && { name }),
  });
  return page(html, visit.nonce, { formAction: await originsOf(person, parts) });
}

async function leave(visit: Visit, parts: WebParts): Promise<Response> {
  const { places, sessions, audit, clock } = parts;
  const asked = await visit.form();
  const next = readGoal(single(asked, 'to'));
  // A script behind Jitsi's page asks, which cannot go to another site.
  const behind = single(asked, 'how') === 'behind';
  const nextCookie = next
    ? [writeCookie(NEXT_COOKIE, encodeURIComponent(goalText(next, roomPath)), NEXT_LIFETIME)]
    : [];
  const found = await anySessionOf(visit, parts);
  const cookies = [writeCookie(SESSION_COOKIE, '', 0), ...(await endLinks(visit, parts)), ...nextCookie];
  if (found === undefined) return redirect(signedOutAt(parts), { status: 303, cookies });
  const { id, session } = found;
  const { idToken, logoutName } = sessions.secretsOf(id, session);
  await sessions.end(session.handle, 'signed-out');
  await audit.record({
    at: clock.now(),
    event: 'signed-out',
    person: session.person.id,
    provider: session.person.provider,
    ...visitFacts(visit),
  });
  const returnTo = `${places.publicUrl}${signedOutAt(parts)}`;
  const known = {
    person: session.person.id,
    ...(idToken && { idToken }),
    ...(logoutName && { logoutName }),
    ...(session.sid !== undefined && { sid: session.sid }),
  };
  const there = await signOutThere(session.person.provider, { ...known, returnTo }, parts);
  if (there === undefined || (behind && typeof there === 'string'))
    return redirect(signedOutAt(parts, session.person.provider), { status: 303, cookies });
  if (typeof there === 'string') return redirect(withoutFragment(there), { status: 303, cookies });
  const html = signingOutPage({
    ...frameOf(visit, parts),
    form: { action: there.action, hidden: there.fields },
    provider: parts.providers.get(session.person.provider)?.name ?? session.person.provider,
  });
  return page(html, visit.nonce, {
    formAction: [new URL(there.action).origin, ...(await originsOf(session.person, parts))],
    cookies,
  });
}

/**
 * Where the browser signs out there too: an address or a form. Here the session has ended already; a provider that is
 * away keeps nobody signed in here.
 */
async function signOutThere(
  id: string,
  options: LogoutOptions,
  parts: WebParts,
): Promise<string | LogoutForm | undefined> {
  const provider = parts.providers.get(id);
  try {
    return (await provider?.logoutAddress?.(options)) ?? (await provider?.logoutForm(options));
  } catch (thrown) {
    const away = ['provider.unreachable', 'provider.misconfigured', 'provider.member-unknown'] as const;
    if (away.some((code) => isProblem(thrown, code))) return undefined;
    throw thrown;
  }
}

/** Who wanted to come back as somebody else is shown where to sign in, in the room they came for. */
function left(visit: Visit, parts: WebParts): Response {
  const { places, providers } = parts;
  const signIn = `${places.prefix}/sign-in?auto=0`;
  const next = readGoal(visit.cookies.get(NEXT_COOKIE));
  if (next) {
    const to = encodeURIComponent(goalText(next, roomPath));
    return redirect(`${signIn}&to=${to}`, { cookies: [writeCookie(NEXT_COOKIE, '', 0)] });
  }
  const still = providers.get(visit.query.get('at') ?? '')?.name;
  const html = signedOutPage({
    ...frameOf(visit, parts),
    ...(parts.places.callsGoOn && { callsGoOn: true }),
    signIn,
    ...(still !== undefined && { stillAt: still }),
  });
  return page(html, visit.nonce);
}

/** @see OpenID Connect Back-Channel Logout 1.0, sections 2.5, 2.6 and 2.8 */
async function backChannel(visit: Visit, parts: WebParts): Promise<Response> {
  const provider = parts.providers.get(visit.param('provider'));
  if (provider === undefined) throw new Problem('provider.unknown');
  await parts.limits.count('logout-token', { address: visit.asked.address });
  const token = single(await visit.form(), 'logout_token');
  if (token === undefined) throw new Problem('logout-token.unacceptable', { why: 'absent' });
  const { jti, expires, sid, subject } = await provider.readLogoutToken(token);
  const remember = Math.max(60, expires - Math.floor(parts.clock.now() / 1000) + 120);
  if (!(await parts.sessions.firstUse('logout', `${provider.id}/${jti}`, remember)))
    throw new Problem('logout-token.unacceptable', { why: 'replay' });
  const ended = await endNamed(provider.id, { sid, subject }, parts);
  await recordEnded(ended, visitFacts(visit), parts);
  parts.log.info('logout.back-channel', { provider: provider.id, ended: ended.length, ...visitFacts(visit) });
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
}

/** By the provider's session where that is known here; otherwise everything of the person who is named. */
async function endNamed(
  provider: string,
  { sid, subject }: { readonly sid: string | undefined; readonly subject: string | undefined },
  { sessions }: WebParts,
) {
  const bySid = sid === undefined ? [] : await sessions.endBySid(provider, sid);
  if (bySid.length > 0 || subject === undefined) return bySid;
  return sessions.endBySubject(provider, subject);
}
