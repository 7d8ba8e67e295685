/**
 * A proxy asks before it serves: may this request pass, and with what? The same paths, the same rules and the same
 * tokens as in front of Jitsi, without anything of the request itself passing through us.
 */
import type { Arrival, Asked } from '../admission/arrival.ts';
import type { Grant, Outcome, Recognised } from '../admission/outcome.ts';
import { refusalOf } from '../admission/outcome.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { type Room, roomPath, type TenantName } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { appFor, inFrame } from '../web/routes/hand-off.ts';
import { isNavigation, visitAt } from './answer.ts';
import { requireOwnPage } from './assets.ts';
import { AUTH_ERROR } from './auth-error.ts';
import { carriedQuery, linkTokenIn, withoutTokens } from './carry-token.ts';
import { admitOrReturn, entering } from './entering.ts';
import type { Entries } from './forward-entries.ts';
import { type Calling, machineAt, recordMachine } from './machine.ts';
import type { MachineReach } from './machines.ts';
import type { GatewayParts } from './parts.ts';
import type { OpenGroup, Surface } from './surface.ts';
import { byPagesToken, type Reached } from './token-service.ts';

/** It may pass. */
export interface Yes {
  readonly kind: 'yes';
  readonly verdict: 'passed' | 'open' | 'machine' | 'unguarded';
  /** What of its query may go on. */
  readonly query: string;
  /** The tenant, as Prosody is told it. */
  readonly tenant?: TenantName;
  /** Absent for what is open to everybody, and for machines. */
  readonly by?: Recognised;
  /** Good for one room. */
  readonly bearer?: Secret;
  /** What the caller says in that header, as it came: for what is not guarded. */
  readonly authorization?: string;
  /** For a conference page: who may have it. */
  readonly grant?: Grant;
}

/** It may not, and what the caller can do about it is for somebody else to say. */
export interface No {
  readonly kind: 'no';
  readonly verdict: GateVerdict;
  /** 401: whoever shows more may pass. 403: they were known, and may not. */
  readonly status: 401 | 403;
  /** The address that leads on, where there is one. */
  readonly to?: string;
}

/** What was decided. */
export type Decision = Yes | No;

/** Who asks, for what, by which proxy. */
export interface Asking extends Calling {
  readonly surface: Reached;
  readonly upgrade: boolean;
}

/** What deciding needs. */
export interface DecisionParts extends GatewayParts {
  readonly entries: Entries;
}

/** Decides one request. Throws every problem the gateway would answer with. */
export function decisionOn(asking: Asking, parts: DecisionParts): Soon<Decision> {
  const { asked, surface, upgrade } = asking;
  switch (surface.kind) {
    case 'page':
      return pageDecision(asking, surface, parts);
    case 'asset':
      if (isOurs(asked, surface.file, parts)) return no('moved', 401);
      return isOpen(surface.groups, parts) || isErrorPage(surface.file, parts)
        ? { ...yes(asked), verdict: 'open' }
        : sessionDecision(asking, 'assets', parts);
    case 'welcome':
      return sessionDecision(asking, 'assets', parts);
    case 'config':
      return whenThere(sessionDecision(asking, 'assets', parts), (decision) =>
        decision.kind === 'no' && parts.open.apps ? no('open', 401) : decision,
      );
    case 'socket':
      return isOpen(surface.groups, parts)
        ? { ...yes(asked), verdict: 'open' }
        : socketDecision(asking, parts);
    case 'xmpp-websocket':
      // The second is the client's own look whether the server is there.
      return upgrade ? enterDecision(asking, surface.tenant, parts) : lookDecision(asking, parts);
    case 'bosh':
      if (asked.method === 'GET' || asked.method === 'HEAD') return lookDecision(asking, parts);
      if (asked.method !== 'POST') throw new Problem('request.method');
      return enterDecision(asking, surface.tenant, parts);
    case 'conference-request':
    case 'room-info':
      return errandDecision(asking, { ...surface, kind: surface.kind }, parts);
    case 'token-service':
      return tokenServiceDecision(asked, parts);
    case 'unknown':
      throw new Problem('request.not-found');
  }
}

function yes(asked: Asked): Omit<Yes, 'verdict'> {
  return { kind: 'yes', query: withoutTokens(asked.query) };
}

function no(verdict: GateVerdict, status: No['status'], to?: string): No {
  return { kind: 'no', verdict, status, ...(to !== undefined && { to }) };
}

/** A live session is enough: no rule is asked. */
function sessionDecision(asking: Asking, reach: MachineReach, parts: DecisionParts): Soon<Decision> {
  const { asked } = asking;
  const arrival: Arrival = { asked, wants: { kind: 'asset' } };
  return whenThere(parts.web.admit(arrival), (outcome) => {
    if (outcome.kind === 'seen') {
      requireOwnPage(asked, parts);
      return { kind: 'yes', query: withoutTokens(asked.query), verdict: 'passed', by: outcome };
    }
    if (machineAt(asking, reach, parts)) return { ...yes(asked), verdict: 'machine' };
    return stranger(asked, parts);
  });
}

/** A look whether Prosody is there: it begins nothing, and Prosody is told no more than where something begins. */
function lookDecision(asking: Asking, parts: DecisionParts): Soon<Decision> {
  const { visitors } = parts.options;
  return whenThere(sessionDecision(asking, 'assets', parts), (decision) =>
    decision.kind === 'yes'
      ? { ...decision, query: carriedQuery(asking.asked.query, { visitors }).query }
      : decision,
  );
}

function stranger(asked: Asked, { web }: DecisionParts, to = '/'): No {
  if (!isNavigation(asked)) return no('session.required', 401);
  return no('sign-in', 401, `${web.places.prefix}/sign-in?to=${encodeURIComponent(to)}`);
}

