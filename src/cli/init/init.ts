/**
 * A first configuration: finds Jitsi, asks little, tries the sign-in service, and writes what does not exist yet.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../../base/problem.ts';
import { type Complaint, formatComplaints } from '../../config/complaints.ts';
import { type Loaded, parseConfig } from '../../config/load.ts';
import { seeProviders } from '../check-running.ts';
import { type Command, complain, type ExitCode, type Given, type Io } from '../command.ts';
import { failureLines } from '../failure.ts';
import { counted, plain } from '../text.ts';
import { type Ended, type Unanswered, yes } from './ask.ts';
import { alreadyThere, besides, type NewFile, writeAll } from './files.ts';
import { type FoundJitsi, findJitsi, type NotFound } from './find.ts';
import { nextSteps } from './next-steps.ts';
import { type Answers, answersOf } from './questions.ts';
import { secretFileOf } from './service.ts';
import { firstSettings } from './settings.ts';

const SETTINGS = 'ostiary.yaml';

/** `ostiary init` */
export const init: Command = {
  name: 'init',
  does: 'set up a first configuration for the Jitsi that is here',
  about:
    'Reads a Jitsi from Debian packages (/etc/jitsi, /etc/prosody, /etc/nginx or /etc/apache2) or a docker-jitsi-meet (the folder of its .env), asks what no option says, each with a default where there is one, and asks the sign-in service at once. Writes ostiary.yaml, the file for the web server and the unit of systemd, or the compose file. Nothing that is there is written over, nothing of Jitsi is changed, and no secret is asked for: of one only the file is named. The exit code is 0 where the files were written, and 1 where nothing was: something is missing or cannot be used, is there already, or the sign-in service does not answer, publishes nothing, or refuses us.',
  takes: [{ name: 'folder', does: 'where Jitsi is looked for', optional: true }],
  options: [
    { flags: '--debian', does: 'Jitsi is from Debian packages, whatever is found' },
    { flags: '--docker', does: 'Jitsi is a docker-jitsi-meet, whatever is found' },
    { flags: '--out <folder>', does: 'where the files are written', otherwise: 'the folder one is in' },
    {
      flags: '--yes',
      does: 'ask nothing: what no option says is as found, or as it usually is; --issuer and --client-id are needed (or --saml-metadata; or --ldap-url and --ldap-base)',
    },
    {
      flags: '--offline',
      does: 'do not ask the sign-in service: it is there later, or cannot be reached from here',
    },
    { flags: '--door <door>', does: 'token-service or gateway', otherwise: 'token-service' },
    { flags: '--public-url <url>', does: 'under which address people reach us', otherwise: "Jitsi's own" },
    { flags: '--kind <kind>', does: 'how people sign in: oidc, saml or ldap', otherwise: 'oidc' },
    { flags: '--issuer <url>', does: 'the issuer of the sign-in service' },
    {
      flags: '--preset <preset>',
      does: 'what kind of sign-in service it is',
      otherwise: 'what the issuer looks like',
    },
    { flags: '--client-id <id>', does: 'the client id the service gave us' },
    {
      flags: '--client-secret-file <file>',
      does: 'the file that holds, or will hold, the client secret; none for a public client',
      otherwise: 'secrets/oidc beside ostiary.yaml',
    },
    { flags: '--saml-metadata <place>', does: 'address or file of the metadata of a SAML identity provider' },
    { flags: '--ldap-url <url>', does: 'where the directory is' },
    { flags: '--ldap-base <dn>', does: 'below which entry of it people are' },
    { flags: '--ldap-bind-dn <dn>', does: 'the account that looks people up', otherwise: 'none' },
    {
      flags: '--ldap-password-file <file>',
      does: 'the file that holds, or will hold, its password',
      otherwise: 'secrets/ldap beside ostiary.yaml',
    },
    {
      flags: '--provider-id <id>',
      does: 'a short id of the service, which never changes: it stands in the redirect URI',
      otherwise: 'the preset, else a word of its host name',
    },
    {
      flags: '--provider-name <name>',
      does: 'what its button says',
      otherwise: 'what the preset is called, else the id',
    },
    { flags: '--access <mode>', does: 'who may enter', otherwise: 'as Jitsi is found, or members' },
    {
      flags: '--hosts <list>',
      does: 'who leads: groups or e-mail addresses, with commas between; everyone (who signs in); or nobody',
      otherwise: 'nobody; must be given where people wait for a host',
    },
    { flags: '--other-applications', does: 'other applications sign for this Jitsi too, as Moodle does' },
  ],
  run: async (io, given) => {
    if (given.flag('debian') && given.flag('docker'))
      return complain(io, 'Which Jitsi is it?', 'Write --debian or --docker, or neither.');
    const found = findJitsi(given, io);
    if ('why' in found) return complain(io, ...notFound(found));
    io.out(foundText(found));
    const folder = resolve(io.cwd, given.text('out') ?? '.');
    // Said before anything is asked, and seen again by every write.
    const settingsThere = alreadyThere(folder, [{ name: SETTINGS, text: '' }]);
    if (settingsThere.length > 0) return isThere(io, settingsThere);
    const answers = await answersOf(io, given, found);
    if ('ended' in answers) return inputEnded(io, answers);
    if (!('door' in answers)) return unanswered(io, answers);
    const yaml = firstSettings(found, answers);
    const loaded = parsed(yaml, folder);
    if ('complaints' in loaded.judged) {
      io.err(formatComplaints(loaded.judged.complaints, join(folder, SETTINGS)));
      io.err('Nothing was written. (config.unusable)');
      return 1;
    }
    const files = [{ name: SETTINGS, text: yaml }, ...besides(found, answers)];
    const there = alreadyThere(folder, files);
    if (there.length > 0) return isThere(io, there);
    if (!(await serviceHolds(io, given, { found, answers, folder }))) return 1;
    return write(io, { folder, files, said: nextSteps(found, answers, folder) });
  },
};

