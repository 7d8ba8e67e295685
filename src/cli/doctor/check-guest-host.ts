/**
 * Is there a host at Prosody that lets everybody in? There a token for one room opens every other.
 */
import { besideRoom } from '../../admission/probe-token.ts';
import { isProblem } from '../../base/problem.ts';
import type { Joined, RoomRefusal } from '../../identity/prosody/visit.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, type Verdict } from './check.ts';
import { nobodyGetsThere } from './check-refusals.ts';

/** The names it has: what config.js says, and what Jitsi's recipes call it. */
export async function guestHosts(around: Around): Promise<readonly string[]> {
  const { xmppDomain } = around.config.jitsi;
  const said = (await hostsSaid(around))?.anonymousdomain;
  return [...new Set([...(said === undefined ? [] : [said]), `guest.${xmppDomain}`])];
}

async function hostsSaid({ configJs }: Around) {
  try {
    return (await configJs())?.hosts;
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

/** Why there is no such host: Prosody says so, or takes nobody there. */
const NOT_THERE: ReadonlySet<unknown> = new Set([
  'host-unknown',
  'host-gone',
  'improper-addressing',
  'closed',
]);

/** What a stranger finds in the host for guests, and in a room beyond; undefined where there is none. */
export async function asGuest<T>(
  around: Around,
  domain: string,
  work: (join: () => Promise<Joined | RoomRefusal>, services: () => Promise<unknown>) => Promise<T>,
): Promise<T | undefined> {
  try {
    const found = await around.asVisitor({ domain }, async (visitor) => ({
      done: await work(
        () => around.join(visitor, besideRoom(around.room, 'guest')),
        () => visitor.services(domain),
      ),
    }));
    return 'done' in found ? found.done : undefined;
  } catch (thrown) {
    if (isProblem(thrown, 'outbound.failed') && NOT_THERE.has(thrown.facts['reason'])) return undefined;
    throw thrown;
  }
}

/** @see docker-jitsi-meet, ENABLE_GUESTS; handbook, secure domain */
export const checkGuestHost: DoctorCheck = {
  name: 'guest-host',
  group: 'prosody',
  asks: 'Is there no host at Prosody that lets everybody in?',
  docs: 'how-to/debian.md',
  async run(around) {
    const away = await nobodyGetsThere(around);
    if (away !== undefined) return away;
    const fix =
      'Take it out of Prosody and config.hosts.anonymousdomain out of config.js; in docker-jitsi-meet ENABLE_GUESTS=0. Guests come by our door: access, invitations.';
    const verdicts: Verdict[] = [];
    for (const domain of await guestHosts(around)) {
      const room = await asGuest(around, domain, (join) => join());
      if (room === undefined) continue;
      const what = room.kind === 'joined' ? 'comes into any room' : 'is let in there, if into no room';
      verdicts.push({
        light: around.gated && !around.inStages ? 'red' : 'yellow',
        says: `Whoever names the host ${domain} shows nothing and ${what}.`,
        fix,
      });
    }
    return verdicts.length > 0
      ? verdicts
      : green('Nobody is let in without a token, whatever host they name.');
  },
};
