/**
 * Messages of single logout, judged: the strict layer before the signature, the signature, and the rules behind it.
 *
 * It knows no clock, no store and no session: what a message is held against is handed in, and whether it came before
 * and whom it ends is asked elsewhere.
 *
 * @see SAML Core 2.0, section 3.7; SAML Profiles 2.0, section 4.4
 */
import type { Allowed, Legacy } from './algorithms.ts';
import { isIssuer, toNameId } from './assertion.ts';
import type { Held, NameId } from './expected.ts';
import { NS, STATUS } from './names.ts';
import { isQuerySigned, type QueryProof } from './redirect-binding.ts';
import { parseMessage } from './response.ts';
import { shapeOfLogout } from './shape.ts';
import { decryptedText, verifiedText } from './signature.ts';
import { instant } from './time.ts';
import { childrenOf, onlyChild, textOf, type XmlElement } from './xml.ts';

/** Everything a message has to agree with. */
export interface LogoutExpected extends Held {
  /** The address of ours that it is for. */
  readonly destination: string;
  /** The id of the request that a response answers; absent where a request is judged. */
  readonly requestId?: string;
}

/** A message and how it came: with a signature of its own, or with one over the query. */
export interface LogoutCarried {
  readonly xml: string;
  readonly proof?: QueryProof;
}

/** What a message turned out to be. */
export type LogoutJudged =
  | {
      readonly kind: 'request';
      readonly id: string;
      readonly nameId: NameId;
      /** Empty where all sessions of that person are meant. */
      readonly sessionIndexes: readonly string[];
      /** Unix seconds after which it would not be taken anyway. */
      readonly expires: number;
    }
  /** `complete` only where the identity provider says plainly that all is over. */
  | { readonly kind: 'response'; readonly complete: boolean }
  | { readonly kind: 'refused'; readonly why: string };

/** Seconds: a message is sent in the moment it is made. */
const FRESH = 300;
const MOST_SESSIONS = 100;

const refused = (why: string): LogoutJudged => ({ kind: 'refused', why });

/** Judges a request or a response. Never throws for anything a stranger can write. */
export async function judgeLogout(
  { xml, proof }: LogoutCarried,
  expected: LogoutExpected,
): Promise<LogoutJudged> {
  const name = expected.requestId === undefined ? 'LogoutRequest' : 'LogoutResponse';
  const allowed: Allowed = new Set<Legacy>(expected.legacy);
  const parsed = parseMessage(xml);
  if ('fault' in parsed) return refused(parsed.fault);
  const shaped = shapeOfLogout(parsed.root, name, allowed);
  if ('fault' in shaped) return refused(shaped.fault);
  // One signature, where it belongs: what stands in the address is signed there. (SAML Bindings 2.0, section 3.4.4.1)
  if (shaped.shape.signed !== (proof === undefined)) return refused('unsigned');
  // As it stands, and again below as it was signed: most of what is wrong shows here, and costs nothing.
  const early = messageFault(parsed.root, expected);
  if (early !== undefined) return refused(early);
  const root = await verified({ xml, root: parsed.root, proof }, expected, allowed);
  if (root === undefined) return refused('signature');
  const again = messageFault(root, expected);
  if (again !== undefined) return refused(again);
  return expected.requestId === undefined ? judgeRequest(root, { xml, expected }) : judgeResponse(root);
}

async function verified(
  {
    xml,
    root,
    proof,
  }: { readonly xml: string; readonly root: XmlElement; readonly proof: QueryProof | undefined },
  { idp }: LogoutExpected,
  allowed: Allowed,
): Promise<XmlElement | undefined> {
  if (proof !== undefined) return isQuerySigned(proof, idp.certificates, allowed) ? root : undefined;
  const text = await verifiedText(xml, 'root', idp.certificates);
  const parsed = text === undefined ? undefined : parseMessage(text);
  return parsed !== undefined && 'root' in parsed ? parsed.root : undefined;
}

/** What holds of requests and responses alike. */
function messageFault(root: XmlElement, expected: LogoutExpected): string | undefined {
  const { now, leeway, idp, destination, requestId } = expected;
  const { attributes } = root;
  if (attributes.get('Version') !== '2.0') return 'version';
  const issuers = childrenOf(root, NS.saml, 'Issuer');
  if (issuers.length !== 1 || !isIssuer(issuers[0], idp.entityId)) return 'issuer';
  if (attributes.get('Destination') !== destination) return 'destination';
  const made = instant(attributes.get('IssueInstant'));
  if (made === undefined || Math.abs(now - made) > FRESH + leeway) return 'issue-instant';
  if (attributes.get('InResponseTo') !== requestId) return 'request';
  if (requestId !== undefined) return undefined;
  const end = instant(attributes.get('NotOnOrAfter'));
  return end === undefined || now - leeway >= end ? 'not-on-or-after' : undefined;
}

async function judgeRequest(
  root: XmlElement,
  { xml, expected }: { readonly xml: string; readonly expected: LogoutExpected },
): Promise<LogoutJudged> {
  const [clear, ...others] = childrenOf(root, NS.saml, 'NameID');
  const encrypted = childrenOf(root, NS.saml, 'EncryptedID');
  if (others.length > 0 || encrypted.length + (clear === undefined ? 0 : 1) !== 1) return refused('name-id');
  const name = clear ?? (await decryptedName(xml, expected.keys));
  const nameId = name === undefined ? 'fault' : toNameId(name);
  if (nameId === 'fault') return refused('name-id');
  const indexes = childrenOf(root, NS.samlp, 'SessionIndex').map(textOf);
  if (indexes.length > MOST_SESSIONS) return refused('session-index');
  const known = indexes.filter((index) => index !== undefined);
  // An index that cannot be read is no reason to end all of them.
  if (known.length !== indexes.length) return refused('session-index');
  const { attributes } = root;
  const made = instant(attributes.get('IssueInstant')) ?? expected.now;
  return {
    kind: 'request',
    id: attributes.get('ID') ?? '',
    nameId,
    sessionIndexes: known,
    expires: made + FRESH + 2 * expected.leeway,
  };
}

async function decryptedName(xml: string, keys: readonly string[]): Promise<XmlElement | undefined> {
  const text = await decryptedText(xml, keys, 'EncryptedID');
  const parsed = text === undefined ? undefined : parseMessage(text);
  if (parsed === undefined || 'fault' in parsed) return undefined;
  return parsed.root.local === 'NameID' && parsed.root.ns === NS.saml ? parsed.root : undefined;
}

function judgeResponse(root: XmlElement): LogoutJudged {
  const status = onlyChild(root, NS.samlp, 'Status');
  const code = status && onlyChild(status, NS.samlp, 'StatusCode');
  const value = code?.attributes.get('Value');
  if (value === undefined) return refused('status');
  // What is said further inside is that some of it did not work. (SAML Core 2.0, section 3.7.3.2)
  return { kind: 'response', complete: value === STATUS.success && code?.children.length === 0 };
}
