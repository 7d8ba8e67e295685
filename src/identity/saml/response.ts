/**
 * One response, judged: the strict layer before the signature, the signature, and the strict layer behind it.
 *
 * Cheap before dear; whatever is read in the end is read from the bytes that were signed. It knows no clock, no store
 * and no browser: what the response is held against is handed in, and whether it came before is asked elsewhere.
 */
import type { Allowed, Legacy } from './algorithms.ts';
import { isIssuer, judgeAssertion } from './assertion.ts';
import type { Expected, Judged, Refusal } from './expected.ts';
import { NS, STATUS } from './names.ts';
import { type ResponseShape, shapeOfAssertion, shapeOfResponse } from './shape.ts';
import { decryptedText, verifiedText } from './signature.ts';
import { instant } from './time.ts';
import { childrenOf, onlyChild, type Parsed, parseXml, type XmlElement } from './xml.ts';

/** Elements of a message: two for each of the most attribute values, and room. */
const MOST_ELEMENTS = 16_384;

/** Seconds: a response is posted in the moment it is made. */
const FRESH = 300;

function invalid(why: string): Refusal {
  return { kind: 'refused', code: 'saml.unacceptable', why };
}

/** Parses one message, as strictly as all of them. */
export function parseMessage(xml: string): Parsed {
  return parseXml(xml, { elements: MOST_ELEMENTS });
}

/** Judges a response, given as text. Never throws for anything a stranger can write. */
export async function judgeResponse(xml: string, expected: Expected): Promise<Judged> {
  const parsed = parseMessage(xml);
  if ('fault' in parsed) return invalid(parsed.fault);
  const allowed: Allowed = new Set<Legacy>(expected.legacy);
  const shaped = shapeOfResponse(parsed.root, allowed);
  if ('fault' in shaped) return invalid(shaped.fault);
  const { shape } = shaped;
  // As it stands, and again below as it was signed: most of what is wrong shows here, and costs nothing.
  const early = envelopeFault(parsed.root, shape, expected);
  if (early !== undefined) return early;
  if (shape.assertion === undefined) return invalid('no-assertion');
  if (lacksSignature(shape, expected.signed)) return invalid('unsigned');

  const envelope = shape.responseSigned ? await verifiedTree(xml, 'root', expected) : parsed.root;
  if (envelope === undefined) return invalid('signature');
  const again = envelopeFault(envelope, shape, expected);
  if (again !== undefined) return again;
  const assertion =
    shape.assertion.kind === 'encrypted'
      ? await decryptedTree(xml, { expected, allowed })
      : await clearTree(xml, { envelope, signed: shape.assertion.signed, expected });
  return assertion === undefined ? invalid('signature') : judgeAssertion(assertion, expected);
}

function lacksSignature({ responseSigned, assertion }: ResponseShape, wanted: Expected['signed']): boolean {
  const unsigned = assertion?.kind === 'clear' && !assertion.signed;
  return (wanted !== 'assertion' && !responseSigned) || (wanted !== 'response' && unsigned);
}

async function verifiedTree(
  xml: string,
  which: 'root' | 'assertion',
  { idp }: Expected,
): Promise<XmlElement | undefined> {
  const text = await verifiedText(xml, which, idp.certificates);
  const parsed = text === undefined ? undefined : parseMessage(text);
  return parsed !== undefined && 'root' in parsed ? parsed.root : undefined;
}

/** Its own signature, or that of the response that holds it where that is enough. */
async function clearTree(
  xml: string,
  about: { readonly envelope: XmlElement; readonly signed: boolean; readonly expected: Expected },
): Promise<XmlElement | undefined> {
  if (about.signed) return verifiedTree(xml, 'assertion', about.expected);
  return onlyChild(about.envelope, NS.saml, 'Assertion');
}

/** All that can go wrong here goes wrong in one way. */
async function decryptedTree(
  xml: string,
  { expected, allowed }: { readonly expected: Expected; readonly allowed: Allowed },
): Promise<XmlElement | undefined> {
  const text = await decryptedText(xml, expected.keys);
  const parsed = text === undefined ? undefined : parseMessage(text);
  if (text === undefined || parsed === undefined || 'fault' in parsed) return undefined;
  const shaped = shapeOfAssertion(parsed.root, allowed);
  if ('fault' in shaped) return undefined;
  if (!shaped.shape.signed) return expected.signed === 'response' ? parsed.root : undefined;
  return verifiedTree(text, 'root', expected);
}

/** The rules of the response itself. @see SAML Core 2.0, section 3.2.2; SAML Bindings 2.0, section 3.5.5.2 */
function envelopeFault(
  response: XmlElement,
  { responseSigned, assertion }: ResponseShape,
  expected: Expected,
): Judged | undefined {
  const { attributes } = response;
  if (attributes.get('Version') !== '2.0') return invalid('version');
  const issuers = childrenOf(response, NS.saml, 'Issuer');
  // Encrypted or signed, a response must say whose it is. (SAML Profiles 2.0, section 4.1.4.2)
  if (issuers.length > 1 || !isIssuer(issuers[0], expected.idp.entityId)) return invalid('issuer');
  const destination = attributes.get('Destination');
  if (destination === undefined ? responseSigned : destination !== expected.acs)
    return invalid('destination');
  if (attributes.get('InResponseTo') !== expected.requestId) return invalid('request');
  const made = instant(attributes.get('IssueInstant'));
  if (made === undefined) return invalid('issue-instant');
  if (Math.abs(expected.now - made) > FRESH + expected.leeway)
    return { kind: 'refused', code: 'provider.clock', why: 'issue-instant' };
  return statusFault(response, assertion !== undefined);
}

function statusFault(response: XmlElement, hasAssertion: boolean): Judged | undefined {
  const status = onlyChild(response, NS.samlp, 'Status');
  const code = status && onlyChild(status, NS.samlp, 'StatusCode');
  const inner = code && onlyChild(code, NS.samlp, 'StatusCode')?.attributes.get('Value');
  const value = code?.attributes.get('Value');
  if (value === undefined || (code?.children.length ?? 0) > 1) return invalid('status');
  if (value === STATUS.success) return inner === undefined ? undefined : invalid('status');
  // Who is refused is refused, whatever assertion comes along.
  if (hasAssertion) return invalid('status');
  if (inner === STATUS.noPassive) return { kind: 'needs-person' };
  if (inner === STATUS.authnFailed) return { kind: 'refused', code: 'sign-in.cancelled', why: 'AuthnFailed' };
  return { kind: 'refused', code: 'provider.refused', why: lastWord(inner ?? value) };
}

/** The last part of a status' name, as a short word for the log. */
function lastWord(uri: string): string {
  return /:([A-Za-z]{1,40})$/.exec(uri)?.[1] ?? 'unknown';
}
