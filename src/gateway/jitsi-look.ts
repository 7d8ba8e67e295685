/**
 * Looks at the Jitsi behind us: its config.js, its version, what Prosody makes
 * of a token that cannot hold. Kept for a while, whatever strangers ask: one
 * file for all tenants, one fetch at a time, failures too, and what was good
 * yesterday while Jitsi is away.
 *
 * Knows no wire: it is handed the way to ask.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { type ConfigJs, readConfigJs } from './config-js.ts';
import { type FindingsAbout, findings, type JitsiFinding } from './jitsi-findings.ts';
import { type JitsiSaid, type JitsiSigns, versionFindings, versionOf } from './jitsi-version.ts';

/** A small whole answer of Jitsi's web server, or of Prosody itself. Throws `upstream.*`. */
export type AskJitsi = (
  ask: {
    readonly to: 'web' | 'xmpp';
    readonly method: string;
    readonly path: string;
    readonly headers: readonly string[];
    readonly body?: Uint8Array;
  },
  most: number,
) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

/** What a look needs. */
export interface JitsiLookParts {
  readonly ask: AskJitsi;
  /** Where XMPP goes. */
  readonly xmppTo: 'web' | 'xmpp';
  readonly about: FindingsAbout;
  readonly said: JitsiSaid;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a look came to. */
export interface JitsiReport {
  /** For people. */
  readonly version: string;
  readonly findings: readonly JitsiFinding[];
}

/** The Jitsi behind us, looked at. */
export interface JitsiLook {
  /** Its config.js; the last good one where there is none now. Throws `upstream.*` where there never was. */
  configJs(): Promise<ConfigJs>;
  /** A look now. Never throws: that nobody answers is a finding. */
  look(): Promise<JitsiReport>;
  /** What the last look came to; where that is a while ago, another begins. */
  latest(): JitsiReport | undefined;
}

/** Milliseconds that a good config.js is good for, and a failure to get it. */
const FRESH = 60_000;
const FAILED = 5_000;
/** Milliseconds between two looks at everything else. */
const BETWEEN_LOOKS = 600_000;
const LARGEST_FILE = 1_048_576;
const LARGEST_ANSWER = 65_536;

/** A token that no key signed, in words for whoever finds it in a log. */
const NO_TOKEN = 'ostiary-looks-whether-this-header-is-read';

/** What we say to who has not signed in and takes no page: Jitsi never does. */
const OUR_PROBLEM = '{"type":"urn:ostiary:problem:';
const BACK_TO_US: JitsiFinding = {
  path: 'upstream.url',
  wrong: 'leads back to us: whoever signs in goes round in circles',
  right:
    "the address of Jitsi's own web server as this machine reaches it, which is not the one the proxy before us has",
};

/** Makes a look that asks nothing yet. */
export function createJitsiLook(parts: JitsiLookParts): JitsiLook {
  const configJs = keptConfigJs(parts);
  let latest: { readonly at: number; readonly report: JitsiReport } | undefined;
  let underWay: Promise<JitsiReport> | undefined;
  const look = () => {
    underWay ??= (async () => {
      try {
        const report = await lookNow(parts, configJs);
        tell(report, latest?.report, parts.log);
        latest = { at: parts.clock.now(), report };
        return report;
      } finally {
        underWay = undefined;
      }
    })();
    return underWay;
  };
  return {
    configJs,
    look,
    latest() {
      if (latest === undefined || parts.clock.now() - latest.at > BETWEEN_LOOKS)
        void look().then(undefined, (thrown) => parts.log.error('jitsi-look', {}, thrown));
      return latest?.report;
    },
  };
}

/** Says what is new, once. */
function tell(now: JitsiReport, before: JitsiReport | undefined, log: Log): void {
  if (now.version !== before?.version) log.info('jitsi-seen', { version: now.version });
  const told = new Set(before?.findings.map(({ path, wrong }) => `${path} ${wrong}`));
  for (const { path, wrong, right, mayBe } of now.findings)
    if (!told.has(`${path} ${wrong}`)) log[mayBe ? 'info' : 'warn']('jitsi-finding', { path, wrong, right });
}

function keptConfigJs({ ask, about, clock, log }: JitsiLookParts): () => Promise<ConfigJs> {
  let good: ConfigJs | undefined;
  let failed: Problem | undefined;
  let until = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;
  const host = new URL(about.publicUrl).host;
  const fetchIt = async () => {
    try {
      const { status, body } = await ask(get('/config.js', host), LARGEST_FILE);
      if (status !== 200) throw unusable(status);
      good = readConfigJs(new TextDecoder().decode(body), { host });
      failed = undefined;
      until = clock.now() + FRESH;
    } catch (thrown) {
      // Nobody may wait for this promise, so that nothing may leave it: a text that trips us is no reason to fall.
      failed = isProblem(thrown) ? thrown : new Problem('server.bug', { what: 'config.js' }, thrown);
      log.warn('jitsi-config-js', { ...failed.facts, code: failed.code }, failed);
      until = clock.now() + FAILED;
    } finally {
      underWay = undefined;
    }
  };
  return async () => {
    if (clock.now() >= until) {
      underWay ??= fetchIt();
      // Who comes while there is a good one does not wait for the next.
      if (good === undefined) await underWay;
    }
    if (good !== undefined) return good;
    throw failed ?? unusable(0);
  };
}

function unusable(status: number): Problem {
  return new Problem('upstream.unusable', { what: 'config.js', status });
}

function get(path: string, host: string): Parameters<AskJitsi>[0] {
  return { to: 'web', method: 'GET', path, headers: ['Host', host, 'Accept-Encoding', 'identity'] };
}

async function lookNow(parts: JitsiLookParts, configJs: () => Promise<ConfigJs>): Promise<JitsiReport> {
  const page = await textAt(parts, '/');
  if (isProblem(page)) return { version: 'unknown: it does not answer', findings: [away(page)] };
  if (page.text.startsWith(OUR_PROBLEM))
    return { version: 'unknown: who answers is ourselves', findings: [BACK_TO_US] };
  const build = /\bapp\.bundle\.min\.js\?v=(\d{1,9})\b/.exec(page.text)?.[1];
  const [authError, sso, prosody] = await Promise.all([
    isThere(parts, '/static/authError.html'),
    isThere(parts, '/static/sso.html'),
    knock(parts),
  ]);
  const signs: JitsiSigns = {
    ...(build !== undefined && { build: Number(build) }),
    ...(authError !== undefined && { authError }),
    ...(sso !== undefined && { sso }),
    ...(prosody !== undefined && { prosody }),
  };
  const version = versionOf(signs);
  return {
    version: version.says,
    findings: [...(await configFindings(parts, configJs)), ...versionFindings(version, parts.said)],
  };
}

async function configFindings(
  { about }: JitsiLookParts,
  configJs: () => Promise<ConfigJs>,
): Promise<readonly JitsiFinding[]> {
  try {
    return findings((await configJs()).values(), about);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const { why, status } = thrown.facts;
    return [
      {
        path: 'config.js',
        wrong: `cannot be read (${[thrown.code, why, status].filter((fact) => fact !== undefined).join(', ')})`,
        right: `Jitsi's own web server at upstream.url, which answers for /config.js${status === 400 ? ' (by https:// where it speaks TLS)' : ''}`,
      },
    ];
  }
}

function away({ code, facts }: Problem): JitsiFinding {
  const why = facts['why'] === undefined ? code : `${code}, ${facts['why']}`;
  return {
    path: 'upstream.url',
    wrong: `does not answer (${why})`,
    right:
      "the address of Jitsi's web server as this machine reaches it, with upstream.caFile for an authority of your own",
  };
}

async function textAt(
  { ask, about }: JitsiLookParts,
  path: string,
): Promise<{ readonly status: number; readonly text: string } | Problem> {
  try {
    const { status, body } = await ask(get(path, new URL(about.publicUrl).host), LARGEST_FILE);
    return { status, text: new TextDecoder().decode(body) };
  } catch (thrown) {
    if (isProblem(thrown)) return thrown;
    throw thrown;
  }
}

/** Is a file of Jitsi's there? A web server that shows its page in place of what is not there does not tell. */
async function isThere(parts: JitsiLookParts, path: string): Promise<boolean | undefined> {
  const found = await textAt(parts, path);
  if (isProblem(found)) return undefined;
  if (found.status === 404) return false;
  return found.status === 200 && !found.text.includes('app.bundle') ? true : undefined;
}

/**
 * Begins an XMPP stream with a token that cannot hold, in a header alone: what Prosody says of it tells whether it
 * was read. Nobody is let in by that, whatever comes of it.
 * @see XEP-0206, section 5; jitsi-meet, resources/prosody-plugins/mod_jitsi_session.lua and token/util.lib.lua
 */
async function knock({ ask, xmppTo, about }: JitsiLookParts): Promise<JitsiSigns['prosody']> {
  const headers = [
    ...['Host', new URL(about.publicUrl).host, 'Content-Type', 'text/xml; charset=utf-8'],
    ...['Accept-Encoding', 'identity', 'Authorization', `Bearer ${NO_TOKEN}`],
  ];
  const say = async (attributes: string, inside = ''): Promise<string> => {
    const text = `<body xmlns="http://jabber.org/protocol/httpbind" ${attributes}>${inside}</body>`;
    const body = new TextEncoder().encode(text);
    const asked = { to: xmppTo, method: 'POST', path: '/http-bind', headers, body };
    return new TextDecoder().decode((await ask(asked, LARGEST_ANSWER)).body);
  };
  try {
    const opened = await say(
      `to="${about.xmppDomain}" rid="1000001" hold="1" wait="5" ver="1.6" xml:lang="en" xmpp:version="1.0" xmlns:xmpp="urn:xmpp:xbosh"`,
    );
    const sid = /\bsid=["']([A-Za-z0-9-]{1,100})["']/.exec(opened)?.[1];
    if (sid === undefined) return undefined;
    const answer = await say(
      `rid="1000002" sid="${sid}"`,
      '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>',
    );
    await say(`rid="1000003" sid="${sid}" type="terminate"`);
    if (/<success\b/.test(answer)) return 'lets-in-without';
    const text = /<text\b[^>]*>([^<]*)</.exec(answer)?.[1];
    if (!/<failure\b/.test(answer) || text === undefined) return undefined;
    return text.trim().toLowerCase() === 'token required' ? 'reads-no-header' : 'reads-header';
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}
