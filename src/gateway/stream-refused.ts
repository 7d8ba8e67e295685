/**
 * Somebody who was let into one room tried to speak where they may not: to another host, or in another's stream.
 */
import type { Asked } from '../admission/arrival.ts';
import type { Room } from '../base/room.ts';
import type { WebParts } from '../web/parts.ts';
import { roomFacts } from './machine.ts';

/** Who it was, as far as the gate knows. */
export interface Refused {
  readonly room?: Room | undefined;
  readonly machine?: string | undefined;
}

/** Writes it down. Where it cannot be written down, the log has it. */
export async function recordRefused(
  { id, address }: Pick<Asked, 'id' | 'address'>,
  { room, machine }: Refused,
  { audit, clock, log }: Pick<WebParts, 'audit' | 'clock' | 'log'>,
): Promise<void> {
  try {
    await audit.record({
      at: clock.now(),
      event: 'stream-refused',
      id,
      address,
      ...roomFacts(room),
      ...(machine !== undefined && { machine }),
      code: 'stream.unusable',
    });
  } catch (thrown) {
    log.error('audit-failed', { id }, thrown);
  }
}
