/**
 * A message in an address: deflated, signed over the query as it is sent. It knows nothing of what the message says.
 *
 * @see SAML Bindings 2.0, section 3.4.4
 */
import { constants, sign, verify, X509Certificate } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Allowed } from './algorithms.ts';
import { isSignature } from './algorithms.ts';
import { RSA_SHA256 } from './names.ts';

/** Which parameter holds the message. */
export type MessageParameter = 'SAMLRequest' | 'SAMLResponse';

/** A query with a message in it, taken apart. Plain data, because it crosses into a thread. */
interface SignedQuery {
  readonly parameter: MessageParameter;
  /** The message, inflated. */
  readonly bytes: Buffer;
  readonly relayState?: string;
  readonly proof: QueryProof;
}

/** What the signature of a query is about. */
export interface QueryProof {
  /** The octets that were signed, as they came. */
  readonly signed: string;
  readonly algorithm: string;
  /** Base64. */
  readonly signature: string;
}

/** Bytes of a message in an address once it is inflated: one without attributes. */
const LARGEST = 64 * 1024;
const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const NAMES = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'] as const;

/** Digest and padding, by the algorithm's name. @see RFC 9231, sections 2.3.2, 2.3.4 and 2.3.10 */
const VERIFIERS: Readonly<Record<string, { readonly digest: string; readonly pss?: true }>> = {
  'http://www.w3.org/2000/09/xmldsig#rsa-sha1': { digest: 'sha1' },
  [RSA_SHA256]: { digest: 'sha256' },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': { digest: 'sha512' },
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1': { digest: 'sha256', pss: true },
};

/** What is sent, and to whom. */
export interface Sent {
  readonly parameter: MessageParameter;
  readonly xml: string;
  readonly relayState?: string;
  /** PEM. */
  readonly key: string;
}

/** The address that carries a message; it ends in `#`, because a browser carries an old fragment across redirects. */
export function signedAddress(location: string, { parameter, xml, relayState, key }: Sent): string {
  const query = [
    [parameter, deflateRawSync(xml).toString('base64')],
    ...(relayState === undefined ? [] : [['RelayState', relayState]]),
    ['SigAlg', RSA_SHA256],
  ]
    .map(([name, value = '']) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const signature = encodeURIComponent(sign('sha256', Buffer.from(query), key).toString('base64'));
  const url = new URL(location);
  url.hash = '';
  return `${url.href}${url.search === '' ? '?' : '&'}${query}&Signature=${signature}#`;
}

/** Takes a query apart, as it was sent. A word for what is wrong with it, if something is. */
export function readSignedQuery(query: string): SignedQuery | { readonly fault: string } {
  const raw = new Map<string, string>();
  for (const piece of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(piece) ?? [];
    if (!NAMES.some((known) => known === name)) continue;
    if (raw.has(name)) return { fault: 'repeated' };
    raw.set(name, value);
  }
  const parameters = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => raw.has(name));
  const [parameter, second] = parameters;
  if (parameter === undefined || second !== undefined) return { fault: 'message' };
  const text = (name: (typeof NAMES)[number]) => decoded(raw.get(name));
  if (raw.has('SAMLEncoding') && text('SAMLEncoding') !== DEFLATE) return { fault: 'encoding' };
  const bytes = inflated(text(parameter));
  if (bytes === undefined) return { fault: 'base64' };
  const [algorithm, signature, relayState] = [text('SigAlg'), text('Signature'), text('RelayState')];
  if (algorithm === undefined || signature === undefined || !BASE64.test(signature))
    return { fault: 'unsigned' };
  // In this order and spelling, whatever the order in the address. (SAML Bindings 2.0, section 3.4.4.1)
  const signed = [parameter, 'RelayState', 'SigAlg'].filter((name) => raw.has(name));
  return {
    parameter,
    bytes,
    ...(relayState !== undefined && { relayState }),
    proof: { signed: signed.map((name) => `${name}=${raw.get(name)}`).join('&'), algorithm, signature },
  };
}

/** Did one of these certificates (PEM) make this signature, by an algorithm that is taken? */
export function isQuerySigned(
  { signed, algorithm, signature }: QueryProof,
  certificates: readonly string[],
  allowed: Allowed,
): boolean {
  const how = Object.hasOwn(VERIFIERS, algorithm) ? VERIFIERS[algorithm] : undefined;
  if (how === undefined || !isSignature(algorithm, allowed)) return false;
  const padding = how.pss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING };
  const bytes = Buffer.from(signature, 'base64');
  return certificates.some((pem) =>
    verify(how.digest, Buffer.from(signed), { key: new X509Certificate(pem).publicKey, ...padding }, bytes),
  );
}

function decoded(raw: string | undefined): string | undefined {
  if (raw === undefined) return undefined;
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
}

function inflated(base64: string | undefined): Buffer | undefined {
  const plain = base64?.replace(/\r?\n/g, '') ?? '';
  if (plain === '' || !BASE64.test(plain)) return undefined;
  try {
    return inflateRawSync(Buffer.from(plain, 'base64'), { maxOutputLength: LARGEST });
  } catch (cause) {
    // What is no deflated text, and what would be too large, have codes of zlib and of Node.
    if (cause instanceof Error && 'code' in cause) return undefined;
    throw cause;
  }
}
