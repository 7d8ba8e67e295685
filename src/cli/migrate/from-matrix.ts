/**
 * What is said where a Matrix homeserver vouches for people (user verification service): there is no counterpart. Pure.
 *
 * @see matrix-org/prosody-mod-auth-matrix-user-verification
 */
import type { Notes, Told } from './reader.ts';

/** Says it. `service` is the address of the verification service, where it is known. */
export function tellMatrix(
  { found, alarms, left }: Notes,
  place: Omit<Told, 'says'>,
  { service, syncs }: { readonly service?: string | undefined; readonly syncs: boolean },
): void {
  found.push({
    ...place,
    says: `a Matrix homeserver vouches for people${service === undefined ? '' : `, asked by ${service.replace(/[?#].*$/s, '')}`}`,
  });
  alarms.push({
    ...place,
    says: 'this has no counterpart: once Prosody takes our tokens, meetings that Element opens on this Jitsi are refused. Keep a Jitsi of its own for Matrix, or let its people sign in here',
  });
  left.push({
    ...place,
    says: 'let people sign in where the homeserver lets them (OpenID Connect), as a provider (docs/how-to/providers.md); the token of the verification service is not taken over',
  });
  if (syncs)
    left.push({
      ...place,
      says: 'who moderates a Matrix room moderated here: who leads is a matter of rules now',
    });
}
