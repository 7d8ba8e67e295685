/**
 * What a coturn is told so that only those who are let into a room come through it, and only to what they may reach.
 */
import { formatAdvice } from '../config/jitsi-lines.ts';
import { turnBesides } from '../config/turn-besides.ts';
import { TURN_PROFILES, turnserverText } from '../config/turn-lines.ts';
import { CONFIG, type Command, complain } from './command.ts';
import { withConfig } from './open.ts';

/** `ostiary turn-config` */
export const turnConfig: Command = {
  name: 'turn-config',
  does: 'print the turnserver.conf of a coturn that lets nobody go further than they may',
  about:
    'Secrets are never printed: where one belongs stands a line that coturn does not read until somebody completes it.',
  options: [
    {
      flags: '--profile <profile>',
      does: 'what people may reach through it: bridges-only (the addresses of turn.bridges) or relay (each other too, and no inner network)',
      needed: true,
    },
    {
      flags: '--besides',
      does: "print instead what Jitsi's own files, the firewalls and port 443 need beside it",
    },
    CONFIG,
  ],
  run: async (io, given) =>
    withConfig(io, given, async (config) => {
      const profile = TURN_PROFILES.find((one) => one === given.text('profile'));
      if (profile === undefined)
        return complain(io, 'There is no such profile.', `Write --profile ${TURN_PROFILES.join(' or ')}.`);
      const { urls, bridges } = config.turn;
      if (urls.length === 0)
        return complain(io, 'There is no turn.urls.', 'Write into the settings where clients find coturn.');
      if (profile === 'bridges-only' && bridges.length === 0)
        return complain(
          io,
          'There is no turn.bridges, so that nobody could reach anything.',
          'Write the addresses of the videobridges into the settings.',
        );
      const text = given.flag('besides')
        ? formatAdvice(turnBesides(config, profile))
        : turnserverText(config, profile);
      io.out(text.trimEnd());
      return 0;
    }),
};
