/**
 * An invitation, opened: where it leads, who invites, a name, and one button. Nothing is spent by looking at it.
 */
import { type FormTarget, type Frame, framed, postForm } from './layout.ts';
import { fill, type Html, html, plainText, shown } from './markup.ts';

/** What the page shows. */
export interface InvitePageProps extends Frame {
  readonly room: string;
  /** Who invites; the organisation, if it is left out. */
  readonly by?: string;
  /** What it is for. */
  readonly about?: string;
  /** Where the button leads. */
  readonly form: FormTarget;
  /** It is for somebody who has an account: they sign in first, and the button leads there. */
  readonly signIn?: true;
  /** As whom they have signed in; they are asked for no name. */
  readonly signedInAs?: string;
  /** The longest name it takes, in characters. */
  readonly longest: number;
  /** A name was just sent that shows nothing. */
  readonly wrong?: boolean;
}

/** The card that chats and mails show of the link names the organisation, and neither room nor people. */
export function invitePage(props: InvitePageProps): Html {
  const { words, branding, room, about, signedInAs, signIn } = props;
  const by = shown(props.by ?? branding.name);
  return framed(props, {
    title: words.invite.title,
    icon: 'ticket',
    room,
    card: words.invite.card,
    body: html`<h1>${words.invite.title}</h1>
<p>${fill(words.invite.by, { by: html`<strong>${by}</strong>` })}</p>
${about !== undefined && html`<p class="reason">${shown(about, 200)}</p>`}
${signedInAs !== undefined && html`<p class="soft">${fill(words.signOut.signedInAs, { name: html`<strong>${shown(signedInAs)}</strong>` })}</p>`}
${signIn && html`<p>${words.invite.forOne}</p>`}
${postForm(
  props.form,
  html`${signedInAs === undefined && !signIn && nameField(props)}
<button class="primary">${signIn ? words.invite.signIn : words.invite.button}</button>`,
)}`,
  });
}

function nameField({ words, longest, wrong }: InvitePageProps): Html {
  const about = words.problems['guest.name'];
  return html`<p class="field"><label for="name">${words.guest.name}</label>
<input id="name" name="name" required autocomplete="name" maxlength="${longest}"${wrong && html` aria-invalid="true" aria-describedby="wrong"`}>
${wrong && html`<span class="hint" role="alert" id="wrong">${plainText(about.happened)}. ${plainText(about.whatToDo, 200)}</span>`}</p>`;
}
