/**
 * The sign-in page: who may be asked here, in which order, and whether a name alone would do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { AppClient } from '../base/client.ts';
import { type Room, roomPath } from '../base/room.ts';
import { LONGEST_GUEST_NAME } from '../identity/guest.ts';
import type { Provider } from '../identity/provider.ts';
import { signInPage } from '../pages/chooser.ts';
import { BY_COOKIE, PROBE_COOKIE, writeCookie } from './cookies.ts';
import { clientOfGoal, type Goal, goalText, isPopup, roomOfGoal } from './jitsi-state.ts';
import type { WebParts } from './parts.ts';
import { PROBE_LIFETIME, probeOf } from './probe.ts';
import { page } from './respond.ts';
import { linkForm } from './routes/link.ts';
import type { Visit } from './visit.ts';

/** Where it leads, as every page of the way there shows it. */
export function frameOf({ words, nonce, asked }: Visit, goal: Goal | undefined, parts: WebParts) {
  const { places, branding } = parts;
  const target = roomOfGoal(goal);
  return {
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    ...(target && {
      room: target.name,
      ...(places.gateway && { keepsFragmentFor: roomPath(target) }),
      ...(parts.followLink && { takesLinks: linkForm(target, parts) }),
    }),
  };
}

/** What is known before the choice. */
export interface Choosing {
  readonly goal: Goal | undefined;
  /** Somebody is signed in there, and only the browser can ask whether they still are. */
  readonly due?: Provider;
  /** Then their id. */
  readonly whose?: string;
  /** What the link names; one that is not offered is nobody. */
  readonly named?: string | undefined;
  /** An address was typed that is nobody's here. */
  readonly unknownEmail?: true;
}

/** The list; one alone where there is one, or the link names it. */
export async function choose(
  visit: Visit,
  { goal, due, whose, named, unknownEmail }: Choosing,
  parts: WebParts,
): Promise<Response> {
  const { choices, places } = parts;
  const target = roomOfGoal(goal);
  const guests =
    target !== undefined && (await takesGuests(visit, { room: target, ...clientOfGoal(goal) }, parts));
  const all = choices.offered(target);
  const byName = all.filter(({ id }) => id === named);
  const offered = due ? [due] : byName.length > 0 ? byName : all;
  // The page names the providers' origins: without them the browser stops the redirect that follows its form.
  await knockAt(offered, whose);
  const to = goalText(goal, roomPath);
  const html = signInPage({
    ...frameOf(visit, goal, parts),
    target: to,
    action: `${places.prefix}/sign-in`,
    ...ordered(offered, visit.cookies.get(BY_COOKIE)),
    auto: visit.asked.method === 'GET' && visit.query.get('auto') !== '0',
    ...(guests && {
      guest: { form: { action: `${places.prefix}/guest`, hidden: { to } }, longest: LONGEST_GUEST_NAME },
    }),
    ...(due && { hidden: { silent: '1' } }),
    ...(!due &&
      offered.length < all.length && {
        others: `${places.prefix}/sign-in?auto=0&to=${encodeURIComponent(to)}`,
      }),
    ...(choices.asksForEmail(offered) && { email: unknownEmail ? ('unknown' as const) : ('ask' as const) }),
  });
  return page(html, visit.nonce, {
    popup: isPopup(goal),
    formAction: offered.flatMap((provider) => provider.origins(whose)),
    cookies: [writeCookie(PROBE_COOKIE, probeOf(visit) ?? visit.nonce, PROBE_LIFETIME)],
  });
}

/** Would the rules take this visitor into the room for a name alone? */
async function takesGuests(
  { asked }: Visit,
  { room, ...by }: { readonly room: Room; readonly client?: AppClient },
  { admit }: WebParts,
): Promise<boolean> {
  const outcome = await admit({ asked, wants: { kind: 'enter', room }, ...by });
  return outcome.kind === 'sign-in' && outcome.guests === true;
}

/** What somebody took the last time in this browser stands first. */
function ordered(offered: readonly Provider[], last: string | undefined) {
  const rank = ({ id }: Provider) => (id === last ? 0 : 1);
  const providers = offered
    .toSorted((one, other) => rank(one) - rank(other))
    .map(({ id, name, state }) => ({
      ...{ id, name },
      ...(state().code === 'provider.unreachable' && { away: true as const }),
    }));
  return { providers, ...(offered.length > 1 && providers[0]?.id === last && { remembered: true as const }) };
}

/** Among several, nobody waits longer than this for one that hangs; milliseconds. */
const PATIENCE = 1500;

async function knockAt(offered: readonly Provider[], whose?: string): Promise<void> {
  const down = offered.filter((provider) => whose !== undefined || !provider.state().up);
  const asked = Promise.all(down.map((provider) => provider.warm(whose)));
  if (offered.length === 1) await asked;
  else await Promise.race([asked, pause(PATIENCE, undefined, { ref: false })]);
}
