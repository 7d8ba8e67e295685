/**
 * The words of SAML 2.0 and of the XML it is written in. Pure.
 */

/** XML namespaces, by the prefix everybody uses for them. */
export const NS = {
  samlp: 'urn:oasis:names:tc:SAML:2.0:protocol',
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  xenc: 'http://www.w3.org/2001/04/xmlenc#',
  xenc11: 'http://www.w3.org/2009/xmlenc11#',
  shibmd: 'urn:mace:shibboleth:metadata:1.0',
  mdui: 'urn:oasis:names:tc:SAML:metadata:ui',
  mdattr: 'urn:oasis:names:tc:SAML:metadata:attribute',
  idpdisc: 'urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol',
  xml: 'http://www.w3.org/XML/1998/namespace',
} as const;

/** @see SAML Bindings 2.0, sections 3.4 and 3.5 */
export const BINDING = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const;

/** @see SAML Core 2.0, section 8.3 */
export const NAME_ID = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  entity: 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity',
} as const;

/** @see SAML Core 2.0, section 3.2.2.2 */
export const STATUS = {
  success: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  noPassive: 'urn:oasis:names:tc:SAML:2.0:status:NoPassive',
  authnFailed: 'urn:oasis:names:tc:SAML:2.0:status:AuthnFailed',
} as const;

/** @see SAML Profiles 2.0, section 3.3 */
export const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** What a metadata role says it speaks. */
export const PROTOCOL = NS.samlp;

/** @see Exclusive XML Canonicalization 1.0 */
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** @see XML Signature Syntax, section 6.6.4 */
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** @see RFC 9231, section 2.3 */
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** @see SAML Metadata Extension for Entity Attributes 1.0; RFC 8409 */
export const ENTITY_CATEGORY = 'http://macedir.org/entity-category';

/** @see REFEDS Hide From Discovery Entity Category */
export const HIDDEN = 'http://refeds.org/category/hide-from-discovery';
