/**
 * On to a sign-in service by a form: it takes no address, or there is something to tell it.
 */
import { type FormTarget, type Frame, framed, goingOn, postForm } from './layout.ts';
import { fill, type Html, html, shown } from './markup.ts';

/** What stands on it. */
export interface OnwardPageProps extends Frame {
  readonly provider: string;
  readonly room?: string;
  readonly form: FormTarget;
}

/** A script presses the button. */
export function onwardPage(props: OnwardPageProps): Html {
  const { words } = props;
  const provider = shown(props.provider, 60);
  return framed(props, {
    title: words.onward.title,
    icon: 'enter',
    room: props.room,
    scripts: ['submit-form'],
    body: html`<h1>${words.onward.title}</h1>
${postForm(props.form, html`<button class="primary">${fill(words.onward.button, { provider })}</button>`, true)}
${goingOn(fill(words.signIn.taking, { provider }))}`,
  });
}
