/**
 * A connection that was ended because its session was is written down, under the
 * reference of the request that began it.
 */
import type { Clock } from '../base/clock.ts';
import type { Audit, Log } from '../base/log.ts';
import { roomFacts } from './machine.ts';
import type { Connection, ConnectionEnd } from './sockets-look.ts';

/** What writing down needs. */
export interface AuditEndedParts {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly log: Log;
}

/** Ends that are somebody's doing, or the rules'; everything else is in the log and the counts. */
const WRITTEN: ReadonlySet<ConnectionEnd> = new Set(['session-ended', 'session-ran-out', 'kicked']);

/** Told of ends; where one cannot be written down, the connection is ended all the same and the log says so. */
export function auditEnded({ audit, clock, log }: AuditEndedParts) {
  return ({ kind, person, room, address, id }: Connection, why: ConnectionEnd): void => {
    if (!WRITTEN.has(why) || kind === 'other' || id === undefined) return;
    audit
      .record({
        at: clock.now(),
        event: 'connection-ended',
        id,
        address,
        ...(person !== undefined && { person }),
        ...roomFacts(room),
        code: why,
      })
      .catch((thrown: unknown) => log.error('audit-failed', { id }, thrown));
  };
}
