/**
 * The door for proxies that people run already: before they serve anything they ask here, and are told what the
 * gateway would have decided. One of the places that catch: no failure may look like a yes.
 *
 * On the inner listener, for proxies of `trustedProxies` alone, and before anything else there, since it is asked about
 * every request. `auth` decides; `auth/answered` too, and whoever comes with a browser and does not pass hears
 * there all that they are to hear; `auth/session` says only whether a session lives, which may be kept for a moment;
 * `head` is what stands first in a conference page; below `answer/` callers hear from us why they do not pass.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Arrival, Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import {
  addressOf,
  type CanonicalParts,
  canonical,
  canonicalLine,
  checkAuthority,
} from '../web/canonical.ts';
import { sessionCookie } from '../web/cookies.ts';
import { plainAddress } from '../web/origin.ts';
import { ofNobody } from '../web/problem-answer.ts';
import { toProblem } from '../web/respond.ts';
import { isNavigation, refuseUpgrade } from './answer.ts';
import { type Original, originalOf } from './dialects.ts';
import { type Asking, type Decision, type DecisionParts, decisionOn, type Yes } from './forward-decision.ts';
import { pageHead } from './forward-head.ts';
import { allow, decisionHeaders, type Refusal, refuse, sessionHeaders } from './forward-say.ts';
import type { Gateway } from './gateway.ts';
import { machineAt } from './machine.ts';
import type { StagedParts } from './staged.ts';
import { ANY_FRAMER, createStagedForward, type StagedForward } from './staged-forward.ts';
import { surfaceOf } from './surface.ts';
import { isTokenService } from './token-service.ts';

/** What the inner listener hands to it. */
export interface ForwardAuth {
  /** Answers, if this is one of its addresses. Never throws. */
  request(incoming: IncomingMessage, outgoing: ServerResponse, id: string): boolean;
  /** May this request become a socket? */
  upgrades(incoming: IncomingMessage): boolean;
  /** Takes over one that does. Never throws. */
  upgrade(
    incoming: IncomingMessage,
    ends: { readonly socket: Duplex; readonly head: Buffer },
    id: string,
  ): void;
}

/** What it is made of. */
export interface ForwardAuthParts extends DecisionParts {
  readonly canonical: CanonicalParts;
  /** The hosts we answer for. */
  readonly authorities: ReadonlySet<string>;
  /** Tells callers why they do not pass, and lets nobody through. */
  readonly answers: Gateway;
  /** Where not everything is guarded. */
  readonly staging?: StagedParts | undefined;
}

/** The same, with what looks whether a request is guarded. */
interface DoorParts extends ForwardAuthParts {
  readonly staged: StagedForward | undefined;
}

/** One request of a proxy. */
interface Ask {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly id: string;
  /** This proxy has no second request for whoever is refused: what it is told is all that a browser hears. */
  readonly answered?: true;
}

/** A line that was judged, and what is served there. */
interface Line extends Pick<Asked, 'path' | 'query'> {
  readonly surface: Asking['surface'];
}

/** Judges a line. Throws as `canonicalLine` and `surfaceOf`. */
type Lines = (method: string, target: string) => Line;

/** So many files are remembered, which is more than a Jitsi has; strangers who invent names put an end to no more than that. */
const MOST_FILES = 1000;

/** Files are asked for again and again, by few names: what was judged of one holds for the next. */
function createLines(parts: ForwardAuthParts): Lines {
  const files = new Map<string, Line>();
  return (method, target) => {
    const known = method === 'GET' ? files.get(target) : undefined;
    if (known !== undefined) return known;
    const { path, query } = canonicalLine(method, target);
    const surface = surfaceAt(path, parts);
    const line = { path, query, surface };
    if (surface.kind === 'asset' && query === '' && method === 'GET') {
      if (files.size >= MOST_FILES) files.clear();
      files.set(target, line);
    }
    return line;
  };
}

function surfaceAt(path: string, parts: ForwardAuthParts): Asking['surface'] {
  return isTokenService(path, parts) ? { kind: 'token-service' } : surfaceOf(path);
}

