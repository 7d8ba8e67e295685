/**
 * What XMPP says over a WebSocket, as far as a gate must know it: the element
 * that opens a stream, and the few that we say ourselves. Pure.
 *
 * The opening names the host the stream is for, and that choice is open to whoever
 * speaks: a stock guest host lets anybody into any room. So it is read by a reader
 * that knows this one element and refuses what it does not know.
 *
 * @see RFC 7395, section 3.3 (stream), 3.6 (closing)
 */

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const STREAMS = 'http://etherx.jabber.org/streams';
const STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** Bytes that the message which opens a stream may have. */
export const LONGEST_OPENING = 4096;

/** What an opening may say. `from` and `id` open nothing, but clients send them. */
const KNOWN: ReadonlySet<string> = new Set(['xmlns', 'to', 'from', 'id', 'version', 'xml:lang']);

/** One attribute, in the plainest form of XML: no entity, no blank around the sign, ASCII that can be printed. */
const ATTRIBUTE = /[ \t\r\n]+([a-z:]+)=(?:'([ -%(-;=-~]*)'|"([ !#-%'-;=-~]*)")/y;
const END = /[ \t\r\n]*(?:\/>|><\/open>)$/y;
const NAME = '<open';

/** What came of reading the message that opens a stream. `to` is told where it could be read. */
export type Opening =
  | { readonly kind: 'opens' }
  | { readonly kind: 'host-unknown'; readonly to: string }
  | { readonly kind: 'unreadable' };

/** Judges the first message of a stream: one `<open/>`, and to this host, letter for letter. */
export function judgeOpening(text: string, domain: string): Opening {
  const said = text.length > LONGEST_OPENING ? undefined : attributesOf(text);
  const to = said?.get('to');
  if (to === undefined || said?.get('xmlns') !== FRAMING) return { kind: 'unreadable' };
  return to === domain ? { kind: 'opens' } : { kind: 'host-unknown', to };
}

function attributesOf(text: string): ReadonlyMap<string, string> | undefined {
  if (!text.startsWith(NAME)) return undefined;
  const said = new Map<string, string>();
  let at = NAME.length;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const [whole, name, single, double] = ATTRIBUTE.exec(text) ?? [];
    if (whole === undefined || name === undefined) break;
    if (!KNOWN.has(name) || said.has(name)) return undefined;
    said.set(name, single ?? double ?? '');
    at += whole.length;
  }
  END.lastIndex = at;
  return END.test(text) ? said : undefined;
}

/** Attributes in the plainest form of XML, and blanks behind them. */
const ATTRIBUTES = `(?:[ \\t\\r\\n]+[\\w:-]+=(?:'[^'<&]*'|"[^"<&]*"))*[ \\t\\r\\n]*`;

/** One element by which somebody signs in, or gives up. @see RFC 6120, section 6.4; RFC 7395, section 3.6 */
const SIGN_IN = new RegExp(`^<(auth|response|abort|close)(${ATTRIBUTES})(?:/>|>[A-Za-z0-9+/=]*</\\1>)$`);

/** Is this message one element of SASL or the end of the stream, and names no host? */
export function isSignIn(text: string): boolean {
  const [whole, , attributes = ''] = SIGN_IN.exec(text) ?? [];
  return whole !== undefined && !/[ \t\r\n:]to=/.test(attributes);
}

/** What a closed stream is ended with; Prosody lets nobody resume after it. */
export const CLOSE = `<close xmlns='${FRAMING}'/>`;

/** Our own beginning of a stream. Both are texts of ours: a host's name of the configuration, and a random id. */
export function openOf(domain: string, id: string): string {
  return `<open xmlns='${FRAMING}' from='${domain}' id='${id}' version='1.0' xml:lang='en'/>`;
}

/** Why a stream ends. @see RFC 6120, section 4.9.3 */
export function streamError(condition: 'host-unknown' | 'policy-violation'): string {
  return `<stream:error xmlns:stream='${STREAMS}'><${condition} xmlns='${STREAM_ERRORS}'/></stream:error>`;
}

/** The one way to sign in that Jitsi's clients use with a token. */
export const ANONYMOUS_ONLY = `<stream:features xmlns:stream='${STREAMS}'><mechanisms xmlns='${SASL}'><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>`;

/** What makes Jitsi's clients open `tokenAuthUrl`; the words are Jitsi's own. @see jitsi-meet, resources/prosody-plugins/mod_auth_token.lua */
export const TOKEN_REQUIRED = `<failure xmlns='${SASL}'><not-allowed/><text>token required</text></failure>`;
