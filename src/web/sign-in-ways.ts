/**
 * Where a sign-in leads: to the provider's way back to us, and afterwards on. Rebuilt from the configuration, never from
 * what a caller wrote.
 */
import { roomPath } from '../base/room.ts';
import type { Provider } from '../identity/provider.ts';
import { ANSWERS_AT } from '../identity/saml-places.ts';
import { type Goal, goalText } from './jitsi-state.ts';
import type { WebParts } from './parts.ts';
import { withoutFragment } from './way-back.ts';

/**
 * Where somebody goes who is signed in: through `join`, where the rules are asked. Jitsi's start page is ours to
 * lead to where we stand in front of it.
 */
export function afterSignIn(goal: Goal | undefined, { places }: WebParts): string {
  if (goal === 'start' && places.gateway) return withoutFragment(`${places.publicUrl}/`);
  if (goal === undefined || goal === 'start') return `${places.prefix}/session`;
  return `${places.prefix}/join?to=${encodeURIComponent(goalText(goal, roomPath))}`;
}

/** The one address a provider may send the browser back to: from configuration, never from a header. */
export function callbackAddress(provider: Provider, { places, saml }: WebParts): string {
  if (provider.answersAt === ANSWERS_AT && saml !== undefined) return saml.acs;
  return `${places.publicUrl}${places.prefix}${provider.answersAt ?? `/callback/${provider.id}`}`;
}
