/**
 * A request that wants to become a WebSocket: XMPP into one room, or another of
 * Jitsi's services. Judged before Jitsi hears of it; a stranger's XMPP is answered here.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Arrival, Asked } from '../admission/arrival.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import type { TenantName } from '../base/room.ts';
import { recordEntry } from '../web/entry.ts';
import { limitKey } from '../web/origin.ts';
import { queryWithToken, withoutTokens } from './carry-token.ts';
import { type Entering, entering } from './entering.ts';
import type { MessageJudge } from './frames.ts';
import { type Handshake, handshakeOf, switching } from './handshake.ts';
import { towardsCaller, towardsUpstream, withoutHeaders } from './headers.ts';
import { machineAt, recordMachine } from './machine.ts';
import type { Machine } from './machines.ts';
import type { GatewayParts } from './parts.ts';
import type { Place } from './sockets.ts';
import { splice } from './splice.ts';
import { recordRefused } from './stream-refused.ts';
import type { Surface } from './surface.ts';
import type { UpgradeAsk } from './upstream-socket.ts';

/** One upgrade under way. */
export interface Upgrading {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly asked: Asked;
}

/** Becomes a WebSocket, or fails with the problem to refuse it with. */
export async function upgrade(
  upgrading: Upgrading,
  surface: Surface,
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { incoming, head } = upgrading;
  if (surface.kind === 'xmpp-websocket')
    return xmpp(upgrading, { ...surface, handshake: handshakeOf(incoming, head) }, parts);
  if (surface.kind === 'socket')
    return other(upgrading, { surface, handshake: handshakeOf(incoming, head) }, parts);
  throw new Problem('request.not-found');
}

async function xmpp(
  upgrading: Upgrading,
  { tenant, handshake }: { readonly tenant?: TenantName; readonly handshake: Handshake },
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { asked, socket, incoming } = upgrading;
  const { web, options, front } = parts;
  if (!handshake.protocols.includes('xmpp')) throw new Problem('request.malformed', { what: 'subprotocol' });
  const found = await entering(asked, tenant, parts);
  const machine = found.kind === 'no-token' ? machineAt(upgrading, 'xmpp', parts) : undefined;
  if (found.kind === 'no-token' && machine) return byMachine(upgrading, { machine, handshake, found }, parts);
  if (found.kind === 'no-token') {
    if (!parts.noToken.answer(socket, handshake, limitKey(asked.address)))
      throw new Problem('request.too-many', { retryAfter: 10 });
    return 'no-token';
  }
  const { grant, carried, sessionId } = found;
  const { session, room } = grant;
  const place = parts.sockets.take(
    {
      ...{ kind: 'xmpp', session, person: grant.person.id, room, role: grant.decision.role },
      ...{ address: asked.address, id: asked.id },
    },
    sessionId && (() => parts.lookAgain(sessionId)),
  );
  try {
    await wait(parts.brake.turn());
    const minted = await web.mint(grant, 'bearer');
    const query = options.carry === 'query' ? queryWithToken(carried.query, minted.token) : carried.query;
    const headers = towardsUpstream(incoming.rawHeaders, {
      front,
      address: asked.address,
      ...(options.carry === 'header' && { bearer: minted.token }),
      upgrade: true,
    });
    const path = options.xmpp ? '/xmpp-websocket' : asked.path;
    const ask: UpgradeAsk = {
      to: options.xmpp ? 'xmpp' : 'web',
      path: `${path}?${query}`,
      headers,
      handshake,
    };
    const written = () => recordEntry(asked, { grant, minted, as: 'bearer' }, web);
    await connect(upgrading, { ask, place, xmppDomain: parts.xmppDomain, written }, parts);
    return 'passed';
  } catch (thrown) {
    place.leave();
    throw thrown;
  }
}

/** A machine speaks for itself: it brings the password of its own host, and no token of ours. */
async function byMachine(
  upgrading: Upgrading,
  {
    machine,
    handshake,
    found,
  }: {
    readonly machine: Machine;
    readonly handshake: Handshake;
    readonly found: Extract<Entering, { kind: 'no-token' }>;
  },
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { asked, incoming } = upgrading;
  const { front, options } = parts;
  const place = parts.sockets.take({
    kind: 'xmpp',
    machine: machine.name,
    address: asked.address,
    id: asked.id,
  });
  try {
    await recordMachine(upgrading, { machine, room: found.room }, parts);
    const headers = towardsUpstream(incoming.rawHeaders, { front, address: asked.address, upgrade: true });
    const path = options.xmpp ? '/xmpp-websocket' : asked.path;
    const ask: UpgradeAsk = {
      to: options.xmpp ? 'xmpp' : 'web',
      path: `${path}?${found.carried.query}`,
      headers,
      handshake,
    };
    await connect(upgrading, { ask, place, xmppDomain: machine.xmppDomain }, parts);
    return 'machine';
  } catch (thrown) {
    place.leave();
    throw thrown;
  }
}

