/**
 * What stands in the small window in which somebody signed in, while the meeting
 * waits behind it; and in the frame in which Jitsi signs somebody out. Neither holds a token.
 */
import { type Frame, framed } from './layout.ts';
import { type Html, html, safeAddress } from './markup.ts';

/** What the end of a sign-in in a window of its own shows. */
export interface SignedInHereProps extends Frame {
  readonly room: string;
  /** Where the script asks for the token, and for which target. */
  readonly action: string;
  readonly target: string;
  /** The whole meeting link, http(s): for who lost the meeting's page. */
  readonly url: string;
}

/** Signed in. The script tells the meeting and closes the window; where it cannot, people read what to do. */
export function signedInHerePage(props: SignedInHereProps): Html {
  const { words, room, action, target } = props;
  const url = safeAddress(props.url);
  return framed(props, {
    title: words.handOff.signedIn,
    icon: 'enter',
    room,
    scripts: ['tell-opener'],
    body: html`<h1 data-popup-to="${target}" data-popup-action="${action}">${words.handOff.signedIn}</h1>
<p>${words.popup.close}</p>
${url && html`<div class="actions"><a class="quiet" href="${url}">${words.popup.enter}</a></div>`}`,
  });
}

/** Signs out, and says so to the page around it. */
export function signOutBehindPage(props: Frame & { readonly action: string }): Html {
  const { words, action } = props;
  return framed(props, {
    title: words.signedOut.title,
    icon: 'leave',
    scripts: ['sign-out-behind'],
    body: html`<p data-sign-out="${action}">${words.signedOut.title}</p>`,
  });
}
