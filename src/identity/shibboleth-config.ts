/**
 * mod_shib's shibboleth2.xml, read for what a service provider in its place has to know: who it is, with which keys,
 * and which identity providers it believes.
 *
 * Pure. What is not understood is named: half of what keeps strangers out would be another rule than the one written.
 * @see Shibboleth SP 3, ApplicationDefaults, SSO, MetadataProvider, CredentialResolver
 */
import { parseXml, type XmlElement } from './saml/xml.ts';

/** A key pair, as files. */
export interface ShibbolethKey {
  readonly keyFile: string;
  readonly certFile: string;
  readonly use?: 'signing' | 'encryption';
}

/** Where metadata comes from. */
export interface ShibbolethMetadata {
  readonly url?: string;
  readonly file?: string;
  /** Of a metadata query service. */
  readonly query?: string;
  /** Whose signature it must carry. */
  readonly certFile?: string;
}

/** What a file says. */
export interface ShibbolethConfig {
  readonly entityId?: string;
  /** The one identity provider people are sent to. */
  readonly idp?: string;
  readonly discoveryUrl?: string;
  readonly metadata: readonly ShibbolethMetadata[];
  readonly keys: readonly ShibbolethKey[];
  readonly attributeMapFile?: string;
  /** Names of attributes that make REMOTE_USER, in order. */
  readonly remoteUser: readonly string[];
  /** Filters of metadata that keep identity providers out, and are not carried out here. */
  readonly filters: readonly string[];
  readonly ignored: readonly string[];
}

const MOST_ELEMENTS = 10_000;
const UNDERSTOOD = new Set(['AttributeResolver', 'AttributeFilter', 'Errors', 'SecurityPolicyProvider']);

/** Reads its text; a word for what is wrong with the whole. Relative names of files stay as they are. */
export function parseShibbolethConfig(text: string): ShibbolethConfig | { readonly fault: string } {
  const parsed = parseXml(text, { elements: MOST_ELEMENTS, forgiving: true });
  if ('fault' in parsed) return parsed;
  const { root } = parsed;
  if (root.local !== 'SPConfig' || !/^urn:mace:shibboleth:[\d.]+:native:sp:config$/.test(root.ns))
    return { fault: 'not-an-sp-config' };
  const defaults = childrenNamed(root, 'ApplicationDefaults')[0];
  if (defaults === undefined) return { fault: 'no-application-defaults' };
  const ignored: string[] = childrenNamed(defaults, 'ApplicationOverride').map(({ attributes }) =>
    `ApplicationOverride ${attributes.get('id') ?? ''}`.trim(),
  );
  const filters: string[] = [];
  const sso = childrenNamed(defaults, 'Sessions').flatMap((sessions) => childrenNamed(sessions, 'SSO'))[0];
  const metadata = childrenNamed(defaults, 'MetadataProvider').flatMap((one) =>
    metadataOf(one, { ignored, filters }),
  );
  const keys = childrenNamed(defaults, 'CredentialResolver').flatMap((one) => keysOf(one, ignored));
  const extractors = childrenNamed(defaults, 'AttributeExtractor');
  const map = extractors.find(({ attributes }) => attributes.get('type') === 'XML')?.attributes.get('path');
  for (const { local } of defaults.children)
    if (!UNDERSTOOD.has(local) && !READ.has(local) && !ignored.includes(local)) ignored.push(local);
  return {
    ...picked('entityId', defaults.attributes.get('entityID')),
    ...picked('idp', sso?.attributes.get('entityID')),
    ...picked('discoveryUrl', sso?.attributes.get('discoveryURL')),
    ...picked('attributeMapFile', map),
    metadata,
    filters,
    keys,
    remoteUser: (defaults.attributes.get('REMOTE_USER') ?? '').split(/\s+/).filter((one) => one !== ''),
    ignored,
  };
}

const READ = new Set([
  'Sessions',
  'MetadataProvider',
  'CredentialResolver',
  'AttributeExtractor',
  'ApplicationOverride',
]);

function picked<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { readonly [K in N]: string });
}

function childrenNamed({ children }: XmlElement, local: string): readonly XmlElement[] {
  return children.filter((child) => child.local === local);
}

function metadataOf(
  element: XmlElement,
  left: { readonly ignored: string[]; readonly filters: string[] },
): readonly ShibbolethMetadata[] {
  const { attributes } = element;
  const type = attributes.get('type') ?? '';
  if (type === 'Chaining')
    return childrenNamed(element, 'MetadataProvider').flatMap((one) => metadataOf(one, left));
  const filters = childrenNamed(element, 'MetadataFilter');
  const signature = filters.find(({ attributes: said }) => said.get('type') === 'Signature');
  for (const { attributes: said } of filters)
    if (
      !['Signature', 'RequireValidUntil', 'EntityRole', 'EntityRoleWhiteList'].includes(
        said.get('type') ?? '',
      )
    )
      left.filters.push(said.get('type') ?? '');
  const url = attributes.get('url') ?? attributes.get('uri');
  const file = attributes.get('path') ?? attributes.get('file') ?? attributes.get('sourceDirectory');
  const query = type === 'MDQ' ? attributes.get('baseUrl') : undefined;
  const certFile = signature?.attributes.get('certificate');
  if (url === undefined && file === undefined && query === undefined) {
    left.ignored.push(`MetadataProvider ${type}`);
    return [];
  }
  return [
    {
      ...(query !== undefined ? { query } : url !== undefined ? { url } : picked('file', file)),
      ...picked('certFile', certFile),
    },
  ];
}

function keysOf(element: XmlElement, ignored: string[]): readonly ShibbolethKey[] {
  const { attributes } = element;
  const [keyFile, certFile, use] = ['key', 'certificate', 'use'].map((name) => attributes.get(name));
  if (attributes.get('type') === 'Chaining')
    return childrenNamed(element, 'CredentialResolver').flatMap((one) => keysOf(one, ignored));
  if (
    attributes.get('type') !== 'File' ||
    keyFile === undefined ||
    certFile === undefined ||
    attributes.has('password')
  ) {
    ignored.push(`CredentialResolver ${attributes.get('type') ?? ''}`);
    return [];
  }
  return [{ keyFile, certFile, ...(use === 'signing' || use === 'encryption' ? { use } : {}) }];
}
