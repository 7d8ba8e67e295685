/**
 * Where a piece of XMPP goes: every address in it, read by a real parser and by nothing that guesses. Pure.
 *
 * The piece must be whole by itself: a reader that goes on in the middle of something could be told another story than
 * Prosody, which begins anew where a stream does.
 *
 * @see RFC 7395, section 3.3.3 (one whole element a message); RFC 6120, section 11.1 (what XML may not hold here)
 */
import { SaxesParser } from 'saxes';

/**
 * Everything that stands in a `to` of any element, and in the `room` of a conference request; undefined where the piece
 * is not whole, or holds what XMPP does not.
 * @see jicofo, the `conference` element of its namespace http://jitsi.org/protocol/focus
 */
export function addressesIn(piece: Uint8Array): readonly string[] | undefined {
  const found: string[] = [];
  const parser = new SaxesParser({ xmlns: false, fragment: true, position: false });
  const fail = () => {
    throw new SyntaxError('not allowed here');
  };
  parser.on('doctype', fail);
  parser.on('processinginstruction', fail);
  parser.on('xmldecl', fail);
  parser.on('comment', fail);
  parser.on('opentag', ({ attributes }) => {
    for (const [name, value] of Object.entries(attributes)) {
      const local = name.slice(name.indexOf(':') + 1);
      if (local === 'to' || local === 'room') found.push(value);
    }
  });
  try {
    parser.write(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(piece));
    parser.close();
  } catch {
    return undefined;
  }
  return found;
}
