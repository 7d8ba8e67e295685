/**
 * Those whose tokens callers bring, wired: what their tokens are held against, and what becomes of the first.
 */
import { createBearers, type ReadBearer } from '../admission/bearer.ts';
import type { Clock } from '../base/clock.ts';
import type { Audit } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Outbound } from '../base/outbound.ts';
import type { Store } from '../base/store.ts';
import { issOf } from '../config/bearer.ts';
import type { Config } from '../config/load.ts';
import type { BearerIssuer, BearerIssuers } from '../identity/bearer.ts';
import { PRESETS } from '../identity/presets.ts';
import type { ProfileMapping } from '../identity/profile.ts';
import type { Sessions } from '../identity/session.ts';
import { type OidcConfig, oidcMapping, sessionLimitsOf, speaksOfGroups } from './options.ts';
import { theirKeys } from './their-keys.ts';

type BearerConfig = Config['bearer']['issuers'][number];

/** Makes them. Throws `key.unusable` for a file that holds no public key. */
export function bearerIssuersOf(
  config: Config,
  parts: { readonly clock: Clock; readonly outbound: Outbound },
): BearerIssuers {
  return new Map(
    config.bearer.issuers.map((said) => {
      const iss = issOf(said, config.providers) ?? '';
      const issuer: BearerIssuer = {
        ...{ iss, audience: said.audience, alsoFor: said.alsoFor },
        provider: said.provider ?? said.id ?? '',
        keys: keysOf(said, iss, parts),
        algorithm: said.algorithm ?? (said.secret === undefined ? 'RS256' : 'HS256'),
        ...(said.scope !== undefined && { scope: said.scope }),
        mapping: mappingOf(said, config),
      };
      return [iss, issuer];
    }),
  );
}

function keysOf(
  said: BearerConfig,
  discoveredAt: string,
  parts: { readonly clock: Clock; readonly outbound: Outbound },
): BearerIssuer['keys'] {
  const keys = said.secret ?? theirKeys({ ...said, discoveredAt }, parts);
  if (keys === undefined) throw new TypeError(`${discoveredAt} has no keys`);
  return keys;
}

function mappingOf(said: BearerConfig, config: Config): ProfileMapping {
  const provider = config.providers.find(({ id }) => id === said.provider);
  if (provider !== undefined) return oidcMapping(provider as OidcConfig, speaksOfGroups(config));
  const { subject, groups = { claim: 'groups', required: false } } = said;
  return { ...PRESETS.generic.mapping, ...(subject && { id: subject }), groups };
}

/** What reading them needs. */
export interface BearersParts {
  readonly bearerIssuers: BearerIssuers;
  readonly sessions: Sessions;
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly audit: Audit;
}

/** Makes the reading; undefined where nobody else's tokens are taken. */
export function bearersOf(config: Config, parts: BearersParts): ReadBearer | undefined {
  const { bearerIssuers: issuers, audit, clock } = parts;
  if (issuers.size === 0) return undefined;
  const { idle, grace } = sessionLimitsOf(config);
  return createBearers({
    ...parts,
    issuers,
    remembered: idle + grace,
    cut: config.bearer.cutAtExpiry,
    began: ({ id: person, provider, name, groups }, { id, address }) =>
      audit.record({
        ...{ at: clock.now(), event: 'bearer-taken', id, address, person, provider, groups },
        ...(name !== undefined && { name }),
      }),
  });
}
