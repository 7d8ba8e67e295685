/**
 * What the audit says where sessions end without the person having signed out here.
 */
import type { Clock } from '../base/clock.ts';
import type { Audit, AuditEntry } from '../base/log.ts';
import type { Person } from '../base/person.ts';

/** One entry for each of these, in their order. Throws what the audit throws. */
export async function recordEnded(
  ended: readonly { readonly person: Person }[],
  facts: Pick<AuditEntry, 'id' | 'address' | 'name'>,
  { audit, clock }: { readonly audit: Audit; readonly clock: Clock },
): Promise<void> {
  for (const { person } of ended)
    await audit.record({
      at: clock.now(),
      event: 'session-ended',
      person: person.id,
      provider: person.provider,
      ...facts,
    });
}
