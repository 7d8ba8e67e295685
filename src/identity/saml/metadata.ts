/**
 * The metadata of identity providers, read: who each is, where it is asked, by which keys it signs, for which scopes
 * it may speak, what people call it, and until when all this holds.
 *
 * @see SAML Metadata 2.0, sections 2.3 and 2.4; Shibboleth Metadata Extensions 1.0 (Scope);
 *   SAML Metadata Extensions for Login and Discovery User Interface 1.0, section 2.1
 */
import { X509Certificate } from 'node:crypto';
import { rsaFault } from '../../keys/rsa.ts';
import { BINDING, ENTITY_CATEGORY, HIDDEN, NS, PROTOCOL } from './names.ts';
import { shapeOfSigned } from './shape.ts';
import { verifiedText } from './signature.ts';
import { duration, instant } from './time.ts';
import { childrenOf, everything, is, type Parsed, parseXml, textOf, type XmlElement } from './xml.ts';

/** What is to be read. Plain data, because it crosses into a thread. */
export interface MetadataJob {
  readonly xml: string;
  /** Which one of several; the only one where it is absent. */
  readonly entityId?: string;
  /** PEM; where there are any, one of them must have signed the document. */
  readonly certificates: readonly string[];
  /** Unix seconds. */
  readonly now: number;
  /** Must the document say until when it holds? Without that, whoever keeps an old one can show it for ever. */
  readonly ends?: boolean;
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
  /** Seconds after which it asks to be looked for again. */
  readonly refresh?: number;
  /** What people call it, by language as `en` or `pt-BR`, in lower case. As it was sent: no page's text yet. */
  readonly names: Readonly<Record<string, string>>;
  /** Does it ask not to be shown in lists? @see REFEDS Hide From Discovery Entity Category */
  readonly hidden: boolean;
}

/** The metadata, or why it cannot be used. */
export type MetadataJudged = { readonly metadata: IdpMetadata } | { readonly fault: string };

/** All identity providers of a document. */
export interface Aggregate {
  readonly members: readonly IdpMetadata[];
  /** Unix seconds; absent where it says nothing. */
  readonly validUntil?: number;
  /** Seconds after which it asks to be looked for again. */
  readonly refresh?: number;
  /** How many identity providers were left out: without a fit key or address, past their end, or named twice. */
  readonly unfit: number;
}

/** They, or why none of them can be used. */
export type AggregateJudged = { readonly aggregate: Aggregate } | { readonly fault: string };

/** A federation of some thousand members; larger ones are asked for one member at a time. */
const MOST_ELEMENTS = 400_000;
/** Of a member's names. */
const MOST_NAMES = 40;
const LONGEST_ENTITY_ID = 1024;

/** Reads a document for one identity provider. Never throws for anything that can stand in one. */
export async function judgeMetadata(job: MetadataJob): Promise<MetadataJudged> {
  const root = await believed(job);
  if ('fault' in root) return root;
  const found = providersIn(root.root);
  const named = found.filter((one) => job.entityId === undefined || idOf(one) === job.entityId);
  const [entity, ...others] = named;
  if (entity === undefined) return { fault: found.length === 0 ? 'no-identity-provider' : 'entity-missing' };
  if (others.length > 0) return { fault: job.entityId === undefined ? 'several-entities' : 'entity-twice' };
  return read(entity, job);
}

/** Reads a document for all identity providers in it. Never throws for anything that can stand in one. */
export async function judgeAggregate(job: Omit<MetadataJob, 'entityId'>): Promise<AggregateJudged> {
  const root = await believed(job);
  if ('fault' in root) return root;
  const life = lifeOf([root.root], job);
  if ('fault' in life) return life;
  const found = providersIn(root.root);
  const times = new Map<string, number>();
  for (const one of found) times.set(idOf(one), (times.get(idOf(one)) ?? 0) + 1);
  const members = found
    // Nobody could say which of two is meant.
    .filter((one) => times.get(idOf(one)) === 1)
    .flatMap((one) => {
      const judged = read(one, job);
      return 'metadata' in judged ? [judged.metadata] : [];
    });
  if (members.length === 0) return { fault: 'no-identity-provider' };
  return { aggregate: { members, ...life, unfit: found.length - members.length } };
}

