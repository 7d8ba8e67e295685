/**
 * Signing in with a user name and a password, typed here.
 */
import { type FormTarget, type Frame, framed, postForm, quietLink } from './layout.ts';
import { constantMarkup, fill, type Html, html, plainText, shown } from './markup.ts';

/** What the page of the password shows. */
export interface PasswordPageProps extends Frame {
  /** Where `username` and `password` are sent by POST. */
  readonly form: FormTarget;
  /** Whose accounts they are, as the operator named it. */
  readonly provider: string;
  readonly room?: string;
  /** Did the two not fit? Nothing says which of them was not right. */
  readonly wrong?: boolean;
  /** The name just typed, so that nobody writes it twice. The password is never sent back. */
  readonly username?: string;
  /** Where another way to sign in is, if there is one. */
  readonly others?: string;
  /** The longest of each that the form takes, in characters. */
  readonly limits: { readonly username: number; readonly password: number };
}

/** Asks for both at once, so that password managers know what to do. */
export function passwordPage(props: PasswordPageProps): Html {
  const { words, room, wrong = false, username = '', limits } = props;
  const title = room === undefined ? words.password.title : words.password.titleRoom;
  const said = words.problems['sign-in.wrong-password'];
  const marked = wrong && constantMarkup(' aria-invalid="true" aria-describedby="wrong"');
  return framed(props, {
    title: wrong ? said.happened : title,
    icon: 'key',
    room,
    body: html`<h1>${title}</h1>
<p>${fill(words.password.lead, { provider: shown(props.provider, 60) })}</p>
${wrong && html`<p class="reason" role="alert" id="wrong"><strong>${said.happened}</strong> ${said.whatToDo}</p>`}
${postForm(
  props.form,
  html`<p class="field"><label for="username">${words.password.username}</label>
<input id="username" name="username" required autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="${limits.username}" value="${plainText(username, limits.username)}"${marked}></p>
<p class="field"><label for="password">${words.password.password}</label>
<input id="password" name="password" type="password" required autocomplete="current-password" maxlength="${limits.password}"${marked}></p>
<button class="primary">${words.password.button}</button>`,
)}
${quietLink(props.others, words.problem.otherProvider)}`,
  });
}
