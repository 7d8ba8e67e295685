/**
 * Our public keys, in both forms Prosody can fetch. The same bytes on both listeners.
 */
import { Problem } from '../../base/problem.ts';
import { findAsap, JWKS_MAX_AGE, jwks } from '../../keys/publish.ts';
import type { WebParts } from '../parts.ts';
import type { Route } from '../routes.ts';

/** The routes of the keys. */
export function keyRoutes({ keys }: WebParts): readonly Route[] {
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
        if (pem === undefined) throw new Problem('request.not-found');
        return new Response(pem, { headers: { ...cache, 'content-type': 'application/x-pem-file' } });
      },
    },
  ];
}
