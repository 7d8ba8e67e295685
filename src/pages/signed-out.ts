/**
 * Signing out: the question, the way over the provider, and the end.
 */
import { type FormTarget, type Frame, framed, goingOn, postForm, quietLink } from './layout.ts';
import { fill, type Html, html, safeAddress, shown } from './markup.ts';

/** What the question shows. */
export interface SignOutPageProps extends Frame {
  readonly form: FormTarget;
  /** Who is signed in, as a person reads it. */
  readonly name?: string;
  /** Go on at once if scripts run: for somebody who pressed "Logout" on a page of this origin already. */
  readonly auto?: boolean;
  /** Where staying signed in leads. */
  readonly home?: string;
  /** A meeting that is open is not ended by it. */
  readonly callsGoOn?: boolean;
}

/** Asks before signing out: a link alone must not do it. */
export function signOutPage(props: SignOutPageProps): Html {
  const { words, name, auto = false } = props;
  return framed(props, {
    title: words.signOut.title,
    icon: 'leave',
    scripts: auto ? ['submit-form'] : [],
    body: html`<h1>${words.signOut.title}</h1>
${name !== undefined && html`<p>${fill(words.signOut.signedInAs, { name: html`<strong>${shown(name)}</strong>` })}</p>`}
${props.callsGoOn === true && html`<p>${words.signOut.callsGoOn}</p>`}
${postForm(props.form, html`<button class="primary">${words.signOut.button}</button>`, auto)}
${quietLink(props.home, words.signOut.stay)}`,
  });
}

/** What leads over the provider's own sign-out. */
export interface SigningOutPageProps extends Frame {
  /** The provider's end-session endpoint and what it is sent. */
  readonly form: FormTarget;
  readonly provider: string;
}

/**
 * Sends the browser on to the provider's sign-out by POST, so that no token stands in an address.
 *
 * @see OpenID Connect RP-Initiated Logout 1.0 section 2
 */
export function signingOutPage(props: SigningOutPageProps): Html {
  const { words } = props;
  const provider = shown(props.provider, 60);
  return framed(props, {
    title: words.signingOut.title,
    icon: 'leave',
    scripts: ['submit-form'],
    body: html`<h1>${words.signingOut.title}</h1>
<p>${fill(words.signingOut.also, { provider })}</p>
${postForm(props.form, html`<button class="primary">${fill(words.signingOut.button, { provider })}</button>`, true)}
${goingOn(fill(words.signingOut.taking, { provider }))}`,
  });
}

/** What the end shows. */
export interface SignedOutPageProps extends Frame {
  /** The provider where the person may still be signed in. */
  readonly stillAt?: string;
  /** Where signing in again leads, by GET. */
  readonly signIn?: string;
  readonly home?: string;
  /** A meeting that was open is open still. */
  readonly callsGoOn?: boolean;
}

/** Says that it is done, and what may be left. */
export function signedOutPage(props: SignedOutPageProps): Html {
  const { words, stillAt } = props;
  const signIn = safeAddress(props.signIn);
  return framed(props, {
    title: words.signedOut.title,
    icon: 'done',
    body: html`<h1>${words.signedOut.title}</h1>
<p>${words.signedOut.done}</p>
${props.callsGoOn === true && html`<p>${words.signOut.callsGoOn}</p>`}
${stillAt !== undefined && html`<p>${fill(words.signedOut.stillAt, { provider: shown(stillAt, 60) })}</p>`}
<div class="actions">
${signIn && html`<a class="primary" href="${signIn}">${words.signedOut.again}</a>`}
${quietLink(props.home, words.frame.home)}
</div>`,
  });
}
