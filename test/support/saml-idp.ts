/**
 * A small identity provider that signs whatever a test makes it say.
 */
import { signXml } from '@node-saml/node-saml/lib/xml.js';
import { encrypt } from 'xml-encryption';
import type { Expected } from '../../src/identity/saml/expected.ts';
import { makeRsaKey, publicPemOf } from '../../src/keys/rsa.ts';
import { selfSigned } from '../../src/keys/self-signed.ts';

/** The moment of these tests, Unix seconds. */
export const NOW = 1_800_000_000;
export const IDP = 'https://idp.example.org/idp';
export const SP = 'https://meet.example.org/_ostiary/saml/metadata';
export const ACS = 'https://meet.example.org/_ostiary/saml/acs';
export const REQUEST = '_request-of-this-browser';

/** A key and its certificate, PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** Makes a new pair. */
export async function makeKeyPair(commonName = 'test'): Promise<KeyPair> {
  const key = await makeRsaKey();
  const serial = Buffer.alloc(16, 7);
  return {
    key,
    certificate: selfSigned(key, { commonName, from: NOW - 86_400, until: NOW + 86_400, serial }),
  };
}

/** Seconds from now, as SAML writes a time. */
export const time = (seconds: number) => `${new Date((NOW + seconds) * 1000).toISOString().slice(0, 19)}Z`;

/** The parts of a response, each of which a test may write itself. */
export interface Said {
  readonly response?: string;
  readonly responseIssuer?: string;
  readonly status?: string;
  readonly extensions?: string;
  readonly assertion?: string;
  readonly issuer?: string;
  readonly nameId?: string;
  readonly confirmation?: string;
  readonly conditions?: string;
  readonly authn?: string;
  readonly attributes?: string;
}

export const SUCCESS =
  '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>';

const confirmationData = (more: string) =>
  `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData ${more}/></saml:SubjectConfirmation>`;

/** The one confirmation, with other attributes. */
export const confirmed = (
  words: { readonly to?: string; readonly until?: string; readonly request?: string } = {},
) =>
  confirmationData(
    `${words.to ?? `Recipient="${ACS}"`} ${words.until ?? `NotOnOrAfter="${time(300)}"`} ${words.request ?? `InResponseTo="${REQUEST}"`}`,
  );

export const audience = (...names: readonly string[]) =>
  `<saml:AudienceRestriction>${names.map((name) => `<saml:Audience>${name}</saml:Audience>`).join('')}</saml:AudienceRestriction>`;

export const conditions = (inside: string, window = `NotBefore="${time(-30)}" NotOnOrAfter="${time(300)}"`) =>
  `<saml:Conditions ${window}>${inside}</saml:Conditions>`;

/** The assertion alone, unsigned. */
export function assertionXml(said: Said = {}, id = '_assertion'): string {
  return [
    said.assertion ??
      `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${time(0)}">`,
    said.issuer ?? `<saml:Issuer>${IDP}</saml:Issuer>`,
    '<saml:Subject>',
    said.nameId ??
      '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada</saml:NameID>',
    said.confirmation ?? confirmed(),
    '</saml:Subject>',
    said.conditions ?? conditions(audience(SP)),
    said.authn ??
      `<saml:AuthnStatement AuthnInstant="${time(-60)}" SessionIndex="_s"><saml:AuthnContext><saml:AuthnContextClassRef>urn:password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
    said.attributes ??
      '<saml:AttributeStatement><saml:Attribute Name="urn:oid:0.9.2342.19200300.100.1.3"><saml:AttributeValue>ada@example.org</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>',
    '</saml:Assertion>',
  ].join('');
}

/** A response around something. */
export function responseXml(inside: string, said: Said = {}): string {
  return [
    said.response ??
      `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response" Version="2.0" IssueInstant="${time(0)}" Destination="${ACS}" InResponseTo="${REQUEST}">`,
    said.responseIssuer ?? `<saml:Issuer>${IDP}</saml:Issuer>`,
    said.extensions ?? '',
    said.status ?? SUCCESS,
    inside,
    '</samlp:Response>',
  ].join('');
}

/** By which bindings it is asked. */
export interface Services {
  readonly signOn?: readonly ('redirect' | 'post')[];
  readonly logout?: readonly ('redirect' | 'post')[];
}

