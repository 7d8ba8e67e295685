/**
 * Where our service provider is: what its metadata, its requests and its judges say. Pure.
 */

/** Where, below our prefix, every identity provider posts its responses. */
export const ANSWERS_AT = '/saml/acs';
/** Where, below our prefix, messages of single logout go. */
export const LOGOUT_AT = '/saml/slo';

/** Whole addresses. */
export interface SamlPlaces {
  /** Where responses are posted: the assertion consumer service. */
  readonly acs: string;
  /** Where messages of single logout go, by binding. */
  readonly slo: { readonly redirect: string; readonly post: string };
}

/** Where mod_shib has the same: outside our prefix, and only where the operator wants it so. */
export const SHIBBOLETH = {
  metadata: '/Shibboleth.sso/Metadata',
  acs: '/Shibboleth.sso/SAML2/POST',
  redirect: '/Shibboleth.sso/SLO/Redirect',
  post: '/Shibboleth.sso/SLO/POST',
} as const;

/** In place of a mod_shib whose addresses federations know. */
export function shibbolethPlaces(publicUrl: string): SamlPlaces {
  const { acs, redirect, post } = SHIBBOLETH;
  return { acs: publicUrl + acs, slo: { redirect: publicUrl + redirect, post: publicUrl + post } };
}

/** Below our prefix. */
export function samlPlaces(publicUrl: string, prefix: string): SamlPlaces {
  const here = `${publicUrl}${prefix}`;
  return {
    acs: `${here}${ANSWERS_AT}`,
    slo: { redirect: `${here}${LOGOUT_AT}`, post: `${here}${LOGOUT_AT}` },
  };
}
