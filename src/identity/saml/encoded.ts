/**
 * A message as it is posted: base64 of XML. What can be known of it for the price of looking. Pure.
 *
 * @see SAML Bindings 2.0, section 3.5.4
 */

/** A message's text, and what its first tag seems to say; the strict parser has the last word. */
export interface Encoded {
  readonly xml: string;
  readonly inResponseTo?: string;
}

/** Characters of base64: some thousand groups, signed and encrypted. */
export const LONGEST_MESSAGE = 256 * 1024;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Where a response's own tag ends at the latest. */
const LONGEST_TAG = 4096;

/** Undefined for what is no message: another alphabet, no text, nothing that begins as a response. */
export function decodeMessage(posted: string): Encoded | undefined {
  if (posted.length > LONGEST_MESSAGE) return undefined;
  // Lines may be broken, as mail does it; nothing else may stand between.
  const base64 = posted.replace(/\r?\n/g, '');
  if (base64 === '' || !BASE64.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  const xml = bytes.toString('utf8');
  // What was no text has been replaced on the way.
  if (!Buffer.from(xml, 'utf8').equals(bytes)) return undefined;
  const [tag] =
    /^\s*(?:<\?xml[^<>]*\?>\s*)?<(?:[\w.-]+:)?Response\s[^<>]*>/.exec(xml.slice(0, LONGEST_TAG)) ?? [];
  if (tag === undefined) return undefined;
  const [, , inResponseTo] = /\sInResponseTo\s*=\s*(["'])([^"'<>&]{1,256})\1/.exec(tag) ?? [];
  return { xml, ...(inResponseTo !== undefined && { inResponseTo }) };
}
