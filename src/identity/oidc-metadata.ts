/**
 * What a provider says about itself: read when first needed, believed only where it fits its issuer.
 *
 * A provider that is down is asked again after seconds, not at every request; one that
 * was read before is used on while it does not answer.
 */
import { allowInsecureRequests, customFetch, discovery, None, type ServerMetadata } from 'openid-client';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { otherIssuer, toProblem } from './oidc-errors.ts';
import type { SignatureAlgorithm } from './oidc-options.ts';
import type { Wire } from './oidc-wire.ts';
import type { Health } from './provider-health.ts';

/** Seconds for which metadata counts as fresh. */
const FRESH = 3600;
/** Seconds for which a failure is remembered. */
const REMEMBER_FAILURE = 5;
/** Seconds after which the library gives up, should the outbound port not have done so. */
export const LIBRARY_TIMEOUT = 15;

/** Where a provider's metadata comes from. */
export interface MetadataSource {
  /** Fresh metadata, or the last that was read. Throws `provider.unreachable` or `provider.misconfigured`. */
  current(): Promise<ServerMetadata>;
  /** Reads it now, unless that failed a moment ago. Throws as `current` does, where nothing was read before. */
  renew(): Promise<ServerMetadata>;
  /** The last that was read, if any. */
  known(): ServerMetadata | undefined;
}

/** What reading metadata needs to know. */
export interface MetadataParts {
  readonly id: string;
  readonly issuer: string;
  readonly internalIssuer?: string | undefined;
  readonly clientId: string;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly wire: Wire;
  readonly clock: Clock;
  readonly health: Health;
  readonly log: Log;
}

/** Makes the one memory of a provider's metadata. */
export function createMetadataSource(parts: MetadataParts): MetadataSource {
  const { id, clock, health, log } = parts;
  let held: { metadata: ServerMetadata; at: number } | undefined;
  let failed: { problem: Problem; at: number } | undefined;
  let pending: Promise<ServerMetadata> | undefined;
  const within = (at: number, seconds: number) => clock.now() - at < seconds * 1000;

  async function read(): Promise<ServerMetadata> {
    try {
      const metadata = await discover(parts);
      [held, failed] = [{ metadata, at: clock.now() }, undefined];
      health.good();
      return metadata;
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      failed = { problem: thrown, at: clock.now() };
      health.bad(thrown);
      if (held === undefined) throw thrown;
      log.warn('provider.metadata-stale', { provider: id, code: thrown.code }, thrown);
      return held.metadata;
    } finally {
      pending = undefined;
    }
  }

  async function renew(): Promise<ServerMetadata> {
    if (failed !== undefined && within(failed.at, REMEMBER_FAILURE)) {
      if (held !== undefined) return held.metadata;
      throw new Problem(failed.problem.code, failed.problem.facts, failed.problem);
    }
    pending ??= read();
    return pending;
  }

  return {
    known: () => held?.metadata,
    renew,
    current: async () => (held !== undefined && within(held.at, FRESH) ? held.metadata : renew()),
  };
}

/**
 * Reads and judges the metadata once.
 *
 * @see OpenID Connect Discovery 1.0, section 4
 */
async function discover(parts: MetadataParts): Promise<ServerMetadata> {
  const { id, issuer, internalIssuer, clientId, algorithms, wire } = parts;
  const insecure = isHttp(issuer) || isHttp(internalIssuer);
  let found: ServerMetadata;
  try {
    const config = await discovery(new URL(issuer), clientId, undefined, None(), {
      [customFetch]: (url, request) => wire(url, 'discovery', request),
      timeout: LIBRARY_TIMEOUT,
      ...(insecure && { execute: [allowInsecureRequests] }),
    });
    found = config.serverMetadata();
  } catch (thrown) {
    const other = otherIssuer(thrown);
    if (other !== undefined) throw notIts(id, issuer, other);
    throw toProblem(thrown, { provider: id, asked: 'discovery' });
  }
  return trusted(found, { id, issuer, internalIssuer, algorithms });
}

function notIts(id: string, expected: string, found: string): Problem {
  const facts = { provider: id, asked: 'discovery', why: 'issuer', expected };
  return new Problem('provider.misconfigured', { ...facts, found: found.slice(0, 200) });
}

const SERVER_ENDPOINTS = ['token_endpoint', 'jwks_uri', 'userinfo_endpoint'] as const;
const BROWSER_ENDPOINTS = ['authorization_endpoint', 'end_session_endpoint'] as const;
const REQUIRED: readonly string[] = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'];

/** Keeps of the metadata what we use, and refuses what does not fit the issuer. */
function trusted(
  found: ServerMetadata,
  parts: Pick<MetadataParts, 'id' | 'issuer' | 'internalIssuer' | 'algorithms'>,
): ServerMetadata {
  const { id, issuer, internalIssuer, algorithms } = parts;
  const unfit = (why: string, facts = {}) =>
    new Problem('provider.misconfigured', { provider: id, asked: 'discovery', why, ...facts });
  // The library compares addresses after normalising them, and forgives some hosts;
  // tokens are compared to the letter.
  if (found.issuer !== issuer) throw notIts(id, issuer, found.issuer);

  const insideOrigin = internalIssuer === undefined ? undefined : new URL(internalIssuer).origin;
  const kept: { -readonly [Name in keyof ServerMetadata]: ServerMetadata[Name] } = { issuer };
  for (const name of [...SERVER_ENDPOINTS, ...BROWSER_ENDPOINTS]) {
    const value = found[name];
    if (value === undefined && !REQUIRED.includes(name)) continue;
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || url.username !== '' || url.password !== '')
      throw unfit('endpoint', { endpoint: name });
    const inside = url.origin === insideOrigin && SERVER_ENDPOINTS.some((one) => one === name);
    const mayBeHttp = isHttp(issuer) || inside;
    if (url.protocol !== 'https:' && !(mayBeHttp && url.protocol === 'http:'))
      throw unfit('endpoint-not-https', { endpoint: name });
    kept[name] = url.href;
  }
  const signatures = common(found.id_token_signing_alg_values_supported, algorithms);
  if (signatures.length === 0) throw unfit('algorithms');
  kept.id_token_signing_alg_values_supported = signatures;
  kept.userinfo_signing_alg_values_supported = common(
    found.userinfo_signing_alg_values_supported,
    algorithms,
  );
  if (found.authorization_response_iss_parameter_supported === true)
    kept.authorization_response_iss_parameter_supported = true;
  const methods = found.token_endpoint_auth_methods_supported;
  if (Array.isArray(methods))
    kept.token_endpoint_auth_methods_supported = methods.filter((one) => typeof one === 'string');
  return kept;
}

/** What both sides take; a provider that names nothing is held to our list. */
function common(theirs: unknown, ours: readonly string[]): string[] {
  return Array.isArray(theirs) ? ours.filter((one) => theirs.includes(one)) : [...ours];
}

function isHttp(address: string | undefined): boolean {
  return address !== undefined && new URL(address).protocol === 'http:';
}
