/**
 * Does Prosody make people wait too, for a host that it knows by itself?
 */
import { besideRoom } from '../../admission/probe-token.ts';
import type { Joined, RoomRefusal } from '../../identity/prosody/visit.ts';
import { waitsForHosts } from '../../policy/access.ts';
import { type DoctorCheck, green, grey, yellow } from './check.ts';
import { asGuest, guestHosts } from './check-guest-host.ts';
import { nobodyGetsIn } from './check-refusals.ts';
import { unanswered } from './check-room.ts';

function isWait({ beside, condition }: RoomRefusal): boolean {
  return (
    beside.includes('waiting-for-host') ||
    beside.includes('lobbyroom') ||
    condition === 'registration-required'
  );
}

/** @see jitsi-meet, resources/prosody-plugins/mod_muc_wait_for_host.lua, mod_muc_lobby_rooms.lua */
export const checkWaiting: DoctorCheck = {
  name: 'wait-for-host',
  group: 'prosody',
  asks: 'Do people wait at our door alone, and not once more at Prosody?',
  docs: 'how-to/hosts.md',
  async run(around) {
    const hindered = await nobodyGetsIn(around);
    if (hindered !== undefined) return hindered;
    const token = await around.mint('participant', { beside: 'waiting' });
    const found = await around.asVisitor(
      { token },
      async (visitor): Promise<Joined | RoomRefusal> =>
        around.join(visitor, besideRoom(around.room, 'waiting')),
    );
    const { access, rules } = around.config;
    const ours = waitsForHosts({ ...(access && { access }), ...(rules && { rules }) });
    const besideOurs = ours ? ' beside our own waiting room' : '';
    const fix =
      'Take muc_wait_for_host out of Prosody (and a lobby for every room, if nobody is to knock): who waits, waits at our door.';
    if (found.kind === 'refused' && 'beside' in found) {
      if (isWait(found))
        return yellow(`Prosody lets nobody with a token into an empty room but a host${besideOurs}.`, fix);
      return unanswered(found) ?? grey('Could not tell: nobody comes into the room of their token.');
    }
    for (const domain of await guestHosts(around)) {
      const room = await asGuest(around, domain, (join) => join());
      if (room?.kind === 'refused' && isWait(room))
        return yellow(
          `Prosody makes guests of ${domain} wait for a host${besideOurs}, and takes whoever has a token for one.`,
          fix,
        );
    }
    return green('Whoever has a token comes into an empty room at once.');
  },
};
