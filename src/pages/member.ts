/**
 * Choosing one of many sign-in services by the name of one's organisation. Works without scripts.
 */
import { type Frame, framed } from './layout.ts';
import { type Html, html, plainText, safeAddress, shown } from './markup.ts';

/** One that can be chosen. */
export interface MemberChoice {
  /** As people read it. */
  readonly name: string;
  /** A path on this site. */
  readonly url: string;
}

/** What the page shows. */
export interface MemberPageProps extends Frame {
  /** Where the search is sent by GET, with `q`. */
  readonly action: string;
  /** Sent with it, by name. */
  readonly hidden: Readonly<Record<string, string>>;
  /** What was searched for; empty for nothing. */
  readonly search: string;
  /** Those found, in order. */
  readonly members: readonly MemberChoice[];
}

/** A search, and a link for each that was found. */
export function memberPage(props: MemberPageProps): Html {
  const { words, members } = props;
  const { title, why, none } = words.member;
  const links = members.map(({ name, url }) => {
    const safe = safeAddress(url);
    return safe === undefined ? html`` : html`<a class="choice" href="${safe}">${shown(name, 100)}</a>`;
  });
  return framed(props, {
    title,
    icon: 'enter',
    body: html`<h1>${title}</h1>
<p id="choose">${why}</p>
${searchForm(props)}
${links.length === 0 ? html`<p role="status">${none}</p>` : html`<div class="actions" role="group" aria-labelledby="choose">${links}</div>`}`,
  });
}

function searchForm({ words, action, hidden, search }: MemberPageProps): Html {
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="get" action="${safeAddress(action) ?? ''}" role="search">${fields}<p class="field"><label for="q">${words.member.search}</label>
<input id="q" type="search" name="q" value="${plainText(search, 100)}" maxlength="100"></p>
<button>${words.member.find}</button></form>`;
}
