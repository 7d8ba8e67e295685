/**
 * What we write: the request for a sign-in, and our own metadata. Pure.
 *
 * @see SAML Core 2.0, section 3.4.1; SAML Metadata 2.0, section 2.4.4
 */
import { ENCRYPTION_METHODS } from './algorithms.ts';
import type { NameId } from './expected.ts';
import { BINDING, NAME_ID, NS, PROTOCOL, STATUS } from './names.ts';
import { instantText } from './time.ts';
import { escapeXml } from './xml.ts';

/** A request for a sign-in. */
interface AuthnRequest {
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  readonly destination: string;
  readonly entityId: string;
  readonly acs: string;
  /** Ask without showing anything. */
  readonly passive: boolean;
  /** The person shall prove themselves again. */
  readonly force: boolean;
  readonly nameIdFormat?: string;
  readonly contexts: readonly string[];
}

const attribute = (name: string, value: string) => ` ${name}="${escapeXml(value)}"`;

/** The request as XML, not signed yet. */
export function authnRequestXml(request: AuthnRequest): string {
  const { id, at, destination, entityId, acs, passive, force, nameIdFormat, contexts } = request;
  const format = nameIdFormat === undefined ? '' : attribute('Format', nameIdFormat);
  const wanted = contexts.map(
    (name) => `<saml:AuthnContextClassRef>${escapeXml(name)}</saml:AuthnContextClassRef>`,
  );
  return [
    `<samlp:AuthnRequest xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}"`,
    attribute('ID', id),
    ' Version="2.0"',
    attribute('IssueInstant', instantText(at)),
    attribute('Destination', destination),
    attribute('AssertionConsumerServiceURL', acs),
    attribute('ProtocolBinding', BINDING.post),
    passive ? ' IsPassive="true"' : '',
    force ? ' ForceAuthn="true"' : '',
    `><saml:Issuer>${escapeXml(entityId)}</saml:Issuer>`,
    `<samlp:NameIDPolicy${format} AllowCreate="true"/>`,
    wanted.length === 0
      ? ''
      : `<samlp:RequestedAuthnContext Comparison="exact">${wanted.join('')}</samlp:RequestedAuthnContext>`,
    '</samlp:AuthnRequest>',
  ].join('');
}

/** A message of single logout, to whom and when. */
interface LogoutMessage {
  readonly id: string;
  /** Unix seconds. */
  readonly at: number;
  readonly destination: string;
  readonly entityId: string;
}

function head(name: string, { id, at, destination, entityId }: LogoutMessage, more: string): string {
  return [
    `<samlp:${name} xmlns:samlp="${NS.samlp}" xmlns:saml="${NS.saml}"`,
    attribute('ID', id),
    ' Version="2.0"',
    attribute('IssueInstant', instantText(at)),
    attribute('Destination', destination),
    more,
    `><saml:Issuer>${escapeXml(entityId)}</saml:Issuer>`,
  ].join('');
}

/** Seconds for which our request to sign somebody out is good. */
const LOGOUT_LIFETIME = 300;

/** The request to sign somebody out, not signed yet. */
export function logoutRequestXml(
  message: LogoutMessage & { readonly nameId: NameId; readonly sessionIndex?: string },
): string {
  const { at, nameId, sessionIndex } = message;
  const { value, format, nameQualifier, spNameQualifier } = nameId;
  const name = [
    nameQualifier === undefined ? '' : attribute('NameQualifier', nameQualifier),
    spNameQualifier === undefined ? '' : attribute('SPNameQualifier', spNameQualifier),
    format === '' ? '' : attribute('Format', format),
  ].join('');
  return [
    head('LogoutRequest', message, attribute('NotOnOrAfter', instantText(at + LOGOUT_LIFETIME))),
    `<saml:NameID${name}>${escapeXml(value)}</saml:NameID>`,
    sessionIndex === undefined ? '' : `<samlp:SessionIndex>${escapeXml(sessionIndex)}</samlp:SessionIndex>`,
    '</samlp:LogoutRequest>',
  ].join('');
}

/** The answer to a request that was carried out, not signed yet. */
export function logoutResponseXml(message: LogoutMessage & { readonly inResponseTo: string }): string {
  return [
    head('LogoutResponse', message, attribute('InResponseTo', message.inResponseTo)),
    `<samlp:Status><samlp:StatusCode Value="${STATUS.success}"/></samlp:Status></samlp:LogoutResponse>`,
  ].join('');
}

/** What our metadata tells. */
interface ServiceProvider {
  readonly entityId: string;
  readonly acs: string;
  /** Where messages of single logout go, by binding. */
  readonly slo: { readonly redirect: string; readonly post: string };
  /** Each with what it is for. */
  readonly keys: readonly {
    readonly certificate: string;
    readonly use: 'both' | 'signing' | 'encryption';
  }[];
  /** What our organisation's page is called. */
  readonly name: string;
  /** Where a discovery service may send people back to. */
  readonly chosenAt?: string;
}

/** Our metadata, as identity providers import it. It holds public keys alone. */
export function serviceProviderXml({
  entityId,
  acs,
  slo,
  keys: all,
  name,
  chosenAt,
}: ServiceProvider): string {
  const methods = ENCRYPTION_METHODS.map(
    (uri) => `<md:EncryptionMethod${attribute('Algorithm', uri)}/>`,
  ).join('');
  const keys = (['signing', 'encryption'] as const).flatMap((use) =>
    all
      .filter((key) => key.use === use || key.use === 'both')
      .map(
        ({ certificate: pem }) =>
          `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${bare(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${use === 'encryption' ? methods : ''}</md:KeyDescriptor>`,
      ),
  );
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<md:EntityDescriptor xmlns:md="${NS.md}" xmlns:ds="${NS.ds}"${attribute('entityID', entityId)}>`,
    `<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" protocolSupportEnumeration="${PROTOCOL}">`,
    '<md:Extensions>',
    `<mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="en">${escapeXml(name)}</mdui:DisplayName></mdui:UIInfo>`,
    ...(chosenAt === undefined
      ? []
      : [
          `<idpdisc:DiscoveryResponse xmlns:idpdisc="${NS.idpdisc}" Binding="${NS.idpdisc}"${attribute('Location', chosenAt)} index="1"/>`,
        ]),
    '</md:Extensions>',
    ...keys,
    `<md:SingleLogoutService Binding="${BINDING.redirect}"${attribute('Location', slo.redirect)}/>`,
    `<md:SingleLogoutService Binding="${BINDING.post}"${attribute('Location', slo.post)}/>`,
    `<md:NameIDFormat>${NAME_ID.persistent}</md:NameIDFormat>`,
    `<md:AssertionConsumerService Binding="${BINDING.post}"${attribute('Location', acs)} index="0" isDefault="true"/>`,
    '</md:SPSSODescriptor>',
    '</md:EntityDescriptor>',
  ].join('\n')}\n`;
}

function bare(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s/g, '');
}
