/**
 * A request that is not guarded goes on as it came: path, query, body and token, as if Jitsi's web server had been asked
 * itself. What stands between is told in towardsUpstream; one header more goes on, in which other applications show
 * their tokens. Decides nothing.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Asked } from '../admission/arrival.ts';
import type { Room, TenantName } from '../base/room.ts';
import { createMessageReader, type MessageJudge } from './frames.ts';
import { handshakeOf } from './handshake.ts';
import { type Front, headerIn, towardsCaller, towardsUpstream } from './headers.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { connect } from './upgrade.ts';
import type { UpgradeAsk } from './upstream-socket.ts';
import { judgeOpening, LONGEST_OPENING } from './xmpp-frames.ts';

/** Of a request that names a back end of XMPP: how it is reached where Prosody is asked itself. */
export interface XmppWay {
  readonly at: 'xmpp-websocket' | 'http-bind';
  readonly tenant: TenantName | undefined;
}

/** Seconds after which an answer is no long poll any more. */
const HELD_FOR = 150;

/** Streams a request and its answer. `body`: what was read of it already, all of it. */
export async function passAsToday(
  { incoming, outgoing, asked }: Passage,
  parts: GatewayParts,
  { way, body }: { readonly way?: XmppWay | undefined; readonly body?: Uint8Array | undefined } = {},
): Promise<void> {
  const { to, path } = whereTo(asked, parts, way);
  const headers = asItCame(incoming, asked, { front: parts.front, upgrade: false });
  const ask = {
    ...{ to, path, headers, method: asked.method },
    ...(body !== undefined && { body }),
    ...(way && { heldFor: HELD_FOR }),
  } as const;
  await parts.upstream.pass({ incoming, outgoing }, ask, towardsCaller);
}

/** An upgrade that goes on as it came. */
export interface UpgradeAsToday {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly asked: Asked;
}

/** Which way, and what is to be known of it. */
export interface AsToday {
  readonly way: XmppWay | undefined;
  readonly room: Room | undefined;
  /** Until when it may stay, in milliseconds since 1970. */
  readonly until: number | undefined;
  /** Told where the first stream is for another host than people sign in at. */
  readonly hostNamed: (host: string) => void;
  /** Asked about every message, where no more than a part is guarded. */
  readonly judge: MessageJudge | undefined;
}

/** Makes two connections one. Throws `request.malformed` where it is no WebSocket, and what opening the way throws. */
export async function upgradeAsToday(
  upgrading: UpgradeAsToday,
  parts: GatewayParts,
  { way, room, until, hostNamed, judge }: AsToday,
): Promise<void> {
  const { incoming, head, asked } = upgrading;
  const handshake = handshakeOf(incoming, head);
  const { to, path } = whereTo(asked, parts, way);
  const ask: UpgradeAsk = {
    to,
    path,
    handshake,
    headers: asItCame(incoming, asked, { front: parts.front, upgrade: true }),
  };
  const place = parts.sockets.take({
    kind: way ? 'xmpp' : 'other',
    ...{ address: asked.address, id: asked.id },
    ...(room && { room }),
    ...(until !== undefined && { until }),
  });
  try {
    await connect(upgrading, { ask, place, judge }, parts);
    if (way) lookAtOpening(upgrading.socket, parts.xmppDomain, hostNamed);
  } catch (thrown) {
    place.leave();
    throw thrown;
  }
}

/** Reads along until the stream is open, and holds nothing back. */
function lookAtOpening(socket: Duplex, domain: string, hostNamed: AsToday['hostNamed']): void {
  const reader = createMessageReader(LONGEST_OPENING);
  const read = (chunk: Uint8Array) => {
    const messages = reader.read(chunk);
    const first = typeof messages === 'string' ? undefined : messages.find(({ kind }) => kind === 'text');
    if (first === undefined && typeof messages !== 'string') return;
    socket.off('data', read);
    if (first === undefined) return;
    const opened = judgeOpening(Buffer.from(first.payload).toString('latin1'), domain);
    if (opened.kind === 'host-unknown') hostNamed(opened.to);
  };
  socket.on('data', read);
}

function whereTo(
  { path, query }: Asked,
  { options }: GatewayParts,
  way: XmppWay | undefined,
): { readonly to: 'web' | 'xmpp'; readonly path: string } {
  const as = (at: string, pieces: readonly string[]) => {
    const whole = pieces.filter((piece) => piece !== '').join('&');
    return whole === '' ? at : `${at}?${whole}`;
  };
  // Waiting polls have a pool of their own, to the same server where there is but one.
  if (way === undefined || !options.xmpp)
    return { to: way?.at === 'http-bind' ? 'xmpp' : 'web', path: as(path, [query]) };
  // What Jitsi's web server writes there.
  const prefix = `prefix=${encodeURIComponent(way.tenant ?? '')}`;
  return { to: 'xmpp', path: as(`/${way.at}`, [prefix, query]) };
}

function asItCame(
  { rawHeaders }: IncomingMessage,
  { address }: Asked,
  { front, upgrade }: { readonly front: Front; readonly upgrade: boolean },
): string[] {
  const headers = towardsUpstream(rawHeaders, { front, address, upgrade });
  const authorization = headerIn(rawHeaders, 'authorization');
  return authorization === undefined ? headers : [...headers, 'Authorization', authorization];
}