/** Makes it. */
export function createForwardAuth(given: ForwardAuthParts): ForwardAuth {
  const staged = given.staging && createStagedForward(given.staging, ({ path }) => surfaceAt(path, given));
  const parts = { ...given, staged };
  const { prefix } = parts.web.places;
  const lines = createLines(parts);
  const below = `${prefix}/answer/`;
  const places = {
    auth: `${prefix}/auth`,
    answered: `${prefix}/auth/answered`,
    session: `${prefix}/auth/session`,
    head: `${prefix}/head`,
  };
  return {
    request(incoming, outgoing, id) {
      const { url = '' } = incoming;
      // The first is asked for thousands of times where the others are once.
      if (url === places.auth) decide({ incoming, outgoing, id }, lines, parts);
      else if (url === places.answered) decide({ incoming, outgoing, id, answered: true }, lines, parts);
      else if (url === places.session) sessionLives({ incoming, outgoing, id }, parts);
      else if (url === places.head) head({ incoming, outgoing, id }, lines, parts);
      else if (url.startsWith(below)) answer({ incoming, outgoing, id }, below, parts);
      else return false;
      return true;
    },
    upgrades: ({ url = '', headers }) =>
      url.startsWith(below) && headers.upgrade?.toLowerCase() === 'websocket',
    upgrade(incoming, { socket, head: first }, id) {
      try {
        parts.answers.upgrade(incoming, socket, first, answeredFor({ incoming, id }, below, parts));
      } catch (thrown) {
        const asked = judged({ incoming, id }, { method: '', path: '', query: '' }, parts);
        void refuseUpgrade(thrown, { asked, socket }, parts.web);
      }
    },
  };
}

/** Whoever is not a proxy we trust is told nothing, whatever they say. Throws `request.not-found`. */
function requireProxy({ socket }: IncomingMessage, { canonical: { trusted } }: ForwardAuthParts): void {
  if (!trusted.includes(plainAddress(socket.remoteAddress ?? '')))
    throw new Problem('request.not-found', { why: 'no trusted proxy' });
}

function judged(
  ask: Pick<Ask, 'incoming' | 'id'>,
  { method, path, query }: Pick<Asked, 'method' | 'path' | 'query'>,
  { canonical: { trusted } }: ForwardAuthParts,
): Asked {
  const { incoming, id } = ask;
  const { headers, socket, rawHeaders } = incoming;
  return {
    method,
    path,
    query,
    header: (name) => {
      const value = headers[name];
      const text = Array.isArray(value) ? value.join(', ') : value;
      // What a proxy says always, it says with nothing in it where there is nothing to be said.
      return text === '' ? undefined : text;
    },
    address: addressOf(incoming, trusted),
    id,
    socket: plainAddress(socket.remoteAddress ?? ''),
    raw: rawHeaders,
  };
}

/** What is known so far of a question, for whatever it ends in. */
interface Question extends Ask {
  asked?: Asked;
  surface?: Asking['surface'];
  original?: Original;
}

function decide(ask: Ask, lines: Lines, parts: DoorParts): void {
  const question: Question = ask;
  try {
    const { incoming } = ask;
    requireProxy(incoming, parts);
    const original = originalOf(incoming.headers);
    question.original = original;
    const { method, target, authority } = original;
    checkAuthority(authority, parts.authorities);
    if (passedUnguarded(ask, original, parts)) return;
    const { path, query, surface } = lines(method, target);
    question.surface = surface;
    const asked = judged(ask, { method, path, query }, parts);
    question.asked = asked;
    const decision = decisionOn({ incoming, asked, surface, upgrade: original.upgrade }, parts);
    const of = { asked, original, surface };
    if (decision instanceof Promise)
      decision
        .then((there) => decided(ask, there, of, parts))
        .catch((thrown) => undecided(question, thrown, parts));
    else decided(ask, decision, of, parts);
  } catch (thrown) {
    undecided(question, thrown, parts);
  }
}

