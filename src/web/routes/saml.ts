/**
 * Our addresses of SAML: our metadata, where responses are posted, and where they are judged.
 */
import type { Person } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { shownRoom } from '../../base/room.ts';
import type { Arrived, KeptMessage, SamlDoor } from '../../identity/saml/door.ts';
import { ANSWERS_AT, SHIBBOLETH } from '../../identity/saml-places.ts';
import { arrivedPage } from '../../pages/arrived.ts';
import { ARRIVED_COOKIE, writeCookie } from '../cookies.ts';
import { type Goal, readGoal, roomOfGoal } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { problemAnswer } from '../problem-answer.ts';
import { page, redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { afterSignIn, callbackAddress } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';
import { attemptOf, finishAttempt, recordFailure, refuseStray, welcome } from './callback.ts';

/** Bytes of a posted response: base64, its plus signs and slashes written as three characters each. */
const LARGEST_RESPONSE = 288 * 1024;

const ACCEPT = '/saml/accept';
/** Seconds in which a person says that it is they. */
const ASKED_FOR = 300;

/** The routes of a SAML service provider. Nothing is there where no identity provider speaks SAML. */
export function samlRoutes(parts: WebParts): readonly Route[] {
  const published = {
    method: 'GET',
    on: ['public'],
    from: 'anyone',
    handle: () => metadata(parts),
  } as const;
  const posted = {
    method: 'POST',
    on: ['public'],
    from: 'a provider',
    handle: (visit: Visit) => take(visit, parts),
  } as const;
  return [
    {
      ...published,
      path: '/saml/metadata',
      does: 'our metadata as a SAML 2.0 service provider; its address is our entity id',
    },
    {
      ...published,
      path: SHIBBOLETH.metadata,
      outside: 'saml.shibbolethPaths',
      does: 'the same where mod_shib has it',
    },
    {
      ...posted,
      path: ANSWERS_AT,
      does: 'takes SAML responses that answer a request of ours, or may come without one, and keeps each for a minute',
    },
    {
      ...posted,
      path: SHIBBOLETH.acs,
      outside: 'saml.shibbolethPaths',
      does: 'the same where mod_shib has it',
    },
    {
      method: 'GET',
      path: '/saml/finish',
      on: ['public'],
      from: 'a provider',
      does: 'judges a SAML response, once, in the browser that asked for it; asks who came without having asked',
      handle: (visit) => finish(visit, parts),
    },
    {
      method: 'POST',
      path: ACCEPT,
      on: ['public'],
      from: 'our own form',
      does: 'signs in who came from a portal and said that it is they',
      handle: (visit) => accept(visit, parts),
    },
  ];
}

function doorOf({ saml }: WebParts): SamlDoor {
  if (saml === undefined) throw new Problem('request.not-found');
  return saml;
}

/** The door, for one more of what anybody may send it. Throws `request.not-found` and `request.too-many`. */
export async function doorFor(visit: Visit, parts: WebParts): Promise<SamlDoor> {
  const door = doorOf(parts);
  await parts.limits.count('saml', { address: visit.asked.address });
  return door;
}

async function metadata(parts: WebParts): Promise<Response> {
  return new Response(await doorOf(parts).metadata(), {
    headers: { 'content-type': 'application/samlmetadata+xml; charset=utf-8', 'cache-control': 'no-store' },
  });
}

async function take(visit: Visit, parts: WebParts): Promise<Response> {
  const door = await doorFor(visit, parts);
  if (visit.query.has('SAMLResponse') || visit.query.has('SAMLRequest'))
    throw new Problem('request.malformed', { what: 'query' });
  const form = await visit.form(LARGEST_RESPONSE);
  const response = single(form, 'SAMLResponse');
  if (response === undefined) throw new Problem('request.malformed', { what: 'SAMLResponse' });
  const { id, browser } = await door.keep({ response, relayState: single(form, 'RelayState') ?? '' });
  return redirect(`${parts.places.prefix}/saml/finish?m=${id}`, {
    status: 303,
    ...(browser !== undefined && { cookies: [writeCookie(ARRIVED_COOKIE, browser, ASKED_FOR)] }),
  });
}

async function finish(visit: Visit, parts: WebParts): Promise<Response> {
  const message = await taken(single(visit.query, 'm'), visit, parts);
  if (message.unsolicited) return arrive(visit, message, parts);
  const attempt = await attemptOf(visit, new URLSearchParams({ state: message.relayState }), parts);
  const provider = attempt && parts.providers.get(attempt.provider);
  if (attempt === undefined || provider?.answersAt !== ANSWERS_AT) return refuseStray(visit, parts, []);
  const query = new URLSearchParams({ SAMLResponse: message.response });
  const judge = () => provider.finish(query, { ...attempt, redirectUri: callbackAddress(provider, parts) });
  return finishAttempt(visit, { provider, attempt, judge, spends: true, cookies: [] }, parts);
}

async function taken(id: string | undefined, visit: Visit, parts: WebParts): Promise<KeptMessage> {
  const message = await doorOf(parts).take(id ?? '', visit.cookies.get(ARRIVED_COOKIE));
  if (message === undefined) throw new Problem('sign-in.used');
  return message;
}

/**
 * Somebody whom nobody asked for. Whoever is here already goes on; anybody else is asked: a stranger may have sent
 * this browser here with a response of their own.
 */
async function arrive(visit: Visit, message: KeptMessage, parts: WebParts): Promise<Response> {
  const arrived = await judged(visit, message, { spend: false }, parts);
  if (arrived instanceof Response) return arrived;
  const { provider, signedIn } = arrived;
  const { places, branding } = parts;
  const { person } = signedIn;
  const goal = goalOf(message.relayState, parts);
  const here = await sessionHere(visit, parts);
  if (here?.session.person.id === person.id) return letIn(visit, message, parts);
  const browser = visit.cookies.get(ARRIVED_COOKIE) ?? '';
  const id = await doorOf(parts).keepFor(message, browser);
  const room = roomOfGoal(goal);
  const html = arrivedPage({
    words: visit.words,
    branding,
    prefix: places.prefix,
    nonce: visit.nonce,
    id: visit.asked.id,
    name: nameOf(person),
    ...(person.name !== undefined && person.email !== undefined && { email: person.email }),
    provider: provider.name,
    ...(here && { other: nameOf(here.session.person) }),
    ...(room && { room: shownRoom(room) }),
    form: { action: `${places.prefix}${ACCEPT}`, hidden: { m: id } },
    stay: `${places.prefix}/session`,
  });
  return page(html, visit.nonce);
}

function nameOf({ name, email, id }: Person): string {
  return name ?? email ?? id;
}

async function accept(visit: Visit, parts: WebParts): Promise<Response> {
  const message = await taken(single(await visit.form(), 'm'), visit, parts);
  if (!message.unsolicited) throw new Problem('sign-in.used');
  return letIn(visit, message, parts);
}

async function letIn(visit: Visit, message: KeptMessage, parts: WebParts): Promise<Response> {
  const arrived = await judged(visit, message, { spend: true }, parts);
  if (arrived instanceof Response) return arrived;
  const { provider, signedIn } = arrived;
  const attempt = { provider: provider.id, silent: false };
  const cookies = await welcome(visit, { attempt, signedIn }, parts);
  return redirect(afterSignIn(goalOf(message.relayState, parts), parts), {
    status: 303,
    cookies: [...cookies, writeCookie(ARRIVED_COOKIE, '', 0)],
  });
}

async function judged(
  visit: Visit,
  message: KeptMessage,
  how: { readonly spend: boolean },
  parts: WebParts,
): Promise<Arrived | Response> {
  try {
    return await doorOf(parts).judge(message, how);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const provider = parts.providers.get(String(thrown.facts['provider']));
    if (provider !== undefined) await recordFailure(thrown, { visit, provider }, parts);
    return problemAnswer(thrown, { visit, parts });
  }
}

/** A room on our own host, or Jitsi's start page, by its path or its whole address; nothing else leads anywhere. */
function goalOf(relayState: string, { places }: WebParts): Goal | undefined {
  const { publicUrl, jitsiUrl, origins } = places;
  const ours = [publicUrl, jitsiUrl, ...origins].find((origin) => relayState.startsWith(`${origin}/`));
  // What stands behind the path is somebody else's word for how to enter.
  return readGoal(relayState.slice(ours?.length ?? 0).split(/[?#]/, 1)[0]);
}
