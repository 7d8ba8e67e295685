/**
 * What a caller says behind the opening of an XMPP stream, looked at for one thing: a stream that is begun anew must
 * be begun with the host it began with. Pure.
 *
 * Prosody reads an opening in any prefix and behind a declaration. So what is passed on says in its first few bytes that
 * it is something else, and what says neither is no XMPP. @see RFC 7395, section 3.3.3 and 3.5; prosody, plugins/mod_websocket.lua
 */
import { keyByte, type MessageJudge, xored } from './frames.ts';
import { judgeOpening, LONGEST_OPENING } from './xmpp-frames.ts';

/** The judge of one stream. */
export interface LaterOpenings {
  readonly judge: MessageJudge;
  /** What was wrong with the message that may not go on. */
  about(): { readonly why: string; readonly to?: string };
}

/** Bytes within which a message must have named its root element, prefix and all. */
const LONGEST_NAME = 64;
const OPENING = 'open';
/** What may stand in a name: ASCII, or whatever is not. */
const IN_NAME = /[A-Za-z0-9._\u0080-\u00ff-]/;
const BEHIND_NAME = /[ \t\r\n/>]/;

/** Makes one. The first message is judged elsewhere, and passes. */
export function laterOpenings(domain: string): LaterOpenings {
  let begun = false;
  let about: ReturnType<LaterOpenings['about']> = { why: 'unreadable' };

  function mayOpen(message: Uint8Array): boolean {
    const opened = judgeOpening(Buffer.from(message).toString('latin1'), domain);
    if (opened.kind === 'host-unknown') about = { why: opened.kind, to: opened.to };
    return opened.kind === 'opens';
  }

  return {
    about: () => about,
    judge(payload, { final, length, key }) {
      if (!begun) {
        begun = true;
        return 'passes';
      }
      const here = payload.subarray(0, length);
      const name = rootName(here, key);
      if (name !== undefined && name !== OPENING) return 'passes';
      // Nothing at all opens nothing.
      if (length === 0 && final) return 'passes';
      if (name === undefined) return here.length < Math.min(length, LONGEST_NAME) ? 'short' : 'opening';
      // Of a part nobody knows what will become of it.
      if (!final || length > LONGEST_OPENING) return 'opening';
      if (here.length < length) return 'short';
      return mayOpen(xored(here, key)) ? 'passes' : 'opening';
    },
  };
}

/** The name of a message's root element without its prefix; undefined where it does not begin with one, or not yet. */
function rootName(payload: Uint8Array, key: number): string | undefined {
  let name = '';
  const most = Math.min(payload.length, LONGEST_NAME);
  for (let at = 0; at < most; at += 1) {
    const letter = String.fromCharCode((payload[at] ?? 0) ^ keyByte(key, at));
    if (at === 0) {
      if (letter !== '<') return undefined;
    } else if (letter === ':') name = '';
    else if (IN_NAME.test(letter)) name += letter;
    else return name !== '' && BEHIND_NAME.test(letter) ? name : undefined;
  }
  return undefined;
}