function notFound(found: NotFound): readonly [what: string, whatToDo: string] {
  if (found.why === 'several')
    return [
      plain(`Several Jitsis are here: ${found.hosts.join(', ')}. (config.unusable)`),
      'Name the one that is meant with --public-url.',
    ];
  return [
    found.why === 'nothing'
      ? 'Nothing of a Jitsi was found. (config.unusable)'
      : 'Nothing of a Jitsi was found, and not everything could be read. (config.unusable)',
    'Name the folder of its settings, as: ostiary init ~/docker-jitsi-meet; or write --debian or --docker.',
  ];
}

function foundText({ install, publicUrl, files }: FoundJitsi): string {
  const what = install === 'docker' ? 'docker-jitsi-meet' : 'Jitsi from Debian packages';
  if (files === 0) return `${what}, as you say; none of its files was read.`;
  return plain(`${what}${publicUrl === undefined ? '' : ` at ${publicUrl}`}, by ${counted(files, 'file')}.`);
}

function isThere(io: Io, paths: readonly string[]): 1 {
  return complain(
    io,
    plain(
      `${paths.join(', ')} ${paths.length === 1 ? 'is' : 'are'} there already; nothing was written. (config.unusable, why: EEXIST)`,
    ),
    'Move it away, or name another folder with --out. "ostiary check" looks at a configuration that is there.',
  );
}

function unanswered(io: Io, missing: readonly Unanswered[]): 1 {
  for (const { flag, wrong, right } of missing) io.err(`--${flag} ${wrong}. Right would be: ${right}.`);
  io.err('Nothing was written. (config.unusable)');
  return 1;
}

function inputEnded(io: Io, { ended }: Ended): 1 {
  return complain(
    io,
    `The input ended before this was answered: ${ended} Nothing was written. (config.unusable)`,
    'Give a line for each question, an empty one for what stands in brackets; or ask nothing, with --yes and a flag for each that has no default: "ostiary init --help" has them.',
  );
}

