/**
 * Signing in: a list of sign-in services, one button, or straight on.
 */
import { type Frame, framed, postForm, quietLink } from './layout.ts';
import { fill, fillText, type Html, html, plainText, safeAddress, shown } from './markup.ts';

/** A sign-in service as the operator named it. */
export interface ProviderChoice {
  readonly id: string;
  readonly name: string;
}

/** What the sign-in page shows. */
export interface SignInPageProps extends Frame {
  /** The room as a person reads it, if the way leads into one. */
  readonly room?: string;
  /** Where to go afterwards; sent back as the hidden field `to`. */
  readonly target: string;
  /** Where the form is sent by POST, with `to` and `provider`. */
  readonly action: string;
  readonly providers: readonly ProviderChoice[];
  /** Go on at once, if there is one provider alone and scripts run. */
  readonly auto: boolean;
  /** Further hidden fields, by name. */
  readonly hidden?: Readonly<Record<string, string>>;
}

/** Sign in: one button for each service; with one alone and `auto`, a script presses it. */
export function signInPage(props: SignInPageProps): Html {
  const { words, room, providers } = props;
  const [only] = providers;
  const single = providers.length === 1 ? only : undefined;
  const auto = props.auto && single !== undefined;
  const form = { action: props.action, hidden: { ...props.hidden, to: props.target } };
  const buttons = providers.map(
    ({ id, name }) => html`<button name="provider" value="${id}">${fill(words.signIn.with, { provider: shown(name, 60) })}</button>`,
  );
  return framed(props, {
    title: words.signIn.title,
    room,
    script: auto ? 'submit-form' : undefined,
    body: html`<h1>${words.signIn.title}</h1>
${single === undefined ? html`<p>${words.signIn.choose}</p>` : html`<p>${words.signIn.one}</p>`}
${single && postForm({ ...form, hidden: { ...form.hidden, provider: single.id } }, html`<button class="primary">${fill(words.signIn.with, { provider: shown(single.name, 60) })}</button>`, auto)}
${single === undefined && postForm(form, html`<div class="choices">${buttons}</div>`)}
${auto && html`<p role="status" data-auto-status hidden>${fillText(words.signIn.taking, { provider: single.name })}</p>`}`,
  });
}

/** What somebody inside another app's browser is shown. */
export interface InAppBrowserPageProps extends Frame {
  readonly room?: string;
  /** The whole meeting link, http(s). */
  readonly url: string;
  /** Lets them try here all the same. */
  readonly anyway?: string;
}

/** Asks to open the link in a real browser, because sign-in services refuse the one inside an app. */
export function inAppBrowserPage(props: InAppBrowserPageProps): Html {
  const { words, room } = props;
  const url = safeAddress(props.url);
  return framed(props, {
    title: words.inApp.title,
    room,
    body: html`<h1>${words.inApp.title}</h1>
<p>${words.inApp.why}</p>
<p>${words.inApp.how}</p>
${url && html`<p class="address"><a href="${url}">${plainText(url, 400)}</a></p>`}
${quietLink(props.anyway, words.inApp.anyway)}`,
  });
}
