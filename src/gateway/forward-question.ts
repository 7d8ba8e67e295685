/**
 * The question itself: decided, and said as the proxy that asks can hear it. No failure may look like a yes.
 */
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { addressOf, canonicalLine, checkAuthority } from '../web/canonical.ts';
import { ofNobody } from '../web/problem-answer.ts';
import { toProblem } from '../web/respond.ts';
import { isNavigation } from './answer.ts';
import { type Original, originalOf } from './dialects.ts';
import {
  type Ask,
  type DoorParts,
  type ForwardAuthParts,
  judged,
  type Lines,
  requireProxy,
} from './forward-asked.ts';
import { type Asking, type Decision, decisionOn, type Yes } from './forward-decision.ts';
import { allow, decisionHeaders, type Refusal, refuse } from './forward-say.ts';
import { ANY_FRAMER } from './staged-forward.ts';

/** What is known so far of a question, for whatever it ends in. */
interface Question extends Ask {
  asked?: Asked;
  surface?: Asking['surface'];
  original?: Original;
}

/** Answers one question. Never throws. */
export function decide(ask: Ask, lines: Lines, parts: DoorParts): void {
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
function passedUnguarded(ask: Ask, { method, target, upgrade }: Original, parts: DoorParts): boolean {
  const { staged } = parts;
  if (staged === undefined) return false;
  const asked = judged(ask, canonicalLine(method, target), parts);
  const found = staged.passes({ incoming: ask.incoming, asked, upgrade });
  if (found === undefined) return false;
  const { yes, kind } = found;
  parts.web.metrics.count('ostiary_gate_requests_total', { surface: kind, verdict: yes.verdict });
  allow(ask.outgoing, decisionHeaders(yes, { kind, framers: ANY_FRAMER, unnamed: ask.unnamed }));
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
    allow(
      outgoing,
      decisionHeaders(decision, { kind, framers: framers(decision, apps), unnamed: ask.unnamed }),
    );
}

function undecided(question: Question, thrown: unknown, parts: ForwardAuthParts): void {
  const { surface, original, asked, incoming, outgoing } = question;
  const verdict = toProblem(thrown).code;
  parts.web.metrics.count('ostiary_gate_requests_total', { surface: surface?.kind ?? 'page', verdict });
  if (asked !== undefined && hearsAll(question, asked)) {
    parts.answers.request(incoming, outgoing, asked);
    return;
  }
  refuseFor(question, thrown, parts, original?.hears ?? 'status');
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
function statusFor({ status }: Problem, hears: Original['hears']): number {
  if (status >= 500 || hears === 'answer') return status;
  return status === 401 ? 401 : 403;
}

/** Says no because of what was thrown, as this proxy can hear it. */
export function refuseFor(
  ask: Ask,
  thrown: unknown,
  parts: ForwardAuthParts,
  hears: Original['hears'],
): void {
  const problem = toProblem(thrown);
  tell(ask, thrown, parts);
  refuse(ask.outgoing, { status: statusFor(problem, hears), verdict: problem.code });
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