async function believed(job: MetadataJob): Promise<Parsed> {
  const parsed = parseXml(job.xml, { elements: MOST_ELEMENTS, forgiving: true });
  return 'fault' in parsed || job.certificates.length === 0 ? parsed : verifiedRoot(parsed.root, job);
}

/** A descriptor, and the groups it stands in. */
interface Placed {
  readonly entity: XmlElement;
  readonly within: readonly XmlElement[];
}

function providersIn(element: XmlElement, within: readonly XmlElement[] = []): readonly Placed[] {
  if (is(element, NS.md, 'EntityDescriptor'))
    return roleOf(element) === undefined ? [] : [{ entity: element, within }];
  if (!is(element, NS.md, 'EntitiesDescriptor')) return [];
  return element.children.flatMap((child) => providersIn(child, [...within, element]));
}

const idOf = ({ entity }: Placed) => entity.attributes.get('entityID') ?? '';

async function verifiedRoot(root: XmlElement, { xml, certificates }: MetadataJob): Promise<Parsed> {
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

function read({ entity, within }: Placed, job: MetadataJob): MetadataJudged {
  const role = roleOf(entity);
  const entityId = entity.attributes.get('entityID') ?? '';
  if (role === undefined || entityId === '' || entityId.length > LONGEST_ENTITY_ID)
    return { fault: 'entity-id' };
  const life = lifeOf([...within, entity, role], job);
  if ('fault' in life) return life;
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
      names: namesOf(entity, role),
      hidden: isHidden(entity),
      ...life,
    },
  };
}

type Life = { readonly validUntil?: number; readonly refresh?: number };

/** What the narrowest of these elements says. */
function lifeOf(
  elements: readonly XmlElement[],
  { now, ends = false }: MetadataJob,
): Life | { readonly fault: string } {
  const said = (name: string) => elements.flatMap(({ attributes }) => attributes.get(name) ?? []);
  const [untils, spans] = [said('validUntil').map(instant), said('cacheDuration').map(duration)];
  if (untils.includes(undefined)) return { fault: 'valid-until' };
  if (spans.includes(undefined)) return { fault: 'cache-duration' };
  if (ends && untils.length === 0) return { fault: 'no-end' };
  const validUntil = untils.length === 0 ? undefined : Math.min(...untils.map(Number));
  if (validUntil !== undefined && now >= validUntil) return { fault: 'expired' };
  return {
    ...(validUntil !== undefined && { validUntil }),
    ...(spans.length > 0 && { refresh: Math.min(...spans.map(Number)) }),
  };
}

/** What its sign-in page is called, or else its organisation. */
function namesOf(entity: XmlElement, role: XmlElement): Readonly<Record<string, string>> {
  const shown = childrenOf(role, NS.md, 'Extensions')
    .flatMap((extensions) => childrenOf(extensions, NS.mdui, 'UIInfo'))
    .flatMap((info) => childrenOf(info, NS.mdui, 'DisplayName'));
  const organisation = [
    ...childrenOf(role, NS.md, 'Organization'),
    ...childrenOf(entity, NS.md, 'Organization'),
  ].flatMap((one) => childrenOf(one, NS.md, 'OrganizationDisplayName'));
  const names = new Map<string, string>();
  for (const one of [...shown, ...organisation]) {
    const language = (one.attributes.get(`{${NS.xml}}lang`) ?? '').toLowerCase();
    const name = (textOf(one) ?? '').trim();
    if (name !== '' && name.length <= 400 && names.size < MOST_NAMES && !names.has(language))
      names.set(language, name);
  }
  return Object.fromEntries(names);
}

function isHidden(entity: XmlElement): boolean {
  return childrenOf(entity, NS.md, 'Extensions')
    .flatMap((extensions) => childrenOf(extensions, NS.mdattr, 'EntityAttributes'))
    .flatMap((all) => childrenOf(all, NS.saml, 'Attribute'))
    .filter(({ attributes }) => attributes.get('Name') === ENTITY_CATEGORY)
    .flatMap((category) => childrenOf(category, NS.saml, 'AttributeValue'))
    .some((value) => (textOf(value) ?? '').trim() === HIDDEN);
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
