/**
 * What is thrown, told: to the person a page in their language, to a machine
 * JSON, to the log the facts and the cause, to the metrics the code.
 */
import type { Asked as AskedFor } from '../admission/arrival.ts';
import type { Problem } from '../base/problem.ts';
import { type Room, shownRoom } from '../base/room.ts';
import { issuerToTell } from '../identity/issuer.ts';
import { type ProblemFacts, problemPage } from '../pages/problem.ts';
import { bearerOf, challenge } from './bearer.ts';
import { toldProblem } from './error-page.ts';
import type { WebParts } from './parts.ts';
import {
  asResponse,
  type Plain,
  page,
  plainProblem,
  retryAfter,
  toProblem,
  visitFacts,
  wantsPage,
} from './respond.ts';
import type { Visit } from './visit.ts';

/** What a problem page may offer besides the code's own sentences. */
export interface ProblemExtras {
  readonly room?: Room;
  readonly reason?: string;
  /** When it is over, in milliseconds since 1970. */
  readonly until?: number;
  /** When the room opens, in milliseconds since 1970, and by the clocks of which zone that was meant. */
  readonly opens?: { readonly at: number; readonly zone: string };
  /** What the meeting is called. */
  readonly meeting?: string;
  /** The sign-in service it is about. */
  readonly provider?: { readonly name: string };
  /** Where "try again" leads. */
  readonly retry?: string;
  /** May the person come back as somebody else? Sent back as `to`. */
  readonly otherAccountTo?: string;
  /** The same for somebody who came by a link: the room they leave, where an account they have goes on. */
  readonly leaveLinkTo?: string;
  /** Who they are now: people often hold several accounts. */
  readonly signedInAs?: string;
  /** Where somebody goes on who has an account, in place of the link they came with. */
  readonly byAccount?: string;
  /** The reference to tell, where it is that of an earlier request. */
  readonly id?: string;
  /** Origins whose pages may frame this, and are told. */
  readonly embedders?: readonly string[];
  /** What a token would have said, as far as it is known. */
  readonly claims?: Pick<ProblemFacts['claims'], 'name' | 'role'>;
  readonly cookies?: readonly string[];
  /** Jitsi's page waits for this window: it is told. */
  readonly popup?: boolean;
}

/** Who asked, and what the routes work with. */
interface Asked {
  readonly visit: Visit;
  readonly parts: WebParts;
}

/** Logs, counts and answers what was thrown. Never throws for a foreseen problem. */
export async function problemAnswer(
  thrown: unknown,
  asked: Asked,
  extras: ProblemExtras = {},
): Promise<Response> {
  const answer = problemToSend(thrown, asked, extras);
  return answer instanceof Response ? answer : asResponse(answer);
}

/** The same at once, and without a Response for whoever reads no page: of those there are thousands in a flood. */
export function problemToSend(thrown: unknown, asked: Asked, extras: ProblemExtras = {}): Response | Plain {
  const { visit, parts } = asked;
  const problem = toProblem(thrown);
  tellProblem(problem, visit, parts);
  const more: [string, string][] = Object.entries(challenge(problem));
  for (const cookie of extras.cookies ?? []) more.push(['set-cookie', cookie]);
  // What we refused to read still stands in the connection: nothing may follow it there.
  if (problem.status === 413) more.push(['connection', 'close']);
  if (!wantsPage(visit.asked.header('accept'))) {
    const { headers, ...rest } = plainProblem(problem, extras.id ?? visit.asked.id);
    return { ...rest, headers: [...headers, ...more] };
  }
  const response = asPage(problem, asked, extras);
  for (const [name, value] of more) response.headers.append(name, value);
  return response;
}

/** Whose token was brought in vain, where nobody of the settings signed it: that is how a wrong letter in `iss` is found. */
export function ofNobody({ code }: Problem, asked: Pick<AskedFor, 'header'>): { readonly named?: string } {
  const token = code === 'session.required' ? bearerOf(asked) : undefined;
  return token === undefined ? {} : issuerToTell(token.reveal());
}

/** Logs and counts a problem that is answered in another way. */
export function tellProblem(problem: Problem, visit: Visit, { log, metrics }: WebParts): void {
  metrics.count('ostiary_refused_total', { reason: problem.code });
  const facts = {
    ...problem.facts,
    ...ofNobody(problem, visit.asked),
    code: problem.code,
    path: visit.asked.path,
    method: visit.asked.method,
    ...visitFacts(visit),
  };
  if (problem.code === 'server.bug') log.error('bug', facts, problem.cause);
  else if (problem.status >= 500) log.warn('problem', facts, problem.cause);
  else log.info('problem', facts);
}

function otherAccount({ otherAccountTo, leaveLinkTo }: ProblemExtras, prefix: string) {
  if (leaveLinkTo !== undefined)
    return { otherAccount: { action: `${prefix}/link`, hidden: { to: leaveLinkTo, how: 'leave' } } };
  if (otherAccountTo === undefined) return {};
  return { otherAccount: { action: `${prefix}/sign-out`, hidden: { to: otherAccountTo } } };
}

function asPage(problem: Problem, { visit, parts }: Asked, extras: ProblemExtras): Response {
  const { branding, places, providers } = parts;
  const { prefix } = places;
  const shown = {
    id: extras.id ?? visit.asked.id,
    home: `${places.jitsiUrl}/`,
    ...otherAccount(extras, prefix),
  };
  // Where nobody is to be told, the page needs no script.
  const told =
    extras.room === undefined && parts.errorPage === undefined
      ? undefined
      : toldProblem(problem, { visit, extras, shown }, parts);
  const html = problemPage({
    ...shown,
    ...(told && { told }),
    words: visit.words,
    branding,
    prefix,
    nonce: visit.nonce,
    code: problem.code,
    ...(extras.room !== undefined && { room: shownRoom(extras.room) }),
    ...(extras.reason !== undefined && { reason: extras.reason }),
    ...(extras.until !== undefined && { until: extras.until }),
    ...(extras.opens && { opens: extras.opens }),
    ...(extras.meeting !== undefined && { meeting: extras.meeting }),
    ...(extras.provider && { provider: { name: extras.provider.name, others: providers.size > 1 } }),
    ...(extras.retry !== undefined && { retry: extras.retry }),
    ...(extras.byAccount !== undefined && { byAccount: extras.byAccount }),
    ...(extras.popup && { popup: true }),
    ...(extras.embedders && { tells: { to: extras.embedders, status: problem.status } }),
    ...(extras.signedInAs !== undefined && { signedInAs: extras.signedInAs }),
  });
  const response = page(html, visit.nonce, {
    status: problem.status,
    ...(extras.popup && { popup: true }),
    ...(extras.embedders && { framed: extras.embedders }),
  });
  for (const [name, value] of Object.entries(retryAfter(problem))) response.headers.set(name, value);
  return response;
}
