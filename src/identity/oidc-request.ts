/**
 * What we ask of a provider when we send somebody there.
 *
 * Pure: settings and the attempt in, parameters out.
 */
import { Problem } from '../base/problem.ts';
import type { OidcOptions } from './oidc-options.ts';
import type { StartOptions } from './provider.ts';

/** What only we may say: an operator's extra parameter must not loosen it. */
const RESERVED = [
  'client_id',
  'client_secret',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
];

const MAX_LANGUAGES = 5;

/** Throws `config.unusable` where an extra parameter is one of those we must say ourselves. */
export function refuseReserved({
  id,
  extraAuthParams = {},
}: Pick<OidcOptions, 'id' | 'extraAuthParams'>): void {
  const parameter = Object.keys(extraAuthParams).find((name) => RESERVED.includes(name));
  if (parameter !== undefined)
    throw new Problem('config.unusable', { provider: id, why: 'reserved-parameter', parameter });
}

/**
 * The parameters of one authorization request.
 *
 * @see OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, section 4.3
 */
export function authorizationParameters(
  options: OidcOptions,
  started: StartOptions,
  challenge: string,
): Record<string, string> {
  const { scopes, responseMode, acrValues = [], maxAge, prompt, extraAuthParams } = options;
  const { memory, redirectUri, silent, languages = [], hint } = started;
  const shown = silent ? 'none' : prompt;
  const wanted = languages
    .filter((language) => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language))
    .slice(0, MAX_LANGUAGES);
  return {
    ...extraAuthParams,
    // As the library will write it at the token endpoint, where it is compared.
    redirect_uri: new URL(redirectUri).href,
    scope: [...new Set(['openid', ...scopes])].join(' '),
    state: memory.state,
    nonce: memory.nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(responseMode !== undefined && { response_mode: responseMode }),
    ...(acrValues.length > 0 && { acr_values: acrValues.join(' ') }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(shown !== undefined && { prompt: shown }),
    ...(hint !== undefined && { login_hint: hint }),
    ...(wanted.length > 0 && { ui_locales: wanted.join(' ') }),
  };
}
