/**
 * Settings: the Jitsi we stand beside, and what it makes of a role.
 */
import { z } from 'zod';
import { choice, flag, hostName, origin } from './kinds.ts';

/** The settings under `jitsi`. */
export const jitsi = z
  .strictObject({
    url: origin.exactOptional().meta({
      description: 'Where Jitsi is, if not at `publicUrl`. Everybody who is let in is sent there.',
      example: 'https://meet.example.org',
      otherwise: 'the same as `publicUrl`',
    }),
    xmppDomain: hostName.exactOptional().meta({
      description:
        'The XMPP domain of Prosody, which goes into every token as `sub`; docker-jitsi-meet calls it meet.jitsi.',
      example: 'meet.jitsi',
      env: 'XMPP_DOMAIN',
      otherwise: 'the host of `jitsi.url`',
    }),
    roles: choice('enforced', 'everyone-moderator').meta({
      description:
        'What a role is worth. `enforced`: Jicofo and Prosody are set up so that only hosts moderate (`ostiary jitsi-config` prints how). `everyone-moderator`: they are not, and whoever is let in moderates.',
      example: 'enforced',
      right:
        'enforced, if Prosody has token_affiliation and Jicofo makes nobody owner by itself (run "ostiary jitsi-config" for the lines), or everyone-moderator, if whoever is let in may moderate. A role means nothing until Jicofo and Prosody are told, so there is no default',
    }),
    domainVerification: flag.default(true).meta({
      description:
        'Does Prosody compare the tenant too? Without it a token opens the room of its name in every tenant. Only `jitsi-config` reads this.',
      example: false,
      env: 'JWT_ENABLE_DOMAIN_VERIFICATION',
    }),
    clientBefore: z
      .string()
      .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'is no month')
      .exactOptional()
      .meta({
        description:
          'Set this if the web client is older than that month: it gets the token in the form it can read, and until 2025-08 its page for camera and microphone is not shown a second time.',
        example: '2024-05',
        right: 'a year and a month, as 2024-05',
      }),
  })
  .prefault({} as never)
  .meta({ section: 'The Jitsi we stand beside.' });
