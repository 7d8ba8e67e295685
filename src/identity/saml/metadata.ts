/**
 * An identity provider's metadata, read: who it is, where it is asked, by which keys it signs, for which scopes it
 * may speak, and until when all this holds.
 *
 * @see SAML Metadata 2.0, sections 2.3 and 2.4; Shibboleth Metadata Extensions 1.0 (Scope)
 */
import { X509Certificate } from 'node:crypto';
import { rsaFault } from '../../keys/rsa.ts';
import { BINDING, NS, PROTOCOL } from './names.ts';
import { shapeOfSigned } from './shape.ts';
import { verifiedText } from './signature.ts';
import { instant } from './time.ts';
import { childrenOf, everything, is, parseXml, textOf, type XmlElement } from './xml.ts';

/** What is to be read. Plain data, because it crosses into a thread. */
export interface MetadataJob {
  readonly xml: string;
  /** Which one of several; the only one where it is absent. */
  readonly entityId?: string;
  /** PEM; where there are any, one of them must have signed the document. */
  readonly certificates: readonly string[];
  /** Unix seconds. */
  readonly now: number;
}

/** Addresses by binding. */
export interface Endpoints {
  readonly redirect?: string;
  readonly post?: string;
}

/** One identity provider as its metadata describes it. */
export interface IdpMetadata {
  readonly entityId: string;
  readonly signOn: Endpoints;
  readonly logout: Endpoints;
  /** Where answers about logout go: often the same. */
  readonly logoutAnswers: Endpoints;
  /** PEM certificates, each with an RSA key fit to be believed. */
  readonly certificates: readonly string[];
  /** Domains it may speak for; lower case. */
  readonly scopes: readonly string[];
  /** Unix seconds; absent where it says nothing. */
  readonly validUntil?: number;
}

/** The metadata, or why it cannot be used. */
export type MetadataJudged = { readonly metadata: IdpMetadata } | { readonly fault: string };

/** A federation of some thousand members; larger ones are asked for one member at a time. */
const MOST_ELEMENTS = 400_000;

/** Reads a document. Never throws for anything that can stand in one. */
export async function judgeMetadata(job: MetadataJob): Promise<MetadataJudged> {
  const parsed = parseXml(job.xml, { elements: MOST_ELEMENTS, forgiving: true });
  if ('fault' in parsed) return parsed;
  const root = job.certificates.length === 0 ? parsed : await verifiedRoot(parsed.root, job);
  if ('fault' in root) return root;
  const found = [...everything(root.root)].filter(
    (one) => is(one, NS.md, 'EntityDescriptor') && roleOf(one) !== undefined,
  );
  const named = found.filter(
    (one) => job.entityId === undefined || one.attributes.get('entityID') === job.entityId,
  );
  const [entity, ...others] = named;
  if (entity === undefined) return { fault: found.length === 0 ? 'no-identity-provider' : 'entity-missing' };
  if (others.length > 0) return { fault: job.entityId === undefined ? 'several-entities' : 'entity-twice' };
  return read(root.root, entity, job.now);
}

async function verifiedRoot(
  root: XmlElement,
  { xml, certificates }: MetadataJob,
): Promise<{ readonly root: XmlElement } | { readonly fault: string }> {
  const shaped = shapeOfSigned(root, new Set());
  if ('fault' in shaped) return shaped;
  if (!shaped.shape.signed) return { fault: 'unsigned' };
  const text = await verifiedText(xml, 'root', certificates);
  return text === undefined
    ? { fault: 'signature' }
    : parseXml(text, { elements: MOST_ELEMENTS, forgiving: true });
}

function roleOf(entity: XmlElement): XmlElement | undefined {
  return childrenOf(entity, NS.md, 'IDPSSODescriptor').find((role) =>
    (role.attributes.get('protocolSupportEnumeration') ?? '').split(/\s+/).includes(PROTOCOL),
  );
}

