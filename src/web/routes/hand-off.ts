/**
 * The choice between Jitsi's app and this browser, and what follows the tap: the
 * ticket for the app is made then and not before.
 */
import type { Arrival } from '../../admission/arrival.ts';
import { Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { type Room, roomPath } from '../../base/room.ts';
import { backPage, handOffPage, outsidePage } from '../../pages/hand-off.ts';
import { HERE_COOKIE, writeCookie } from '../cookies.ts';
import { recordEntry, turnAway } from '../entry.ts';
import { type App, appAddress, appBehind, handOffFor, isElectron } from '../hand-off.ts';
import { readTarget, type Target, targetText } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { isFramed, single, type Visit } from '../visit.ts';
import { signInAddress, wayIn } from '../way-back.ts';

/** Seconds for which a browser that chose itself is not asked again about a room: a long meeting, reloads and all. */
const CHOSEN_FOR = 14_400;

/** The routes of going on in the app. */
export function handOffRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/hand-off',
      on: ['public'],
      from: 'our own form',
      does: "into Jitsi's app with a token or, as a gateway, a ticket made for it; or into the room in this browser",
      handle: (visit) => chosen(visit, parts),
    },
  ];
}

/** The app this navigation is offered before Jitsi's page; nothing in a frame, and nothing for who chose the browser. */
export async function appFor(
  { asked, cookies }: Visit,
  room: Room,
  parts: WebParts,
): Promise<App | undefined> {
  if (isFramed(asked.header('sec-fetch-dest')) || cookies.get(HERE_COOKIE) === markOf(room)) return undefined;
  return appOf(asked.header('user-agent'), room, parts);
}

/** Does this navigation happen in a frame, where no sign-in service lets anybody sign in? */
export function inFrame({ asked }: Visit): boolean {
  const destination = asked.header('sec-fetch-dest');
  return destination === undefined ? isElectron(asked.header('user-agent') ?? '') : isFramed(destination);
}

/** The choice, at the room's own address. It holds no token. */
export function handOffAnswer(
  visit: Visit,
  { room, app }: { room: Room; app: App },
  parts: WebParts,
): Response {
  const { words, nonce, asked } = visit;
  const { places, branding } = parts;
  const html = handOffPage({
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    room: room.name,
    path: roomPath(room),
    form: { action: `${places.prefix}/hand-off`, hidden: { to: roomPath(room) } },
    app: app.name,
    stores: app.stores,
  });
  // Browsers hold the redirect that follows a form against the page's policy.
  return page(html, nonce, { formAction: [calls(app)] });
}

/** The app somebody came from to sign in, if they came from one that can be called back. */
export async function appBackTo({ app, room }: Target, { deepLinking }: WebParts): Promise<App | undefined> {
  return app && appBehind(app, (await deepLinking?.(room.tenant)) ?? {});
}

/** Signed in, and back into the app: by itself where browsers let a page do that, else by one button. */
export function backAnswer(
  visit: Visit,
  { target, app }: { readonly target: Target; readonly app: App },
  parts: WebParts,
): Response {
  const { words, nonce, asked } = visit;
  const { places, branding } = parts;
  const html = backPage({
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    room: target.room.name,
    action: `${places.prefix}/hand-off`,
    target: targetText(target, roomPath),
    app: app.name,
    stores: app.stores,
    // Chrome on Android opens an app for a tap alone.
    auto: app.kind !== 'android',
  });
  return page(html, nonce, { formAction: [calls(app)] });
}

/** What a policy must let a form of ours be redirected to. */
function calls({ kind, scheme }: App): string {
  return kind === 'android' ? 'intent:' : `${scheme}:`;
}

/**
 * The way out of a frame, or for who holds a ticket the way in without cookies; whoever's frame it is, the page has one
 * link and nothing to click somebody into.
 */
export function outsideAnswer(
  visit: Visit,
  { room, byTicket }: { readonly room: Room; readonly byTicket: boolean },
  { places, branding, followLink, apps }: WebParts,
): Response {
  const { words, nonce, asked } = visit;
  const html = outsidePage({
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    room: room.name,
    url: `${places.jitsiUrl}${roomPath(room)}`,
    embedders: apps.embedders(room),
    ...(followLink && {
      tab: { action: `${places.prefix}/link`, hidden: { to: roomPath(room) } },
      byTicket,
    }),
  });
  return page(html, nonce, { framed: 'anywhere' });
}

async function chosen(visit: Visit, parts: WebParts): Promise<Response> {
  const form = await visit.form();
  const target = readTarget(single(form, 'to'));
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  const app = await (target.app === undefined
    ? appOf(visit.asked.header('user-agent'), target.room, parts)
    : appBackTo(target, parts));
  if (app !== undefined && single(form, 'how') === 'app') return intoApp(visit, { target, app }, parts);
  return intoBrowser(target, parts);
}

/** Beside Jitsi the rules are asked once more, and the token for the browser is another one. */
function intoBrowser({ app: _, ...target }: Target, { places }: WebParts): Response {
  if (!places.gateway)
    return redirect(`${places.prefix}/join?to=${encodeURIComponent(targetText(target, roomPath))}`, {
      status: 303,
    });
  const { room, overrides } = target;
  return redirect(wayIn(room, { ...places, overrides }), {
    status: 303,
    cookies: [writeCookie(HERE_COOKIE, markOf(room), CHOSEN_FOR)],
  });
}

async function intoApp(
  visit: Visit,
  { target, app }: { readonly target: Target; readonly app: App },
  parts: WebParts,
): Promise<Response> {
  const { asked } = visit;
  const { room, overrides } = target;
  const client = app.kind === 'desktop' ? 'electron' : app.kind;
  const arrival: Arrival = { asked, wants: { kind: 'enter', room }, client };
  const outcome = await parts.admit(arrival);
  parts.metrics.count('ostiary_entries_total', { outcome: outcome.kind });
  switch (outcome.kind) {
    case 'admitted': {
      const { jitsiUrl, gateway } = parts.places;
      const as = gateway ? 'ticket' : 'app';
      const minted = await parts.mint(outcome.grant, as);
      await recordEntry(asked, { grant: outcome.grant, minted, as }, parts);
      const address = appAddress(app, { room, token: minted.token, jitsiUrl, overrides });
      return redirect(address, { status: 303 });
    }
    case 'sign-in':
      return redirect(signInAddress(target, parts.places), { status: 303 });
    case 'wait':
    case 'refused':
      return turnAway(visit, { wanted: target, outcome }, parts);
    case 'seen':
      throw new Problem('server.bug', { why: 'an entry was seen' });
  }
}

async function appOf(
  userAgent: string | undefined,
  { tenant }: Room,
  { deepLinking }: WebParts,
): Promise<App | undefined> {
  return handOffFor(userAgent ?? '', (await deepLinking?.(tenant)) ?? {});
}

function markOf(room: Room): string {
  return digest(roomPath(room)).slice(0, 16);
}
