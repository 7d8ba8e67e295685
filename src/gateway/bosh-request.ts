/**
 * XMPP over BOSH at the gate: who speaks, a fresh token where a stream begins, none where it goes on, and what we
 * answer ourselves.
 *
 * What a request wants is judged in bosh.ts; here it is carried.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { sameRoom, type TenantName } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import type { Soon } from '../base/soon.ts';
import { recordEntry } from '../web/entry.ts';
import { send } from './answer.ts';
import { behindSession } from './assets.ts';
import type { BoshCaller, BoshDecision, BoshRefusal } from './bosh.ts';
import { LONGEST_BODY } from './bosh-body.ts';
import type { BoshOpening, BoshOwner } from './bosh-streams.ts';
import { queryWithToken } from './carry-token.ts';
import { type Brought, broughtBy, entering } from './entering.ts';
import { towardsOne, towardsUpstream, withoutHeaders } from './headers.ts';
import { machineAt, recordMachine } from './machine.ts';
import type { Machine } from './machines.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { bodyOf, declaredLength } from './request-body.ts';
import { recordRefused } from './stream-refused.ts';

/** Bytes a stranger may say: a stream begins with some 300. */
const STRANGERS_BODY = 4096;
/** Seconds after which an answer is no long poll any more: Prosody holds one back for 120 at the most. */
const HELD_FOR = 150;
/** Milliseconds that Prosody's last answers have to arrive when we have ended a stream. */
const FAREWELL = 250;
/** What is to be read before it is judged or told, whole and as it was written. */
const CODINGS = /^(?:accept-encoding|content-length)$/;

/** One request, and what came with it. */
interface Speaking {
  readonly passage: Passage;
  readonly tenant: TenantName | undefined;
  readonly brought: Brought;
  readonly machine: Machine | undefined;
  readonly body: Buffer;
  readonly path: string;
  /** As Prosody is to get it, without a token. */
  readonly query: string;
}

/** Answers one request. */
export async function bosh(
  passage: Passage,
  tenant: TenantName | undefined,
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { asked, incoming } = passage;
  // A look whether anything is there.
  if (asked.method === 'GET' || asked.method === 'HEAD') return behindSession(passage, parts);
  if (asked.method !== 'POST') throw new Problem('request.method');
  // We judge it as it is written, and whoever unpacks it would read something else.
  if (!/^(?:identity)?$/i.test(asked.header('content-encoding') ?? ''))
    throw new Problem('request.malformed', { what: 'content-encoding' });
  const brought = broughtBy(asked, tenant, parts);
  const machine = await machineOf(passage, brought, parts);
  const owners = machine ? [{ machine: machine.name }] : await sessionsOf(passage, brought, parts);
  const most = await mostOf(incoming, owners, parts);
  const body = await bodyOf(incoming, most);
  const path = parts.options.xmpp ? '/http-bind' : asked.path;
  const speaking = { passage, tenant, brought, machine, body, path, query: brought.carried.query };
  const decision = await judged(speaking, owners, parts);
  switch (decision.kind) {
    case 'start':
      return machine ? byMachine(speaking, { machine, decision }, parts) : start(speaking, decision, parts);
    case 'continue':
      await goOn(speaking, decision, parts);
      return machine ? 'machine' : 'passed';
    case 'answer':
      if (decision.why === 'token-required') return sayXml(passage, decision.xml, 'no-token');
      await refused(speaking, { why: decision.why, owners }, parts);
      return sayXml(passage, decision.xml, 'stream.unusable');
    case 'refuse':
      throw decision.problem;
  }
}

/** A machine brings neither token nor a session that stands. */
async function machineOf(
  passage: Passage,
  { token, cookies }: Brought,
  parts: GatewayParts,
): Promise<Machine | undefined> {
  const machine = token === undefined ? machineAt(passage, 'xmpp', parts) : undefined;
  if (machine === undefined) return machine;
  for (const { id } of cookies) if (await parts.sockets.stands(digest(id.reveal()))) return undefined;
  return machine;
}

