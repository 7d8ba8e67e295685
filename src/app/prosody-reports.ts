/**
 * What our module in Prosody reports, wired.
 */
import { type InsideParts, insideAs, type Named } from '../admission/prosody/inside.ts';
import {
  createReports,
  type ReportOptions,
  type Reports,
  type ReportsParts,
} from '../admission/prosody/reports.ts';
import type { Clock } from '../base/clock.ts';
import type { Audit, Log } from '../base/log.ts';
import { decodeOnce, keyOfProsodyNode } from '../base/room.ts';
import type { Config } from '../config/load.ts';
import type { StoredKeys } from '../keys/stored-keys.ts';
import { turnHost } from '../tokens/turn.ts';
import type { WebParts } from '../web/parts.ts';
import { mintOptions, turnOptionsOf } from './options.ts';

/** Makes them; who is ended by their word is written down. */
export function reportsOf(parts: Omit<ReportsParts, 'ended'> & { readonly audit: Audit }): Reports {
  return createReports({ ...parts, ended: writtenDown(parts) });
}

/** From now on the module is listened to as this configuration has it; nothing where it has none. */
export function followReports(
  config: Config,
  { reports, storedKeys, ...parts }: FollowParts,
): Pick<WebParts, 'prosody'> {
  const { secret } = config.prosodyModule;
  if (secret === undefined) return {};
  const options = optionsOf(config, storedKeys);
  reports.follow(options);
  const asks = options.turnHosts !== undefined && {
    inside: (named: Named) => insideAs(named, { ...options, ...parts }),
  };
  return { prosody: { take: reports.take, secret, ...asks } };
}

interface FollowParts extends Pick<InsideParts, 'sessions' | 'kicks' | 'clock'> {
  readonly reports: Reports;
  readonly storedKeys?: StoredKeys;
}

/** Where coturn knows nobody but by a row: Prosody can make no credentials for it. */
function turnHostsOf(config: Config): readonly string[] | undefined {
  const options = config.turn.database === undefined ? undefined : turnOptionsOf(config);
  return options && [...new Set(options.urls.map(turnHost))];
}

function optionsOf(config: Config, storedKeys: StoredKeys | undefined): ReportOptions {
  const { meetingGrace, strict } = config.session;
  const { claims, lifetimes } = mintOptions(config);
  const turnHosts = turnHostsOf(config);
  return {
    ...(turnHosts && { turnHosts }),
    issuer: claims.issuer,
    tokenLifetime: Math.max(...Object.values(lifetimes)),
    meetingGrace,
    strict,
    revoked: async () =>
      ((await storedKeys?.list()) ?? []).flatMap(({ kid, revokedAt }) =>
        revokedAt === undefined ? [] : [{ kid, revokedAt }],
      ),
  };
}

function writtenDown({
  audit,
  clock,
  log,
}: {
  audit: Audit;
  clock: Clock;
  log: Log;
}): NonNullable<ReportsParts['ended']> {
  return ({ person, jti, room }, { why }) => {
    audit
      .record({
        ...{ at: clock.now(), event: 'connection-ended', id: 'prosody', code: why },
        ...(person !== undefined && { person }),
        ...(jti !== undefined && { jti }),
        ...(room !== undefined && placeOf(room)),
      })
      .catch((thrown: unknown) => log.error('audit-failed', { id: 'prosody' }, thrown));
  };
}

/** As the audit has rooms elsewhere: by their name, beside the tenant. */
function placeOf(node: string): { readonly room: string; readonly tenant?: string } {
  const [tenant = '', claim = ''] = keyOfProsodyNode(node).split('/');
  const name = decodeOnce(claim) ?? claim;
  return tenant === '' ? { room: name } : { room: name, tenant };
}