/** Being signed in is enough, but only from a page of ours. */
async function other(
  upgrading: Upgrading,
  {
    surface,
    handshake,
  }: { readonly surface: Extract<Surface, { kind: 'socket' }>; readonly handshake: Handshake },
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { asked, incoming } = upgrading;
  const { web, front } = parts;
  const origin = asked.header('origin');
  const isOpen = surface.groups.some((group) => parts.open[group]);
  const which = isOpen ? undefined : machineAt(upgrading, 'sockets', parts);
  if (!isOpen && !which && (origin === undefined || !web.places.origins.has(origin)))
    throw new Problem('request.cross-site', { origin: origin === undefined ? 'absent' : 'foreign' });
  const arrival: Arrival = { asked, wants: { kind: 'asset' } };
  const outcome = await web.admit(arrival);
  const session = outcome.kind === 'seen' ? outcome.session : undefined;
  const machine = session === undefined ? which : undefined;
  if (session === undefined && !isOpen && !machine) throw new Problem('session.required');
  const place = parts.sockets.take({
    kind: 'other',
    ...(session !== undefined && { session }),
    ...(machine && { machine: machine.name }),
    address: asked.address,
    id: asked.id,
  });
  try {
    if (machine) await recordMachine(upgrading, { machine }, parts);
    const query = withoutTokens(asked.query);
    const headers = towardsUpstream(incoming.rawHeaders, { front, address: asked.address, upgrade: true });
    const ask: UpgradeAsk = {
      to: 'web',
      path: query === '' ? asked.path : `${asked.path}?${query}`,
      headers,
      handshake,
    };
    await connect(upgrading, { ask, place }, parts);
    return machine ? 'machine' : session === undefined ? 'open' : 'passed';
  } catch (thrown) {
    place.leave();
    throw thrown;
  }
}

/** What becomes one. */
export interface Connecting {
  readonly ask: UpgradeAsk;
  readonly place: Place;
  /** Given where what passes is XMPP. */
  readonly xmppDomain?: string;
  /** Asked about every message of the caller's, where no stream is followed. */
  readonly judge?: MessageJudge | undefined;
  /** Writes the entry down: before the caller hears that the way is open, or nobody enters. */
  readonly written?: () => Promise<void>;
}

/** Opens the way to Jitsi and makes the two connections one. */
export async function connect(
  { socket: client, asked }: Pick<Upgrading, 'socket' | 'asked'>,
  { ask, place, xmppDomain, judge, written }: Connecting,
  { web, upstreamSocket, random }: GatewayParts,
): Promise<void> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  client.once('close', abort);
  // Who went away while waiting for their turn is told of by nothing more.
  if (client.destroyed) abort();
  const opened = await upstreamSocket.open(ask, gone.signal);
  client.off('close', abort);
  await stillThere(client, opened.socket, written);
  const more = withoutHeaders(towardsCaller(opened.headers), (name) => name.startsWith('sec-websocket-'));
  client.write(switching(ask.handshake, opened.protocol, more));
  const spliced = splice({
    client,
    upstream: opened.socket,
    head: opened.head,
    ...(xmppDomain !== undefined && { xmppDomain }),
    judge,
    random,
    fault: (fault, about) => {
      place.faulted(fault);
      web.log.warn('stream-refused', { id: asked.id, address: asked.address, fault, ...about });
      if (fault === 'stream-refused') void recordRefused(asked, place.connection, web);
    },
    closed: place.leave,
  });
  place.fill(spliced);
}

/** Waits for what must be done first. Where it fails, or somebody is gone meanwhile, Jitsi's side is given back. */
async function stillThere(client: Duplex, jitsi: Duplex, first?: () => Promise<void>): Promise<void> {
  jitsi.on('error', () => {});
  try {
    await first?.();
    if (client.destroyed || jitsi.destroyed)
      throw new Problem('upstream.unreachable', { why: client.destroyed ? 'caller gone' : 'closed' });
  } catch (thrown) {
    jitsi.destroy();
    throw thrown;
  }
}
