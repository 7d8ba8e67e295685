/**
 * Where Jicofo's servlet was in the days of Shibboleth: links and clients that still go there are led on.
 *
 * What else they say – machine, popup – was for a session of Jicofo's, which there is none of any more.
 * @see jicofo before 2023-04, doc/shibboleth.md
 */
import type { WebParts } from '../parts.ts';
import { redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

/** The paths at the root of the site, with and without the slash. */
const OLD_PATHS = ['/login', '/login/', '/logout', '/logout/'] as const;

/** The routes of them. Nothing is there unless the operator says so. */
export function oldLoginRoutes(parts: WebParts): readonly Route[] {
  return OLD_PATHS.map((path) => ({
    method: 'GET',
    path,
    outside: 'jitsi.oldLoginPaths' as const,
    on: ['public'],
    from: 'anyone',
    does: `leads to \`${path.startsWith('/login') ? '/_ostiary/join' : '/_ostiary/sign-out'}\``,
    handle: (visit) => leadOn(visit, path, parts),
  }));
}

function leadOn(visit: Visit, path: string, { places }: WebParts): Response {
  if (path.startsWith('/logout')) return redirect(`${places.prefix}/sign-out`);
  // Some patterns sent the address of the room at the conference server.
  const room = (single(visit.query, 'room') ?? '').split('@')[0] ?? '';
  return redirect(
    room === '' ? `${places.prefix}/sign-in` : `${places.prefix}/join?room=${encodeURIComponent(room)}`,
  );
}