function read(root: XmlElement, entity: XmlElement, now: number): MetadataJudged {
  const role = roleOf(entity);
  const entityId = entity.attributes.get('entityID') ?? '';
  if (role === undefined || entityId === '' || entityId.length > 1024) return { fault: 'entity-id' };
  const ends = [root, entity, role]
    .flatMap(({ attributes }) => attributes.get('validUntil') ?? [])
    .map(instant);
  if (ends.includes(undefined)) return { fault: 'valid-until' };
  const validUntil = ends.length === 0 ? undefined : Math.min(...ends.map(Number));
  if (validUntil !== undefined && now >= validUntil) return { fault: 'expired' };
  const certificates = certificatesOf(role);
  if (certificates.length === 0) return { fault: 'no-key' };
  const signOn = endpointsOf(role, 'SingleSignOnService');
  if (signOn.redirect === undefined && signOn.post === undefined) return { fault: 'no-endpoint' };
  return {
    metadata: {
      entityId,
      signOn,
      logout: endpointsOf(role, 'SingleLogoutService'),
      logoutAnswers: endpointsOf(role, 'SingleLogoutService', 'ResponseLocation'),
      certificates,
      scopes: [...scopesOf(entity), ...scopesOf(role)],
      ...(validUntil !== undefined && { validUntil }),
    },
  };
}

/** A key without a use is for every use. What is no certificate with a fit RSA key is no key of theirs. */
function certificatesOf(role: XmlElement): readonly string[] {
  const found = childrenOf(role, NS.md, 'KeyDescriptor')
    .filter(({ attributes }) => (attributes.get('use') ?? 'signing') === 'signing')
    .flatMap((descriptor) => [...everything(descriptor)])
    .filter((one) => is(one, NS.ds, 'X509Certificate'))
    .map((one) => certificatePem(textOf(one) ?? ''));
  return [...new Set(found.filter((pem) => pem !== undefined))];
}

/** A certificate in base64 as PEM; undefined where it is none, or its key is none to believe. */
export function certificatePem(base64: string): string | undefined {
  const plain = base64.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]{100,20000}={0,2}$/.test(plain)) return undefined;
  try {
    const certificate = new X509Certificate(Buffer.from(plain, 'base64'));
    return rsaFault(certificate.publicKey) === undefined ? certificate.toString() : undefined;
  } catch (cause) {
    // OpenSSL has a code for each of the many ways in which bytes are no certificate.
    if (cause instanceof Error && 'code' in cause) return undefined;
    throw cause;
  }
}

/** @see SAML Metadata 2.0, section 2.2.2: without a `ResponseLocation`, responses go to the `Location` */
function endpointsOf(role: XmlElement, name: string, place = 'Location'): Endpoints {
  const at = (binding: string) =>
    childrenOf(role, NS.md, name)
      .filter(({ attributes }) => attributes.get('Binding') === binding)
      .map(({ attributes }) => attributes.get(place) ?? attributes.get('Location') ?? '')
      .find(isWebAddress);
  const [redirect, post] = [at(BINDING.redirect), at(BINDING.post)];
  return { ...(redirect !== undefined && { redirect }), ...(post !== undefined && { post }) };
}

function isWebAddress(location: string): boolean {
  return URL.canParse(location) && /^https?:$/.test(new URL(location).protocol) && location.length <= 2048;
}

/** Those written as patterns are left out: somebody else's pattern would run here. */
function scopesOf(element: XmlElement): readonly string[] {
  return childrenOf(element, NS.md, 'Extensions')
    .flatMap((extensions) => childrenOf(extensions, NS.shibmd, 'Scope'))
    .filter(({ attributes }) => !/^(?:true|1)$/.test(attributes.get('regexp') ?? 'false'))
    .map((scope) => (textOf(scope) ?? '').trim().toLowerCase())
    .filter((scope) => scope !== '');
}
