/**
 * All settings together: the one description that parses, fills defaults and prints the reference.
 */
import { z } from 'zod';
import { accessShape } from './access.ts';
import { apps } from './apps.ts';
import { bearer } from './bearer.ts';
import { gatewayShape } from './gateway.ts';
import { issuers } from './issuers.ts';
import { jitsi } from './jitsi.ts';
import { peopleShape } from './people.ts';
import { prosodyModule } from './prosody-module.ts';
import { providers } from './providers.ts';
import { rooms } from './rooms.ts';
import { runningShape } from './running.ts';
import { saml } from './saml.ts';
import { serverShape } from './server.ts';
import { stagesShape } from './stages.ts';
import { tokens } from './tokens.ts';
import { turn } from './turn.ts';

/** The configuration file. Unknown keys are refused at every depth. */
export const settings = z.strictObject({
  ...serverShape,
  ...gatewayShape,
  ...stagesShape,
  jitsi,
  prosodyModule,
  providers,
  saml,
  issuers,
  bearer,
  ...accessShape,
  rooms,
  tokens,
  turn,
  apps,
  ...peopleShape,
  ...runningShape,
});

/** What the schema gives for a configuration that holds, before what depends on other settings is filled in. */
export type Settings = z.output<typeof settings>;
