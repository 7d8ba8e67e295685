/**
 * Who came from a portal of their identity provider, without having asked us for it: is it they?
 */
import { type FormTarget, type Frame, framed, postForm, quietLink } from './layout.ts';
import { fill, type Html, html, shown } from './markup.ts';

/** What the question shows. */
export interface ArrivedPageProps extends Frame {
  /** Who the provider says they are. */
  readonly name: string;
  readonly email?: string;
  readonly provider: string;
  /** Who is signed in here until now, if it is somebody else. */
  readonly other?: string;
  readonly room?: string;
  readonly form: FormTarget;
  /** Where it leads to change nothing. */
  readonly stay: string;
}

/** Nothing happens before they say yes: a stranger may have sent them here as somebody else. */
export function arrivedPage(props: ArrivedPageProps): Html {
  const { words, email, other } = props;
  const name = html`<strong>${shown(props.name)}</strong>`;
  return framed(props, {
    title: words.arrived.title,
    icon: 'person',
    room: props.room,
    body: html`<h1>${words.arrived.title}</h1>
<p>${fill(words.arrived.signedInAs, { provider: shown(props.provider, 60), name })}</p>
${email !== undefined && html`<p>${shown(email)}</p>`}
${other !== undefined && html`<p>${fill(words.arrived.other, { name: html`<strong>${shown(other)}</strong>` })}</p>`}
${postForm(props.form, html`<button class="primary">${fill(words.arrived.button, { name: shown(props.name, 60) })}</button>`)}
${quietLink(props.stay, words.arrived.stay)}`,
  });
}
