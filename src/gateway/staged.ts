/**
 * The gateway while not everything is guarded: what is, goes on to the gateway as ever; what is not passes as it came,
 * and is looked at beside. One of the places that catch.
 */
import type { Asked } from '../admission/arrival.ts';
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { type Room, roomFromQuery, roomOf } from '../base/room.ts';
import type { Stages } from '../policy/rollout.ts';
import { toProblem } from '../web/respond.ts';
import { refuse, refuseUpgrade } from './answer.ts';
import { passAsToday, type UpgradeAsToday, upgradeAsToday, type XmppWay } from './as-today.ts';
import { type BoshAsk, LONGEST_BODY, readBosh } from './bosh-body.ts';
import { carriedQuery } from './carry-token.ts';
import type { Asking } from './forward-decision.ts';
import type { Gateway } from './gateway.ts';
import { createJoins, type Joins, joinsInFrames } from './joins.ts';
import type { Observing, Passing } from './observe.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { bodyOf, declaredLength } from './request-body.ts';
import { surfaceOf } from './surface.ts';
import { reaching } from './token-service.ts';

/** What deciding whether a request is guarded needs. */
export interface StagedParts {
  readonly stages: Stages;
  readonly observing: Observing;
  readonly clock: Clock;
}

/** What the gateway needs beside, to look at what is said over XMPP. */
export interface StagedGatewayParts extends GatewayParts, StagedParts {
  /** Was the BOSH stream of this `sid` begun by somebody who was let in? Throws `store.unavailable`. */
  readonly isOwned: (sid: string) => Promise<boolean>;
}

/** What a request asks for, as far as stages must know it. */
export interface Reached {
  readonly reached: Asking['surface'] | Problem;
  readonly room?: Room;
  /** It names a room that cannot be read, or two of them; or leads nobody knows where. */
  readonly unreadable?: true;
}

/** Looks at a request for its room alone. Never throws. */
export function reachedBy(asked: Asked, reach: (path: string) => Asking['surface']): Reached {
  let reached: Asking['surface'];
  try {
    reached = reach(asked.path);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { reached: thrown, unreadable: true };
  }
  switch (reached.kind) {
    case 'page':
      return { reached, room: reached.room };
    case 'xmpp-websocket':
    case 'bosh':
    case 'conference-request':
    case 'room-info':
      return { reached, ...roomInQuery(asked, reached.tenant) };
    case 'unknown':
      // Jitsi's web server may know it all the same, as another name for a back end.
      return { reached, unreadable: true };
    default:
      return { reached };
  }
}

function roomInQuery({ query }: Asked, tenant: Room['tenant']): Pick<Reached, 'room' | 'unreadable'> {
  // It would count in place of the tenant that Jitsi's web server writes there.
  if (new URLSearchParams(query).has('prefix')) return { unreadable: true };
  try {
    const { room } = carriedQuery(query, { visitors: true });
    return room === undefined ? {} : { room: roomOf(roomFromQuery(room), tenant) };
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return { unreadable: true };
  }
}

/** Is it guarded? */
export function isGuarded(
  asked: Asked,
  { room, unreadable }: Reached,
  { stages, clock }: StagedParts,
): boolean {
  const named = unreadable ? 'unreadable' : room;
  return stages.guards({ address: asked.address, ...(named !== undefined && { room: named }) }, clock.now());
}

