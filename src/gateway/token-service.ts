/**
 * A service of the operator's on the public host that expects the token of the
 * page: the display token it is sent is put aside, and the real one goes in its place.
 */
import type { Asked } from '../admission/arrival.ts';
import type { Grant } from '../admission/outcome.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { type Room, roomFromClaim } from '../base/room.ts';
import { displayClaims } from '../tokens/display.ts';
import { bearerOf } from '../web/bearer.ts';
import { granted } from '../web/entry.ts';
import { withoutTokens } from './carry-token.ts';
import { towardsOne, towardsUpstream } from './headers.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { isServicePath, rememberingFiles, type Surface, surfaceOf } from './surface.ts';

/** Is this path one of such a service? */
export function isTokenService(
  path: string,
  { tokenServices }: Pick<GatewayParts, 'tokenServices'>,
): boolean {
  return tokenServices.some((below) => path.startsWith(below)) && isServicePath(path);
}

/** What a path leads to: something of Jitsi's, or such a service. */
export type Reached = Surface | { readonly kind: 'token-service' };

/** What would be served at a path. Throws as `surfaceOf`. */
export function reachedAt(path: string, parts: Pick<GatewayParts, 'tokenServices'>): Reached {
  return isTokenService(path, parts) ? { kind: 'token-service' } : surfaceOf(path);
}

/** The same, and files are looked at once. */
export function reaching(parts: Pick<GatewayParts, 'tokenServices'>): (path: string) => Reached {
  return rememberingFiles(
    (path) => reachedAt(path, parts),
    ({ kind }) => kind === 'asset',
  );
}

/** Lets a request through with a fresh token for the room that the page's token names. */
export async function tokenService(
  { incoming, outgoing, asked }: Passage,
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { web, front } = parts;
  const { token } = await web.mint(await byPagesToken(asked, parts), 'errand');
  const query = withoutTokens(asked.query);
  const ask = {
    to: 'web',
    method: asked.method,
    path: query === '' ? asked.path : `${asked.path}?${query}`,
    headers: towardsUpstream(incoming.rawHeaders, { front, address: asked.address, bearer: token }),
  } as const;
  await parts.upstream.pass({ incoming, outgoing }, ask, towardsOne);
  return 'passed';
}

/**
 * May somebody enter the room that the page's token names? Throws `session.required`, `request.cross-site` and what
 * `granted` throws.
 */
export async function byPagesToken(
  asked: Asked,
  parts: Pick<GatewayParts, 'web' | 'xmppDomain'>,
): Promise<Grant> {
  const { web } = parts;
  const origin = asked.header('origin');
  const site = asked.header('sec-fetch-site');
  if ((origin !== undefined && !web.places.origins.has(origin)) || (site ?? 'same-origin') !== 'same-origin')
    throw new Problem('request.cross-site', { origin: 'foreign' });
  const shown = bearerOf(asked);
  const room = shown && roomShown(shown.reveal(), parts);
  if (room === undefined) throw new Problem('session.required');
  const wants = { kind: 'enter', room } as const;
  const outcome = await web.admit({ asked, wants });
  if (outcome.kind === 'sign-in') throw new Problem('session.required');
  return granted(outcome);
}

/** What the page's own token says; the rules are asked all the same. */
function roomShown(token: string, { xmppDomain }: Pick<GatewayParts, 'xmppDomain'>): Room | undefined {
  const claims = displayClaims(token);
  if (claims === undefined) return undefined;
  return roomFromClaim(claims.room, claims.sub === xmppDomain ? undefined : claims.sub);
}