/** The sessions a request may speak for, by cookie and by ticket, whether they stand or not. Throws `ticket.unacceptable`. */
async function sessionsOf(
  { asked }: Passage,
  { cookies, token, room, fromNowhere }: Brought,
  { readTicket }: GatewayParts,
): Promise<readonly BoshOwner[]> {
  const owners: BoshOwner[] = cookies.map(({ id }) => ({ session: digest(id.reveal()) }));
  if (token === undefined) {
    if (fromNowhere) throw new Problem('request.cross-site', { origin: 'absent' });
    return owners;
  }
  const ticket = await readTicket(token.reveal(), { room, id: asked.id, address: asked.address });
  if (typeof ticket !== 'string')
    return sameRoom(ticket.room, room) ? [...owners, { session: ticket.session }] : owners;
  // The page's own token stands beside the cookie in every address: it is none of ours, and none of our business.
  if (cookies.length === 0) throw new Problem('ticket.unacceptable', { why: ticket });
  return owners;
}

/** How much is read of a request. Who is not let in says little. */
async function mostOf(
  incoming: Passage['incoming'],
  owners: readonly BoshOwner[],
  { sockets }: GatewayParts,
): Promise<number> {
  if ((declaredLength(incoming) ?? Number.POSITIVE_INFINITY) <= STRANGERS_BODY) return STRANGERS_BODY;
  for (const owner of owners)
    if ('machine' in owner || (await sockets.stands(owner.session))) return LONGEST_BODY;
  return STRANGERS_BODY;
}

const NOT_THIS_ONES: ReadonlySet<BoshRefusal> = new Set(['unknown', 'not-yours']);

/** For whom of them a request is judged: the one whose the stream is. */
async function judged(
  { passage, brought, machine, body, path, query }: Speaking,
  owners: readonly BoshOwner[],
  { bosh, lookAgain }: GatewayParts,
): Promise<BoshDecision> {
  const { cookies, room } = brought;
  // The owners that cookies brought are the first, in their order.
  const inUse = (at: number) => {
    const id = machine === undefined ? cookies[at]?.id : undefined;
    return id && { inUse: () => lookAgain(id) };
  };
  const caller = (owner: BoshOwner | undefined, at: number): BoshCaller => ({
    ...{ owner, room, path: `${path}?${query}`, address: passage.asked.address, id: passage.asked.id },
    ...(machine && { xmppDomain: machine.xmppDomain }),
    ...inUse(at),
  });
  let decision = await bosh.judge(body, caller(owners[0], 0));
  for (const [at, owner] of owners.entries())
    if (at > 0 && decision.kind === 'answer' && NOT_THIS_ONES.has(decision.why))
      decision = await bosh.judge(body, caller(owner, at));
  return decision;
}

type Start = Extract<BoshDecision, { kind: 'start' }>;

/** A stream begins for a person, with a fresh token, or for nobody. */
async function start(speaking: Speaking, decision: Start, parts: GatewayParts): Promise<GateVerdict> {
  const { passage, tenant, path, query } = speaking;
  const { asked } = passage;
  const { web, options, brake, lookAgain } = parts;
  const found = await entering(asked, tenant, parts);
  if (found.kind === 'no-token') return sayXml(passage, decision.tokenRequired, 'no-token');
  const { grant, sessionId } = found;
  const { session, room } = grant;
  const opening = decision.opens({
    ...{ owner: { session }, person: grant.person.id, room, role: grant.decision.role },
    ...{ path: `${path}?${query}`, address: asked.address, id: asked.id },
    ...(sessionId && { inUse: () => lookAgain(sessionId) }),
  });
  try {
    await wait(brake.turn());
    const minted = await web.mint(grant, 'bearer');
    const carrying =
      options.carry === 'query' ? { query: queryWithToken(query, minted.token) } : { bearer: minted.token };
    const record = () => recordEntry(asked, { grant, minted, as: 'bearer' }, web);
    await begin(speaking, { opening, carrying, record }, parts);
    return 'passed';
  } catch (thrown) {
    opening.failed();
    throw thrown;
  }
}

