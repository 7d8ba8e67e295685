/**
 * A page frames a meeting and is in no application's list: its browser shows nothing and says why in its console alone,
 * so the log says it too.
 */
import type { Asked } from '../admission/arrival.ts';
import type { Room } from '../base/room.ts';
import { visitFacts } from '../web/respond.ts';
import { isFramed } from '../web/visit.ts';
import { visitAt } from './answer.ts';
import type { GatewayParts } from './parts.ts';

/** Tells it, where the browser named the page around the frame. Of its address only the origin is looked at. */
export function tellRefusedFrame(asked: Asked, room: Room, { web }: Pick<GatewayParts, 'web'>): void {
  const origin = pageAround(asked);
  if (origin === undefined || web.places.origins.has(origin) || web.apps.embedders(room).includes(origin))
    return;
  const { name, tenant } = room;
  web.log.info('frame-refused', { origin, room: name, tenant, ...visitFacts(visitAt(asked, web)) });
}

/** @see Fetch Metadata, section 2.1; a navigation by GET has no `Origin` */
function pageAround({ header }: Asked): string | undefined {
  const referer = header('referer') ?? '';
  if (!isFramed(header('sec-fetch-dest')) || !URL.canParse(referer)) return undefined;
  const { protocol, origin } = new URL(referer);
  return /^https?:$/.test(protocol) ? origin : undefined;
}
