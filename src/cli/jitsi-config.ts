/**
 * The lines that make a Jitsi ask us and believe us.
 */
import { formatAdvice, jitsiAdvice } from '../config/jitsi-lines.ts';
import { CONFIG, type Command, complain, JSON_OUT } from './command.ts';
import { withConfig } from './open.ts';
import { json } from './text.ts';

/** `ostiary jitsi-config` */
export const jitsiConfig: Command = {
  name: 'jitsi-config',
  does: 'print the lines Jitsi needs, for Debian or docker',
  about:
    'One of --debian and --docker must be given. Each line is printed with the file it belongs to and the reason for it; nothing is written. Secrets are never printed: a place holder stands where one belongs.',
  options: [
    { flags: '--debian', does: 'for a Jitsi from Debian packages' },
    { flags: '--docker', does: 'for docker-jitsi-meet' },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const docker = given.flag('docker');
    if (docker === given.flag('debian'))
      return complain(io, 'For which Jitsi?', 'Write --debian or --docker.');
    return withConfig(io, given, async (config) => {
      const advice = jitsiAdvice(config, docker ? 'docker' : 'debian', io.now());
      io.out(given.flag('json') ? json(advice) : formatAdvice(advice).trimEnd());
      return 0;
    });
  },
};
