/**
 * The page of whoever leads a room: who waits at the door, the room's invitations, who was put out. Works without script.
 */
import type { Role } from '../base/role.ts';
import { type Frame, framed, postForm, quietLink } from './layout.ts';
import { fill, type Html, html, type Part, plainText, safeAddress, shown } from './markup.ts';
import { shortTime, span } from './times.ts';
import type { Words } from './words/en.ts';

/** What was just done, as the page says it. */
export type HostDone = keyof Words['hosting']['done'];

/** Somebody, as a host sees them. */
export interface ShownPerson {
  /** Sent back by the buttons. */
  readonly person: string;
  readonly name: string;
}

/** Somebody who waits. */
export interface ShownWaiting extends ShownPerson {
  readonly standing: keyof Words['hosting']['standing'];
  /** Seconds. */
  readonly since: number;
}

/** An invitation. Times in milliseconds since 1970. */
export interface ShownInvitation {
  readonly id: string;
  readonly about?: string;
  readonly by?: string;
  readonly email?: string;
  readonly role: Role;
  /** Where it is yet to begin. */
  readonly from?: number;
  readonly until: number;
  readonly isOver: boolean;
  readonly uses?: { readonly used: number; readonly of: number };
}

/** Somebody put out. */
export interface ShownOut extends ShownPerson {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly turnedAway: boolean;
  /** The operator's word, which no host takes back. */
  readonly byOperator: boolean;
}

/** A link that was just made; it is shown this once. */
export interface ShownLink {
  readonly link: string;
  readonly text: string;
  /** Sent back for the calendar's entry. */
  readonly code: string;
  /** As a field of the browser's holds it: `2026-12-01T09:00`. */
  readonly starts: string;
}

/** What the page shows. */
export interface HostingPageProps extends Frame {
  readonly room: string;
  /** This page's own path, where its forms are sent. */
  readonly here: string;
  /** The meeting. */
  readonly meeting: string;
  /** Of many who wait, those who came first. */
  readonly waiting: readonly ShownWaiting[];
  /** All there are, and what changes when one comes or goes. */
  readonly waitingCount: number;
  readonly mark: string;
  /** When it was looked; milliseconds since 1970. */
  readonly now: number;
  readonly invitations: readonly ShownInvitation[];
  readonly out: readonly ShownOut[];
  /** Who came in lately, and could be put out. */
  readonly lately: readonly ShownPerson[];
  /** As what may be invited. */
  readonly roles: readonly Role[];
  /** What the form for invitations begins with, as fields of the browser's hold it. */
  readonly from: string;
  readonly until: string;
  readonly mostUses: number;
  /** For how long somebody may be put out; seconds. */
  readonly spans: readonly number[];
  readonly done?: { readonly what: HostDone; readonly name?: string };
  readonly made?: ShownLink;
}

/** One page with three lists, a button for each line of them. */
export function hostingPage(props: HostingPageProps): Html {
  const { words, done, made } = props;
  const { hosting } = words;
  const here = safeAddress(props.here) ?? '';
  return framed(props, {
    title: hosting.title,
    icon: 'person',
    room: props.room,
    scripts: ['hosting'],
    body: html`<h1>${hosting.title}</h1>
<p class="said" role="status">${done && fill(hosting.done[done.what], { name: html`<strong>${shown(done.name ?? '')}</strong>` })}</p>
${made && linkMade(props, made)}
<section aria-labelledby="waiting" data-live="${here}?only=waiting" data-mark="${props.mark}" data-changed="${hosting.changed}" data-stopped="${hosting.stopped}">
<h2 id="waiting">${hosting.waiting}</h2>
${waitingList(props)}
<p class="going" role="status" aria-live="polite" data-news></p>
${here !== '' && html`<p><a href="${here}">${hosting.look}</a></p>`}
</section>
<section aria-labelledby="invitations">
<h2 id="invitations">${hosting.invitations}</h2>
${invitationList(props)}
<details><summary>${hosting.make}</summary>${invitationForm(props)}</details>
</section>
<section aria-labelledby="out">
<h2 id="out">${hosting.out}</h2>
${outList(props)}
<details><summary>${hosting.putOut}</summary>${putOutForm(props)}</details>
</section>
${quietLink(props.meeting, hosting.enter)}`,
  });
}

function waitingList(props: HostingPageProps): Html {
  const { words, here, waiting, waitingCount } = props;
  const { hosting, language } = words;
  if (waiting.length === 0) return html`<p class="soft">${hosting.nobodyWaits}</p>`;
  return html`<ul class="list">${waiting.map(
    ({ person, name, standing, since }) => html`<li><strong>${shown(name)}</strong>
<small>${hosting.standing[standing]} · ${fill(hosting.since, { time: span(language, since) })}</small>
${postForm({ action: here, hidden: { person } }, [
  action('let-in', { says: hosting.letIn, about: name, primary: true }),
  action('turn-away', { says: hosting.turnAway, about: name }),
])}</li>`,
  )}</ul>
${waitingCount > waiting.length && html`<p>${fill(hosting.more, { count: waitingCount - waiting.length })}</p>`}
${
  waitingCount > 1 &&
  postForm(
    { action: here, hidden: { before: String(props.now) } },
    html`<button name="do" value="let-all-in">${fill(hosting.letAllIn, { count: waitingCount })}</button>`,
  )
}`;
}

/** A button whose name says of whom it speaks, for whoever does not see the line it stands in. */
function action(
  act: string,
  { says, about, primary }: { readonly says: string; readonly about: string; readonly primary?: true },
): Html {
  return html`<button name="do" value="${act}"${primary && html` class="primary"`} aria-label="${says}: ${plainText(about)}">${says}</button>`;
}