/** A document around one identity provider with these keys. `more`: attributes of its descriptor. */
export function idpMetadata(
  pairs: readonly KeyPair[],
  more = '',
  entityId = IDP,
  { signOn = ['redirect'], logout = [] }: Services = {},
): string {
  const keys = pairs.map(
    ({ certificate }) =>
      `<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  const service = (name: string, path: string) => (how: 'redirect' | 'post') =>
    `<md:${name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-${how === 'post' ? 'POST' : 'Redirect'}" Location="${new URL(path, entityId).href}"/>`;
  return [
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="_m" entityID="${entityId}"${more}>`,
    '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">',
    ...keys,
    ...logout.map(service('SingleLogoutService', '/slo')),
    ...signOn.map(service('SingleSignOnService', '/sso')),
    '</md:IDPSSODescriptor></md:EntityDescriptor>',
  ].join('');
}

/** Signs the element that this XPath finds, behind its issuer. */
export function signed(
  xml: string,
  xpath: string,
  { key }: KeyPair,
  algorithm: 'sha1' | 'sha256' = 'sha256',
): string {
  return signXml(
    xml,
    xpath,
    { reference: `${xpath}/*[local-name()='Issuer']`, action: 'after' },
    { privateKey: key, signatureAlgorithm: algorithm, digestAlgorithm: algorithm },
  );
}

/** A response whose assertion is signed; the response too, if asked for. `about`: which request, under which id, how many seconds later. */
export function signedResponse(
  pair: KeyPair,
  said: Said = {},
  which: 'assertion' | 'both' | 'response' = 'assertion',
  about: { readonly request?: string; readonly id?: string; readonly at?: number } = {},
): string {
  const { request = REQUEST, at = 0 } = about;
  const moved = (text: string) => `${new Date(Date.parse(text) + at * 1000).toISOString().slice(0, 19)}Z`;
  const named = (xml: string) =>
    xml
      .replaceAll(REQUEST, request)
      .replace(/\d{4}-\d\d-\d\dT[\d:]{8}Z/g, (text) => (at === 0 ? text : moved(text)));
  const assertion = named(assertionXml(said, about.id));
  const inside = which === 'response' ? assertion : signed(assertion, '/*', pair);
  const response = named(responseXml('<inside/>', said)).replace('<inside/>', () => inside);
  return which === 'assertion' ? response : signed(response, '/*', pair);
}

/** A document without an issuer, signed in front of everything in it. */
export function signedRoot(xml: string, { key }: KeyPair): string {
  return signXml(
    xml,
    '/*',
    { reference: '/*/*[1]', action: 'before' },
    { privateKey: key, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256' },
  );
}

/** A response whose signed assertion is encrypted for somebody. */
export async function encryptedResponse(
  pair: KeyPair,
  to: KeyPair,
  ciphers: { readonly content?: string; readonly transport?: string; readonly beside?: string } = {},
): Promise<string> {
  const data = await encryptedData(signed(assertionXml(), '/*', pair), to, ciphers);
  return responseXml(`<saml:EncryptedAssertion>${data}</saml:EncryptedAssertion>${ciphers.beside ?? ''}`);
}

/** What stands in an `EncryptedAssertion`: this text, for somebody. */
export function encryptedData(
  xml: string,
  to: KeyPair,
  ciphers: { readonly content?: string; readonly transport?: string } = {},
): Promise<string> {
  return new Promise<string>((done, failed) =>
    encrypt(
      xml,
      {
        rsa_pub: publicPemOf(to.key),
        pem: to.certificate,
        encryptionAlgorithm: ciphers.content ?? 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
        keyEncryptionAlgorithm: ciphers.transport ?? 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
        disallowEncryptionWithInsecureAlgorithm: false,
        warnInsecureAlgorithm: false,
      } as never,
      (wrong, text) => (wrong ? failed(wrong) : done(String(text))),
    ),
  );
}

/** What a response is held against. */
export function expecting(pair: KeyPair, more: Partial<Expected> = {}): Expected {
  return {
    now: NOW,
    leeway: 60,
    idp: { entityId: IDP, certificates: [pair.certificate] },
    audience: SP,
    acs: ACS,
    requestId: REQUEST,
    signed: 'assertion',
    legacy: [],
    keys: [],
    maxAge: 86_400,
    contexts: [],
    ...more,
  };
}

/** A response that answers no request. */
export function unsolicitedResponse(
  pair: KeyPair,
  said: Said = {},
  about: { readonly id?: string; readonly at?: number } = {},
): string {
  const response = `${responseXml('').replace(` InResponseTo="${REQUEST}"`, '').split('>')[0]}>`;
  return signedResponse(
    pair,
    { response, confirmation: confirmed({ request: '' }), ...said },
    'assertion',
    about,
  );
}

/** The same response with its assertion encrypted for somebody. */
export async function encryptedFor(to: KeyPair, response: string): Promise<string> {
  const [assertion = ''] = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(response) ?? [];
  const data = await encryptedData(assertion, to);
  return response.replace(assertion, () => `<saml:EncryptedAssertion>${data}</saml:EncryptedAssertion>`);
}