/** Services beside Jitsi, most of them with sockets: they ask nobody where a page came from. */
function socketDecision(asking: Asking, parts: DecisionParts): Soon<Decision> {
  const { asked, upgrade } = asking;
  const origin = asked.header('origin');
  const isNamed = origin !== undefined && parts.web.places.origins.has(origin);
  if (upgrade && !isNamed && !machineAt(asking, 'sockets', parts))
    throw new Problem('request.cross-site', { origin: origin === undefined ? 'absent' : 'foreign' });
  return sessionDecision(asking, upgrade ? 'sockets' : 'assets', parts);
}

async function pageDecision(
  asking: Asking,
  { room, moved }: Extract<Surface, { kind: 'page' }>,
  parts: DecisionParts,
): Promise<Decision> {
  const { asked } = asking;
  const { web } = parts;
  if (asked.method !== 'GET' && asked.method !== 'HEAD') throw new Problem('request.method');
  const query = withoutTokens(asked.query);
  if (moved !== undefined || query !== asked.query) {
    // Another application's link is opened by the answer, which keeps its token out of every address.
    if (web.followLink !== undefined && linkTokenIn(asked.query) !== undefined) return no('link', 401);
    return no('moved', 401, `${moved ?? asked.path}${query === '' ? '' : `?${query}`}`);
  }
  const outcome = await admitOrReturn({ asked, wants: { kind: 'enter', room } }, room, parts);
  const isPerson = isNavigation(asked);
  if (outcome.kind === 'admitted') {
    const { grant } = outcome;
    if (isPerson && (await appFor(visitAt(asked, web), room, web))) return no('app', 401);
    return { ...yes(asked), verdict: 'passed', grant, by: grant };
  }
  if (outcome.kind !== 'sign-in') return notIn({ room, outcome, isPerson }, parts);
  const machine = machineAt(asking, 'page', parts);
  if (machine) {
    await recordMachine(asking, { machine, room }, parts);
    return { ...yes(asked), verdict: 'machine' };
  }
  if (isPerson && inFrame(visitAt(asked, web))) return no('outside', 401);
  return stranger(asked, parts, roomPath(room));
}

interface TurnedAway {
  readonly room: Room;
  readonly outcome: Outcome;
  readonly isPerson: boolean;
}

/** Where a person reads why. */
function notIn({ room, outcome, isPerson }: TurnedAway, { web }: DecisionParts): No {
  if (outcome.kind !== 'wait' && outcome.kind !== 'refused')
    throw new Problem('server.bug', { why: `an entry was ${outcome.kind}` });
  const to = `${web.places.prefix}/join?to=${encodeURIComponent(roomPath(room))}`;
  return no(refusalOf(outcome), 403, isPerson ? to : undefined);
}

/** XMPP begins, or over BOSH perhaps goes on: every request of it may be a start, and the body is not shown to us. */
async function enterDecision(
  asking: Asking,
  tenant: TenantName | undefined,
  parts: DecisionParts,
): Promise<Decision> {
  const { asked, upgrade } = asking;
  const found = await entering(asked, tenant, parts);
  if (found.kind === 'no-token') {
    const machine = machineAt(asking, 'xmpp', parts);
    if (machine === undefined) return no('no-token', 401);
    await recordMachine(asking, { machine, room: found.room }, parts);
    return told({ query: found.carried.query, tenant, verdict: 'machine' });
  }
  const { grant, carried } = found;
  const minted = await parts.web.mint(grant, 'bearer');
  await parts.entries.record(asked, { grant, minted, as: 'bearer' }, upgrade ? 'once' : 'repeatedly');
  return told({ query: carried.query, tenant, verdict: 'passed', by: grant, bearer: minted.token });
}

/** What each takes. */
const METHODS = { 'conference-request': ['POST'], 'room-info': ['GET', 'PUT'] } as const;

async function errandDecision(
  { asked }: Asking,
  { kind, tenant }: { readonly kind: keyof typeof METHODS; readonly tenant?: TenantName },
  parts: DecisionParts,
): Promise<Decision> {
  if (!(METHODS[kind] as readonly string[]).includes(asked.method)) throw new Problem('request.method');
  const found = await entering(asked, tenant, parts);
  if (found.kind === 'no-token') return no('session.required', 401);
  const { token } = await parts.web.mint(found.grant, 'errand');
  return told({
    query: found.carried.query,
    tenant,
    verdict: 'passed',
    by: found.grant,
    bearer: token,
  });
}

async function tokenServiceDecision(asked: Asked, parts: DecisionParts): Promise<Decision> {
  const grant = await byPagesToken(asked, parts);
  const { token } = await parts.web.mint(grant, 'errand');
  return { ...yes(asked), verdict: 'passed', by: grant, bearer: token };
}

function told({
  tenant,
  ...rest
}: Omit<Yes, 'kind' | 'tenant'> & { readonly tenant: TenantName | undefined }): Yes {
  return { kind: 'yes', ...rest, ...(tenant !== undefined && { tenant }) };
}

function isOpen(groups: readonly OpenGroup[], { open }: DecisionParts): boolean {
  return groups.some((group) => open[group]);
}

/** Who is turned away must be able to read why. */
function isErrorPage(file: string, { web: { errorPage } }: DecisionParts): boolean {
  return errorPage?.kind === 'here' && errorPage.path === file;
}

/** A file that is ours to give, whatever Jitsi's web server has there. */
function isOurs({ method }: Asked, file: string, { web }: DecisionParts): boolean {
  if (file === AUTH_ERROR) return true;
  if (!file.startsWith('/.well-known/') || (method !== 'GET' && method !== 'HEAD')) return false;
  return web.appSites.get(file.slice(13)) !== undefined;
}
