/**
 * Somebody begins to speak XMPP, or asks for a conference: which room, by what
 * right, and from which page. One answer for WebSocket, BOSH and conference request.
 */
import type { Arrival, Asked, Which } from '../admission/arrival.ts';
import type { Grant, Outcome } from '../admission/outcome.ts';
import { Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { type Room, roomFromQuery, roomOf, type TenantName } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { issuerToTell } from '../identity/issuer.ts';
import { bearerOf } from '../web/bearer.ts';
import { linkCookie, sessionCookie } from '../web/cookies.ts';
import { granted } from '../web/entry.ts';
import { type Carried, carriedQuery } from './carry-token.ts';
import type { GatewayParts } from './parts.ts';

/** What became of it. */
export type Entering =
  | {
      readonly kind: 'admitted';
      readonly grant: Grant;
      readonly carried: Carried;
      /** The session's id, where a cookie brought it. */
      readonly sessionId?: Secret;
    }
  /** Neither session nor token: Jitsi's clients go to sign in when XMPP itself tells them so. */
  | { readonly kind: 'no-token'; readonly room: Room; readonly carried: Carried };

/** A session's id, and which of a browser's sessions it is. */
export interface BroughtCookie {
  readonly id: Secret;
  readonly which: Which;
}

/** What a request brings with it, not yet judged. */
export interface Brought {
  readonly room: Room;
  readonly carried: Carried;
  /**
   * The ids of sessions, that of a link to this room before that of an account. Cookies come along from any page: they
   * count where a page of ours was named as well.
   */
  readonly cookies: readonly BroughtCookie[];
  readonly token?: Secret;
  /** A cookie came, and no page was named. */
  readonly fromNowhere: boolean;
}

/** Reads what a request brings. Fails with the problems of rooms, and with `request.cross-site` for a page that is not ours. */
export function broughtBy(asked: Asked, tenant: TenantName | undefined, parts: GatewayParts): Brought {
  const { web, options } = parts;
  const prefix = options.xmpp ? { prefix: tenant ?? '' } : {};
  const carried = carriedQuery(asked.query, { visitors: options.visitors, ...prefix });
  if (carried.room === undefined) throw new Problem('room.missing');
  const room = roomOf(roomFromQuery(carried.room), tenant);
  const origin = asked.header('origin');
  if (origin !== undefined && !web.places.origins.has(origin))
    throw new Problem('request.cross-site', { origin: 'foreign' });
  const token = carried.token ?? bearerOf(asked);
  const cookies = cookiesFor(room, asked);
  return {
    ...{ room, carried, fromNowhere: origin === undefined && cookies.length > 0 },
    cookies: origin === undefined ? [] : cookies,
    ...(token && { token }),
  };
}

/**
 * Decides. Fails with the problems of rooms, with `request.cross-site` for a page that is not ours, with
 * `ticket.unacceptable` for a token that opens nothing here, and with `entry.refused`, `entry.kicked` and `entry.wait`.
 */
export async function entering(
  asked: Asked,
  tenant: TenantName | undefined,
  parts: GatewayParts,
): Promise<Entering> {
  const { room, carried, cookies, token, fromNowhere } = broughtBy(asked, tenant, parts);
  const byCookie = await byCookies({ asked, room }, cookies, parts);
  const outcome = byCookie ?? (token && (await byTicket({ asked, room }, token, parts)));
  if (outcome !== undefined) {
    parts.web.metrics.count('ostiary_entries_total', { outcome: outcome.kind });
    const grant = granted(outcome);
    const sessionId = cookies.find(({ id }) => digest(id.reveal()) === grant.session)?.id;
    return { kind: 'admitted', grant, carried, ...(byCookie && sessionId && { sessionId }) };
  }
  if (token !== undefined) throw new Problem('ticket.unacceptable', { why: 'no session' });
  if (fromNowhere) throw new Problem('request.cross-site', { origin: 'absent' });
  return { kind: 'no-token', room, carried };
}

interface Wanted {
  readonly asked: Asked;
  readonly room: Room;
}

/** One after the other: who came by a link goes on by it, before it counts that they have an account too. */
async function byCookies(
  wanted: Wanted,
  cookies: readonly BroughtCookie[],
  parts: GatewayParts,
): Promise<Outcome | undefined> {
  for (const { id, which } of cookies) {
    const outcome = await admitOrResume(wanted, { handle: digest(id.reveal()), which }, parts);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

function cookiesFor(room: Room, { header }: Asked): readonly BroughtCookie[] {
  const cookies = header('cookie');
  const link = linkCookie(cookies, room);
  const account = sessionCookie(cookies);
  return [
    ...(link === undefined ? [] : [{ id: new Secret(link), which: 'link' } as const]),
    ...(account === undefined ? [] : [{ id: new Secret(account), which: 'account' } as const]),
  ];
}

async function byTicket(wanted: Wanted, token: Secret, parts: GatewayParts): Promise<Outcome | undefined> {
  const { asked, room } = wanted;
  const ticket = await parts.readTicket(token.reveal(), { room, id: asked.id, address: asked.address });
  if (typeof ticket === 'string')
    throw new Problem('ticket.unacceptable', {
      why: ticket,
      ...(ticket === 'not-ours' && issuerToTell(token.reveal())),
    });
  return admitOrResume(wanted, { handle: ticket.session, ticket }, parts);
}

/** Who was in this room a few minutes ago waits for nobody, and no hour ends the meeting for them. */
export async function admitOrReturn(
  arrival: Arrival,
  room: Room,
  { web, sockets }: Pick<GatewayParts, 'web' | 'sockets'>,
): Promise<Outcome> {
  const outcome = await web.admit(arrival);
  const session = sessionBefore(outcome);
  if (session === undefined || !(await sockets.wasInside(session, room))) return outcome;
  return web.admit({ ...arrival, wants: { kind: 'enter', room, returns: true } });
}

/** The session of somebody whom the hour alone keeps out, or that no host is there yet. */
function sessionBefore(outcome: Outcome): string | undefined {
  if (outcome.kind === 'wait') return outcome.session;
  return outcome.kind === 'refused' ? outcome.shut?.session : undefined;
}

/** Time alone ends no meeting: who was in this room a moment ago goes on there. */
async function admitOrResume(
  { asked, room }: Wanted,
  { handle, ...by }: { readonly handle: string } & Pick<Arrival, 'ticket' | 'which'>,
  parts: GatewayParts,
): Promise<Outcome | undefined> {
  const { web, sockets } = parts;
  const wants = { kind: 'enter', room } as const;
  const arrival: Arrival = { asked, wants, ...by };
  const outcome = await admitOrReturn(arrival, room, parts);
  if (outcome.kind !== 'sign-in') return outcome;
  if (!(await sockets.wasInside(handle, room))) return undefined;
  const again = await web.admit({ ...arrival, wants: { ...wants, resumes: true } });
  return again.kind === 'sign-in' ? undefined : again;
}
