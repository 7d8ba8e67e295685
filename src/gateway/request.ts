/**
 * Requests beside the stream that act for somebody in a room: the conference
 * request to Jicofo, and what is asked of Prosody about a room. Each goes with a
 * fresh token of its own.
 */
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import type { TenantName } from '../base/room.ts';
import { queryWithToken } from './carry-token.ts';
import { entering } from './entering.ts';
import { towardsOne, towardsUpstream } from './headers.ts';
import type { GatewayParts, Passage } from './parts.ts';

/** What each takes. @see jitsi-meet, resources/prosody-plugins/mod_muc_password_check.lua */
const METHODS: Readonly<Record<'conference-request' | 'room-info', readonly string[]>> = {
  'conference-request': ['POST'],
  'room-info': ['GET', 'PUT'],
};

/** Lets one through with a fresh token; without a right to the room Jitsi does not hear of it. */
export async function request(
  { incoming, outgoing, asked }: Passage,
  { kind, tenant }: { readonly kind: keyof typeof METHODS; readonly tenant?: TenantName },
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { web, options, front } = parts;
  if (!METHODS[kind].includes(asked.method)) throw new Problem('request.method');
  const found = await entering(asked, tenant, parts);
  if (found.kind === 'no-token') throw new Problem('session.required');
  const { token } = await web.mint(found.grant, 'errand');
  const inQuery = options.carry === 'query' && kind === 'room-info';
  const query = inQuery ? queryWithToken(found.carried.query, token) : found.carried.query;
  const headers = towardsUpstream(incoming.rawHeaders, { front, address: asked.address, bearer: token });
  const ask = { to: 'web', method: asked.method, path: `${asked.path}?${query}`, headers } as const;
  await parts.upstream.pass({ incoming, outgoing }, ask, towardsOne);
  return 'passed';
}
