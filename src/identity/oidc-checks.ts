/**
 * What we check of an answer beyond what the library checks.
 *
 * Pure: claims, query and the hour in; a problem thrown, or nothing.
 */
import { timingSafeEqual } from 'node:crypto';
import { Problem } from '../base/problem.ts';
import { knownError } from './oidc-errors.ts';

/** Answers of other flows than ours: whoever sends one expects us to read it. */
const OF_OTHER_FLOWS = [
  'access_token',
  'code_verifier',
  'expires_in',
  'id_token',
  'refresh_token',
  'response',
  'token',
  'token_type',
];

/** Silent attempts that end so have not failed: the person is needed. @see OpenID Connect Core 1.0, section 3.1.2.6 */
const NEEDS_PERSON = [
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
];

/** The last second of the year 9999. */
const LAST_SECOND = 253_402_300_799;

/** What a callback is held against. */
export interface ExpectedCallback {
  readonly provider: string;
  readonly state: string;
  readonly issuer: string;
  /** Did the provider promise `iss`? */
  readonly issuerPromised: boolean;
  readonly silent: boolean;
}

/**
 * Judges the callback's parameters, before anything is asked with them. Names nobody
 * defined are never read (RFC 6749, section 4.1.2).
 * Throws `provider.response-invalid`, `sign-in.cancelled`, `provider.reauthentication`, `provider.refused`.
 *
 * @see RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207, section 2.4
 */
export function judgeCallback(
  query: URLSearchParams,
  expected: ExpectedCallback,
): { readonly code: string } | 'needs-person' {
  const { provider, state, issuer, issuerPromised, silent } = expected;
  const invalid = (why: string) =>
    new Problem('provider.response-invalid', { provider, asked: 'callback', why });
  const names = [...query.keys()];
  if (new Set(names).size !== names.length) throw invalid('twice');
  if (OF_OTHER_FLOWS.some((name) => query.has(name))) throw invalid('other-flow');
  if (!same(query.get('state') ?? '', state)) throw invalid('state');
  // The library takes an empty `iss` for none.
  if (query.has('iss') ? query.get('iss') !== issuer : issuerPromised) throw invalid('iss');

  const error = query.get('error');
  if (error === null) {
    const code = query.get('code') ?? '';
    if (code === '') throw invalid('code');
    return { code };
  }
  if (silent && NEEDS_PERSON.includes(error)) return 'needs-person';
  if (error === 'access_denied') throw new Problem('sign-in.cancelled', { provider });
  if (error === 'unmet_authentication_requirements')
    throw new Problem('provider.reauthentication', { provider, why: 'unmet' });
  throw new Problem('provider.refused', { provider, asked: 'callback', error: knownError(error) });
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What an ID token is held against. `now` and `leeway` are seconds. */
export interface ExpectedClaims {
  readonly provider: string;
  readonly clientId: string;
  readonly now: number;
  readonly leeway: number;
}

/** The claims of an ID token whose signature, issuer, audience, nonce and end the library checked. */
export type IdClaims = Readonly<Record<string, unknown>>;

/**
 * What the library lets pass: an odd spelling of the token, dates of no calendar, a token
 * from the future, another client's `azp`.
 * Throws `provider.response-invalid` and `provider.clock`.
 *
 * @see OpenID Connect Core 1.0, section 3.1.3.7
 */
export function judgeIdToken(token: string, claims: IdClaims, expected: ExpectedClaims): void {
  const { provider, clientId, now, leeway } = expected;
  const invalid = (why: string) =>
    new Problem('provider.response-invalid', { provider, asked: 'token', why });
  if (!token.split('.').every(isCanonical)) throw invalid('encoding');
  for (const name of ['exp', 'iat', 'nbf', 'auth_time']) {
    const value = claims[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0 && value <= LAST_SECOND))
      throw invalid(name);
  }
  if (claims['azp'] !== undefined && claims['azp'] !== clientId) throw invalid('azp');
  const early = (claims['iat'] as number) - now;
  if (early > leeway)
    throw new Problem('provider.clock', { provider, claim: 'iat', seconds: Math.round(-early) });
}

/** base64url can be written in several ways that read alike; only the shortest is ours. */
function isCanonical(segment: string): boolean {
  return Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

/** How the person has to have proved themselves. `maxAge` is seconds. */
export interface ExpectedProof extends ExpectedClaims {
  readonly acrValues: readonly string[];
  readonly maxAge: number | undefined;
}

/**
 * Was the proof strong and fresh enough? A provider may leave our wish unheard, so the answer is asked.
 * Throws `provider.reauthentication` and `provider.clock`.
 *
 * @see OpenID Connect Core 1.0, sections 3.1.2.1 and 5.5.1.1
 */
export function judgeProof(
  claims: IdClaims,
  { provider, acrValues, maxAge, now, leeway }: ExpectedProof,
): void {
  const weak = (why: string, facts = {}) =>
    new Problem('provider.reauthentication', { provider, why, ...facts });
  const { acr, auth_time: at } = claims;
  if (acrValues.length > 0 && !acrValues.some((value) => value === acr)) throw weak('acr');
  if (maxAge === undefined) return;
  if (typeof at !== 'number') throw weak('auth_time');
  if (at - now > leeway)
    throw new Problem('provider.clock', { provider, claim: 'auth_time', seconds: Math.round(now - at) });
  if (now - at > maxAge + leeway) throw weak('max_age', { seconds: Math.round(now - at) });
}
