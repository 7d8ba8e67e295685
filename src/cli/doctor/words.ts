/**
 * What Prosody and the wire answer, in words for whoever has to mend it.
 *
 * Pure. Repeats claims, and never a token.
 */
import type { Problem } from '../../base/problem.ts';
import type { Config } from '../../config/load.ts';
import type { StreamRefusal } from '../../identity/prosody/visit.ts';

/** Why the wire failed: `ECONNREFUSED`, `status 502`. */
export function reasonOf({ facts }: Problem): string {
  const { reason = 'unknown', status } = facts;
  return reason === 'status' ? `status ${status}` : String(reason);
}

const LINES = '"ostiary jitsi-config" prints the lines for Prosody; restart it afterwards.';

interface Words {
  readonly text: RegExp;
  /** What it means of a token as we made it. */
  readonly means: (config: Config) => string;
  readonly fix: (config: Config) => string;
}

const shares = ({ tokens }: Config): boolean => tokens.secret !== undefined;

/** @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:process_and_verify_token` */
const WORDS: readonly Words[] = [
  {
    text: /^token required$/,
    means: () => 'It read none: ours comes in a header (Authorization).',
    fix: () =>
      'Take newer plugins (jitsi-meet-prosody of 7 May 2024 or later), or see that the web server before Prosody hands Authorization on.',
  },
  {
    text: /^Invalid signature$/,
    means: (config) =>
      shares(config)
        ? 'It has another secret than we sign with.'
        : 'It has another key under that name than we sign with, and keeps each until it is restarted.',
    fix: (config) =>
      shares(config)
        ? `Make app_secret (docker: JWT_APP_SECRET) and tokens.secret the same, letter by letter. ${LINES}`
        : `Restart it, and see that asap_key_server leads to us. ${LINES}`,
  },
  {
    text: /'iss' claim/,
    means: ({ tokens }) =>
      `Our tokens name ${quoted(tokens.appId)} as issuer (tokens.appId), and it takes others.`,
    fix: ({ tokens }) =>
      `Set app_id = ${quoted(tokens.appId)} there, or asap_accepted_issuers = { ${quoted(tokens.appId)} }. ${LINES}`,
  },
  {
    text: /'aud' claim/,
    means: ({ tokens }) =>
      `Our tokens name ${quoted(tokens.audience)} as audience (tokens.audience), and it takes others.`,
    fix: ({ tokens }) => `Set asap_accepted_audiences = { ${quoted(tokens.audience)} } there. ${LINES}`,
  },
  {
    text: /^Not acceptable by (?:exp|nbf)/,
    means: () => 'Its clock and ours differ, and it forgives no second.',
    fix: () => 'Run an NTP client on the machine of Prosody and on this one.',
  },
  {
    text: /alg$|RS family|'alg' claim|'kid' claim/,
    means: (config) =>
      shares(config)
        ? 'We sign with a secret (HS256), and it fetches keys or wants another algorithm: it takes one way alone.'
        : 'We sign with a key (RS256), and it wants another algorithm or has a secret: it takes one way alone.',
    fix: (config) =>
      shares(config)
        ? `Set signature_algorithm = "HS256" there, and app_secret without any asap_key_server or cache_keys_url. ${LINES}`
        : `Set signature_algorithm = "RS256" there, and asap_key_server. ${LINES}`,
  },
  {
    text: /public key/,
    means: () => 'It did not get our key where it fetches keys.',
    fix: ({ listen, prefix }) =>
      `See that Prosody's machine reaches ${listen.inner.url}${prefix}/asap, and set it as asap_key_server without a slash at its end. ${LINES}`,
  },
];

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** What a refusal of a token that should hold means, and what to do. */
export function explained(
  { text, condition }: StreamRefusal,
  config: Config,
): { readonly says: string; readonly fix: string } {
  const said = text === '' ? `<${condition}/>` : `"${text}"`;
  const words = WORDS.find((one) => one.text.test(text));
  const means = words === undefined ? '' : ` ${words.means(config)}`;
  return {
    says: `Prosody refuses a token of ours with ${said}.${means}`,
    fix: words?.fix(config) ?? `See what Prosody's log says of it. ${LINES}`,
  };
}

/** A wire that brought nobody to Prosody: what it means, and what to do. */
export function unreached(
  problem: Problem,
  { path, origin }: { readonly path: string; readonly origin: string },
): { readonly says: string; readonly fix: string } {
  const { reason, status } = problem.facts;
  const where = `${origin}${path}`;
  const code = Number(status);
  if (code >= 502 && code <= 504)
    return {
      says: `${where} is answered with ${code}: the web server does not reach Prosody.`,
      fix: 'Start Prosody, and see that the web server leads to its port 5280 (mod_bosh, mod_websocket).',
    };
  if (reason === 'status')
    return {
      says: `${where} is answered with ${status}, and not by Prosody.`,
      fix: `Load the module ${path.includes('bind') ? 'bosh' : 'websocket'} in Prosody, and let the web server hand ${path} on to its port 5280${path.includes('bind') ? '' : ', with Upgrade and Connection'}.`,
    };
  if (reason === 'silence' || reason === 'timeout')
    return {
      says: `${where} is taken, and nothing is ever said: so Prosody stops with an error of its own.`,
      fix: "Look for a traceback in Prosody's log: a key server that answers with no PEM, a missing Lua module (basexx, luaossl, cjson).",
    };
  if (reason === 'no-xmpp' || reason === 'no-bosh' || reason === 'closed' || reason === 'host-unknown')
    return {
      says: `${where} is answered, but not as Prosody does (${reasonOf(problem)}).`,
      fix: 'See which program answers there, and whether jitsi.xmppDomain names a VirtualHost of Prosody.',
    };
  return {
    says: `${where} does not answer (${reasonOf(problem)}).`,
    fix: 'See that the name, the port and the certificate are right, and that this machine gets there.',
  };
}
