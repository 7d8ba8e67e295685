/**
 * Pages that send a browser on to a provider, where a redirect cannot: a form, or an address nobody named before.
 */
import { shownRoom } from '../base/room.ts';
import type { PostForm, Provider } from '../identity/provider.ts';
import { leadingOnPage } from '../pages/chooser.ts';
import { onwardPage } from '../pages/onward.ts';
import { type Goal, isPopup, roomOfGoal } from './jitsi-state.ts';
import type { WebParts } from './parts.ts';
import { type PageOptions, page } from './respond.ts';
import type { Visit } from './visit.ts';

/**
 * A page in between: a browser that follows our form by redirects goes to no address that the page with the form did
 * not name, and where the proxy has people sign in only the proxy knows.
 */
export function leadOn(
  { words, nonce, asked }: Visit,
  about: {
    readonly url: string;
    readonly cookies: readonly string[];
    readonly provider: Provider;
    readonly goal: Goal | undefined;
  },
  { places, branding }: WebParts,
): Response {
  const { url, cookies, provider, goal } = about;
  const target = roomOfGoal(goal);
  const frame = { words, branding, prefix: places.prefix, nonce, id: asked.id };
  const html = leadingOnPage({
    ...frame,
    url,
    provider: provider.name,
    ...(target && { room: shownRoom(target) }),
  });
  const answer = page(html, nonce, { popup: isPopup(goal), cookies });
  answer.headers.set('refresh', `0; url=${url}`);
  return answer;
}

/** A form, whom it is for, and on what page it stands. */
export interface Onward extends Pick<PageOptions, 'cookies' | 'framed' | 'popup'> {
  readonly provider: Provider;
  readonly form: PostForm;
}

/** To a provider that wants to be told by a form. What is behind the `#` was put by on the page before. */
export function onward(visit: Visit, { provider, form, ...how }: Onward, parts: WebParts): Response {
  const { words, nonce, asked } = visit;
  const html = onwardPage({
    ...{ words, nonce, branding: parts.branding, prefix: parts.places.prefix, id: asked.id },
    provider: provider.name,
    form: { action: form.action, hidden: form.fields },
  });
  return page(html, nonce, { ...how, formAction: [new URL(form.action).origin, ...provider.origins()] });
}
