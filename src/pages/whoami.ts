/**
 * Who is signed in here, and the way out.
 */
import { type FormTarget, type Frame, framed, postForm, quietLink } from './layout.ts';
import { fill, type Html, html, safeAddress, shown } from './markup.ts';

/** What the page of the session shows. */
export interface WhoamiPageProps extends Frame {
  readonly name: string;
  readonly email?: string;
  /** The name of the provider that vouched. */
  readonly provider?: string;
  /** Where the page of a room is asked for, by `room`. */
  readonly lead: string;
  /** The form that signs out. */
  readonly signOut: FormTarget;
  readonly home?: string;
}

/** You are signed in as somebody. */
export function whoamiPage(props: WhoamiPageProps): Html {
  const { words, email, provider } = props;
  return framed(props, {
    title: words.whoami.title,
    icon: 'person',
    body: html`<h1>${fill(words.whoami.signedInAs, { name: shown(props.name) })}</h1>
${email !== undefined && html`<p>${shown(email)}</p>`}
${provider !== undefined && html`<p>${fill(words.whoami.by, { provider: shown(provider, 60) })}</p>`}
${postForm(props.signOut, html`<button class="primary">${words.signOut.button}</button>`)}
${leadForm(props)}
${quietLink(props.home, words.frame.home)}`,
  });
}

function leadForm({ words, lead }: WhoamiPageProps): Html {
  const safe = safeAddress(lead);
  if (safe === undefined) return html``;
  return html`<details><summary>${words.whoami.lead}</summary>
<form method="get" action="${safe}"><p class="field"><label for="room">${words.whoami.roomName}</label>
<input id="room" name="room" required autocomplete="off" maxlength="200"></p>
<button>${words.whoami.openRoom}</button></form></details>`;
}
