/**
 * Somebody who gave a name and showed nothing. Whether a room takes them is policy's business.
 */
import { GUEST_PROVIDER, type Person, personId } from '../base/person.ts';
import { type Random, randomToken } from '../base/random.ts';
import { cleanName } from './profile.ts';

/** The longest name a guest may give, in characters. */
export const LONGEST_GUEST_NAME = 60;

/** A guest under a new id, which nobody had before and nobody gets again; undefined where the name shows nothing. */
export function guestCalled(given: string, random: Random): Person | undefined {
  const name = cleanName(Array.from(given).slice(0, LONGEST_GUEST_NAME).join(''));
  if (name === undefined) return undefined;
  return {
    id: personId(GUEST_PROVIDER, randomToken(random, 16)),
    provider: GUEST_PROVIDER,
    name,
    emailVerified: false,
    groups: [],
    guest: true,
  };
}
