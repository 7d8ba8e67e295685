/**
 * From what lets people into a Jitsi today to settings of ours and the exact changes in Jitsi's files.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemRandom } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { formatComplaints } from '../../config/complaints.ts';
import { type Config, loadConfig, parseConfig } from '../../config/load.ts';
import { type Command, complain, type ExitCode, type Io } from '../command.ts';
import { counted } from '../text.ts';
import { apply, undo, writeSettings } from './apply.ts';
import { beforeSteps } from './before.ts';
import { look, switchedOff } from './look.ts';
import { foundText, stepsText, summary } from './report.ts';
import { type Written, written } from './settings.ts';
import type { Step } from './step.ts';

const SETTINGS = 'ostiary.yaml';

/** As many bytes as the hash has that it is used with. */
const newSecret = () => new Secret(Buffer.from(systemRandom.bytes(32)).toString('base64url'));

/** `ostiary migrate` */
export const migrate: Command = {
  name: 'migrate',
  does: 'read a Jitsi and what signs people in today, write settings, show what changes in Jitsi’s files',
  about:
    'Reads a Jitsi from Debian packages (/etc/jitsi, /etc/prosody, /etc/nginx or /etc/apache2) or a docker-jitsi-meet (the folder of its .env), and what signs people in for it: mod_shib (/etc/shibboleth), jitsi-oidc-adapter, jitsi-keycloak-adapter, jitsi-openid, Jitsi-SAML2JWT. Writes ostiary.yaml with a file for each secret, where there is none yet; with one that is there, shows what it takes. Nothing else is changed without --apply, which keeps a copy of every file. Secrets are never printed.',
  takes: [{ name: 'path', does: 'a folder or a file', optional: true, many: true }],
  options: [
    { flags: '--host <name>', does: 'the host of the meetings, where several are found' },
    { flags: '--out <folder>', does: 'where ostiary.yaml is written', otherwise: 'the folder one is in' },
    { flags: '--apply', does: 'change the files, and keep copies' },
    { flags: '--undo', does: 'take the last change back' },
  ],
  run: async (io, given) => {
    const folder = resolve(io.cwd, given.text('out') ?? '.');
    if (given.flag('undo')) return takeBack(io, folder);
    if (given.words.length === 0)
      return complain(
        io,
        'What shall be read?',
        'Name folders, as: ostiary migrate /etc/jitsi /etc/prosody /etc/nginx',
      );
    const found = look(given, io);
    if ('wrong' in found) return complain(io, ...found.wrong);
    const wanted = written(found.readings, { usersFile: found.usersFile, newSecret });
    io.out(foundText(found.readings, [...found.unread, ...wanted.conflicts]));
    const config = settle(io, folder, wanted);
    if (config === undefined) return 1;
    const before = beforeSteps(config, { file: join(folder, SETTINGS), install: found.install });
    const steps = [...found.steps(config), ...switchedOff(found.readings)];
    io.out(`\n===== Before the first step\n${before.map((line) => `- ${line}`).join('\n')}`);
    io.out(`\n${stepsText(steps)}\n\n${summary(steps)}`);
    return given.flag('apply') ? change(io, folder, steps) : 0;
  },
};

/** The settings that are there, else those that were found, written down. */
function settle(io: Io, folder: string, wanted: Written): Config | undefined {
  const file = join(folder, SETTINGS);
  if (existsSync(file)) {
    const loaded = loadConfig(file, io.env);
    if ('config' in loaded) {
      io.out(`\n===== Settings\n${file} is there already, and is what the steps below are for.`);
      return loaded.config;
    }
    io.err(formatComplaints(loaded.complaints, file));
    return undefined;
  }
  const secrets = new Map(wanted.secrets.map(({ name, secret }) => [join(folder, name), secret.reveal()]));
  const loaded = parseConfig({
    yamlText: wanted.yaml,
    env: {},
    readFile: (path) => secrets.get(path) ?? '',
    folder,
  });
  io.out(`\n===== Settings: ${file}\n${wanted.yaml.trimEnd()}`);
  for (const said of wanted.decided) io.out(`! ${said}`);
  if ('complaints' in loaded) {
    io.err(formatComplaints(loaded.complaints, file));
    io.err('It was not written: what is missing could not be found. Name more folders, or --host.');
    return undefined;
  }
  const there = wanted.secrets.map(({ name }) => join(folder, name)).filter((one) => existsSync(one));
  if (there.length > 0) {
    io.err(`${there.join(', ')} is there already, and no settings beside it.`);
    io.err('Move it away, or name another folder with --out.');
    return undefined;
  }
  writeSettings(file, wanted);
  const told =
    wanted.secrets.length === 0
      ? ''
      : `, and ${counted(wanted.secrets.length, 'secret')} beside it, for this user alone`;
  io.out(`It was written${told}. Change it as you like, and run this again: the steps follow it.`);
  return loaded.config;
}

function change(io: Io, folder: string, steps: readonly Step[]): ExitCode {
  const changes = steps.flatMap(({ changes: all }) => all);
  if (changes.length === 0) return 0;
  const done = apply(folder, changes);
  if ('hindrance' in done) return complain(io, done.hindrance, 'Run this again.');
  io.out(`\n${counted(done.files.length, 'file')} changed. Back: ostiary migrate --undo --out ${folder}`);
  return 0;
}

function takeBack(io: Io, folder: string): ExitCode {
  const done = undo(folder);
  if ('hindrance' in done) return complain(io, done.hindrance, 'Name the folder of the settings with --out.');
  io.out(done.files.map((file) => `${file} is as it was.`).join('\n'));
  io.out('Restart prosody and jicofo, and reload the web server.');
  return 0;
}
