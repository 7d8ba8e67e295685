/**
 * Entering with a code made on the machine, for the morning the provider is down.
 */
import { type FormTarget, type Frame, framed, postForm } from './layout.ts';
import { constantMarkup, type Html, html, plainText } from './markup.ts';

/** What the page of the entry code shows. */
export interface PassPageProps extends Frame {
  /** Where `code` and `name` are sent by POST. */
  readonly form: FormTarget;
  readonly room?: string;
  /** Was the code just sent no good? */
  readonly wrong?: boolean;
  /** The name just sent, so that nobody writes it twice. The code is never sent back. */
  readonly name?: string;
}

/** The longest entry code and name the form takes, in characters. */
export const PASS_LIMITS = { code: 128, name: 80 } as const;

/** Asks for the code and a name; a script takes the code from behind the `#` of the link. */
export function passPage(props: PassPageProps): Html {
  const { words, room, wrong = false, name = '' } = props;
  return framed(props, {
    title: words.pass.title,
    icon: 'ticket',
    room,
    scripts: ['pass-from-fragment'],
    body: html`<h1>${words.pass.title}</h1>
<p>${words.pass.lead}</p>
${wrong && html`<p class="reason" role="alert" id="wrong"><strong>${words.problems['pass.unknown'].happened}</strong> ${words.problems['pass.unknown'].whatToDo}</p>`}
${postForm(
  props.form,
  html`<p class="field"><label for="code">${words.pass.code}</label>
<input id="code" name="code" required autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength="${PASS_LIMITS.code}" data-from-fragment${wrong && constantMarkup(' aria-invalid="true" aria-describedby="wrong"')}>
<noscript><span class="hint">${words.pass.noScript}</span></noscript></p>
<p class="field"><label for="name">${words.pass.name}</label>
<input id="name" name="name" required autocomplete="name" maxlength="${PASS_LIMITS.name}" value="${plainText(name, PASS_LIMITS.name)}" data-then></p>
<button class="primary">${words.pass.button}</button>`,
)}`,
  });
}
