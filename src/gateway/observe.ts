/**
 * Beside a request that passes unguarded: what would have become of it? Decided by the code that guards, with nothing of
 * what it does beside deciding, and counted where it would not have passed. Whoever it is has gone on already.
 */
import type { IncomingMessage } from 'node:http';
import type { Arrival, Asked } from '../admission/arrival.ts';
import type { Observation, Observed, SeenAs } from '../admission/observed.ts';
import { type Outcome, refusalOf } from '../admission/outcome.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import type { Room } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { bearerOf } from '../web/bearer.ts';
import { isElectron } from '../web/hand-off.ts';
import { toProblem } from '../web/respond.ts';
import { carriedQuery, linkTokenIn, withoutTokens } from './carry-token.ts';
import { type Asking, type DecisionParts, decisionOn } from './forward-decision.ts';
import { machineAt } from './machine.ts';
import type { Surface } from './surface.ts';

/** A request that passes. */
export interface Passing {
  readonly incoming: IncomingMessage;
  readonly asked: Asked;
  /** What it asks for, or why that could not be told. */
  readonly reached: Asking['surface'] | Problem;
  readonly room?: Room;
  readonly upgrade: boolean;
}

/** What observing needs: the parts of a decision whose acts lead nowhere, and where to count. */
export interface ObserveParts {
  readonly deciding: DecisionParts;
  readonly observed: Observed;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The looking beside. */
export interface Observing {
  /** Looks at one. Returns at once, and never throws. */
  look(passing: Passing): void;
  /** An XMPP stream of somebody who passed is for another host than people sign in at. */
  hostNamed(passing: Passing, host: string): void;
  /** Everything looked at so far is decided and written. */
  settled(): Promise<void>;
}

/** So many are decided on at once; whoever comes on top passes without. */
const MOST_AT_ONCE = 256;

/** Makes it. */
export function createObserving(parts: ObserveParts): Observing {
  const { observed, log, metrics } = parts;
  const underWay = new Set<Promise<void>>();
  const count = (verdict: string) => metrics.count('ostiary_unguarded_total', { verdict });
  return {
    look(passing) {
      if (underWay.size >= MOST_AT_ONCE) return count('not-judged');
      const look = judged(passing, parts.deciding)
        .then((seen) => {
          count(seen?.code ?? 'passed');
          if (seen !== undefined) observed.note(seen);
        })
        // Nothing may come of it for whoever has passed.
        .catch((thrown: unknown) => log.error('observing-failed', { id: passing.asked.id }, thrown))
        .finally(() => underWay.delete(look));
      underWay.add(look);
    },
    hostNamed(passing, host) {
      // The machine's own host is no other one.
      if (machineAt(passing, 'xmpp', parts.deciding)?.xmppDomain === host) return;
      count('stream.unusable');
      const spoken = spokenBy(passing.asked, parts.deciding);
      // An app is never told of another host but by Jitsi's own settings: whoever speaks to one from no page is a machine.
      const seenAs = spoken === 'guest' ? spoken : 'recorder';
      const address = seenAs === 'recorder' && { address: passing.asked.address };
      observed.note({ ...{ seenAs, code: 'stream.unusable', host }, ...address, ...where(passing.room) });
    },
    async settled() {
      await Promise.all(underWay);
      await observed.flush();
    },
  };
}

function where(room: Room | undefined): Pick<Observation, 'room' | 'tenant'> {
  if (room === undefined) return {};
  return { room: room.name, ...(room.tenant !== undefined && { tenant: room.tenant }) };
}

/** What is to be written down of one; nothing where it would have passed. */
async function judged(passing: Passing, parts: DecisionParts): Promise<Observation | undefined> {
  let outcome: Outcome | undefined;
  const admit = async (arrival: Arrival) => {
    outcome = await parts.web.admit(arrival);
    return outcome;
  };
  const code = await codeOf(passing, { ...parts, web: { ...parts.web, admit } });
  if (code === undefined) return undefined;
  const seenAs = kindOf(passing, { code, outcome }, parts);
  const { room, asked, reached } = passing;
  const issuer = seenAs === 'link' ? issuerOf(tokenOf(passing)) : undefined;
  return {
    ...{ seenAs, code, ...where(room) },
    ...(room === undefined && { path: beginningOf(asked.path, reached) }),
    ...(seenAs === 'person' && outcome && 'rule' in outcome && { rule: outcome.rule }),
    ...(issuer !== undefined && { issuer }),
    ...(seenAs === 'recorder' && { address: asked.address }),
  };
}

/** Verdicts by which nobody is kept out. */
const HARMLESS: ReadonlySet<string> = new Set(['moved', 'link', 'app', 'open']);

/** How it would have been turned away. */
async function codeOf(passing: Passing, parts: DecisionParts): Promise<string | undefined> {
  const { incoming, asked, reached, upgrade } = passing;
  if (reached instanceof Problem) return reached.code;
  try {
    const bare = reached.kind === 'page' ? withoutToken(asked) : asked;
    const surface = reached.kind === 'page' ? ({ kind: 'page', room: reached.room } as const) : reached;
    const byLink = surface.kind === 'page' ? await linkOutcome(asked, bare, { surface, parts }) : undefined;
    if (byLink?.kind === 'admitted') return undefined;
    if (byLink?.kind === 'refused' || byLink?.kind === 'wait') return refusalOf(byLink);
    const decision = await decisionOn({ incoming, asked: bare, surface, upgrade }, parts);
    return decision.kind === 'yes' || HARMLESS.has(decision.verdict) ? undefined : decision.verdict;
  } catch (thrown) {
    const problem = toProblem(thrown);
    if (problem.code === 'server.bug') throw thrown;
    return problem.code;
  }
}

function withoutToken(asked: Asked): Asked {
  return { ...asked, header: asked.header, query: withoutTokens(asked.query) };
}

/** Whom the token in a link lets in; nothing where it is nobody's whom the settings know. */
async function linkOutcome(
  { query, id, address }: Asked,
  asked: Asked,
  { surface, parts }: { readonly surface: Extract<Surface, { kind: 'page' }>; readonly parts: DecisionParts },
): Promise<Outcome | undefined> {
  const token = linkTokenIn(query);
  if (token === undefined) return undefined;
  const { room } = surface;
  const ticket = await parts.readTicket(token.reveal(), { room, id, address });
  return typeof ticket === 'string'
    ? undefined
    : parts.web.admit({ asked, wants: { kind: 'enter', room }, ticket });
}

const XMPP: ReadonlySet<string> = new Set(['xmpp-websocket', 'bosh', 'conference-request', 'room-info']);

function kindOf(
  passing: Passing,
  { code, outcome }: { readonly code: string; readonly outcome: Outcome | undefined },
  { web }: DecisionParts,
): SeenAs {
  const { asked, reached } = passing;
  if (outcome?.kind === 'wait' || (outcome?.kind === 'refused' && outcome.person)) return 'person';
  if (code === 'request.cross-site' || code === 'outside') return 'site';
  if (tokenOf(passing) !== undefined) return 'link';
  const kind = reached instanceof Problem ? undefined : reached.kind;
  if (kind !== undefined && XMPP.has(kind)) return spokenBy(asked, { web });
  if (isApp(asked)) return 'app';
  return kind === 'page' || kind === 'welcome' ? 'page' : 'path';
}

function isApp({ header }: Asked): boolean {
  const agent = header('user-agent') ?? '';
  return isElectron(agent) || /okhttp|CFNetwork|JitsiMeet/i.test(agent);
}

/** Who speaks XMPP here, by what it says of itself: it decides nothing but a line of a report. */
function spokenBy(asked: Asked, { web }: Pick<DecisionParts, 'web'>): 'app' | 'recorder' | 'guest' {
  if (isApp(asked)) return 'app';
  const origin = asked.header('origin');
  if (origin === undefined) return 'recorder';
  const isBrowser = (asked.header('user-agent') ?? '').startsWith('Mozilla/');
  return isBrowser && web.places.origins.has(origin) ? 'guest' : 'app';
}

/** The token somebody else gave them, if one did; never told on. */
function tokenOf({ asked, reached }: Passing): Secret | undefined {
  if (reached instanceof Problem) return undefined;
  if (reached.kind === 'page') return linkTokenIn(asked.query);
  if (!XMPP.has(reached.kind)) return undefined;
  try {
    return carriedQuery(asked.query, { visitors: true }).token ?? bearerOf(asked);
  } catch (thrown) {
    if (toProblem(thrown).code !== 'request.malformed') throw thrown;
    return undefined;
  }
}

/** Whom a token names as its issuer, unverified: for the operator to recognise. */
function issuerOf(token: Secret | undefined): string | undefined {
  const [, body = ''] = token?.reveal().split('.') ?? [];
  try {
    const { iss } = Object(JSON.parse(Buffer.from(body, 'base64url').toString())) as { iss?: unknown };
    return typeof iss === 'string' && iss !== '' ? iss : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** What stands first in a path: of files that is the folder, and behind it may stand anything. */
function beginningOf(path: string, reached: Passing['reached']): string {
  if (reached instanceof Problem) return '/…';
  const [, first = '', ...more] = path.split('/');
  const plain = /^[A-Za-z0-9._-]{0,40}$/.test(first) ? first : '…';
  return more.length > 0 ? `/${plain}/…` : `/${plain}`;
}
