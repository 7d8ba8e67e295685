/**
 * The conference page: the rules are asked, and the page comes with the display
 * token where Jitsi's client looks for one. The real token stays with us.
 */
import type { Arrival } from '../admission/arrival.ts';
import { type Grant, type Outcome, refusalOf } from '../admission/outcome.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { randomToken } from '../base/random.ts';
import { type Room, roomPath } from '../base/room.ts';
import { failureScript } from '../pages/failure-script.ts';
import { requireSameOrigin } from '../web/csrf.ts';
import { turnAway } from '../web/entry.ts';
import { linkAnswer } from '../web/link.ts';
import type { WebParts } from '../web/parts.ts';
import { problemAnswer } from '../web/problem-answer.ts';
import { redirect } from '../web/respond.ts';
import { appFor, handOffAnswer, inFrame, outsideAnswer } from '../web/routes/hand-off.ts';
import { isNavigation, send, visitAt } from './answer.ts';
import { through } from './assets.ts';
import { linkTokenIn, withoutTokens } from './carry-token.ts';
import { documentHeaders, hasOwnAncestors, isDocument } from './document-headers.ts';
import { admitOrReturn } from './entering.ts';
import { tellRefusedFrame } from './frame-refused.ts';
import { headScript, inject } from './head-script.ts';
import { towardsOne, towardsUpstream, withoutHeaders } from './headers.ts';
import { machineAt, recordMachine } from './machine.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { bodyOf } from './request-body.ts';
import { strangerAt } from './stranger.ts';
import type { Surface } from './surface.ts';

/** Jitsi's page is some 20 kB with its configuration in it. */
const LARGEST_PAGE = 4 * 1024 * 1024;

/** What would make the upstream answer with a part of the page, or none. */
const CONDITIONS = /^(?:range|if-.*|accept-encoding|content-length|content-type|transfer-encoding|origin)$/;

/** Answers a request for the conference document. */
export async function conferencePage(
  passage: Passage,
  { room, moved }: Extract<Surface, { kind: 'page' }>,
  parts: GatewayParts,
): Promise<GateVerdict> {
  const { asked, outgoing } = passage;
  const { web } = parts;
  if (asked.method === 'POST' && moved === undefined) return framedPage(passage, room, parts);
  if (asked.method !== 'GET' && asked.method !== 'HEAD') throw new Problem('request.method');
  const query = withoutTokens(asked.query);
  // The address line, the page and the token must name one room; and no token stays in an address.
  if (moved !== undefined || query !== asked.query) {
    const to = `${moved ?? asked.path}${query === '' ? '' : `?${query}`}`;
    const follows = web.followLink !== undefined && asked.method === 'GET' && isNavigation(asked);
    const token = follows ? linkTokenIn(asked.query) : undefined;
    if (token === undefined) return send(outgoing, redirect(to), 'moved');
    const response = await linkAnswer(visitAt(asked, web), { token: token.reveal(), room, to }, web);
    return send(outgoing, response, 'link');
  }
  const arrival: Arrival = { asked, wants: { kind: 'enter', room } };
  const outcome = await admitOrReturn(arrival, room, parts);
  const visit = visitAt(asked, web);
  const person = isNavigation(asked);
  switch (outcome.kind) {
    case 'admitted': {
      const app = person ? await appFor(visit, room, web) : undefined;
      if (app !== undefined) return send(outgoing, handOffAnswer(visit, { room, app }, web), 'app');
      await sendPage(passage, { grant: outcome.grant, as: 'display' }, parts);
      return 'passed';
    }
    case 'sign-in': {
      const machine = machineAt(passage, 'page', parts);
      if (machine) {
        await recordMachine(passage, { machine, room }, parts);
        return through(passage, parts, 'machine');
      }
      // Sign-in services refuse frames, and in an app's frame nobody could come back from one.
      if (person && inFrame(visit))
        return send(outgoing, outsideAnswer(visit, { room, byTicket: parts.open.assets }, web), 'outside');
      return strangerAt(passage, parts, roomPath(room));
    }
    default:
      return notIn(passage, { room, outcome }, parts);
  }
}

