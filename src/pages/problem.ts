/**
 * The page of a failure: what happened, what to do, the room, and an id that
 * can be read over the telephone. It never sees facts or a cause.
 */
import type { ProblemCode } from '../base/problem.ts';
import { type FormTarget, type Frame, framed, postForm, quietLink } from './layout.ts';
import { constantMarkup, fill, fillText, type Html, html, safeAddress, shown } from './markup.ts';

/** What a problem page shows. */
export interface ProblemPageProps extends Frame {
  readonly code: ProblemCode;
  /** The spoken id of the request. */
  readonly id: string;
  readonly room?: string;
  /** The sentence the operator wrote beside the rule that refused. */
  readonly reason?: string;
  /** When it is over, in milliseconds since 1970. */
  readonly until?: number;
  /** When the room opens, in milliseconds since 1970, by the clocks of which zone, and what is on then. */
  readonly opens?: { readonly at: number; readonly zone: string };
  /** What the meeting is called. */
  readonly meeting?: string;
  /** Who is signed in, as a person reads it: they may hold several accounts. */
  readonly signedInAs?: string;
  /** The sign-in service it is about, and whether the list that trying again leads to offers others. */
  readonly provider?: { readonly name: string; readonly others: boolean };
  /** Where trying again leads, by GET. */
  readonly retry?: string;
  /** Where somebody goes on by an account, by GET. */
  readonly byAccount?: string;
  /** The form that signs in again with another account. */
  readonly otherAccount?: FormTarget;
  /** The start page. */
  readonly home?: string;
  /** Jitsi's page opened this window and waits for it. */
  readonly popup?: boolean;
  /** Origins of the pages that may have this in a frame and are told, and the status it is answered with. */
  readonly tells?: { readonly to: readonly string[]; readonly status: number };
  /** What scripts are told, and where they lead. */
  readonly told?: ToldProblem;
}

/** A problem as scripts read it. It is kept in this tab, and opens nothing. */
export interface ToldProblem {
  readonly facts: ProblemFacts;
  /** The operator's own page, which takes the place of this one. */
  readonly next?: string;
}

/** What a page of the operator's own finds under `ostiary.problem`; its docs are docs/how-to/error-page.md. */
export interface ProblemFacts {
  readonly code: ProblemCode;
  readonly status: number;
  /** The spoken id. */
  readonly id: string;
  readonly language: string;
  readonly happened: string;
  readonly whatToDo: string;
  readonly reason?: string;
  /** When it is over (RFC 3339). */
  readonly until?: string;
  /** When the room opens (RFC 3339), and by which zone of the IANA database that was meant. */
  readonly opens?: string;
  readonly zone?: string;
  /** What the meeting is called. */
  readonly meeting?: string;
  readonly room?: string;
  readonly tenant?: string;
  /** The room's address, without the host. */
  readonly path?: string;
  /** What can be done: addresses to go to by GET, and a form to be sent by POST. */
  readonly ways: {
    readonly again?: string;
    readonly byAccount?: string;
    readonly otherAccount?: FormTarget;
    readonly home?: string;
  };
  /** Which check said no, where it is known. */
  readonly check?: string;
  readonly claims: {
    readonly name?: string;
    readonly room?: string;
    readonly tenant?: string;
    readonly role?: string;
    /** Unix seconds. */
    readonly exp?: number;
  };
}

// What passes by itself.
const WAITS: ReadonlySet<ProblemCode> = new Set([
  'entry.wait',
  'entry.early',
  'entry.kicked',
  'request.too-many',
  'server.draining',
  'sign-in.expired',
  'session.ended',
]);

/** The sentences, with the name of the sign-in service in its place where it is known. */
function said({ words, code, provider }: ProblemPageProps) {
  const about = words.problems[code];
  const tryAgain = code === 'entry.early' ? words.waiting.again : words.problem.retry;
  const plain = { whatToDo: about.whatToDo, tryAgain };
  if (provider === undefined || !('named' in about))
    return { ...plain, title: about.happened, happened: about.happened };
  return {
    ...plain,
    title: fillText(about.named, { provider: provider.name }),
    happened: fill(about.named, { provider: shown(provider.name) }),
    ...(provider.others && { whatToDo: about.elsewhere, tryAgain: words.problem.otherProvider }),
  };
}

/** The minute by which it is over. Where they sit is not known: the zone is said. */
function timeIn(language: string, until: number): string {
  const day = { year: 'numeric', month: 'long', day: 'numeric' } as const;
  const minute = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;
  const how = { ...day, ...minute, timeZone: 'UTC' };
  return new Intl.DateTimeFormat(language, how).format(Math.ceil(until / 60_000) * 60_000);
}

/** To the minute, by the clocks that were meant when it was written down. */
function openingIn(language: string, { at, zone }: { readonly at: number; readonly zone: string }): string {
  const date = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' } as const;
  const time = { hour: 'numeric', minute: '2-digit', timeZoneName: 'long', timeZone: zone } as const;
  return new Intl.DateTimeFormat(language, { ...date, ...time }).format(at);
}

function timeMarkup(at: number, text: string): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${text}</time>`;
}

/** What happened, and what to do. */
export function problemPage(props: ProblemPageProps): Html {
  const { words, code, room, reason, until, opens, meeting, signedInAs, otherAccount } = props;
  const { title, happened, whatToDo, tryAgain } = said(props);
  const retry = safeAddress(props.retry);
  const byAccount = safeAddress(props.byAccount);
  return framed(props, {
    title,
    icon: WAITS.has(code) ? 'clock' : 'note',
    room,
    idInBody: true,
    ...(props.tells && {
      tells: {
        to: props.tells.to,
        message: { event: 'refused', code, status: props.tells.status, id: props.id },
      },
    }),
    scripts: [
      ...(props.popup ? (['tell-opener'] as const) : []),
      ...(props.told ? (['problem-facts'] as const) : []),
    ],
    body: html`<h1${props.popup && html` data-popup-error="${code}"`}>${happened}</h1>
${reason !== undefined && html`<p class="reason"><span>${fill(words.problem.from, { organisation: shown(props.branding.name) })}</span> ${shown(reason, 400)}</p>`}
<p>${whatToDo}</p>
${until !== undefined && html`<p>${fill(words.problem.until, { time: timeMarkup(until, timeIn(words.language, until)) })}</p>`}
${meeting !== undefined && html`<p><strong>${shown(meeting)}</strong></p>`}
${opens !== undefined && html`<p>${fill(words.problem.opens, { time: timeMarkup(opens.at, openingIn(words.language, opens)) })}</p>`}
${signedInAs !== undefined && html`<p class="soft">${fill(words.signOut.signedInAs, { name: html`<strong>${shown(signedInAs)}</strong>` })}</p>`}
<div class="actions">
${retry && html`<a class="primary" href="${retry}">${tryAgain}</a>`}
${byAccount && html`<a class="primary" href="${byAccount}">${words.link.byAccount}</a>`}
${otherAccount && postForm(otherAccount, html`<button${retry === undefined && constantMarkup(' class="primary"')}>${words.problem.otherAccount}</button>`)}
${!props.popup && quietLink(props.home, words.frame.home)}
</div>
<p class="reference"${props.told && toldTo(props.told)}>${words.problem.reference} <strong class="id">${shown(props.id)}</strong></p>`,
  });
}

function toldTo({ facts, next }: ToldProblem): Html {
  return html` data-problem="${JSON.stringify(facts)}"${next !== undefined && html` data-next="${next}"`}`;
}
