/**
 * Everything the doctor looks at; the documentation is printed from this table.
 */
import type { DoctorCheck } from './check.ts';
import { checkClock } from './check-clock.ts';
import { checkKeys } from './check-keys.ts';
import { checkTheProviders } from './check-providers.ts';
import { checkRedirect } from './check-redirect.ts';
import { REFUSALS } from './check-refusals.ts';
import { checkRoom, checkTenant } from './check-room.ts';
import { checkSettings } from './check-settings.ts';
import { checkBosh, checkWebSocket } from './check-sign-in.ts';
import { checkTheStore } from './check-store.ts';

/** The table, in the order in which it is told. */
export const CHECKS: readonly DoctorCheck[] = [
  checkSettings,
  checkTheStore,
  checkKeys,
  checkClock,
  checkTheProviders,
  checkRedirect,
  checkWebSocket,
  checkBosh,
  ...REFUSALS,
  checkRoom,
  checkTenant,
];
