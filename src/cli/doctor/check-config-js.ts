/**
 * What does the served config.js say: does it lead to us, and to TURN alone where that is meant?
 */
import { isProblem } from '../../base/problem.ts';
import { rightText } from '../../config/complaints.ts';
import { findings } from '../../gateway/jitsi-findings.ts';
import { parseScript } from '../../gateway/script-read.ts';
import { isTable, memberAt, tableOf, UNKNOWN, type Value } from '../../gateway/script-table.ts';
import { type DoctorCheck, green, grey, red, type Verdict, yellow } from './check.ts';

const NONE = 'Could not tell: there is no config.js that can be read.';
const WHERE = 'At the end of config.js (Debian: /etc/jitsi/meet/HOST-config.js; docker: custom-config.js)';

/** The settings that say where people and their sign-in go. */
export const checkConfigJs: DoctorCheck = {
  name: 'config-js',
  group: 'jitsi',
  asks: 'Does the served config.js lead to our sign-in, and name the host that our tokens name?',
  docs: 'explain/token-auth-url.md',
  async run({ configJs, config }) {
    const values = await configJs();
    if (values === undefined) return grey(NONE, 'See that Jitsi’s web server answers for /config.js.');
    const { publicUrl, aliases, prefix, jitsi, upstream } = config;
    const about = { publicUrl, origins: [publicUrl, ...aliases], prefix, xmppDomain: jitsi.xmppDomain };
    // Only in front of all of it every way has to lead to us.
    const concerns = (path: string) =>
      upstream.url !== undefined || /^config\.js: (?:tokenAuthUrl|hosts\.domain)$/.test(path);
    const found = findings(values, about).filter(({ path }) => concerns(path));
    const verdicts = found.map(({ path, wrong, right, mayBe }): Verdict => {
      const told = [`${path} ${wrong}.`, rightText(right)] as const;
      return mayBe ? yellow(...told) : red(...told);
    });
    return verdicts.length > 0
      ? verdicts
      : green('It leads to our sign-in, and names the host that our tokens name.');
  },
};

/** `config.…` of a script, by its names; `UNKNOWN` where it does not follow from the text. */
function settingOf(text: string, ...path: readonly string[]): Value {
  const location = tableOf([], { open: true });
  const config = parseScript(text).read({ names: { location } }).get('config');
  return path.reduce<Value>(
    (value, name) => (isTable(value) ? memberAt(value, name) : value === UNKNOWN ? UNKNOWN : undefined),
    config,
  );
}

function shown(value: Value): string {
  if (value === UNKNOWN) return 'something that does not follow from the text';
  return value === undefined ? 'left out' : isTable(value) ? 'a list' : JSON.stringify(value);
}

/** @see lib-jitsi-meet, modules/RTC and JitsiConference: forceTurnRelay; jitsi-meet, config.js: p2p */
export const checkRelay: DoctorCheck = {
  name: 'turn-only',
  group: 'turn',
  asks: 'Do clients come by TURN alone, where there is a TURN server of ours?',
  docs: 'how-to/turn-as-the-only-way-in.md',
  async run({ configText, config }) {
    const { urls, bridges } = config.turn;
    if (urls.length === 0) return grey('We hand out no TURN credentials (turn.urls).');
    const text = await configText();
    if (text === undefined) return grey(NONE);
    try {
      const verdicts: Verdict[] = [];
      const forced = settingOf(text, 'forceTurnRelay');
      if (forced !== true)
        verdicts.push(
          yellow(
            `config.forceTurnRelay is ${shown(forced)}: clients look for ways past TURN.`,
            `${WHERE}: config.forceTurnRelay = true;`,
          ),
        );
      const [enabled, policy] = [
        settingOf(text, 'p2p', 'enabled'),
        settingOf(text, 'p2p', 'iceTransportPolicy'),
      ];
      if (enabled !== false && policy !== 'relay')
        verdicts.push(
          yellow(
            'Two people alone connect to each other directly, and each learns where the other is (config.p2p).',
            bridges.length > 0
              ? `${WHERE}: config.p2p.enabled = false;`
              : `${WHERE}: config.p2p.iceTransportPolicy = "relay";`,
          ),
        );
      const stun = settingOf(text, 'p2p', 'stunServers');
      if (enabled !== false && (!isTable(stun) || stun.members.size > 0))
        verdicts.push(
          yellow(
            stun === undefined
              ? 'config.p2p.stunServers is left out: clients ask meet-jit-si-turnrelay.jitsi.net who they are.'
              : 'config.p2p.stunServers names servers that clients ask who they are.',
            `${WHERE}: config.p2p.stunServers = [];`,
          ),
        );
      return verdicts.length > 0 ? verdicts : green('Clients are told to come by TURN alone.');
    } catch (thrown) {
      if (!isProblem(thrown, 'upstream.unusable')) throw thrown;
      return grey(NONE);
    }
  },
};
