/**
 * The one address at which a proxy in front is heard: it guards it, has people sign in, and says in headers who came.
 */
import { Problem } from '../../base/problem.ts';
import type { WebParts } from '../parts.ts';
import type { Route } from '../routes.ts';
import { callbackAddress } from '../sign-in-ways.ts';
import type { Visit } from '../visit.ts';
import { attemptOf, finishAttempt, refuseStray } from './callback.ts';

/** The routes of providers of kind header. */
export function headerRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/header/:provider',
      on: ['public'],
      from: 'a provider',
      does: 'for the proxy in front to guard: reads its headers, once, in the browser that began; nowhere else anybody is signed in by a header',
      handle: (visit) => arrive(visit, parts),
    },
  ];
}

async function arrive(visit: Visit, parts: WebParts): Promise<Response> {
  const id = visit.param('provider');
  const provider = parts.providers.get(id);
  if (provider?.answersAt !== `/header/${id}`) throw new Problem('provider.unknown');
  const attempt = await attemptOf(visit, visit.query, parts);
  if (attempt?.provider !== id) return refuseStray(visit, parts, []);
  const { socket, raw } = visit.asked;
  const judge = () =>
    provider.finish(new URLSearchParams(), {
      ...attempt,
      redirectUri: callbackAddress(provider, parts),
      shown: { socket, raw },
    });
  return finishAttempt(visit, { provider, attempt, judge, spends: true, cookies: [] }, parts);
}
