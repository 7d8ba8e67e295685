/**
 * From what lets people into a Jitsi today to settings of ours and the exact changes in Jitsi's files.
 */
import { basename, resolve } from 'node:path';
import { systemRandom } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { type Command, complain, type ExitCode, type Given, type Io, JSON_OUT } from '../command.ts';
import { json } from '../text.ts';
import { type Applied, apply, interrupted, keptPlaces, undo } from './apply.ts';
import { beforeSteps } from './before.ts';
import { type Found, look, switchedOff } from './look.ts';
import { appliedText, foundJson, foundText, stepsJson, stepsText, summary } from './report.ts';
import { written } from './settings.ts';
import { type Settled, settle, settledJson, settledText } from './settle.ts';
import type { Step } from './step.ts';
import { stillText, stillToDo, todoOf } from './todo.ts';
import { settingsElsewhere, tellElsewhere } from './where.ts';

/** As many bytes as the hash has that it is used with. */
const newSecret = () => new Secret(Buffer.from(systemRandom.bytes(32)).toString('base64url'));

/** `ostiary migrate` */
export const migrate: Command = {
  name: 'migrate',
  does: 'read a Jitsi and what signs people in today, write settings, show what changes in Jitsi’s files',
  about:
    'Reads a Jitsi from Debian packages (/etc/jitsi, /etc/prosody, /etc/nginx or /etc/apache2) or a docker-jitsi-meet (the folder of its .env), and what signs people in for it: mod_shib (/etc/shibboleth), a directory by mod_auth_ldap, mod_auth_ldap2 or saslauthd (/etc/saslauthd.conf), jitsi-oidc-adapter, jitsi-keycloak-adapter, jitsi-openid, Jitsi-SAML2JWT. Where there is no ostiary.yaml yet, it is written, with a file for each secret; one that is there stays as it is, and the steps follow it. Nothing else is changed without --apply, which keeps a copy of every file; --undo puts them back. Secrets are never printed.',
  takes: [
    {
      name: 'path',
      does: 'a folder or a file, as /etc/jitsi /etc/prosody /etc/nginx',
      optional: true,
      many: true,
    },
  ],
  options: [
    { flags: '--host <name>', does: 'the host of the meetings, where several are found' },
    { flags: '--out <folder>', does: 'where ostiary.yaml is written', otherwise: 'the current folder' },
    {
      flags: '--apply',
      does: "change Jitsi's files as shown, and keep copies in ostiary-undo beside the settings",
    },
    { flags: '--undo', does: 'take the last --apply back' },
    JSON_OUT,
  ],
  run: async (io, given) => {
    const folder = resolve(io.cwd, given.text('out') ?? '.');
    if (given.flag('undo')) return takeBack(io, given, folder);
    if (given.words.length === 0)
      return complain(
        io,
        'What shall be read?',
        'Name folders, as: ostiary migrate /etc/jitsi /etc/prosody /etc/nginx',
      );
    const elsewhere = settingsElsewhere(io, given);
    if (elsewhere !== undefined) return tellElsewhere(io, elsewhere);
    const half = interrupted(folder);
    if (half !== undefined && 'hindrance' in half) return complain(io, half.hindrance, half.whatToDo);
    const found = look(given, io);
    if ('wrong' in found) return complain(io, ...found.wrong);
    const done = migrated(io, found, { folder, isApplied: given.flag('apply') });
    if (given.flag('json')) io.out(json(asJson(done)));
    else tell(io, done);
    if (done.settled.config === undefined) return 1;
    const { applied } = done;
    if (applied === undefined || 'files' in applied) return 0;
    return complain(io, applied.hindrance, applied.whatToDo);
  },
};

/** All that came of one look. */
interface Migrated {
  readonly found: Found;
  readonly unread: Parameters<typeof foundText>[1];
  readonly folder: string;
  readonly settled: Settled;
  readonly before: readonly string[];
  readonly steps: readonly Step[];
  /** What an earlier --apply left to do by hand. */
  readonly still: readonly string[];
  /** Undefined where nothing was to be changed. */
  readonly applied?: Applied;
}

function migrated(
  io: Io,
  found: Found,
  { folder, isApplied }: { readonly folder: string; readonly isApplied: boolean },
): Migrated {
  const wanted = written(found.readings, { usersFile: found.usersFile, newSecret });
  const settled = settle(io, folder, wanted);
  const { config, file } = settled;
  const parts = { found, folder, settled, unread: [...found.unread, ...wanted.conflicts] };
  if (config === undefined) return { ...parts, before: [], steps: [], still: [] };
  const before = beforeSteps(config, { file, install: found.install });
  const steps = [...found.steps(config), ...switchedOff(found.readings)];
  const changes = steps.flatMap(({ changes: all }) => all);
  const todo = todoOf(steps);
  const still = stillToDo(keptPlaces(folder), todo);
  const applied = isApplied && changes.length > 0 ? apply(folder, changes, todo) : undefined;
  return { ...parts, before, steps, still, ...(applied && { applied }) };
}

function tell(io: Io, { found, unread, folder, settled, before, steps, still, applied }: Migrated): void {
  io.out(foundText(found.readings, unread));
  const said = settledText(settled);
  for (const line of said.out) io.out(line);
  for (const line of said.err) io.err(line);
  if (settled.config === undefined) return;
  io.out(`\n===== Before the first step\n${before.map((line) => `- ${line}`).join('\n')}`);
  io.out(`\n${stepsText(steps)}\n`);
  if (still.length > 0) io.out(`${stillText(still)}\n`);
  if (applied === undefined) io.out(summary(steps));
  else if ('files' in applied) io.out(appliedText(steps, applied.files, folder));
}

function asJson({ found, unread, settled, before, steps, still, applied }: Migrated) {
  return {
    install: found.install,
    ...foundJson(found.readings, unread),
    settings: settledJson(settled),
    before,
    steps: stepsJson(steps),
    still,
    applied: applied !== undefined && 'files' in applied ? applied.files : [],
  };
}

function takeBack(io: Io, given: Given, folder: string): ExitCode {
  const done = undo(folder);
  if ('hindrance' in done) return complain(io, done.hindrance, done.whatToDo);
  if (given.flag('json')) io.out(json({ undone: done.files }));
  else {
    io.out(done.files.map((file) => `${file} is as it was.`).join('\n'));
    // Of docker-jitsi-meet its .env is always among them.
    const isDocker = done.files.some((file) => basename(file) === '.env');
    io.out(
      `Afterwards: ${isDocker ? 'docker compose up -d --force-recreate' : 'systemctl restart prosody jicofo, and reload the web server'}`,
    );
  }
  return 0;
}
