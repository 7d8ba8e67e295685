/**
 * Before a room that is not open yet: somebody who waits goes in by themselves once a host is there.
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
  /** For whom gave a name alone: where they sign in instead. */
  readonly signIn?: string;
  /** The room's path, where what stands behind the `#` of this page is to come along. */
  readonly keepsFragmentFor?: string;
}

/** One polite live region, and a button for browsers without script, which look again by themselves. */
export function waitingPage(props: WaitingPageProps): Html {
  const { words, room, events, target, patience } = props;
  const { waiting } = words;
  return framed(props, {
    title: waiting.title,
    icon: 'clock',
    room,
    scripts: ['wait'],
    looksAgain: LOOK_AGAIN,
    keepsFragmentFor: props.keepsFragmentFor,
    body: html`<h1>${waiting.title}</h1>
<p data-until-over>${waiting.lead}</p>
<p class="going" role="status" aria-live="polite" data-waits="${events}" data-target="${target}" data-patience="${String(patience)}" data-go="${waiting.go}" data-away="${waiting.away}" data-over="${waiting.over}"></p>
<div class="actions"><a class="primary" href="${target}" data-again>${waiting.again}</a></div>
${quietLink(props.signIn, waiting.host)}`,
  });
}

/** Seconds between two looks of a browser without script. */
const LOOK_AGAIN = 15;
