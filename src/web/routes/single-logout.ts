/**
 * SAML single logout: an identity provider says that somebody signed out there, or that our own request is done.
 *
 * Nothing of it depends on a cookie: the messages come by address or form from another site, often in a frame, and the
 * sessions are found by the names the identity provider has for them.
 *
 * @see SAML Profiles 2.0, section 4.4
 */
import { unixSeconds } from '../../base/clock.ts';
import { Problem } from '../../base/problem.ts';
import type { HeardFrom } from '../../identity/saml/hearing.ts';
import { LOGOUT_AT, SHIBBOLETH } from '../../identity/saml-places.ts';
import type { Session } from '../../identity/session.ts';
import { recordEnded } from '../../identity/session-ended.ts';
import { onward } from '../onward.ts';
import type { WebParts } from '../parts.ts';
import { redirect, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';
import { withoutFragment } from '../way-back.ts';
import { doorFor } from './saml.ts';
import { signedOutAt } from './sign-out.ts';

/** Bytes of a posted message: base64, its plus signs and slashes written as three characters each. */
const LARGEST = 96 * 1024;

/** The routes of single logout. Nothing is there where no identity provider speaks SAML. */
export function singleLogoutRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: LOGOUT_AT,
      on: ['public'],
      from: 'a provider',
      does: 'SAML single logout: ends the sessions that a signed request names, and answers it; or takes the answer to ours',
      handle: (visit) => byAddress(visit, parts),
    },
    {
      method: 'POST',
      path: LOGOUT_AT,
      on: ['public'],
      from: 'a provider',
      does: 'the same by form',
      handle: (visit) => byForm(visit, parts),
    },
    {
      method: 'GET',
      path: SHIBBOLETH.redirect,
      on: ['public'],
      from: 'a provider',
      outside: 'saml.shibbolethPaths',
      does: 'single logout by address, where mod_shib has it',
      handle: (visit) => byAddress(visit, parts),
    },
    {
      method: 'POST',
      path: SHIBBOLETH.post,
      on: ['public'],
      from: 'a provider',
      outside: 'saml.shibbolethPaths',
      does: 'single logout by form, where mod_shib has it',
      handle: (visit) => byForm(visit, parts),
    },
  ];
}

async function byAddress(visit: Visit, parts: WebParts): Promise<Response> {
  const door = await doorFor(visit, parts);
  // The signature is over the query as it was sent.
  return heard(visit, await door.hearQuery(visit.asked.query), parts);
}

async function byForm(visit: Visit, parts: WebParts): Promise<Response> {
  const door = await doorFor(visit, parts);
  if (visit.query.size > 0) throw new Problem('request.malformed', { what: 'query' });
  const form = await visit.form(LARGEST);
  const messages = (['SAMLRequest', 'SAMLResponse'] as const).flatMap((parameter) => {
    const message = single(form, parameter);
    return message === undefined ? [] : [{ parameter, message }];
  });
  const [posted, second] = messages;
  if (posted === undefined || second !== undefined)
    throw new Problem('request.malformed', { what: 'message' });
  const relayState = single(form, 'RelayState');
  const about = { ...posted, ...(relayState !== undefined && { relayState }) };
  return heard(visit, await door.hearPosted(about), parts);
}

async function heard(visit: Visit, from: HeardFrom, parts: WebParts): Promise<Response> {
  const { provider, heard: said } = from;
  const kind = said.kind === 'request' ? 'logout' : 'logged-out';
  const remember = said.kind === 'request' ? said.expires - unixSeconds(parts.clock) : REMEMBERED;
  if (!(await parts.sessions.firstUse(`saml-${kind}`, `${provider.id}/${said.id}`, Math.max(60, remember))))
    throw new Problem('saml.logout-unacceptable', { provider: provider.id, why: 'replay' });
  if (said.kind === 'response') {
    parts.log.info('logout.saml-answered', {
      provider: provider.id,
      complete: said.complete,
      ...visitFacts(visit),
    });
    return redirect(signedOutAt(parts, said.complete ? undefined : provider.id), { status: statusOf(visit) });
  }
  const ended: Session[] = [];
  for (const { id } of from.speakers)
    ended.push(...(await parts.sessions.endByNames(id, said.subject, said.sids)));
  await recordEnded(ended, visitFacts(visit), parts);
  parts.log.info('logout.saml', { provider: provider.id, ended: ended.length, ...visitFacts(visit) });
  return answer(visit, from, parts);
}

/** Seconds for which an answer to a request of ours is remembered: as long as it would be taken. */
const REMEMBERED = 1_000;

function statusOf(visit: Visit): 302 | 303 {
  return visit.asked.method === 'POST' ? 303 : 302;
}

/** What is done is said, and the identity provider goes on with whoever else is to be told. */
async function answer(
  visit: Visit,
  { provider, issuer, heard: { id }, relayState }: HeardFrom,
  parts: WebParts,
): Promise<Response> {
  const to = await provider
    .singleLogout(issuer)
    .answer({ id, ...(relayState !== undefined && { relayState }) });
  if (to === undefined) return redirect(signedOutAt(parts), { status: statusOf(visit) });
  if ('address' in to) return redirect(withoutFragment(to.address), { status: statusOf(visit) });
  const { form } = to;
  // Identity providers have us answer in a frame of theirs.
  return onward(visit, { provider, form, framed: [new URL(form.action).origin] }, parts);
}