/** A machine speaks for itself: it brings the password of its own host, and no token of ours. */
async function byMachine(
  speaking: Speaking,
  { machine, decision }: { readonly machine: Machine; readonly decision: Start },
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { passage, brought, path, query } = speaking;
  const { room } = brought;
  const owner = { machine: machine.name };
  const { address, id } = passage.asked;
  const opening = decision.opens({ owner, path: `${path}?${query}`, address, id });
  try {
    await recordMachine(passage, { machine, room }, parts);
    await begin(speaking, { opening, carrying: {}, record: async () => {} }, parts);
    return 'machine';
  } catch (thrown) {
    opening.failed();
    throw thrown;
  }
}

interface Beginning {
  readonly opening: BoshOpening;
  /** How the token goes along, if there is one. */
  readonly carrying: { readonly query?: string; readonly bearer?: Secret };
  /** Writes down that somebody has entered. */
  readonly record: () => Promise<void>;
}

/** Asks Prosody for a stream. Nobody sees it before we know whose it is, and before it is written down. */
async function begin(
  { passage, body, path, query }: Speaking,
  { opening, carrying, record }: Beginning,
  { upstream, front }: GatewayParts,
): Promise<void> {
  const { incoming, outgoing, asked } = passage;
  const { bearer } = carrying;
  const headers = towardsUpstream(incoming.rawHeaders, {
    ...{ front, address: asked.address },
    ...(bearer && { bearer }),
  });
  const target = `${path}?${carrying.query ?? query}`;
  const answer = await upstream.whole(
    { to: 'xmpp', method: 'POST', path: target, headers, body },
    LONGEST_BODY,
  );
  if (await opening.answered(answer.body)) await record();
  if (outgoing.destroyed) return opening.failed();
  const kept = withoutHeaders(towardsOne(answer.headers), (name) => name === 'content-length');
  outgoing.writeHead(answer.status, [...kept, 'Content-Length', String(answer.body.length)]);
  outgoing.end(answer.body);
}

/** A stream goes on: no token goes up, and the answer may be long in coming. */
async function goOn(
  { passage, body, path, query }: Speaking,
  { ending, answered }: Extract<BoshDecision, { kind: 'continue' }>,
  { upstream, front }: GatewayParts,
): Promise<void> {
  const { incoming, outgoing, asked } = passage;
  if (ending.aborted) throw new Problem('session.ended', { by: 'bosh' });
  const headers = withoutHeaders(
    towardsUpstream(incoming.rawHeaders, { front, address: asked.address }),
    (name) => CODINGS.test(name),
  );
  // Prosody's own farewell may be on its way.
  const breakOff = () => void setTimeout(() => outgoing.destroy(), FAREWELL);
  ending.addEventListener('abort', breakOff, { once: true });
  try {
    await upstream.pass(
      { incoming, outgoing },
      {
        ...{ to: 'xmpp', method: 'POST', path: `${path}?${query}`, headers, body },
        ...{ heldFor: HELD_FOR, beginning: answered },
      },
      towardsOne,
    );
  } finally {
    ending.removeEventListener('abort', breakOff);
  }
}

interface Told {
  readonly why: BoshRefusal;
  readonly owners: readonly BoshOwner[];
}

/** Somebody who is let in tries what they may not: that is written down. What strangers try is logged, and fills no audit. */
async function refused(
  { passage: { asked }, brought, machine }: Speaking,
  { why, owners }: Told,
  { web, sockets }: GatewayParts,
): Promise<void> {
  web.metrics.count('ostiary_refused_total', { reason: 'stream.unusable' });
  web.log.info('stream-refused', { id: asked.id, address: asked.address, fault: why });
  if (why !== 'host-unknown' && why !== 'not-yours') return;
  for (const owner of owners)
    if ('machine' in owner || (await sockets.stands(owner.session)))
      return recordRefused(asked, { room: brought.room, machine: machine?.name }, web);
}

/** What XMPP says, said by us. */
function sayXml({ outgoing }: Passage, xml: string, verdict: GateVerdict): Soon<GateVerdict> {
  const headers = [
    ['content-type', 'text/xml; charset=utf-8'],
    ['cache-control', 'no-store'],
    ['x-content-type-options', 'nosniff'],
  ] as const;
  return send(outgoing, { status: 200, headers, body: xml }, verdict);
}
