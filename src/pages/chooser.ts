/**
 * Signing in: a list of sign-in services, one button, or straight on.
 */
import { type GuestFormProps, guestForm } from './guest.ts';
import { type FormTarget, type Frame, framed, goingOn, postForm, quietLink } from './layout.ts';
import { constantMarkup, fill, type Html, html, plainText, safeAddress, shown } from './markup.ts';
import type { Words } from './words/en.ts';

/** A sign-in service as the operator named it. */
export interface ProviderChoice {
  readonly id: string;
  readonly name: string;
  /** It did not answer a moment ago. */
  readonly away?: true;
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
  /** The room's path, where what stands behind the `#` of this page is to come along. */
  readonly keepsFragmentFor?: string;
  /** Where a token behind the `#` is sent, where other applications may send some. */
  readonly takesLinks?: FormTarget;
  /** Where the rules let in people without an account. */
  readonly guest?: GuestFormProps;
  /** Was the first of them taken the last time? */
  readonly remembered?: true;
  /** Asks for an e-mail address, whose domain chooses; `unknown`: the one just typed chose nobody. */
  readonly email?: 'ask' | 'unknown';
  /** Where the whole list is, if this is not it. */
  readonly others?: string;
  /** Further hidden fields, by name. */
  readonly hidden?: Readonly<Record<string, string>>;
}

/** Sign in: one button for each service; with one alone and `auto`, a script presses it. */
export function signInPage(props: SignInPageProps): Html {
  const { words, room, providers } = props;
  const [only] = providers;
  const single = providers.length === 1 ? only : undefined;
  const auto = props.auto && single !== undefined && props.guest === undefined;
  const title = room === undefined ? words.signIn.title : words.signIn.titleRoom;
  return framed(props, {
    title,
    icon: 'enter',
    room,
    scripts: auto ? ['submit-form'] : [],
    keepsFragmentFor: props.keepsFragmentFor,
    takesLinks: props.takesLinks,
    body: html`${single === undefined ? choices(props, title) : oneChoice(props, title, single)}
${props.guest && guestForm(words, props.guest)}`,
  });
}

function oneChoice(props: SignInPageProps, title: string, { id, name }: ProviderChoice): Html {
  const { words, room, target, action } = props;
  const auto = props.auto && props.guest === undefined;
  const provider = shown(name, 60);
  const hidden = { ...props.hidden, to: target, provider: id };
  return html`<h1>${title}</h1>
<p>${room === undefined ? words.signIn.one : words.signIn.oneRoom}</p>
${postForm({ action, hidden }, html`<button class="primary">${fill(words.signIn.with, { provider })}</button>`, auto)}
${auto && goingOn(fill(words.signIn.taking, { provider }))}
${quietLink(props.others, words.problem.otherProvider)}`;
}

function choices(props: SignInPageProps, title: string): Html {
  const { words, target, action, remembered } = props;
  const form = { action, hidden: { ...props.hidden, to: target } };
  const [first, ...others] = props.providers;
  const listed = remembered ? others : props.providers;
  return html`<h1>${title}</h1>
${remembered && first && postForm(form, html`<button class="primary" name="provider" value="${first.id}">${fill(words.signIn.with, { provider: shown(first.name, 60) })}${awayNote(first, words)}</button>`)}
<p id="choose">${remembered ? words.signIn.other : words.signIn.choose}</p>
${postForm(form, html`<div class="choices" role="group" aria-labelledby="choose">${listed.map((one) => button(one, words))}</div>`)}
${props.email !== undefined && emailForm(props, form)}`;
}

function button(one: ProviderChoice, words: Words): Html {
  return html`<button class="choice" name="provider" value="${one.id}"><span>${shown(one.name, 60)}${awayNote(one, words)}</span></button>`;
}

/** It can be pressed all the same: it may be back. */
function awayNote({ away }: ProviderChoice, words: Words): Html | false {
  return away === true && html` <small>${words.signIn.away}</small>`;
}

function emailForm({ words, email }: SignInPageProps, form: FormTarget): Html {
  const wrong = email === 'unknown';
  return postForm(
    form,
    html`${wrong && html`<p class="reason" role="alert" id="unknown">${words.signIn.emailUnknown}</p>`}
<p class="field"><label for="email">${words.signIn.email}</label>
<input id="email" name="email" type="email" required autocomplete="email" maxlength="254"${wrong && constantMarkup(' aria-invalid="true" aria-describedby="unknown"')}></p>
<button>${words.signIn.next}</button>`,
  );
}

/** What stands between our form and a place that no form of ours may lead to. */
export interface LeadingOnPageProps extends Frame {
  readonly room?: string;
  /** Where it goes on, http(s). */
  readonly url: string;
  /** As the operator named it. */
  readonly provider: string;
}

/** Goes on by itself, as its `Refresh` header says; a link for who stays. */
export function leadingOnPage(props: LeadingOnPageProps): Html {
  const { words, room } = props;
  const provider = shown(props.provider, 60);
  const url = safeAddress(props.url);
  return framed(props, {
    title: room === undefined ? words.signIn.title : words.signIn.titleRoom,
    icon: 'enter',
    room,
    body: html`<h1>${room === undefined ? words.signIn.title : words.signIn.titleRoom}</h1>
<p role="status">${fill(words.signIn.taking, { provider })}</p>
${url && html`<div class="actions"><a class="primary" href="${url}">${fill(words.signIn.with, { provider })}</a></div>`}`,
  });
}

/** What somebody inside another app's browser is shown. */
export interface InAppBrowserPageProps extends Frame {
  readonly room?: string;
  /** The whole meeting link, http(s). */
  readonly url: string;
  /** As on the sign-in page, for those who try here. */
  readonly keepsFragmentFor?: string;
  /** Where a token behind the `#` is sent: with one nobody need sign in. */
  readonly takesLinks?: FormTarget;
  /** Lets them try here all the same. */
  readonly anyway?: string;
}

/** Asks to open the link in a real browser, because sign-in services refuse the one inside an app. */
export function inAppBrowserPage(props: InAppBrowserPageProps): Html {
  const { words, room } = props;
  const url = safeAddress(props.url);
  return framed(props, {
    title: words.inApp.title,
    icon: 'window',
    room,
    keepsFragmentFor: props.keepsFragmentFor,
    takesLinks: props.takesLinks,
    body: html`<h1>${words.inApp.title}</h1>
<p>${words.inApp.why}</p>
<p>${words.inApp.how}</p>
${url && html`<p class="address"><a href="${url}">${plainText(url, 400)}</a></p>`}
${quietLink(props.anyway, words.inApp.anyway)}`,
  });
}
