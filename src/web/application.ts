/**
 * An application that asks us something of its own: which it is, which room it means, and how it is told that it gets
 * nothing. What OAuth's clients understand is not the problem JSON that everybody else gets.
 *
 * @see RFC 6749, sections 2.3 and 5.2
 */
import { isProblem, PROBLEMS, Problem } from '../base/problem.ts';
import { type Room, roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import type { App } from './apps.ts';
import { clientProof, oauthError } from './oauth.ts';
import type { WebParts } from './parts.ts';
import { tellProblem } from './problem-answer.ts';
import { data, retryAfter } from './respond.ts';
import type { Visit } from './visit.ts';

/**
 * Which application asks. Who guesses at secrets is stopped by the address; who asks with one that holds never is by
 * others' guesses. Throws `client.unknown` and `request.malformed`.
 */
export async function provenApp(visit: Visit, form: URLSearchParams, parts: WebParts): Promise<App> {
  try {
    const app = await parts.apps.authenticate(clientProof(visit.asked, form));
    // @see RFC 7521, section 4.2
    if ((form.get('client_id') ?? app.name) !== app.name)
      throw new Problem('request.malformed', { why: 'two clients' });
    return app;
  } catch (thrown) {
    if (isProblem(thrown, 'client.unknown'))
      await parts.limits.failed('client', { address: visit.asked.address });
    throw thrown;
  }
}

/**
 * A name as people write it: nothing is taken for an escape, and what the client would strip or misread is refused.
 * Throws `room.*` and `tenant.unusable`.
 */
export function roomNamed(room: string, tenant: string | undefined): Room {
  // What encodeURIComponent leaves as it is, and the client strips: token and page would part.
  if (/[!'()*]/.test(room)) throw new Problem('room.unusable', { why: 'character' });
  return roomOf(
    roomFromPath(encodeURIComponent(room)),
    tenant === undefined ? undefined : tenantFromPath(encodeURIComponent(tenant)),
  );
}

interface Told {
  readonly visit: Visit;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Logs, counts and tells a refusal in OAuth's words. Throws what is no foreseen problem. */
export function toldApplication(thrown: unknown, { visit, headers = {} }: Told, parts: WebParts): Response {
  if (!isProblem(thrown)) throw thrown;
  tellProblem(thrown, visit, parts);
  const told = {
    error: oauthError(thrown.code),
    error_description: PROBLEMS[thrown.code].title,
    code: thrown.code,
    id: visit.asked.id,
  };
  return data(told, statusOf(thrown), {
    pragma: 'no-cache',
    ...headers,
    ...retryAfter(thrown),
    ...(thrown.code === 'client.unknown' && { 'www-authenticate': 'Basic realm="ostiary"' }),
  });
}

/** @see RFC 6749, section 5.2 */
function statusOf({ code, status }: Problem): number {
  return code === 'client.unknown' || status === 429 || status >= 500 ? status : 400;
}
