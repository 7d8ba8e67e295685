/**
 * The token endpoint: an application asks for somebody, and gets what takes that
 * one person into that one room. The secret that Jitsi knows stays here.
 *
 * @see RFC 6749, sections 4.4 and 5; RFC 8693
 */
import type { Grant } from '../../admission/outcome.ts';
import { type AppWish, appProvider } from '../../admission/vouched.ts';
import { unixSeconds } from '../../base/clock.ts';
import { isProblem, PROBLEMS, Problem } from '../../base/problem.ts';
import { type Room, roomFromPath, roomOf, tenantFromPath } from '../../base/room.ts';
import type { App } from '../apps.ts';
import { granted, recordEntry } from '../entry.ts';
import { clientProof, oauthError, requireOAuthForm } from '../oauth.ts';
import type { WebParts } from '../parts.ts';
import { tellProblem } from '../problem-answer.ts';
import { data, retryAfter, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import type { Visit } from '../visit.ts';

/** The routes for other applications. */
export function tokenRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/token',
      on: ['public', 'inner'],
      from: 'an application',
      does: 'OAuth 2.0 token endpoint: an application of the list gets what takes one person into one room',
      handle: (visit) => answered(visit, parts),
    },
  ];
}

/** What OAuth's clients understand is not the problem JSON that everybody else gets. */
async function answered(visit: Visit, parts: WebParts): Promise<Response> {
  try {
    return await grantToken(visit, parts);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    tellProblem(thrown, visit, parts);
    return data(
      {
        error: oauthError(thrown.code),
        error_description: PROBLEMS[thrown.code].title,
        code: thrown.code,
        id: visit.asked.id,
      },
      thrown.status === 403 || thrown.status === 413 ? 400 : thrown.status,
      {
        ...NOT_KEPT,
        ...retryAfter(thrown),
        ...(thrown.code === 'client.unknown' && { 'www-authenticate': 'Basic realm="ostiary"' }),
      },
    );
  }
}

const NOT_KEPT = { pragma: 'no-cache' };

async function grantToken(visit: Visit, parts: WebParts): Promise<Response> {
  const form = await visit.form();
  requireOAuthForm(visit.asked, form);
  const app = await provenApp(visit, form, parts);
  try {
    if (form.get('grant_type') !== 'client_credentials') throw new Problem('client.grant-type');
    return await forSomebody(visit, { app, wish: wishOf(form) }, parts);
  } catch (thrown) {
    if (isProblem(thrown) && thrown.status < 500) await recordRefusal(visit, { app, form, thrown }, parts);
    throw thrown;
  }
}

/** Who guesses at secrets is stopped by the address; who asks with one that holds never is by others' guesses. */
async function provenApp(visit: Visit, form: URLSearchParams, parts: WebParts): Promise<App> {
  const { limits, apps } = parts;
  const { address } = visit.asked;
  // A browser has no secret of an application's: whatever stands in a page is everybody's.
  if (visit.asked.header('origin') !== undefined) throw new Problem('client.not-allowed', { why: 'browser' });
  await limits.notBarred('client', { address });
  try {
    return await apps.authenticate(clientProof(visit.asked, form));
  } catch (thrown) {
    if (isProblem(thrown, 'client.unknown')) await limits.failed('client', { address });
    throw thrown;
  }
}

function wishOf(form: URLSearchParams): AppWish {
  const said = (name: string) => {
    const value = form.get(name);
    return value === null || value === '' ? undefined : value;
  };
  const [room, tenant] = [said('room'), said('tenant')];
  if (room === undefined) throw new Problem('room.missing');
  const role = said('role');
  const subject = said('subject_id');
  const name = said('subject_name');
  const email = said('subject_email');
  return {
    room: roomNamed(room, tenant),
    ...(role !== undefined && { role }),
    ...(subject !== undefined && { subject }),
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
  };
}

/** A name as people write it: nothing is taken for an escape, and what the client would strip or misread is refused. */
function roomNamed(room: string, tenant: string | undefined): Room {
  // What encodeURIComponent leaves as it is, and the client strips: token and page would part.
  if (/[!'()*]/.test(room)) throw new Problem('room.unusable', { why: 'character' });
  return roomOf(
    roomFromPath(encodeURIComponent(room)),
    tenant === undefined ? undefined : tenantFromPath(encodeURIComponent(tenant)),
  );
}

interface Asking {
  readonly app: App;
  readonly wish: AppWish;
}

async function forSomebody(visit: Visit, { app, wish }: Asking, parts: WebParts): Promise<Response> {
  const { asked } = visit;
  await parts.limits.countApp(app.name);
  const decide = async (session: string): Promise<Grant> => {
    const vouched = parts.apps.vouchFor(app, wish, session);
    const wants = { kind: 'enter', room: wish.room } as const;
    const outcome = await parts.admit({ asked, wants, client: 'browser', vouched });
    return granted(outcome);
  };
  const grant = await hold(await decide(asked.id), decide, { asked, parts });
  const as = parts.places.gateway ? 'ticket' : 'client';
  const minted = await parts.mint(grant, as);
  await recordEntry(asked, { grant, minted, as }, parts);
  parts.metrics.count('ostiary_entries_total', { outcome: 'admitted' });
  const { room, person, decision } = grant;
  const now = unixSeconds(parts.clock);
  return data(
    {
      access_token: minted.token.reveal(),
      token_type: 'Bearer',
      expires_in: Math.min(minted.expires, person.bound?.until ?? minted.expires) - now,
      room: room.name,
      ...(room.tenant !== undefined && { tenant: room.tenant }),
      role: decision.role,
      ...(decision.lobby && { lobby: true }),
    },
    200,
    NOT_KEPT,
  );
}

/** A ticket is good as long as a session stands: it can be taken back, and the gate asks about it each time. */
async function hold(
  grant: Grant,
  decide: (session: string) => Promise<Grant>,
  { asked, parts }: { readonly asked: Visit['asked']; readonly parts: WebParts },
): Promise<Grant> {
  if (!parts.places.gateway) return grant;
  const { session } = await parts.sessions.issue({ person: grant.person }, { address: asked.address });
  return decide(session.handle);
}

interface Refusal {
  readonly app: App;
  readonly form: URLSearchParams;
  readonly thrown: Problem;
}

/** Which application asked for what it did not get. Its words for a person stand in no log. */
async function recordRefusal(
  visit: Visit,
  { app, form, thrown }: Refusal,
  { audit, clock }: WebParts,
): Promise<void> {
  const { rule } = thrown.facts;
  await audit.record({
    at: clock.now(),
    event: 'refused',
    ...visitFacts(visit),
    provider: appProvider(app.name),
    ...(form.has('room') && { room: (form.get('room') ?? '').slice(0, 100) }),
    ...(typeof rule === 'string' && { rule }),
    code: thrown.code,
  });
}