function linkMade({ words, here }: HostingPageProps, { link, text, code, starts }: ShownLink): Html {
  const { hosting } = words;
  const safe = safeAddress(link);
  return html`<div class="made" data-once><p>${hosting.made}</p>
<p class="address">${safe && html`<a href="${safe}">${safe}</a>`}</p>
<p class="field"><label for="text">${hosting.text}</label>
<textarea id="text" rows="6" readonly>${lines(text)}</textarea></p>
${postForm(
  { action: here, hidden: { do: 'calendar', code } },
  html`<p class="field"><label for="starts">${hosting.starts}</label>
<input id="starts" type="datetime-local" name="starts" value="${starts}" required></p>
<p class="field"><label for="minutes">${hosting.minutes}</label>
<input id="minutes" type="number" name="minutes" value="60" min="1" max="1440" required></p>
<button>${hosting.calendar}</button>`,
)}</div>`;
}

/** A stranger's text in several lines, each as `plainText` has it. */
function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => plainText(line, 400))
    .join('\n');
}

function invitationList({ words, here, invitations }: HostingPageProps): Html {
  const { hosting } = words;
  if (invitations.length === 0) return html`<p class="soft">${hosting.noInvitations}</p>`;
  return html`<ul class="list">${invitations.map((invitation) => {
    const { id, about } = invitation;
    const called = about ?? hosting.untitled;
    return html`<li><strong>${shown(called)}</strong>
<small>${factsOf(invitation, words).map((fact, at) => html`${at > 0 && ' · '}${fact}`)}</small>
${postForm({ action: here, hidden: { invitation: id } }, action('revoke', { says: hosting.revoke, about: called }))}</li>`;
  })}</ul>`;
}

function factsOf({ role, uses, from, until, isOver, email, by }: ShownInvitation, words: Words): Part[] {
  const { hosting, language } = words;
  const time = (at: number) => shortTime(language, at);
  return [
    hosting.roles[role],
    uses === undefined
      ? hosting.anyNumber
      : fill(hosting.used, { used: String(uses.used), uses: String(uses.of) }),
    ...(email === undefined ? [] : [fill(hosting.forEmail, { email: shown(email) })]),
    ...(from === undefined ? [] : [fill(hosting.goodFrom, { time: time(from) })]),
    fill(isOver ? hosting.isOver : hosting.goodUntil, { time: time(until) }),
    ...(by === undefined ? [] : [fill(hosting.by, { by: shown(by) })]),
  ];
}

function invitationForm({ words, here, roles, from, until, mostUses }: HostingPageProps): Html {
  const { hosting } = words;
  return postForm({ action: here, hidden: { do: 'invite' } }, [
    field('about', hosting.about, {
      control: html`<input id="about" name="about" maxlength="120" aria-describedby="about-hint">`,
      hint: hosting.optional,
    }),
    field('role', hosting.role, {
      control: html`<select id="role" name="role">${roles.map((role) => html`<option value="${role}"${role === 'participant' && html` selected`}>${hosting.roles[role]}</option>`)}</select>`,
    }),
    field('uses', hosting.uses, {
      control: html`<input id="uses" type="number" name="uses" value="1" min="1" max="${mostUses}" aria-describedby="uses-hint">`,
      hint: hosting.usesHint,
    }),
    field('from', hosting.from, {
      control: html`<input id="from" type="datetime-local" name="from" value="${from}">`,
    }),
    field('until', hosting.until, {
      control: html`<input id="until" type="datetime-local" name="until" value="${until}" required aria-describedby="until-hint">`,
      hint: hosting.timesHint,
    }),
    field('email', hosting.email, {
      control: html`<input id="email" type="email" name="email" maxlength="254" autocomplete="off" aria-describedby="email-hint">`,
      hint: hosting.emailHint,
    }),
    html`<button class="primary">${hosting.makeButton}</button>`,
  ]);
}

function field(
  id: string,
  label: string,
  { control, hint }: { readonly control: Html; readonly hint?: string },
): Html {
  return html`<p class="field"><label for="${id}">${label}</label>
${control}
${hint !== undefined && html`<span class="hint" id="${id}-hint">${hint}</span>`}</p>`;
}

function outList({ words, here, out }: HostingPageProps): Html {
  const { hosting, language } = words;
  if (out.length === 0) return html`<p class="soft">${hosting.nobodyOut}</p>`;
  return html`<ul class="list">${out.map(
    ({ person, name, until, turnedAway, byOperator }) => html`<li><strong>${shown(name)}</strong>
<small>${turnedAway && `${hosting.turnedAway} · `}${fill(hosting.goodUntil, { time: shortTime(language, until) })}${byOperator && ` · ${hosting.byOperator}`}</small>
${!byOperator && postForm({ action: here, hidden: { person } }, action('undo', { says: hosting.undo, about: name }))}</li>`,
  )}</ul>`;
}

function putOutForm({ words, here, lately, spans }: HostingPageProps): Html {
  const { hosting, language } = words;
  if (lately.length === 0) return html`<p class="soft">${hosting.nobodyLately}</p>`;
  return postForm({ action: here, hidden: { do: 'put-out' } }, [
    field('person', hosting.who, {
      control: html`<select id="person" name="person" required><option value=""></option>${lately.map(({ person, name }) => html`<option value="${person}">${plainText(name)}</option>`)}</select>`,
    }),
    field('for', hosting.howLong, {
      control: html`<select id="for" name="for">${spans.map((seconds) => html`<option value="${seconds}">${span(language, seconds)}</option>`)}</select>`,
    }),
    html`<button>${hosting.putOutButton}</button>`,
  ]);
}
