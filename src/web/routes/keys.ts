/**
 * Our public keys, in both forms Prosody can fetch. The same bytes on both listeners.
 */
import { Problem } from '../../base/problem.ts';
import { findAsap, JWKS_MAX_AGE, jwks } from '../../keys/publish.ts';
import type { WebParts } from '../parts.ts';
import { problemJson } from '../respond.ts';
import type { Route } from '../routes.ts';

/** Seconds for which a cache may say that there is no such key: far less than a key is published ahead of its use. */
const UNKNOWN_MAX_AGE = 60;

/** The routes of the keys. */
export function keyRoutes({ keys, metrics }: WebParts): readonly Route[] {
  const cache = { 'cache-control': `max-age=${JWKS_MAX_AGE}`, 'x-content-type-options': 'nosniff' };
  return [
    {
      method: 'GET',
      path: '/jwks.json',
      on: ['public', 'inner'],
      from: 'anyone',
      does: 'our public keys (RFC 7517); for cache_keys_url',
      handle: async () =>
        new Response(JSON.stringify(jwks(await keys.published())), {
          headers: { ...cache, 'content-type': 'application/json' },
        }),
    },
    {
      method: 'GET',
      path: '/asap/:file',
      on: ['public', 'inner'],
      from: 'anyone',
      does: 'one public key as PEM, by the SHA-256 of its id; for asap_key_server',
      handle: async (visit) => {
        const pem = findAsap(visit.param('file'), await keys.published());
        // Answered here and counted, not logged: whoever makes names up must not fill the log, and a cache may tell them.
        if (pem === undefined) {
          const problem = new Problem('request.not-found');
          metrics.count('ostiary_refused_total', { reason: problem.code });
          const response = problemJson(problem, visit.asked.id);
          response.headers.set('cache-control', `max-age=${UNKNOWN_MAX_AGE}`);
          return response;
        }
        return new Response(pem, { headers: { ...cache, 'content-type': 'application/x-pem-file' } });
      },
    },
  ];
}
