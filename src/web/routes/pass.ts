/**
 * Entering with a code made on the machine, for the morning the provider is down.
 */
import { isProblem } from '../../base/problem.ts';
import { roomFromClaim } from '../../base/room.ts';
import { passPage } from '../../pages/pass.ts';
import { SESSION_COOKIE, writeCookie } from '../cookies.ts';
import type { WebParts } from '../parts.ts';
import { page, redirect, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { afterSignIn } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';

/** The routes of the entry code. A GET spends nothing: link scanners of mail and chat fetch every link. */
export function passRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/pass',
      on: ['public'],
      from: 'anyone',
      does: 'asks for an entry code; the code stands in the fragment, which no server sees',
      handle: (visit) => form(visit, parts),
    },
    {
      method: 'POST',
      path: '/pass',
      on: ['public'],
      from: 'our own form',
      does: 'spends an entry code and lets its bearer in',
      handle: (visit) => spend(visit, parts),
    },
  ];
}

function form(visit: Visit, { branding, places }: WebParts, wrong?: { readonly name: string }): Response {
  const { words, nonce, asked } = visit;
  const html = passPage({
    words,
    nonce,
    branding,
    prefix: places.prefix,
    id: asked.id,
    form: { action: `${places.prefix}/pass` },
    ...(wrong && { wrong: true, name: wrong.name }),
  });
  // The redirects that follow the form may end at a Jitsi of another origin.
  return page(html, nonce, { status: wrong ? 404 : 200, formAction: [places.jitsiUrl] });
}

async function spend(visit: Visit, parts: WebParts): Promise<Response> {
  const fields = await visit.form();
  const name = single(fields, 'name') ?? '';
  await parts.limits.count('pass', { address: visit.asked.address });
  try {
    const person = await parts.takePass(single(fields, 'code') ?? '', name);
    const before = await sessionHere(visit, parts);
    if (before) await parts.sessions.end(before.session.handle, 'replaced');
    const { id } = await parts.sessions.issue({ person }, { address: visit.asked.address });
    await parts.audit.record({
      at: parts.clock.now(),
      event: 'pass-used',
      person: person.id,
      name,
      ...(person.pass && { room: roomFromClaim(person.pass.room).name, role: person.pass.role }),
      ...visitFacts(visit),
    });
    const target = person.pass && {
      room: roomFromClaim(person.pass.room, person.pass.tenant),
      overrides: new Map(),
    };
    return redirect(afterSignIn(target, parts), {
      status: 303,
      cookies: [writeCookie(SESSION_COOKIE, id.reveal(), parts.sessionLifetime)],
    });
  } catch (thrown) {
    if (isProblem(thrown, 'pass.unknown')) return form(visit, parts, { name });
    throw thrown;
  }
}