/** Says yes to what is not guarded, as it came; false where it is. Throws as `canonicalLine`. */
function passedUnguarded(
  ask: Ask,
  { method, target, upgrade }: Original,
  { staged, ...parts }: DoorParts,
): boolean {
  if (staged === undefined) return false;
  const asked = judged(ask, canonicalLine(method, target), parts);
  const found = staged.passes({ incoming: ask.incoming, asked, upgrade });
  if (found === undefined) return false;
  const { yes, kind } = found;
  parts.web.metrics.count('ostiary_gate_requests_total', { surface: kind, verdict: yes.verdict });
  allow(ask.outgoing, decisionHeaders(yes, { kind, framers: ANY_FRAMER }));
  return true;
}

interface Judged {
  readonly asked: Asked;
  readonly original: Original;
  readonly surface: Asking['surface'];
}

function decided(
  ask: Ask,
  decision: Decision,
  { asked, original: { hears }, surface: { kind } }: Judged,
  parts: ForwardAuthParts,
): void {
  const { outgoing } = ask;
  const { metrics, apps } = parts.web;
  const isXmpp = kind === 'xmpp-websocket' || kind === 'bosh';
  const refusal = refusalFor(decision, { asked, hears, isXmpp });
  const verdict = refusal?.verdict ?? decision.verdict;
  // Others come again to hear it, and are told of there.
  if (ask.answered && verdict === 'session.required') throw new Problem(verdict);
  metrics.count('ostiary_gate_requests_total', { surface: kind, verdict });
  // What is only written anew the gateway would hold for what it is to pass on.
  if (refusal !== undefined && verdict !== 'moved' && hearsAll(ask, asked))
    parts.answers.request(ask.incoming, outgoing, asked);
  else if (refusal !== undefined) refuse(outgoing, refusal);
  else if (decision.kind === 'yes')
    allow(outgoing, decisionHeaders(decision, { kind, framers: framers(decision, apps) }));
}

function undecided(question: Question, thrown: unknown, parts: ForwardAuthParts): void {
  const { surface, original, asked, incoming, outgoing } = question;
  const problem = toProblem(thrown);
  const verdict = problem.code;
  parts.web.metrics.count('ostiary_gate_requests_total', { surface: surface?.kind ?? 'page', verdict });
  if (asked !== undefined && hearsAll(question, asked)) {
    parts.answers.request(incoming, outgoing, asked);
    return;
  }
  tell(question, thrown, parts);
  refuse(outgoing, { status: statusFor(problem, original?.hears), verdict });
}

/** Is a person's browser to hear from us here and now why it does not pass? */
function hearsAll({ answered }: Ask, asked: Asked): boolean {
  return answered === true && isNavigation(asked);
}

/** Who may frame a page, in the words of a policy. */
function framers({ grant }: Yes, apps: ForwardAuthParts['web']['apps']): string {
  return grant === undefined ? "'self'" : ["'self'", ...apps.embedders(grant.room)].join(' ');
}

interface About {
  readonly asked: Asked;
  readonly hears: Original['hears'];
  readonly isXmpp: boolean;
}

function refusalFor(decision: Decision, { asked, hears, isXmpp }: About): Refusal | undefined {
  if (decision.kind === 'yes') {
    // Jitsi's client writes a token into every address of XMPP, and whoever passes that on is told what to write
    // instead. Anybody else comes again without: not every proxy can write a query anew.
    const isReplaced = hears !== 'answer' || isXmpp || decision.bearer !== undefined;
    if (isReplaced || decision.query === asked.query) return undefined;
    const to = decision.query === '' ? asked.path : `${asked.path}?${decision.query}`;
    return { status: 302, verdict: 'moved', to };
  }
  const { status, verdict, to } = decision;
  if (to === undefined) return { status, verdict };
  return { status: hears === 'answer' ? 302 : status, verdict, to };
}

/** nginx knows two refusals and takes everything else for a failure of ours: only what is one shall look like it. */
function statusFor({ status }: Problem, hears: Original['hears'] | undefined): number {
  if (status >= 500 || hears === 'answer') return status;
  return status === 401 ? 401 : 403;
}

