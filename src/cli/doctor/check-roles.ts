/**
 * What do a host and a participant really become in a room?
 */
import { besideRoom } from '../../admission/probe-token.ts';
import type { Role } from '../../base/role.ts';
import type { Joined, RoomRefusal } from '../../identity/prosody/visit.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, red, type Verdict, yellow } from './check.ts';
import { nobodyGetsIn } from './check-refusals.ts';
import { saidOf, unanswered } from './check-room.ts';

async function becomes(around: Around, role: Role): Promise<Joined | RoomRefusal> {
  const token = await around.mint(role, { beside: role });
  const found = await around.asVisitor({ token }, async (visitor): Promise<Joined | RoomRefusal> => {
    const joined = await around.join(visitor, besideRoom(around.room, role));
    return joined.kind === 'joined' ? visitor.becomes() : joined;
  });
  return 'beside' in found || found.kind === 'joined' ? found : { ...found, beside: [] };
}

function notIn(role: string, found: RoomRefusal): Verdict {
  return (
    unanswered(found) ??
    grey(`Could not tell: a ${role} does not come into the room of their token (${saidOf(found)}).`)
  );
}

const AFFILIATION =
  'Load token_affiliation under Component "conference.…" "muc", and take Jicofo out of it: jicofo.authentication.enabled = false, enable-auto-owner = false. "ostiary jitsi-config" prints the lines.';

/** Each alone in a room of their own, the participant first of all: whom nobody makes owner there is none. */
export const checkRoles: DoctorCheck = {
  name: 'roles',
  group: 'prosody',
  asks: 'Does a host become a moderator, and nobody else?',
  docs: 'how-to/roles.md',
  async run(around) {
    const hindered = await nobodyGetsIn(around);
    if (hindered !== undefined) return hindered;
    const [host, other] = await Promise.all([becomes(around, 'host'), becomes(around, 'participant')]);
    if (host.kind === 'refused') return notIn('host', host);
    if (other.kind === 'refused') return notIn('participant', other);
    const said = `a host becomes ${host.affiliation} and ${host.role}, a participant ${other.affiliation} and ${other.role}`;
    const leads = other.affiliation === 'owner' || other.role === 'moderator';
    if (around.config.jitsi.roles === 'everyone-moderator')
      return leads
        ? green(`Whoever is let in moderates, as jitsi.roles says: ${said}.`)
        : yellow(
            `jitsi.roles says that everybody moderates, but ${said}.`,
            'Set jitsi.roles: enforced, if that is meant; otherwise "ostiary jitsi-config" prints the lines.',
          );
    if (leads) return red(`Everybody moderates, though jitsi.roles is enforced: ${said}.`, AFFILIATION);
    if (host.affiliation !== 'owner') return red(`Nobody moderates: ${said}.`, AFFILIATION);
    return green(`${said.charAt(0).toUpperCase()}${said.slice(1)}.`);
  },
};
