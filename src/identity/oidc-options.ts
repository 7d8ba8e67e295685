/**
 * What a sign-in service of the kind OpenID Connect has to be told.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Outbound } from '../base/outbound.ts';
import type { Secret } from '../base/secret.ts';
import type { TokenEndpointAuth, UserinfoUse } from './presets.ts';
import type { ProfileMapping } from './profile.ts';

/** The signatures we take from a provider: public-key ones only, so that no shared secret can make a token. */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** One of the signatures we take. @see RFC 7518, section 3.1 */
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** One provider as the operator described it, and the parts it works with. */
export interface OidcOptions {
  readonly id: string;
  readonly name: string;
  /** To the letter as the provider writes it in its metadata and tokens. */
  readonly issuer: string;
  /** Where our own requests go instead; the browser and `iss` keep the public address. */
  readonly internalIssuer?: string;
  readonly clientId: string;
  readonly clientSecret?: Secret;
  /** Left out: basic where the provider offers it, otherwise post; none without a secret. */
  readonly tokenEndpointAuth?: TokenEndpointAuth;
  readonly scopes: readonly string[];
  readonly responseMode?: 'query' | 'form_post';
  /** The answer must name one of these. */
  readonly acrValues?: readonly string[];
  /** Seconds since the person proved themselves at the provider. */
  readonly maxAge?: number;
  readonly prompt?: string;
  readonly extraAuthParams?: Readonly<Record<string, string>>;
  readonly mapping: ProfileMapping;
  readonly userinfo: UserinfoUse;
  /** Offer to sign out there too; true unless told otherwise. */
  readonly signOutThere?: boolean;
  /** The signatures to take, of those in `SIGNATURE_ALGORITHMS`; all of them unless told otherwise. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Seconds by which the clocks may differ; 60 unless told otherwise. */
  readonly leeway?: number;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Seconds by which the clocks may differ unless told otherwise. */
export const LEEWAY = 60;