/** Counts and logs as everywhere. */
function tell({ incoming, id }: Ask, thrown: unknown, parts: ForwardAuthParts): void {
  const { log, metrics } = parts.web;
  const problem = toProblem(thrown);
  metrics.count('ostiary_refused_total', { reason: problem.code });
  const { authorization } = incoming.headers;
  const facts = {
    ...problem.facts,
    ...ofNobody(problem, { header: (name) => (name === 'authorization' ? authorization : undefined) }),
    code: problem.code,
    id,
    address: addressOf(incoming, parts.canonical.trusted),
  };
  if (problem.status >= 500) log.error('forward-auth-failed', facts, thrown);
  else log.info('forward-auth-refused', facts);
}

/**
 * Does this session live, and nothing else: what the proxy itself has found to be one of Jitsi's static files needs no
 * more, and only this may be kept. The store is asked, because the proxy keeps it as long as we would.
 */
function sessionLives(ask: Ask, parts: DoorParts): void {
  const { incoming, outgoing } = ask;
  const { web, sockets } = parts;
  const look = async () => {
    requireProxy(incoming, parts);
    checkAuthority(incoming.headers.host ?? '', parts.authorities);
    const asked = judged(ask, { method: 'GET', path: '/libs/', query: '' }, parts);
    if (parts.staged?.filePasses(asked.address)) return allow(outgoing, sessionHeaders(false));
    const arrival: Arrival = { asked, wants: { kind: 'asset' } };
    const outcome = await web.admit(arrival);
    if (outcome.kind === 'seen' && (await sockets.stands(outcome.session))) {
      // Kept by the id of an account's session: one that a link began goes by another cookie.
      const id = sessionCookie(asked.header('cookie'));
      return allow(outgoing, sessionHeaders(id !== undefined && digest(id) === outcome.session));
    }
    if (machineAt({ incoming, asked }, 'assets', parts)) return allow(outgoing, sessionHeaders(false));
    refuse(outgoing, { status: 401, verdict: 'session.required' });
  };
  look().catch((thrown) => {
    const problem = toProblem(thrown);
    tell(ask, thrown, parts);
    refuse(outgoing, { status: statusFor(problem, 'status'), verdict: problem.code });
  });
}

/** What stands first in a conference page, included there by the server that serves the page; nothing in any other. */
function head(ask: Ask, lines: Lines, parts: DoorParts): void {
  const { incoming, outgoing } = ask;
  const look = async () => {
    requireProxy(incoming, parts);
    const { method, target, authority } = originalOf(incoming.headers);
    checkAuthority(authority, parts.authorities);
    const asked = judged(ask, canonicalLine(method, target), parts);
    const isPlain = parts.staged?.guards(asked) === false;
    const text = isPlain ? '' : await headFor({ incoming, asked, ...lines(method, target) }, parts);
    if (outgoing.destroyed) return;
    outgoing.writeHead(200, ['Content-Type', 'text/html; charset=utf-8', 'Cache-Control', 'no-store']);
    outgoing.end(text);
  };
  look().catch((thrown) => {
    const { status, code } = toProblem(thrown);
    tell(ask, thrown, parts);
    refuse(outgoing, { status, verdict: code });
  });
}

async function headFor(asking: Omit<Asking, 'upgrade'>, parts: DoorParts): Promise<string> {
  const decision = await decisionOn({ ...asking, upgrade: false }, parts);
  return decision.kind === 'yes' && decision.grant ? await pageHead(decision.grant, parts.web) : '';
}

/** The caller's own request, as it stands below our address. */
function answeredFor(
  { incoming, id }: Pick<Ask, 'incoming' | 'id'>,
  below: string,
  parts: ForwardAuthParts,
): Asked {
  requireProxy(incoming, parts);
  checkAuthority(incoming.headers.host ?? '', parts.authorities);
  const asked = canonical(incoming, id, parts.canonical);
  return Object.freeze({ ...asked, path: asked.path.slice(below.length - 1) });
}

function answer(ask: Ask, below: string, parts: ForwardAuthParts): void {
  const { incoming, outgoing } = ask;
  let asked: Asked;
  try {
    asked = answeredFor(ask, below, parts);
  } catch (thrown) {
    const problem = toProblem(thrown);
    tell(ask, thrown, parts);
    refuse(outgoing, { status: problem.status, verdict: problem.code });
    return;
  }
  parts.answers.request(incoming, outgoing, asked);
}