/** Judged by the schema the server uses. A secret that is not there yet is taken to be a good one. */
function parsed(
  yaml: string,
  folder: string,
): { readonly judged: Loaded; readonly absent: readonly string[] } {
  const absent: string[] = [];
  const judged = parseConfig({
    yamlText: yaml,
    env: {},
    folder,
    readFile: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
        absent.push(path);
        return randomBytes(32).toString('base64url');
      }
    },
  });
  return { judged, absent };
}

/** Asks the sign-in service. False where it must not go on: it refuses us, or whoever was asked says no. */
async function serviceHolds(
  io: Io,
  given: Given,
  {
    found,
    answers,
    folder,
  }: { readonly found: FoundJitsi; readonly answers: Answers; readonly folder: string },
): Promise<boolean> {
  if (given.flag('offline')) {
    io.out('The sign-in service was not asked, as you say: "ostiary check" asks it.');
    return true;
  }
  const secretFile = secretFileOf(answers.service);
  const secretAbsent =
    secretFile !== undefined &&
    parsed(firstSettings(found, answers), folder).absent.includes(resolve(folder, secretFile));
  // A secret that is made up is shown to nobody.
  const { judged } = parsed(firstSettings(found, answers, !secretAbsent), folder);
  if ('complaints' in judged) throw new Problem('config.unusable');
  const { providers } = await seeProviders(judged.config, io.now);
  const findings = providers.map(({ finding }) => finding);
  const all = findings.flatMap(({ complaints }) => complaints);
  const wrong = secretAbsent ? all.filter((one) => !needsSecret(one)) : all;
  for (const { says, warning, complaints } of findings) {
    if (wrong.length > 0) break;
    if (secretAbsent || (complaints.length === 0 && warning === undefined && says === undefined))
      io.out(
        'The sign-in service answers; whether it takes us, "ostiary check" says once the secret is there.',
      );
    else io.out(plain(`The sign-in service ${warning ?? says}.`));
  }
  if (wrong.length === 0) return true;
  for (const line of formatComplaints(wrong).split('\n')) io.err(plain(`wrong  ${line}`));
  if (wrong.some(isRefusal)) {
    complain(
      io,
      'The sign-in service refuses us; nothing was written. (provider.misconfigured)',
      'Compare the address, the client id or account, and the file of the secret with what is set there.',
    );
    return false;
  }
  if (given.flag('yes')) {
    complain(
      io,
      'The sign-in service does not answer as it should; nothing was written. (provider.unreachable)',
      'Mend what stands above; or write --offline, so that it is not asked.',
    );
    return false;
  }
  const goOn = await yes(io, 'Write the files all the same?', false);
  if (goOn === true) return true;
  if (goOn !== false) inputEnded(io, goOn);
  else
    complain(
      io,
      'Nothing was written, as you say.',
      'Mend what stands above and run this again; with --offline the service is not asked.',
    );
  return false;
}

/** It answers, and does not take the client id or the secret, or the account. */
function isRefusal({ path }: Complaint): boolean {
  return /\.client(?:Id|Secret)$|\.ldap\.bind(?:Password|Dn)$/.test(path);
}

/** What can only be told with the secret: a directory shows strangers little. */
function needsSecret(complaint: Complaint): boolean {
  return isRefusal(complaint) || /\.ldap\.(?:base|groupBase)$/.test(complaint.path);
}

function write(
  io: Io,
  {
    folder,
    files,
    said,
  }: { readonly folder: string; readonly files: readonly NewFile[]; readonly said: string },
): ExitCode {
  try {
    writeAll(folder, files);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && 'syscall' in thrown)) throw thrown;
    if (thrown.code === 'EEXIST') return isThere(io, alreadyThere(folder, files));
    const [what] = failureLines(new Problem('config.unusable', { file: folder, why: String(thrown.code) }));
    return complain(
      io,
      plain(what),
      'Run this as a user who may write there, or name another folder with --out.',
    );
  }
  io.out(`Written:\n${files.map(({ name }) => `  ${join(folder, name)}`).join('\n')}`);
  io.out(`\n${said}`);
  return 0;
}
