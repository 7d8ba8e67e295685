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

/** Below our prefix. */
export function samlPlaces(publicUrl: string, prefix: string): SamlPlaces {
  const here = `${publicUrl}${prefix}`;
  return {
    acs: `${here}${ANSWERS_AT}`,
    slo: { redirect: `${here}${LOGOUT_AT}`, post: `${here}${LOGOUT_AT}` },
  };
}
