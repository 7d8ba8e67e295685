/**
 * Everything between people and a meeting, asked as they would: what is wrong, why, and what to do.
 */
import { resolve } from 'node:path';
import { type Complaint, rightText } from '../../config/complaints.ts';
import { CONFIG, type Command, complain, type ExitCode, type Given, type Io, JSON_OUT } from '../command.ts';
import { findConfig } from '../open.ts';
import { json } from '../text.ts';
import { openAround, type Wanted } from './around.ts';
import { red } from './check.ts';
import { checkSettings } from './check-settings.ts';
import { CHECKS } from './checks.ts';
import { runChecks, type Told, worst } from './run.ts';
import { asJson, asText } from './tell.ts';

/** Seconds for one exchange, unless said. */
const TIMEOUT = 8;
/** A check is made of so many at most. */
const EXCHANGES = 4;

/** `ostiary doctor` */
export const doctor: Command = {
  name: 'doctor',
  does: 'look at everything between people and a meeting, as it answers now, and say what to do',
  about:
    'Asks the sign-in services, Jitsi and Prosody, and comes to Prosody as a client does, with tokens for a room that nobody knows: they end after two minutes, are printed nowhere, and stand in the audit as the doctor’s. Nothing is changed anywhere, but for one row in coturn’s database (turn.database) that is taken out again. The exit code is 0 where nothing is red, 1 where something is, and 2 for words that were not understood.',
  takes: [{ name: 'url', does: 'where people find Jitsi; otherwise jitsi.url', optional: true }],
  options: [
    {
      flags: '--prosody <url>',
      does: "where Prosody's own HTTP is, past every gate",
      otherwise: 'upstream.xmpp, upstream.url, else the same',
    },
    {
      flags: '--key-server <url>',
      does: 'where Prosody fetches our keys (asap_key_server)',
      otherwise: 'at the inner listener',
    },
    { flags: '--log <file>', does: 'a log of a web server or of Prosody, in which tokens are looked for' },
    { flags: '--turn-file <file>', does: 'the turnserver.conf of coturn, where it is on this machine' },
    { flags: '--embed <url>', does: 'a page that embeds meetings: which case of cookies it is' },
    { flags: '--timeout <seconds>', does: 'how long one exchange may take', otherwise: String(TIMEOUT) },
    CONFIG,
    { ...JSON_OUT, does: 'print JSON' },
  ],
  misread: 2,
  run: async (io, given) => {
    const found = findConfig(io, given);
    if ('complaints' in found) return tell(io, given, found.complaints.map(unusable));
    const { config, file } = found;
    const wanted = wantedBy(io, given, config.jitsi.url);
    if ('wrong' in wanted) {
      complain(io, ...wanted.wrong);
      return 2;
    }
    const { around, close } = await openAround({ config, file, now: io.now }, wanted);
    try {
      return tell(io, given, await runChecks(CHECKS, around, wanted.timeout * EXCHANGES));
    } finally {
      await close();
    }
  },
};

function unusable({ path, wrong, right }: Complaint): Told {
  return { ...red(`${path} ${wrong}.`, rightText(right)), check: checkSettings };
}

interface Wrong {
  readonly wrong: readonly [what: string, whatToDo: string];
}

function wantedBy({ cwd }: Io, given: Given, usual: string): Wanted | Wrong {
  const [url = usual] = given.words;
  const origin = originOf(url);
  if (origin === undefined)
    return { wrong: [`${url} is no address of a web server.`, 'Write one as https://meet.example.org.'] };
  const seconds = Number(given.text('timeout') ?? TIMEOUT);
  if (!(seconds > 0 && seconds <= 600))
    return { wrong: ['That is no number of seconds.', 'Write --timeout with a number from 1 to 600.'] };
  const said = {
    prosody: given.text('prosody'),
    keyServer: given.text('keyServer'),
    embed: given.text('embed'),
  };
  for (const value of Object.values(said))
    if (value !== undefined && originOf(value) === undefined)
      return { wrong: [`${value} is no address of a web server.`, 'Write one as http://127.0.0.1:5280.'] };
  const { prosody, keyServer, embed } = said;
  const [log, turnFile] = [given.text('log'), given.text('turnFile')];
  return {
    origin,
    timeout: seconds * 1000,
    ...(prosody !== undefined && { prosody: String(originOf(prosody)) }),
    ...(embed !== undefined && { embed }),
    ...(turnFile !== undefined && { turnFile: resolve(cwd, turnFile) }),
    ...(log !== undefined && { log: resolve(cwd, log) }),
    ...(keyServer !== undefined && { keyServer: keyServer.replace(/\/$/, '') }),
  };
}

function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' ? url.origin : undefined;
}

function tell(io: Io, given: Given, told: readonly Told[]): ExitCode {
  io.out(given.flag('json') ? json(asJson(told)) : asText(told, io.colours?.() ?? false));
  return worst(told) === 'red' ? 1 : 0;
}
