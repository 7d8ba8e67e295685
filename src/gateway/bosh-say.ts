/**
 * What the gate says to Prosody by BOSH for itself: the farewell of a stream whose caller is gone.
 */
import { LONGEST_BODY } from './bosh-body.ts';
import type { BoshSay } from './bosh-streams.ts';
import { towardsUpstream } from './headers.ts';
import type { GatewayParts } from './parts.ts';

/** How the gate itself speaks to Prosody: in a caller's stead, and without any right of theirs. */
export function boshSay({ upstream, front }: Pick<GatewayParts, 'upstream' | 'front'>): BoshSay {
  return async (xml, { path, address }) => {
    const headers = towardsUpstream(['Content-Type', 'text/xml; charset=utf-8'], { front, address });
    const ask = { to: 'xmpp', method: 'POST', path, headers, body: Buffer.from(xml) } as const;
    return (await upstream.whole(ask, LONGEST_BODY)).body;
  };
}
