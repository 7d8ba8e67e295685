/**
 * For whom has no account: a name, and in.
 */
import { type FormTarget, postForm } from './layout.ts';
import { type Html, html } from './markup.ts';
import type { Words } from './words/en.ts';

/** What the form is made of. */
export interface GuestFormProps {
  readonly form: FormTarget;
  /** The longest name it takes, in characters. */
  readonly longest: number;
}

/** Stands below the ways to sign in; closed, because most people have an account. */
export function guestForm(words: Words, { form, longest }: GuestFormProps): Html {
  return html`<details class="guest"><summary>${words.guest.title}</summary>
${postForm(
  form,
  html`<p class="field"><label for="guest-name">${words.guest.name}</label>
<input id="guest-name" name="name" required autocomplete="name" maxlength="${longest}"></p>
<button>${words.guest.button}</button>`,
)}</details>`;
}
