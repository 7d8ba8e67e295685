/**
 * What Prosody and the wire answer, in words for whoever has to mend it.
 *
 * Pure. Repeats claims, and never a token.
 */
import type { Problem } from '../../base/problem.ts';
import type { Config } from '../../config/load.ts';
import type { StreamRefusal } from '../../identity/prosody/visit.ts';
import { prosodyOfConfig } from '../found-prosody.ts';
import { decoded, whyRefused } from '../token-words.ts';

/** Why the wire failed: `ECONNREFUSED`, `status 502`. */
export function reasonOf({ facts }: Problem): string {
  const { reason = 'unknown', status } = facts;
  return reason === 'status' ? `status ${status}` : String(reason);
}

type Fix = (config: Config) => string;

const LINES = '"ostiary jitsi-config" prints the lines for Prosody; restart it afterwards.';

const FIXES: readonly (readonly [text: RegExp, fix: Fix])[] = [
  [
    /^token required$/,
    () =>
      'Prosody read no token from the header: take newer plugins (jitsi-meet-prosody of 7 May 2024 or later), or see that the web server before it hands Authorization on.',
  ],
  [
    /^Invalid signature$/,
    ({ tokens }) =>
      tokens.secret === undefined
        ? `Prosody keeps another key under this kid until it is restarted: restart it, and see that asap_key_server leads to us. ${LINES}`
        : `Make app_secret (docker: JWT_APP_SECRET) and tokens.secret the same, letter by letter. ${LINES}`,
  ],
  [
    /'iss' claim/,
    ({ tokens }) =>
      `Set app_id = "${tokens.appId}" there, or asap_accepted_issuers = { "${tokens.appId}" }. ${LINES}`,
  ],
  [/'aud' claim/, ({ tokens }) => `Set asap_accepted_audiences = { "${tokens.audience}" } there. ${LINES}`],
  [/^Not acceptable by (?:exp|nbf)/, () => 'Run an NTP client on the machine of Prosody and on this one.'],
  [
    /alg$|RS family|'alg' claim|'kid' claim/,
    ({ tokens }) =>
      `Set signature_algorithm = "${tokens.secret === undefined ? 'RS256' : 'HS256'}" there, and ${tokens.secret === undefined ? 'asap_key_server' : 'app_secret without any asap_key_server or cache_keys_url'}. ${LINES}`,
  ],
  [
    /public key/,
    ({ listen, prefix }) =>
      `See that Prosody's machine reaches ${listen.inner.url}${prefix}/asap, and set it as asap_key_server without a slash at its end. ${LINES}`,
  ],
  [/^room claim|^sub claim/, () => LINES],
];

/** What a refusal of a token that should hold means, and what to do. `now` in milliseconds since 1970. */
export function explained(
  refusal: StreamRefusal,
  { config, token, now }: { readonly config: Config; readonly token: string; readonly now: number },
): { readonly says: string; readonly fix: string } {
  const { options } = prosodyOfConfig(config, undefined);
  const { text } = refusal;
  const condition = refusal.condition === 'not-authorized' ? 'not-authorized' : 'not-allowed';
  const why = whyRefused(
    { accepted: false, condition, text },
    { ...decoded(token), options, now: Math.floor(now / 1000) },
  );
  const said = text === '' ? `<${refusal.condition}/>` : `"${text}"`;
  const fix = FIXES.find(([pattern]) => pattern.test(text))?.[1](config);
  return {
    says: `Prosody refuses a token of ours with ${said}.${why === text ? '' : ` ${why}`}`,
    fix: fix ?? `See what Prosody's log says of it. ${LINES}`,
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
