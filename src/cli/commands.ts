/**
 * Every command there is; help and documentation are made from this table.
 */
import { backup, restore } from './backup.ts';
import { check } from './check.ts';
import { type Command, complain, JSON_OUT } from './command.ts';
import { doctor } from './doctor/doctor.ts';
import { forget } from './forget.ts';
import { init } from './init/init.ts';
import { inviteList, inviteMake, inviteRevoke, inviteShow } from './invite.ts';
import { jitsiConfig } from './jitsi-config.ts';
import { keysList, keysRevoke, keysRotate } from './keys.ts';
import { keysSaml } from './keys-saml.ts';
import { kick, kicks } from './kick.ts';
import { migrate } from './migrate/migrate.ts';
import { pass } from './pass.ts';
import { policyExplain, policyTest } from './policy.ts';
import { proxyConfig } from './proxy-config.ts';
import { report } from './report.ts';
import { serveCommand } from './serve.ts';
import { sessionsEnd, sessionsList } from './sessions.ts';
import { config } from './show-config.ts';
import { timesList, timesRemove, timesSet } from './times.ts';
import { tokenInspect } from './token-inspect.ts';
import { turnConfig } from './turn-config.ts';
import { userAdd, userList, userPasswd, userRemove } from './user.ts';
import { version } from './version.ts';
import { why } from './why.ts';

/** `ostiary demo`. Its code, and what it depends on, is loaded only when it is asked for. */
const demo: Command = {
  name: 'demo',
  does: 'try everything on this machine, with made-up people',
  about:
    'Starts a sign-in service, stand-ins of Jitsi and Prosody, and the server itself, on this machine alone. OSTIARY_UPSTREAM=https://… puts it at the service of a real Jitsi.',
  options: [
    { flags: '--port <number>', does: 'where the meeting is', otherwise: 'a free port' },
    {
      flags: '--door <door>',
      does: 'stand in front of the meeting (gateway), or beside it (token-service)',
      otherwise: 'gateway; token-service with OSTIARY_UPSTREAM',
    },
    {
      flags: '--with <file>',
      does: 'settings of your own over those of the demo: rules, apps, issuers, pages, …; addresses and accounts stay the demo’s',
    },
    {
      flags: '--log <level>',
      does: 'what the log tells meanwhile: warn; info, with why somebody is not let in; or debug',
      otherwise: 'warn',
    },
    { ...JSON_OUT, does: 'print one line of JSON when everything is ready, and nothing else' },
  ],
  run: async (io, given) => {
    try {
      const { runDemo } = await import('./demo.ts');
      return await runDemo(io, given);
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND'))
        throw thrown;
      return complain(
        io,
        'The demo needs packages that were left out.',
        'Install them: "npm ci" without --omit=optional.',
      );
    }
  },
};

/** The table, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  serveCommand,
  demo,
  init,
  check,
  doctor,
  config,
  jitsiConfig,
  turnConfig,
  proxyConfig,
  migrate,
  why,
  report,
  tokenInspect,
  sessionsList,
  sessionsEnd,
  kick,
  kicks,
  keysList,
  keysRotate,
  keysRevoke,
  keysSaml,
  inviteMake,
  inviteList,
  inviteShow,
  inviteRevoke,
  timesSet,
  timesList,
  timesRemove,
  pass,
  userAdd,
  userList,
  userPasswd,
  userRemove,
  forget,
  policyExplain,
  policyTest,
  backup,
  restore,
  version,
];

/** What belongs together under one first word. */
export const GROUPS: Readonly<Record<string, string>> = {
  sessions: 'show who is signed in, and sign them out',
  keys: 'show the keys tokens are signed with, begin with a new one, give one up',
  invite: 'make, show and take back links that let people into one room',
  times: 'say and show when rooms are open',
  user: 'add, show, change and remove accounts with a password (users.yaml)',
  policy: 'ask the rules who may enter which room, and as what',
  token: 'read a token that Jitsi is handed',
};
