/**
 * The configuration as the server understands it, secrets masked.
 */
import { type Config, describeConfig } from '../config/load.ts';
import { CONFIG, type Command, JSON_OUT } from './command.ts';
import { withConfig } from './open.ts';
import { json } from './text.ts';

/** `ostiary config` */
export const config: Command = {
  name: 'config',
  does: 'print the configuration as the server understands it',
  about: 'With defaults and environment filled in. Every secret reads [secret].',
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withConfig(io, given, async (found) => {
      io.out(given.flag('json') ? json(settingsOf(found)) : describeConfig(found).trimEnd());
      return 0;
    }),
};

/** Without what the server remembers beside the settings. */
function settingsOf({ secretFiles: _, ...said }: Config): Omit<Config, 'secretFiles'> {
  return said;
}
