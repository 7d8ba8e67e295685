/**
 * Does a token open its own room and no other, in its own tenant and in no other?
 */
import { roomFromClaim } from '../../base/room.ts';
import type { Joined, RoomRefusal } from '../../identity/prosody/visit.ts';
import { type DoctorCheck, green, grey, red, type Verdict, yellow } from './check.ts';
import { nobodyGetsIn } from './check-refusals.ts';

const DOCS = 'how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in';

/** A refusal that says nothing of tokens. */
export function unanswered(found: RoomRefusal): Verdict | undefined {
  if (found.beside.includes('room-does-not-exist'))
    return grey(
      'Could not tell: Jicofo did not open the room.',
      'See that Jicofo runs and is connected to Prosody: nobody can begin a meeting without it.',
    );
  return undefined;
}

/** Was it refused for the room that the token names? @see jitsi-meet, mod_token_verification.lua and token/util.lib.lua */
function isForTheRoom({ text, beside }: RoomRefusal): boolean {
  return /mismatch|match/.test([text, ...beside].join(' '));
}

function refusedFor(found: RoomRefusal): Verdict {
  return isForTheRoom(found)
    ? green(`It is refused with ${saidOf(found)}.`)
    : grey(
        `Could not tell: it is refused, but for something else (${saidOf(found)}).`,
        "Prosody's log says more.",
      );
}

/** In words. */
export function saidOf({ condition, text, beside }: RoomRefusal): string {
  return [text === '' ? `<${condition}/>` : `"${text}"`, ...beside].join(', ');
}

/** Jitsi's module on the MUC compares rooms: mod_token_verification. */
export const checkRoom: DoctorCheck = {
  name: 'other-room',
  group: 'prosody',
  asks: 'Does a token for one room open no other one?',
  docs: DOCS,
  async run(around) {
    const hindered = await nobodyGetsIn(around);
    if (hindered !== undefined) return hindered;
    const other = roomFromClaim(`${around.room.claim}-other`);
    const token = await around.mint('host');
    const found = await around.asVisitor(
      { token },
      async (visitor): Promise<Joined | RoomRefusal> => around.join(visitor, other),
    );
    if (found.kind === 'joined')
      return red(
        'A token for one room opens every other room too.',
        'Load token_verification under Component "conference.…" "muc" (modules_enabled), on the host that is <one word>.<VirtualHost>.',
      );
    if (!('beside' in found)) return grey(`Could not tell: the token was refused ("${found.text}").`);
    return unanswered(found) ?? refusedFor(found);
  },
};

/** @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:verify_room`; docker-jitsi-meet switches it off */
export const checkTenant: DoctorCheck = {
  name: 'domain-verification',
  group: 'prosody',
  asks: "Does a token for another tenant's room of the same name stay outside?",
  docs: DOCS,
  async run(around) {
    const hindered = await nobodyGetsIn(around);
    if (hindered !== undefined) return hindered;
    const token = await around.mint('host', { tenant: 'ostiary-doctor' });
    const found = await around.asVisitor(
      { token },
      async (visitor): Promise<Joined | RoomRefusal> => around.join(visitor),
    );
    const { domainVerification } = around.config.jitsi;
    const fix = domainVerification
      ? 'Set enable_domain_verification = true (docker: JWT_ENABLE_DOMAIN_VERIFICATION=1).'
      : 'Set enable_domain_verification = true there and jitsi.domainVerification: true here, if there are tenants.';
    if (found.kind === 'joined')
      return domainVerification
        ? red(
            'jitsi.domainVerification is on, but Prosody compares no tenants: a token opens the room of its name in every tenant.',
            fix,
          )
        : yellow('Prosody compares no tenants: a token opens the room of its name in every tenant.', fix);
    if (!('beside' in found)) return grey(`Could not tell: the token was refused ("${found.text}").`);
    return (
      unanswered(found) ??
      (domainVerification
        ? refusedFor(found)
        : yellow(
            'Prosody compares tenants, but jitsi.domainVerification says that it does not.',
            'Set jitsi.domainVerification: true.',
          ))
    );
  },
};
