/**
 * Everything the doctor looks at; the documentation is printed from this table.
 */
import type { DoctorCheck } from './check.ts';
import { checkAddresses, checkHeaderSignIn, checkProxyHeaders } from './check-addresses.ts';
import { checkClock } from './check-clock.ts';
import { checkConfigJs, checkRelay } from './check-config-js.ts';
import { checkEmbed } from './check-embed.ts';
import { checkGuestHost } from './check-guest-host.ts';
import { checkIdentityHeaders } from './check-identity-headers.ts';
import { checkKeys } from './check-keys.ts';
import { checkLog } from './check-log.ts';
import { checkTheProviders } from './check-providers.ts';
import { checkRedirect } from './check-redirect.ts';
import { REFUSALS } from './check-refusals.ts';
import { checkRoles } from './check-roles.ts';
import { checkRoom, checkTenant } from './check-room.ts';
import { checkSamlAge } from './check-saml-age.ts';
import { checkSettings } from './check-settings.ts';
import { checkBosh, checkWebSocket } from './check-sign-in.ts';
import { checkTheStore } from './check-store.ts';
import { checkStrangers } from './check-strangers.ts';
import { checkTls } from './check-tls.ts';
import { checkTurn, checkTurnPeers } from './check-turn.ts';
import { checkTurnFile } from './check-turn-file.ts';
import { checkTurnGiven } from './check-turn-given.ts';
import { checkVersions } from './check-versions.ts';
import { checkWaiting } from './check-waiting.ts';
import { checkWebServer } from './check-web-server.ts';

/** The table, in the order in which it is told. */
export const CHECKS: readonly DoctorCheck[] = [
  checkSettings,
  checkTheStore,
  checkKeys,
  checkClock,
  checkTheProviders,
  checkRedirect,
  checkSamlAge,
  checkWebSocket,
  checkBosh,
  ...REFUSALS,
  checkRoom,
  checkTenant,
  checkRoles,
  checkGuestHost,
  checkWaiting,
  checkTurn,
  checkTurnPeers,
  checkTurnFile,
  checkTurnGiven,
  checkRelay,
  checkWebServer,
  checkTls,
  checkConfigJs,
  checkLog,
  checkEmbed,
  checkStrangers,
  checkAddresses,
  checkProxyHeaders,
  checkIdentityHeaders,
  checkHeaderSignIn,
  checkVersions,
];
