/**
 * Our addresses of SAML: our metadata, where responses are posted, and where they are judged.
 */
import { Problem } from '../../base/problem.ts';
import type { SamlDoor } from '../../identity/saml/door.ts';
import type { WebParts } from '../parts.ts';
import { redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';
import { attemptOf, finishAttempt, refuseStray } from './callback.ts';
import { callbackAddress } from './sign-in.ts';

/** Bytes of a posted response: base64, its plus signs and slashes written as three characters each. */
const LARGEST_RESPONSE = 288 * 1024;

/** Where responses are posted, below the prefix. */
export const ACS = '/saml/acs';

/** The routes of a SAML service provider. Nothing is there where no identity provider speaks SAML. */
export function samlRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/saml/metadata',
      on: ['public'],
      from: 'anyone',
      does: 'our metadata as a SAML 2.0 service provider; its address is our entity id',
      handle: () => metadata(parts),
    },
    {
      method: 'POST',
      path: ACS,
      on: ['public'],
      from: 'a provider',
      does: 'takes SAML responses that answer a request of ours, and keeps each for a minute',
      handle: (visit) => take(visit, parts),
    },
    {
      method: 'GET',
      path: '/saml/finish',
      on: ['public'],
      from: 'a provider',
      does: 'judges a SAML response, once, in the browser that asked for it',
      handle: (visit) => finish(visit, parts),
    },
  ];
}

function doorOf({ saml }: WebParts): SamlDoor {
  if (saml === undefined) throw new Problem('request.not-found');
  return saml;
}

async function metadata(parts: WebParts): Promise<Response> {
  return new Response(await doorOf(parts).metadata(), {
    headers: { 'content-type': 'application/samlmetadata+xml; charset=utf-8', 'cache-control': 'no-store' },
  });
}

async function take(visit: Visit, parts: WebParts): Promise<Response> {
  const door = doorOf(parts);
  await parts.limits.count('saml', { address: visit.asked.address });
  if (visit.query.has('SAMLResponse') || visit.query.has('SAMLRequest'))
    throw new Problem('request.malformed', { what: 'query' });
  const form = await visit.form(LARGEST_RESPONSE);
  const response = single(form, 'SAMLResponse');
  if (response === undefined) throw new Problem('request.malformed', { what: 'SAMLResponse' });
  const id = await door.keep({ response, relayState: single(form, 'RelayState') ?? '' });
  return redirect(`${parts.places.prefix}/saml/finish?m=${id}`, { status: 303 });
}

async function finish(visit: Visit, parts: WebParts): Promise<Response> {
  const message = await doorOf(parts).take(single(visit.query, 'm') ?? '');
  if (message === undefined) throw new Problem('sign-in.used');
  const attempt = await attemptOf(visit, new URLSearchParams({ state: message.relayState }), parts);
  const provider = attempt && parts.providers.get(attempt.provider);
  if (attempt === undefined || provider?.answersAt !== ACS) return refuseStray(visit, parts, []);
  const query = new URLSearchParams({ SAMLResponse: message.response });
  const judge = () => provider.finish(query, { ...attempt, redirectUri: callbackAddress(provider, parts) });
  return finishAttempt(visit, { provider, attempt, judge, spends: true, cookies: [] }, parts);
}
