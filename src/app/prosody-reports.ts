/**
 * What our module in Prosody reports, wired.
 */
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
import type { WebParts } from '../web/parts.ts';
import { mintOptions } from './options.ts';

/** Makes them; who is ended by their word is written down. */
export function reportsOf(parts: Omit<ReportsParts, 'ended'> & { readonly audit: Audit }): Reports {
  return createReports({ ...parts, ended: writtenDown(parts) });
}

/** From now on the module is listened to as this configuration has it; nothing where it has none. */
export function followReports(
  config: Config,
  { reports, storedKeys }: { readonly reports: Reports; readonly storedKeys?: StoredKeys },
): Pick<WebParts, 'prosody'> {
  const { secret } = config.prosodyModule;
  if (secret === undefined) return {};
  reports.follow(optionsOf(config, storedKeys));
  return { prosody: { take: reports.take, secret } };
}

function optionsOf(config: Config, storedKeys: StoredKeys | undefined): ReportOptions {
  const { meetingGrace, strict } = config.session;
  const { claims, lifetimes } = mintOptions(config);
  return {
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
