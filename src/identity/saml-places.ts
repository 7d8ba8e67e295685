/**
 * Where, below our prefix, our service provider is. Pure.
 */

/** Where every identity provider posts its responses. */
export const ANSWERS_AT = '/saml/acs';
