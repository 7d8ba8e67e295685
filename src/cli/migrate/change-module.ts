/**
 * Our module in Prosody, which sees who is in a meeting: where people wait for a host, somebody has to see one come.
 *
 * Pure. Says what has to be written; the files are other files' business.
 * @see prosody/mod_ostiary.lua
 */
import type { Config } from '../../config/load.ts';

/** Where Prosody finds the secret that our module shows, on Debian. */
const SECRET_HERE = '/etc/prosody/ostiary.secret';
/** The same in the container of docker-jitsi-meet. */
const SECRET_THERE = '/prosody-plugins-custom/ostiary.secret';

/** Do the settings listen to it? */
export function wantsModule({ prosodyModule }: Config): boolean {
  return prosodyModule.secret !== undefined;
}

/** Its options for Prosody's global section on Debian. */
export function moduleOptions({ listen, prefix }: Config): ReadonlyMap<string, string> {
  return new Map([
    ['ostiary_url', `"http://127.0.0.1:${listen.inner.port}${prefix}"`],
    ['ostiary_secret_file', `"${SECRET_HERE}"`],
  ]);
}

/** The same for docker-jitsi-meet, which parts lines by a written `\n`. */
export function moduleEnv({ listen, prefix }: Config): string {
  return [
    `ostiary_url = "http://ostiary:${listen.inner.port}${prefix}"`,
    `ostiary_secret_file = "${SECRET_THERE}"`,
  ].join('\\n');
}

/** What only a person can do on Debian. */
export const MODULE_BY_HAND: readonly string[] = [
  'Copy our module: cp /opt/ostiary/prosody/mod_ostiary.lua /usr/share/jitsi-meet/prosody-plugins/',
  `Give Prosody its secret: install -m 0640 -o root -g prosody secrets/prosody ${SECRET_HERE}`,
];

/** The same for docker-jitsi-meet. */
export function moduleByHandIn(folder: string): readonly string[] {
  const plugins = `${folder}/prosody/prosody-plugins-custom`;
  return [
    `Copy our module and its secret: cp prosody/mod_ostiary.lua ${plugins}/ && cp secrets/prosody ${plugins}/ostiary.secret; Prosody's user has to read both.`,
  ];
}