/** Makes it around the gateway that guards. */
export function createStaged(guarding: Gateway, parts: StagedGatewayParts): Gateway {
  const { stages, observing, clock } = parts;
  const joins = createJoins(stages.guardsRoom, parts.xmppDomain);
  const isPart = () => stages.standing(clock.now()) === 'part-guarded';
  const judging = () => (stages.byRoom && isPart() ? joins : undefined);
  const reach = reaching(parts);
  const { metrics } = parts.web;
  const counted = (kind: string, verdict: string) =>
    metrics.count('ostiary_gate_requests_total', { surface: kind, verdict });

  async function ask(passage: Passage, found: Reached): Promise<void> {
    const { incoming, asked } = passage;
    const passing = { incoming, asked, ...found, upgrade: false };
    const about = { ...parts, isPart: isPart(), joins: judging() };
    if (await request(passage, passing, about)) counted(kindIn(found), 'unguarded');
    else guarding.request(incoming, passage.outgoing, asked);
  }

  async function connect(upgrading: UpgradeAsToday, found: Reached): Promise<void> {
    const { incoming, asked } = upgrading;
    const passing = { incoming, asked, ...found, upgrade: true };
    observing.look(passing);
    const kind = kindIn(found);
    const joining = kind === 'xmpp-websocket' ? judging() : undefined;
    await upgradeAsToday(upgrading, parts, {
      ...{ way: wayOf(found), room: found.room },
      until: stages.standing(clock.now()) === 'nothing-guarded' ? stages.until : undefined,
      hostNamed: (host) => observing.hostNamed(passing, host),
      judge: joining && joinsInFrames(joining),
    });
    counted(kind, 'unguarded');
  }

  return {
    request(incoming, outgoing, asked) {
      const failed = (thrown: unknown) => {
        counted('page', toProblem(thrown).code);
        void refuse(thrown, { asked, outgoing }, { web: parts.web });
      };
      try {
        const found = reachedBy(asked, reach);
        if (isGuarded(asked, found, parts)) guarding.request(incoming, outgoing, asked);
        else ask({ incoming, outgoing, asked }, found).catch(failed);
      } catch (thrown) {
        failed(thrown);
      }
    },
    upgrade(incoming, socket, head, asked) {
      const failed = (thrown: unknown) => {
        counted('page', toProblem(thrown).code);
        void refuseUpgrade(thrown, { asked, socket }, parts.web);
      };
      try {
        const found = reachedBy(asked, surfaceOf);
        const kind = kindIn(found);
        // Where rooms decide, nothing becomes a tunnel that is not looked into, or is known to be none to Prosody.
        const isTunnel = judging() !== undefined && kind !== 'xmpp-websocket' && kind !== 'socket';
        if (isTunnel || isGuarded(asked, found, parts)) guarding.upgrade(incoming, socket, head, asked);
        else connect({ incoming, socket, head, asked }, found).catch(failed);
      } catch (thrown) {
        failed(thrown);
      }
    },
  };
}

/** What it is counted as. */
export function kindIn({ reached }: Reached): string {
  return reached instanceof Problem ? 'page' : reached.kind;
}

function wayOf({ reached }: Reached): XmppWay | undefined {
  if (reached instanceof Problem) return undefined;
  if (reached.kind === 'xmpp-websocket') return { at: 'xmpp-websocket', tenant: reached.tenant };
  return reached.kind === 'bosh' ? { at: 'http-bind', tenant: reached.tenant } : undefined;
}

/** Passes it; false where it turns out to be guarded after all, and nothing was done. */
async function request(
  passage: Passage,
  passing: Passing,
  parts: StagedGatewayParts & { readonly isPart: boolean; readonly joins: Joins | undefined },
): Promise<boolean> {
  const { incoming, asked } = passage;
  const { observing, xmppDomain, isPart, joins } = parts;
  const kind = passing.reached instanceof Problem ? undefined : passing.reached.kind;
  const way = wayOf(passing);
  const isSpoken = (kind === 'bosh' || kind === 'conference-request') && asked.method === 'POST';
  const length = declaredLength(incoming) ?? Number.POSITIVE_INFINITY;
  if (!isSpoken || (!isPart && length > LONGEST_BODY)) {
    observing.look(passing);
    await passAsToday(passage, parts, { way });
    return true;
  }
  // What is judged must be written plainly, or Jitsi would read something else.
  if (isPart && !/^(?:identity)?$/i.test(asked.header('content-encoding') ?? ''))
    throw new Problem('request.malformed', { what: 'content-encoding' });
  const body = await bodyOf(incoming, LONGEST_BODY);
  if (kind === 'conference-request') {
    if (joins && asksForGuarded(body, joins)) return false;
    observing.look(passing);
  } else {
    const said = readBosh(body, xmppDomain);
    if (isPart && (await isSomebodys(said, body, parts))) return false;
    const verdict = joins?.piece(body) ?? 'passes';
    if (verdict !== 'passes') throw new Problem('stream.unusable', { why: verdict });
    // A stream is decided on where it begins.
    if (said.kind === 'starts') observing.look(passing);
    else if (said.kind === 'host-unknown') observing.hostNamed(passing, said.to);
  }
  await passAsToday(passage, parts, { way, body });
  return true;
}

/**
 * Is it for a stream that somebody began who was let in? That is theirs, whatever room the address of a request names.
 * Throws `stream.unusable` where it cannot be told.
 */
async function isSomebodys(
  said: BoshAsk,
  body: Uint8Array,
  { isOwned }: StagedGatewayParts,
): Promise<boolean> {
  const ask = said.kind === 'host-unknown' ? readBosh(body, said.to) : said;
  if (ask.kind === 'goes-on') return isOwned(ask.sid);
  if (ask.kind === 'starts' || ask.kind === 'stranger') return ask.kind === 'stranger';
  throw new Problem('stream.unusable', { why: ask.kind });
}

/** Does a conference request name a room that is guarded, or none that can be read? @see jicofo, ConferenceRequest */
function asksForGuarded(body: Buffer, joins: Joins): boolean {
  try {
    const { room } = Object(JSON.parse(body.toString())) as { room?: unknown };
    return typeof room !== 'string' || joins.address(room) === 'guarded';
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return true;
    throw thrown;
  }
}
