/**
 * Before Jitsi's own page: in the app, or in this browser? And for who sits in a
 * frame where nobody can sign in, the way out of it. No page here holds a token.
 */
import { type FormTarget, type Frame, framed, goingOn, postForm } from './layout.ts';
import { fill, type Html, html, safeAddress, shown } from './markup.ts';

/** What the choice shows. */
export interface HandOffPageProps extends Frame {
  readonly room: string;
  /** The room's path: what stands behind the `#` is kept for it. */
  readonly path: string;
  /** Sent by POST with `how`: `app` or `here`. */
  readonly form: FormTarget;
  readonly app: string;
  /** Where the app is to be had, the usual shop first. */
  readonly stores: readonly string[];
}

/** Asks once whether somebody wants to go on in the app or here. */
export function handOffPage(props: HandOffPageProps): Html {
  const { words, room, path, form } = props;
  const app = shown(props.app, 60);
  return framed(props, {
    title: words.handOff.title,
    icon: 'enter',
    room,
    keepsFragmentFor: path,
    body: html`<h1>${words.handOff.title}</h1>
${postForm(
  form,
  html`<div class="actions">
<button class="primary" name="how" value="app">${fill(words.handOff.app, { app })}</button>
<button name="how" value="here">${words.handOff.here}</button>
</div>`,
)}
<p class="stores">${words.handOff.missing}${props.stores.map((store) => storeLink(store, fill(words.handOff.get, { app, shop: shopOf(store) })))}</p>`,
  });
}

/** What the way back into the app shows. */
export interface BackPageProps extends Frame {
  readonly room: string;
  /** Sent by POST with `to` and `how`: `app` or `here`. */
  readonly action: string;
  readonly target: string;
  readonly app: string;
  /** Where the app is to be had, the usual shop first. */
  readonly stores: readonly string[];
  /** Lets a script go back by itself. */
  readonly auto: boolean;
}

/** Signed in, and back to the app they came from. */
export function backPage(props: BackPageProps): Html {
  const { words, room, action, target, auto } = props;
  const app = shown(props.app, 60);
  const form = (how: string) => ({ action, hidden: { to: target, how } });
  return framed(props, {
    title: words.handOff.signedIn,
    icon: 'enter',
    room,
    scripts: auto ? ['submit-form'] : [],
    body: html`<h1>${words.handOff.signedIn}</h1>
${postForm(form('app'), html`<button class="primary">${fill(words.handOff.back, { app })}</button>`, auto)}
${auto && goingOn(fill(words.handOff.goingBack, { app }))}
${postForm(form('here'), html`<button>${words.handOff.here}</button>`)}
<p class="stores">${words.handOff.missing}${props.stores.map((store) => storeLink(store, fill(words.handOff.get, { app, shop: shopOf(store) })))}</p>`,
  });
}

function storeLink(address: string, text: Html): Html {
  const safe = safeAddress(address);
  return safe === undefined ? html`` : html` <a href="${safe}" rel="noreferrer">${text}</a>`;
}

/** A shop by its host: people know it by name, and by nothing else in its address. */
function shopOf(address: string): string {
  const host = URL.parse(address)?.hostname ?? '';
  return SHOPS[host] ?? host;
}

const SHOPS: Readonly<Record<string, string>> = {
  'apps.apple.com': 'App Store',
  'itunes.apple.com': 'App Store',
  'play.google.com': 'Google Play',
  'f-droid.org': 'F-Droid',
};

/** What somebody in a frame is shown. */
export interface OutsidePageProps extends Frame {
  readonly room: string;
  /** The whole meeting link, http(s). */
  readonly url: string;
  /** Origins of the pages that are told. */
  readonly embedders: readonly string[];
  /** Where what an application put behind the `#` is sent, to enter in a window of its own. */
  readonly tab?: FormTarget;
  /** May this frame enter by that alone, without cookies? */
  readonly byTicket?: boolean;
}

/** One link, or one button, that opens the meeting in a window of its own, where signing in works. */
export function outsidePage(props: OutsidePageProps): Html {
  const { words, room, tab, embedders } = props;
  const url = safeAddress(props.url);
  return framed(props, {
    title: words.outside.title,
    icon: 'window',
    room,
    scripts: tab === undefined ? [] : ['enter-framed'],
    ...(url !== undefined && { tells: { to: embedders, message: { event: 'outside', url } } }),
    body: html`<h1>${words.outside.title}</h1>
<p>${words.outside.why}</p>
${tab === undefined ? url && html`<div class="actions"><a class="primary" href="${url}" target="_blank" rel="noopener">${words.outside.open}</a></div>` : tabForm(tab, words.outside.open)}
${props.byTicket && html`<form method="post" hidden data-framed><input type="hidden" name="jwt"></form>`}`,
  });
}

function tabForm({ action, hidden = {} }: FormTarget, text: string): Html {
  const safe = safeAddress(action);
  if (safe === undefined) return html``;
  const fields = Object.entries({ ...hidden, jwt: '' }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${safe}" target="_blank" rel="noopener" data-tab>${fields}<div class="actions"><button class="primary">${text}</button></div></form>`;
}
