/**
 * What has to stand in Prosody's files so that it loads our module and the module knows us.
 *
 * Pure: the configuration in, files with lines and reasons out. The secret is never printed.
 */
import type { Config } from './finish.ts';
import type { Install, JitsiFile, JitsiLine } from './jitsi-lines.ts';
import { reached } from './proxy-lines.ts';

/** What Jitsi's token modules load on a Debian, whichever way we sign. @see jitsi-meet, luajwtjitsi.lib.lua, token/util.lib.lua */
export const LUA_PACKAGES = 'apt-get install lua-basexx lua-cjson lua-luaossl lua-inspect';

/** Where the module lies on a Debian, beside its secret. */
const FOLDER = '/etc/prosody/ostiary';
const PLACE_HOLDER = 'PUT-THE-SECRET-OF-prosodyModule.secret-HERE';

const WHY = {
  load: 'Our module, prosody/mod_ostiary.lua: it reports who is in a meeting, and ends whom we say. It finds all hosts by itself.',
  folder: 'Where Prosody finds it, beside the modules of Jitsi.',
  url: 'Where it reports, by the inner listener; whom to end stands in the answer.',
  secret:
    'What it shows us: a file with the secret of prosodyModule.secret in it, for root and the group prosody alone.',
  config:
    'Where it reports, and the secret it shows there: that of prosodyModule.secret. What stands there already comes before, with \\n between.',
} as const;

function address(config: Config, install: Install): string {
  return `${reached(new URL(config.listen.inner.url), install)}${config.prefix}`;
}

/** The lines of Prosody on a Debian; nothing where no module is listened to. */
export function debianModule(config: Config, file: string): readonly JitsiFile[] {
  if (config.prosodyModule.secret === undefined) return [];
  return [
    {
      file,
      where: 'at the top, before the first VirtualHost',
      comment: '--',
      lines: [
        {
          text: `plugin_paths = { "/usr/share/jitsi-meet/prosody-plugins/", "${FOLDER}/" }`,
          why: WHY.folder,
        },
        { text: `ostiary_url = "${address(config, 'debian')}"`, why: WHY.url },
        { text: `ostiary_secret_file = "${FOLDER}/secret"`, why: WHY.secret },
      ],
    },
    {
      file,
      where: `in modules_enabled under VirtualHost "${config.jitsi.xmppDomain}"`,
      comment: '--',
      lines: [{ text: '"ostiary";', why: WHY.load }],
    },
  ];
}

/** The lines for docker-jitsi-meet's `.env`; nothing where no module is listened to. */
export function dockerModule(config: Config): readonly JitsiLine[] {
  if (config.prosodyModule.secret === undefined) return [];
  const said = `ostiary_url = "${address(config, 'docker')}"\\nostiary_secret = "${PLACE_HOLDER}"`;
  return [
    { text: 'GLOBAL_MODULES=ostiary', why: `${WHY.load} If you have modules there, add it behind a comma.` },
    { text: `GLOBAL_CONFIG='${said}'`, why: WHY.config },
  ];
}

/** Where the file goes, or what cannot be done without it. */
export function moduleNotes(config: Config, install: Install): readonly string[] {
  if (config.prosodyModule.secret !== undefined)
    return [
      install === 'debian'
        ? `Copy mod_ostiary.lua from the folder prosody of this package to ${FOLDER}, and make ${FOLDER}/secret: chown root:prosody, chmod 640.`
        : 'Copy mod_ostiary.lua from the folder prosody of this package to ~/.jitsi-meet-cfg/prosody/prosody-plugins-custom.',
    ];
  return config.upstream.url === undefined
    ? [
        'Without our module in Prosody whoever signs out, or is put out of a room, stays in the meeting they are in until they leave, and nobody here sees whether a host is there. Set prosodyModule.secret, and this prints the lines that load it.',
      ]
    : [];
}
