/**
 * Our module in Prosody, which sees who is in a meeting: where people wait for a host, somebody has to see one come.
 *
 * Pure. Says what has to be written; the files are other files' business.
 * @see prosody/mod_ostiary.lua
 */
import type { Config } from '../../config/load.ts';
import { debianModule } from '../../config/prosody-lines.ts';

/** Do the settings listen to it? */
export function wantsModule({ prosodyModule }: Config): boolean {
  return prosodyModule.secret !== undefined;
}

/** Its options on Debian, before every host, by their names. */
export function moduleOptions(config: Config): ReadonlyMap<string, string> {
  const [top] = debianModule(config, '');
  return new Map(
    (top?.lines ?? []).map(({ text }) => {
      const at = text.indexOf(' = ');
      return [text.slice(0, at), text.slice(at + 3)] as const;
    }),
  );
}

/** The same for docker-jitsi-meet, which parts lines by a written `\n`. */
export function moduleEnv({ listen, prefix, prosodyModule }: Config): string {
  return [
    `ostiary_url = "http://ostiary:${listen.inner.port}${prefix}"`,
    `ostiary_secret = "${prosodyModule.secret?.reveal() ?? ''}"`,
  ].join('\\n');
}

/** What only a person can do on Debian. */
export const MODULE_BY_HAND: readonly string[] = [
  'Copy our module: install -D -m 644 /opt/ostiary/prosody/mod_ostiary.lua /etc/prosody/ostiary/mod_ostiary.lua',
  'Give Prosody its secret, in the folder of the settings: install -m 640 -g prosody secrets/prosody /etc/prosody/ostiary/secret',
];

/** The same for docker-jitsi-meet. */
export function moduleByHandIn(folder: string): readonly string[] {
  return [`Copy our module: cp prosody/mod_ostiary.lua ${folder}/prosody/prosody-plugins-custom/`];
}
