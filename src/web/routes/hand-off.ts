/**
 * The choice between Jitsi's app and this browser, and what follows the tap: the
 * ticket for the app is made then and not before.
 */
import type { Arrival } from '../../admission/arrival.ts';
import { Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { type Room, roomPath } from '../../base/room.ts';
import { handOffPage, outsidePage } from '../../pages/hand-off.ts';
import { HERE_COOKIE, writeCookie } from '../cookies.ts';
import { recordEntry, turnAway } from '../entry.ts';
import { type App, appAddress, handOffFor, isElectron } from '../hand-off.ts';
import { readTarget } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';
import { signInAddress } from './join.ts';

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
      does: "into Jitsi's app with a ticket made for it, or back into the room in this browser; as a gateway",
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
  return page(html, nonce, { formAction: [`${app.kind === 'android' ? 'intent' : app.scheme}:`] });
}

/** The way out of a frame; whoever's frame it is, the page has one link and nothing to click somebody into. */
export function outsideAnswer(visit: Visit, room: Room, { places, branding }: WebParts): Response {
  const { words, nonce, asked } = visit;
  const html = outsidePage({
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    room: room.name,
    url: `${places.jitsiUrl}${roomPath(room)}`,
  });
  return page(html, nonce, { framed: true });
}

async function chosen(visit: Visit, parts: WebParts): Promise<Response> {
  if (!parts.places.gateway) throw new Problem('request.not-found');
  const form = await visit.form();
  const target = readTarget(single(form, 'to'));
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  const { room } = target;
  if (single(form, 'how') !== 'app')
    return redirect(roomPath(room), {
      status: 303,
      cookies: [writeCookie(HERE_COOKIE, markOf(room), CHOSEN_FOR)],
    });
  const app = await appOf(visit.asked.header('user-agent'), room, parts);
  if (app === undefined) return redirect(roomPath(room), { status: 303 });
  return intoApp(visit, { room, app }, parts);
}

async function intoApp(
  visit: Visit,
  { room, app }: { readonly room: Room; readonly app: App },
  parts: WebParts,
): Promise<Response> {
  const { asked } = visit;
  const client = app.kind === 'desktop' ? 'electron' : app.kind;
  const arrival: Arrival = { asked, wants: { kind: 'enter', room }, client };
  const outcome = await parts.admit(arrival);
  parts.metrics.count('ostiary_entries_total', { outcome: outcome.kind });
  const wanted = { room, overrides: new Map() };
  switch (outcome.kind) {
    case 'admitted': {
      const minted = await parts.mint(outcome.grant, 'ticket');
      await recordEntry(asked, { grant: outcome.grant, minted, as: 'ticket' }, parts);
      const { jitsiUrl } = parts.places;
      return redirect(appAddress(app, { room, ticket: minted.token, jitsiUrl }), { status: 303 });
    }
    case 'sign-in':
      return redirect(signInAddress(wanted, parts), { status: 303 });
    case 'wait':
    case 'refused':
      return turnAway(visit, { wanted, outcome }, parts);
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

function isFramed(destination: string | undefined): boolean {
  return destination !== undefined && ['iframe', 'frame', 'embed', 'object'].includes(destination);
}

function markOf(room: Room): string {
  return digest(roomPath(room)).slice(0, 16);
}