/** Answers somebody whom the rules do not let in. */
async function notIn(
  { asked, outgoing }: Passage,
  { room, outcome }: { readonly room: Room; readonly outcome: Outcome },
  { web }: GatewayParts,
): Promise<GateVerdict> {
  tellRefusedFrame(asked, room, { web });
  if (outcome.kind !== 'wait' && outcome.kind !== 'refused')
    throw new Problem('server.bug', { why: `an entry was ${outcome.kind}` });
  const wanted = { room, overrides: new Map() };
  const response = await turnAway(visitAt(asked, web), { wanted, outcome }, web);
  return send(outgoing, response, refusalOf(outcome));
}

/** Of a ticket and nothing else. */
const LARGEST_FORM = 16_384;

/**
 * A frame whose browser keeps no cookie of ours: a page of ours sent the ticket from behind its `#`. The meeting's page
 * is handed the ticket, not a display token: its connections have nothing else to show.
 */
async function framedPage(passage: Passage, room: Room, parts: GatewayParts): Promise<GateVerdict> {
  const { asked, incoming, outgoing } = passage;
  const { web } = parts;
  if (web.followLink === undefined || !parts.open.assets) throw new Problem('request.method');
  requireSameOrigin(asked, web.places.origins);
  const form = new URLSearchParams(String(await bodyOf(incoming, LARGEST_FORM)));
  const visit = visitAt(asked, web);
  const { id, address } = asked;
  const ticket = await parts.readTicket(form.get('jwt') ?? '', { room, id, address });
  const refused = async (why: string) => {
    const about = { room, embedders: web.apps.embedders(room) };
    const problem = new Problem('ticket.unacceptable', { why });
    return send(outgoing, await problemAnswer(problem, { visit, parts: web }, about), problem.code);
  };
  if (typeof ticket === 'string') return refused(ticket);
  const outcome = await web.admit({ asked, wants: { kind: 'enter', room }, ticket });
  switch (outcome.kind) {
    case 'admitted':
      await sendPage(passage, { grant: outcome.grant, as: 'ticket' }, parts);
      return 'passed';
    case 'sign-in':
      return refused('session');
    default:
      return notIn(passage, { room, outcome }, parts);
  }
}

async function sendPage(
  { incoming, outgoing, asked }: Passage,
  { grant, as }: { readonly grant: Grant; readonly as: 'display' | 'ticket' },
  parts: GatewayParts,
): Promise<void> {
  const { web, upstream, front } = parts;
  const { room } = grant;
  const headers = towardsUpstream(
    withoutHeaders(incoming.rawHeaders, (name) => CONDITIONS.test(name)),
    { front, address: asked.address },
  );
  const path = asked.query === '' ? asked.path : `${asked.path}?${asked.query}`;
  const answer = await upstream.whole(
    { to: 'web', method: 'GET', path, headers: [...headers, 'Accept-Encoding', 'identity'] },
    LARGEST_PAGE,
  );
  const kept = towardsOne(answer.headers);
  const isHead = asked.method === 'HEAD';
  if (!isDocument(answer.status, kept)) {
    // A page is all that is to be had at a room's address, whatever else is called as the room is.
    if (answer.status < 300) throw new Problem('upstream.unusable', { why: 'no web page' });
    outgoing.writeHead(answer.status, [...withoutHeaders(kept, (name) => name === 'content-length')]);
    outgoing.end(isHead ? undefined : answer.body);
    return;
  }
  if (!hasOwnAncestors(kept)) tellRefusedFrame(asked, room, parts);
  const { token } = await web.mint(grant, as);
  const nonce = randomToken(web.attempts.random, 16);
  const body = inject(
    answer.body,
    [
      headScript({ token, path: roomPath(room), ...(as === 'display' && linksTo(grant, web)) }),
      failureScript(web.places.prefix, web.apps.embedders(room).length > 0),
    ],
    nonce,
  );
  if (body === undefined) throw new Problem('upstream.unusable', { why: 'no <head> in the page' });
  outgoing.writeHead(200, documentHeaders(kept, { nonce, frameAncestors: web.apps.embedders(room) }));
  outgoing.end(isHead ? undefined : body);
}

/** Who is in this room by a link already is not sent round once more by the same one behind the `#`. */
export function linksTo(
  { room, person }: Grant,
  { followLink, places }: Pick<WebParts, 'followLink' | 'places'>,
) {
  if (followLink === undefined) return {};
  const address = `${places.prefix}/link?to=${encodeURIComponent(roomPath(room))}`;
  return { link: { address, ...(person.bound && { mark: person.bound.mark }) } };
}
