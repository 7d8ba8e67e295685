/**
 * What a caller says behind the opening of an XMPP stream, looked at for two things: a stream that is begun anew must
 * be begun with the host it began with, and until then nobody signs in at another host. Pure.
 *
 * Prosody hands SASL to the host that its element names in `to`, and what signs somebody in there signs them in here.
 * So before a stream is begun anew every message is one element of SASL without it, or the end.
 * @see prosody, core/stanza_router.lua, `core_process_stanza`; plugins/mod_saslauth.lua
 *
 * Prosody reads an opening in any prefix and behind a declaration. So what is passed on says in its first few bytes that
 * it is something else, and what says neither is no XMPP. @see RFC 7395, section 3.3.3 and 3.5; prosody, plugins/mod_websocket.lua
 */
import { keyByte, type MessageJudge, xored } from './frames.ts';
import { isSignIn, judgeOpening, LONGEST_OPENING } from './xmpp-frames.ts';

/** The judge of one stream. */
export interface LaterOpenings {
  readonly judge: MessageJudge;
  /** What was wrong with the message that may not go on. */
  about(): { readonly why: string; readonly to?: string };
}

/** Bytes within which a message must have named its root element, prefix and all. */
const LONGEST_NAME = 64;
const OPENING = Buffer.from('open');
const BEGINS = '<'.charCodeAt(0);
const BEHIND_PREFIX = ':'.charCodeAt(0);
/** What may stand in a name: ASCII, or whatever is not. */
const IN_NAME = bytesOf(/[A-Za-z0-9._\u0080-\u00ff-]/);
const BEHIND_NAME = bytesOf(/[ \t\r\n/>]/);

/** Every message is looked at: a table costs less than a text for each letter. */
function bytesOf(pattern: RegExp): readonly boolean[] {
  return Array.from({ length: 256 }, (_, byte) => pattern.test(String.fromCharCode(byte)));
}

/** Makes one. The first message is judged elsewhere, and passes. */
export function laterOpenings(domain: string): LaterOpenings {
  let begun = false;
  /** It was begun anew: whoever says more is signed in, or is nobody to Prosody. */
  let anew = false;
  let about: ReturnType<LaterOpenings['about']> = { why: 'unreadable' };

  function mayOpen(message: Uint8Array): boolean {
    const opened = judgeOpening(Buffer.from(message).toString('latin1'), domain);
    if (opened.kind === 'host-unknown') about = { why: opened.kind, to: opened.to };
    anew ||= opened.kind === 'opens';
    return opened.kind === 'opens';
  }

  function maySignIn(message: Uint8Array): boolean {
    return isSignIn(Buffer.from(message).toString('latin1'));
  }

  return {
    about: () => about,
    judge(payload, { final, length, key }) {
      if (!begun) {
        begun = true;
        return 'passes';
      }
      const here = payload.subarray(0, length);
      const root = rootOf(here, key);
      if (root === 'other' && anew) return 'passes';
      // Nothing at all opens nothing.
      if (length === 0 && final) return 'passes';
      if (root === undefined) return here.length < Math.min(length, LONGEST_NAME) ? 'short' : 'opening';
      // Of a part nobody knows what will become of it.
      if (!final || length > LONGEST_OPENING) return 'opening';
      if (here.length < length) return 'short';
      const message = xored(here, key);
      return (root === 'open' ? mayOpen(message) : maySignIn(message)) ? 'passes' : 'opening';
    },
  };
}

/** What a message's root element is, whatever its prefix; undefined where it does not begin with one, or not yet. */
function rootOf(payload: Uint8Array, key: number): 'open' | 'other' | undefined {
  const letter = (at: number) => (payload[at] ?? 0) ^ keyByte(key, at);
  const most = Math.min(payload.length, LONGEST_NAME);
  if (most === 0 || letter(0) !== BEGINS) return undefined;
  let from = 1;
  for (let at = 1; at < most; at += 1) {
    const byte = letter(at);
    if (byte === BEHIND_PREFIX) from = at + 1;
    else if (!IN_NAME[byte]) {
      if (at === from || !BEHIND_NAME[byte]) return undefined;
      const isOpen =
        at - from === OPENING.length && OPENING.every((wanted, to) => wanted === letter(from + to));
      return isOpen ? 'open' : 'other';
    }
  }
  return undefined;
}
