/**
 * Does our TURN server let in whom we let in, and nobody else; and where does it let them go?
 */

import { isProblem } from '../../base/problem.ts';
import { isLoopback } from '../../config/loopback.ts';
import { type Around, isHindered } from './around.ts';
import { type DoctorCheck, green, grey, hindered, red, type Verdict, waiting, yellow } from './check.ts';
import { comesToTurn, INNER_PEERS } from './turn-visit.ts';
import { reasonOf } from './words.ts';

const DOCS = 'how-to/turn-as-the-only-way-in.md';
const NONE = grey('We hand out no TURN credentials (turn.urls).');
const LINES = '"ostiary turn-config --profile …" prints the whole file.';

function away(url: string | undefined, reason: string): Verdict {
  return /^(?:CERT_|DEPTH_|ERR_TLS|SELF_|UNABLE_)/.test(reason)
    ? red(
        `${url} has a certificate that is not believed (${reason}).`,
        'See that it is made for this name, has not run out, and shows its whole chain; an authority of your own is named in outbound.caFile, and browsers have to know it too.',
      )
    : red(
        `${url} does not answer (${reason}).`,
        'See that coturn runs, and that its port is reached from here, by UDP too where the address says so.',
      );
}

/** Why we cannot be in coturn's database from here. Throws what the database throws. */
async function noRow({ config, turnRow }: Around): Promise<Verdict | undefined> {
  const { database } = config.turn;
  if (database === undefined) return undefined;
  const row = await turnRow(database);
  return isHindered(row) ? hindered(row) : undefined;
}

/** A database that the server cannot use either; what only was busy is not told. */
function databaseUnusable({ config }: Around, thrown: unknown): Verdict | undefined {
  const { database } = config.turn;
  if (!isProblem(thrown)) return undefined;
  const { code, facts } = thrown;
  const full = code === 'store.full';
  if (!full && (code !== 'store.unavailable' || facts['why'] === undefined)) return undefined;
  return red(
    `turn.database cannot be used (${full ? 'not to be written to' : facts['why']}): nobody is given credentials.`,
    `Let turn.database name the file that coturn has as userdb, and this user and coturn both write to ${database} and its folder.`,
  );
}

/** The other addresses, by which whoever is behind a firewall comes: TCP, and TLS. */
async function others(around: Around): Promise<readonly Verdict[]> {
  const found = await Promise.all(
    around.config.turn.urls.slice(1).map(async (at): Promise<Verdict | undefined> => {
      try {
        const seen = await comesToTurn(around, 'right', { at });
        return seen === undefined || seen.code === 200
          ? undefined
          : red(
              `${at} refuses credentials of ours (${seen.code}).`,
              'See that the same coturn answers there.',
            );
      } catch (thrown) {
        if (!isProblem(thrown, 'outbound.failed')) throw thrown;
        return away(at, reasonOf(thrown));
      }
    }),
  );
  return found.filter((verdict) => verdict !== undefined);
}

/** As three people: one with right credentials, one with a wrong password, one with nothing. */
export const checkTurn: DoctorCheck = {
  name: 'turn',
  group: 'turn',
  asks: 'Does the TURN server take credentials of ours, and nobody without?',
  docs: DOCS,
  async run(around): Promise<Verdict | readonly Verdict[]> {
    if (around.config.turn.urls.length === 0) return NONE;
    try {
      const shut = await noRow(around);
      if (shut !== undefined) return shut;
      const [further, nobody, wrong, right] = await Promise.all([
        others(around),
        comesToTurn(around, 'nobody'),
        comesToTurn(around, 'wrong'),
        comesToTurn(around, 'right'),
      ]);
      const verdicts: Verdict[] = [...further];
      if (nobody?.code === 200)
        verdicts.push(
          red(
            'The TURN server relays for whoever comes, and asks for nothing.',
            `Set use-auth-secret and static-auth-secret in turnserver.conf, and take no-auth out. ${LINES}`,
          ),
        );
      else if (wrong?.code === 200)
        verdicts.push(
          red('The TURN server takes a wrong password.', `Take no-auth out of turnserver.conf. ${LINES}`),
        );
      else if (right !== undefined && right.code !== 200)
        verdicts.push(
          red(
            `The TURN server refuses credentials of ours (${right.code}).`,
            around.config.turn.database !== undefined
              ? `It reads another database, or none, or calls itself otherwise: set lt-cred-mech, userdb=${around.config.turn.database} and realm=${around.config.turn.realm} in turnserver.conf. ${LINES}`
              : `Make static-auth-secret in turnserver.conf and turn.secret the same, letter by letter; and run an NTP client on both machines. ${LINES}`,
          ),
        );
      if (nobody?.realm === undefined && nobody?.code !== 200)
        verdicts.push(
          yellow(
            'The TURN server names no realm.',
            `Set realm=${around.config.turn.realm} in turnserver.conf.`,
          ),
        );
      if (verdicts.length > 0) return verdicts;
      return green('It takes credentials of ours, and neither a wrong password nor none.');
    } catch (thrown) {
      const unusable = databaseUnusable(around, thrown);
      if (unusable !== undefined) return unusable;
      if (!isProblem(thrown, 'outbound.failed')) throw thrown;
      return away(around.config.turn.urls[0], reasonOf(thrown));
    }
  },
};

/** What stands in the settings as to be reached. */
function meant({ turn }: Around['config'], peer: string): boolean {
  return [...turn.bridges, ...turn.addresses].some(
    (one) => one === peer || (isLoopback(one) && isLoopback(peer)),
  );
}

/** Permissions alone: no data is sent to anybody. */
export const checkTurnPeers: DoctorCheck = {
  name: 'turn-peers',
  group: 'turn',
  asks: 'Does the TURN server lead nobody into inner networks, in whatever dress an address comes?',
  docs: DOCS,
  async run(around) {
    if (around.config.turn.urls.length === 0) return NONE;
    try {
      if ((await noRow(around)) !== undefined)
        return waiting('Could not tell: we have no credentials.', 'turn');
    } catch (thrown) {
      if (databaseUnusable(around, thrown) === undefined) throw thrown;
      return waiting('Could not tell: we have no credentials.', 'turn');
    }
    const permitted: string[] = [];
    let asked = 0;
    for (const family of [4, 6] as const) {
      const peers = INNER_PEERS[family].filter((peer) => !meant(around.config, peer));
      const seen = await comesToTurn(around, 'right', { family, peers });
      if (seen?.code !== 200) continue;
      asked += peers.length;
      permitted.push(...seen.permitted);
    }
    if (asked === 0) return grey('Could not tell: the TURN server makes no allocation for us.');
    if (permitted.length === 0) return green(`It refuses all ${asked} inner addresses that were asked for.`);
    const isLocal = permitted.some((peer) =>
      ['127.0.0.1', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1'].includes(peer),
    );
    return red(
      `Whoever has credentials comes through the TURN server to ${permitted.join(', ')}${isLocal ? ': to what listens on its machine for itself alone' : ''}.`,
      `Deny them in turnserver.conf (denied-peer-ip, with ::ffff:0.0.0.0-::ffff:255.255.255.255 and 64:ff9b::/96 for IPv4 in the dress of IPv6), and take allow-loopback-peers out. ${LINES}`,
    );
  },
};
