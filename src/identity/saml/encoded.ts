/**
 * A message as it is posted: base64 of XML. What can be known of it for the price of looking. Pure.
 *
 * @see SAML Bindings 2.0, section 3.5.4
 */

/** A message's text, and what its beginning seems to say; the strict parser has the last word. */
export interface Encoded {
  readonly xml: string;
  readonly inResponseTo?: string;
  /** The text of the first issuer. */
  readonly issuer?: string;
}

/** What a message may be. */
export type MessageName = 'Response' | 'LogoutRequest' | 'LogoutResponse';

/** Characters of base64: some thousand groups, signed and encrypted. */
const LONGEST_MESSAGE = 256 * 1024;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Where a message's own tag ends at the latest, and its issuer. */
const LONGEST_HEAD = 8192;

/** Undefined for what is no message: another alphabet, no text, nothing that begins as what is expected. */
export function decodeMessage(posted: string, name: MessageName = 'Response'): Encoded | undefined {
  if (posted.length > LONGEST_MESSAGE) return undefined;
  // Lines may be broken, as mail does it; nothing else may stand between.
  const base64 = posted.replace(/\r?\n/g, '');
  if (base64 === '' || !BASE64.test(base64)) return undefined;
  return readMessage(Buffer.from(base64, 'base64'), name);
}

/** The same for its bytes. */
export function readMessage(bytes: Buffer, name: MessageName): Encoded | undefined {
  const xml = bytes.toString('utf8');
  // What was no text has been replaced on the way.
  if (!Buffer.from(xml, 'utf8').equals(bytes)) return undefined;
  const head = xml.slice(0, LONGEST_HEAD);
  const [tag] = /^\s*(?:<\?xml[^<>]*\?>\s*)?<(?:[\w.-]+:)?[A-Za-z]+\s[^<>]*>/.exec(head) ?? [];
  if (tag === undefined || !new RegExp(`<(?:[\\w.-]+:)?${name}\\s`).test(tag)) return undefined;
  const [, , inResponseTo] = /\sInResponseTo\s*=\s*(["'])([^"'<>&]{1,256})\1/.exec(tag) ?? [];
  const [, issuer] =
    /^\s*<(?:[\w.-]+:)?Issuer(?:\s[^<>]*)?>([^<>]{1,1024})</.exec(head.slice(tag.length)) ?? [];
  return {
    xml,
    ...(inResponseTo !== undefined && { inResponseTo }),
    ...(issuer !== undefined && { issuer: issuer.replaceAll('&amp;', '&') }),
  };
}
