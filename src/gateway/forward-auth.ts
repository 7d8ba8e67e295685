/**
 * The door for proxies that people run already: before they serve anything they ask here, and are told what the
 * gateway would have decided. One of the places that catch: no failure may look like a yes.
 *
 * On the inner listener, for proxies of `trustedProxies` alone, and before anything else there, since it is asked about
 * every request. `auth` decides; `auth/unnamed` too, and says nothing of who somebody is; `auth/answered` too, and whoever comes with a browser and does not pass hears
 * there all that they are to hear; `auth/session` says only whether a session lives, which may be kept for a moment;
 * `head` is what stands first in a conference page; below `answer/` callers hear from us why they do not pass.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Arrival, Asked } from '../admission/arrival.ts';
import { digest } from '../base/random.ts';
import { canonical, canonicalLine, checkAuthority } from '../web/canonical.ts';
import { sessionCookie } from '../web/cookies.ts';
import { refuseUpgrade } from './answer.ts';
import { originalOf } from './dialects.ts';
import {
  type Ask,
  createLines,
  type DoorParts,
  type ForwardAuthParts,
  judged,
  type Lines,
  requireProxy,
} from './forward-asked.ts';
import { type Asking, decisionOn } from './forward-decision.ts';
import { pageHead } from './forward-head.ts';
import { decide, refuseFor } from './forward-question.ts';
import { allow, refuse, sessionHeaders } from './forward-say.ts';
import { machineAt } from './machine.ts';
import { createStagedForward } from './staged-forward.ts';
import { reachedAt } from './token-service.ts';

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

/** Makes it. */
export function createForwardAuth(given: ForwardAuthParts): ForwardAuth {
  const staged = given.staging && createStagedForward(given.staging, ({ path }) => reachedAt(path, given));
  const parts = { ...given, staged };
  const { prefix } = parts.web.places;
  const lines = createLines(parts);
  const below = `${prefix}/answer/`;
  const places = {
    auth: `${prefix}/auth`,
    unnamed: `${prefix}/auth/unnamed`,
    answered: `${prefix}/auth/answered`,
    session: `${prefix}/auth/session`,
    head: `${prefix}/head`,
  };
  return {
    request(incoming, outgoing, id) {
      const { url = '' } = incoming;
      // The first two are asked for thousands of times where the others are once.
      if (url === places.unnamed) decide({ incoming, outgoing, id, unnamed: true }, lines, parts);
      else if (url === places.auth) decide({ incoming, outgoing, id }, lines, parts);
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
  look().catch((thrown) => refuseFor(ask, thrown, parts, 'status'));
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
  look().catch((thrown) => refuseFor(ask, thrown, parts, 'answer'));
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
    refuseFor(ask, thrown, parts, 'answer');
    return;
  }
  parts.answers.request(incoming, outgoing, asked);
}
