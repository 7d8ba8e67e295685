/**
 * A page nobody stays on: it sends the token behind its `#` on to us.
 */
import { type FormTarget, type Frame, framed } from './layout.ts';
import { type Html, html } from './markup.ts';

/** What it is made of. */
export interface LinkPageProps extends Frame {
  readonly room: string;
  /** The room's path. */
  readonly path: string;
  readonly form: FormTarget;
}

/** One moment. Without script there is nothing to send, and people read where to go on. */
export function linkPage({ room, path, form, ...frame }: LinkPageProps): Html {
  const { words } = frame;
  return framed(frame, {
    title: words.link.title,
    icon: 'enter',
    room,
    keepsFragmentFor: path,
    takesLinks: form,
    body: html`<h1>${words.link.title}</h1>
<div class="actions"><a class="quiet" href="${path}">${words.link.enter}</a></div>`,
  });
}
