/**
 * Before a room that is not open yet: somebody who waits goes in by themselves once a host is there, or lets them in.
 */
import { type Frame, framed, quietLink } from './layout.ts';
import { type Html, html } from './markup.ts';

/** What the page of somebody who waits shows. */
export interface WaitingPageProps extends Frame {
  /** The room as a person reads it. */
  readonly room: string;
  /** Where it is told that they may go on. */
  readonly events: string;
  /** Where they go then. */
  readonly target: string;
  /** Milliseconds until waiting is given up. */
  readonly patience: number;
  /** That a host comes is not enough: one has to let them in. */
  readonly byHand?: boolean;
  /** For whom gave a name alone: where they sign in instead. */
  readonly signIn?: string;
  /** The room's path, where what stands behind the `#` of this page is to come along. */
  readonly keepsFragmentFor?: string;
}

/** One polite live region, and a button for browsers without script, which look again by themselves. */
export function waitingPage(props: WaitingPageProps): Html {
  const { words, room, events, target, patience } = props;
  const { waiting } = words;
  const { title, lead, go } = props.byHand ? waiting.byHand : waiting;
  return framed(props, {
    title,
    icon: 'clock',
    room,
    scripts: ['wait'],
    looksAgain: LOOK_AGAIN,
    keepsFragmentFor: props.keepsFragmentFor,
    body: html`<h1>${title}</h1>
<p data-until-over>${lead}</p>
<p class="going" role="status" aria-live="polite" data-waits="${events}" data-target="${target}" data-patience="${String(patience)}" data-go="${go}" data-away="${waiting.away}" data-over="${waiting.over}"></p>
<div class="actions"><a class="primary" href="${target}" data-again>${waiting.again}</a></div>
${quietLink(props.signIn, waiting.host)}`,
  });
}

/** Seconds between two looks of a browser without script. */
const LOOK_AGAIN = 15;
