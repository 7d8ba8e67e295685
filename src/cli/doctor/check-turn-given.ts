/**
 * To whom does Prosody give credentials for TURN?
 */
import type { NamedService } from '../../identity/prosody/visit.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, red, type Verdict, yellow } from './check.ts';
import { asGuest, guestHosts } from './check-guest-host.ts';
import { nobodyGetsIn, nobodyGetsThere } from './check-refusals.ts';

function givesAny(services: unknown): boolean {
  return Array.isArray(services) && services.some(({ credentials }: NamedService) => credentials);
}

async function toStrangers(around: Around): Promise<string | undefined> {
  const { xmppDomain } = around.config.jitsi;
  for (const domain of [xmppDomain, ...(await guestHosts(around))]) {
    const services = await asGuest(around, domain, (_, ask) => ask());
    if (givesAny(services)) return domain;
  }
  return undefined;
}

/** @see XEP-0215; prosody, mod_external_services: without external_service_access whoever has a session is answered */
export const checkTurnGiven: DoctorCheck = {
  name: 'turn-given',
  group: 'turn',
  asks: 'Does Prosody give credentials for TURN to nobody who shows no token?',
  docs: 'how-to/turn-as-the-only-way-in.md',
  async run(around): Promise<Verdict> {
    const away = await nobodyGetsThere(around);
    if (away !== undefined) return away;
    const domain = await toStrangers(around);
    const { xmppDomain } = around.config.jitsi;
    const fix = `Set external_service_access = { "${xmppDomain}" } beside external_services, and take the host for guests and allow_empty_token out; "ostiary turn-config --besides" prints what else.`;
    if (domain !== undefined)
      return around.gated || around.config.turn.urls.length > 0
        ? red(
            `Prosody gives credentials for TURN to whoever names the host ${domain} and shows no token.`,
            fix,
          )
        : yellow(
            `Prosody gives credentials for TURN to whoever names the host ${domain} and shows no token.`,
            fix,
          );
    if ((await nobodyGetsIn(around)) !== undefined)
      return green('Strangers get none. What people with a token get could not be told.');
    const token = await around.mint('participant');
    const services = await around.asVisitor({ token }, async (visitor) => ({
      all: await visitor.services(xmppDomain),
    }));
    const given = 'all' in services && givesAny(services.all);
    return green(
      `Strangers get none; who has a token ${given ? 'gets some' : 'gets none from Prosody either'}.`,
    );
  },
};
