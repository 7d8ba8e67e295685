/**
 * Links of other applications whose token stands behind the `#`, where no server sees it; and what is told to whom
 * a link did not let in, at an address that holds no token any more.
 */
import { PROBLEMS, Problem, type ProblemCode } from '../../base/problem.ts';
import { type Room, roomPath, shownRoom } from '../../base/room.ts';
import type { FormTarget } from '../../pages/layout.ts';
import { linkPage } from '../../pages/link.ts';
import { isDisplayToken } from '../../tokens/display.ts';
import { linkCookieName, writeCookie } from '../cookies.ts';
import { readTarget } from '../jitsi-state.ts';
import { linkAnswer } from '../link.ts';
import type { WebParts } from '../parts.ts';
import { problemAnswer } from '../problem-answer.ts';
import { page, redirect, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

/** What `spokenId` makes. */
const REFERENCE = /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

/** The routes of links. */
export function linkRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/link',
      on: ['public'],
      from: 'anyone',
      does: 'sends the token behind its `#` on; or tells why a link did not let somebody in',
      handle: (visit) => show(visit, parts),
    },
    {
      method: 'POST',
      path: '/link',
      on: ['public'],
      from: 'our own form',
      does: "opens another application's link; or leaves a room entered by one, to come as somebody else",
      handle: (visit) => posted(visit, parts),
    },
  ];
}

/** The form that carries a token from behind the `#` of a page of ours. */
export function linkForm(room: Room, { places }: Pick<WebParts, 'places'>): FormTarget {
  return { action: `${places.prefix}/link`, hidden: { to: roomPath(room) } };
}

function roomNamed(to: string | undefined): Room {
  const target = readTarget(to);
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  return target.room;
}

function show(visit: Visit, parts: WebParts): Response | Promise<Response> {
  const room = roomNamed(single(visit.query, 'to'));
  const code = single(visit.query, 'problem');
  if (code !== undefined) return told(visit, { room, code }, parts);
  if (parts.followLink === undefined) return redirect(roomPath(room));
  const { words, nonce, asked } = visit;
  const { branding, places } = parts;
  const html = linkPage({
    ...{ words, nonce, branding, prefix: places.prefix, id: asked.id },
    room: shownRoom(room),
    path: roomPath(room),
    form: linkForm(room, parts),
  });
  return page(html, nonce);
}

/** Only of links is anything told here, whatever an address says. */
function told(
  visit: Visit,
  { room, code }: { readonly room: Room; readonly code: string },
  parts: WebParts,
): Promise<Response> {
  if (!isAboutLinks(code)) throw new Problem('request.not-found');
  const id = single(visit.query, 'id');
  return problemAnswer(
    new Problem(code),
    { visit, parts },
    {
      room,
      byAccount: roomPath(room),
      embedders: parts.apps.embedders(room),
      ...(id !== undefined && REFERENCE.test(id) && { id }),
    },
  );
}

function isAboutLinks(code: string): code is ProblemCode {
  return (code.startsWith('link.') || code === 'issuer.unreachable') && Object.hasOwn(PROBLEMS, code);
}

async function posted(visit: Visit, parts: WebParts): Promise<Response> {
  const form = await visit.form();
  const room = roomNamed(single(form, 'to'));
  const to = roomPath(room);
  if (single(form, 'how') === 'leave') return leave(visit, room, parts);
  const token = single(form, 'jwt') ?? '';
  // What our own page showed is put back behind the `#` by Jitsi's client when it loads again.
  if (token === '' || isDisplayToken(token) || parts.followLink === undefined)
    return redirect(to, { status: 303 });
  return linkAnswer(visit, { token, room, to }, parts);
}

/** To come as somebody else: the session of this link ends, and that of an account stays. */
async function leave(visit: Visit, room: Room, parts: WebParts): Promise<Response> {
  const { sessions, audit, clock } = parts;
  const name = linkCookieName(room);
  const id = visit.cookies.get(name);
  const session = id === undefined ? undefined : await sessions.read(id);
  if (session !== undefined) {
    await sessions.end(session.handle, 'signed-out');
    const { id: person, provider } = session.person;
    await audit.record({ at: clock.now(), event: 'signed-out', person, provider, ...visitFacts(visit) });
  }
  return redirect(roomPath(room), { status: 303, cookies: [writeCookie(name, '', 0)] });
}
