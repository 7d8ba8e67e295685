/**
 * The token endpoint: an application asks for somebody, and gets what takes that
 * one person into that one room. The secret that Jitsi knows stays here.
 *
 * @see RFC 6749, sections 4.4 and 5; RFC 8693
 */
import type { Grant } from '../../admission/outcome.ts';
import { type AppWish, appProvider, isSubject, type Vouched } from '../../admission/vouched.ts';
import { unixSeconds } from '../../base/clock.ts';
import { personId } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { roomFromClaim } from '../../base/room.ts';
import { provenApp, roomNamed, toldApplication } from '../application.ts';
import type { App } from '../apps.ts';
import { granted, recordEntry } from '../entry.ts';
import { JWT_TYPE, requireOAuthForm, subjectTokenIn, TOKEN_EXCHANGE } from '../oauth.ts';
import type { WebParts } from '../parts.ts';
import { data, visitFacts } from '../respond.ts';
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

async function answered(visit: Visit, parts: WebParts): Promise<Response> {
  const heard: { origin?: string } = {};
  try {
    return await grantToken(visit, heard, parts);
  } catch (thrown) {
    return toldApplication(thrown, { visit, headers: headersFor(heard.origin) }, parts);
  }
}

/** Which page may read the answer, where it is one's. @see Fetch, section 3.3, "CORS protocol" */
function headersFor(origin: string | undefined): Readonly<Record<string, string>> {
  return {
    ...(origin !== undefined && { 'access-control-allow-origin': origin, vary: 'Origin' }),
  };
}

async function grantToken(visit: Visit, heard: { origin?: string }, parts: WebParts): Promise<Response> {
  const form = await visit.form();
  requireOAuthForm(visit.asked, form);
  const origin = visit.asked.header('origin');
  await parts.limits.notBarred('client', { address: visit.asked.address });
  const app = await (origin === undefined ? provenApp(visit, form, parts) : pageOf(origin, form, parts));
  if (origin !== undefined) heard.origin = origin;
  const asking = { app, form, byPage: origin !== undefined };
  const known: { person?: string } = {};
  try {
    const [by, more] = await subjectOf(visit, { ...asking, known }, parts);
    return await forSomebody(visit, { ...asking, by, more: { ...more, headers: headersFor(origin) } }, parts);
  } catch (thrown) {
    // Anybody can name the origin of a page: without a token that holds they fill no audit.
    const isTold = !asking.byPage || known.person !== undefined;
    if (isTold && isProblem(thrown) && thrown.status < 500)
      await recordRefusal(visit, { ...asking, ...known, thrown }, parts);
    throw thrown;
  }
}

/**
 * A page has no secret of an application's: whatever stands in it is everybody's. What it may do is exchange a token
 * that the person holds already, from an origin of the list.
 */
function pageOf(origin: string, form: URLSearchParams, { apps }: WebParts): App {
  const app = apps.at(origin, form.get('client_id') ?? '');
  const shows = form.has('client_secret') || form.has('client_assertion');
  if (app === undefined || shows || form.get('grant_type') !== TOKEN_EXCHANGE)
    throw new Problem('client.not-allowed', { why: 'browser' });
  return app;
}

/** Makes the one who is vouched for, for a session. */
type By = (session: string) => Vouched;

interface Subject {
  readonly app: App;
  readonly form: URLSearchParams;
  /** It is a page that asks, which proves nothing. */
  readonly byPage: boolean;
  /** The person is put here as soon as it is known who. */
  readonly known: { person?: string };
}

/** Whom the application speaks for: somebody it names, or somebody another issuer's token names. */
async function subjectOf(
  visit: Visit,
  { app, form, byPage, known }: Subject,
  parts: WebParts,
): Promise<readonly [By, Readonly<Record<string, string>>]> {
  const { apps, places, limits } = parts;
  switch (form.get('grant_type')) {
    case 'client_credentials': {
      const subject = form.get('subject_id') ?? '';
      if (isSubject(subject)) known.person = personId(appProvider(app.name), subject);
      const wish = wishOf(form);
      return [(session) => apps.vouchFor(app, wish, session), {}];
    }
    case TOKEN_EXCHANGE: {
      const token = subjectTokenIn(form, new Set(['', places.publicUrl, places.jitsiUrl]));
      const wish = wishOf(form);
      try {
        const followed = await apps.subject(token.reveal(), wish.room);
        if (followed.kind !== 'ours') known.person = followed.person.id;
        if (followed.kind === 'refused') throw followed.problem;
        if (followed.kind === 'ours') throw new Problem('link.unacceptable', { why: 'ours' });
        const { person: subject } = followed;
        return [
          (session) => apps.vouchForSubject(app, { subject, wish }, session),
          { issued_token_type: JWT_TYPE },
        ];
      } catch (thrown) {
        // A signature costs time: who brings junk again and again is stopped like who guesses. An application with a
        // proof is not: it hands on what its people bring, and none of them may shut the others out.
        if (byPage && isProblem(thrown, 'link.unacceptable'))
          await limits.failed('client', { address: visit.asked.address });
        throw thrown;
      }
    }
    default:
      throw new Problem('client.grant-type');
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

interface Asking {
  readonly app: App;
  readonly byPage: boolean;
  readonly by: By;
  /** What the answer says beside the token. */
  readonly more: Readonly<Record<string, unknown>> & { readonly headers: Readonly<Record<string, string>> };
}

async function forSomebody(
  visit: Visit,
  { app, byPage, by, more: { headers, ...more } }: Asking,
  parts: WebParts,
): Promise<Response> {
  const { asked } = visit;
  // Who asks from a page holds a token and no secret: that is somebody who comes in, and takes nothing from the others.
  await (byPage
    ? parts.limits.count('exchange', { address: asked.address })
    : parts.limits.countApp(app.name));
  const decide = async (session: string): Promise<Grant> => {
    const vouched = by(session);
    const { bound } = vouched.person;
    if (bound === undefined) throw new Problem('server.bug', { why: 'vouched for no room' });
    const wants = { kind: 'enter', room: roomFromClaim(bound.room, bound.tenant) } as const;
    const outcome = await parts.admit({ asked, wants, vouched });
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
      ...more,
    },
    200,
    { pragma: 'no-cache', ...headers },
  );
}

/**
 * What is handed out is good as long as a session stands, where somebody asks about it each time or once a second: the
 * gate, our module in Prosody, the TURN server. So it can be taken back.
 */
async function hold(
  grant: Grant,
  decide: (session: string) => Promise<Grant>,
  { asked, parts }: { readonly asked: Visit['asked']; readonly parts: WebParts },
): Promise<Grant> {
  const asksAgain = parts.places.gateway || parts.prosody !== undefined || parts.turn !== undefined;
  if (!asksAgain) return grant;
  const { session } = await parts.sessions.issue({ person: grant.person }, { address: asked.address });
  return decide(session.handle);
}

interface Refusal {
  readonly app: App;
  readonly form: URLSearchParams;
  readonly person?: string;
  readonly thrown: Problem;
}

/** Which application asked for what it did not get, and for whom where it said so in letters an id may have. */
async function recordRefusal(
  visit: Visit,
  { app, form, person, thrown }: Refusal,
  { audit, clock }: WebParts,
): Promise<void> {
  const { rule } = thrown.facts;
  await audit.record({
    at: clock.now(),
    event: 'app-refused',
    ...visitFacts(visit),
    provider: appProvider(app.name),
    ...(person !== undefined && { person }),
    ...(form.has('room') && { room: (form.get('room') ?? '').slice(0, 100) }),
    ...(typeof rule === 'string' && { rule }),
    code: thrown.code,
  });
}
