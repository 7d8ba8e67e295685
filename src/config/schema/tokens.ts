/**
 * Settings: what Jitsi is handed, and what we sign it with.
 */
import { z } from 'zod';
import { filled, flag, path, seconds, secret, text } from './kinds.ts';

/** @see jitsi-meet, react/features/base/jwt/constants.ts, `MEET_FEATURES` */
const FEATURES = [
  'branding',
  'calendar',
  'create-polls',
  'file-upload',
  'flip',
  'inbound-call',
  'list-visitors',
  'live-translation',
  'livestreaming',
  'lobby',
  'moderation',
  'outbound-call',
  'recording',
  'room',
  'screen-sharing',
  'send-groupchat',
  'sip-inbound-call',
  'sip-outbound-call',
  'transcription',
] as const;

/** What Jitsi lets somebody do, by its own names. */
export const featureSet = z.partialRecord(z.enum(FEATURES), flag);

/** What would be right there. */
export const FEATURES_RIGHT = `names of Jitsi's features, each with true or false: ${FEATURES.join(', ')}`;

function featuresOf(who: string) {
  return featureSet.exactOptional().meta({
    description: `What Jitsi lets ${who} do. What is not named is denied as soon as one feature is.`,
    example: { recording: true, livestreaming: false },
    right: FEATURES_RIGHT,
  });
}

/** The settings under `tokens`. */
export const tokens = z
  .strictObject({
    secret: secret.exactOptional().meta({
      description:
        'The secret Prosody knows as app_secret (HS256). Leave it out to sign with keys that we make and rotate (RS256).',
      example: { file: '/run/secrets/jwt' },
      env: 'JWT_APP_SECRET',
    }),
    insecureShortSecret: flag.default(false).meta({
      description: 'Accept a secret under 32 bytes, because an installation works with it today.',
      example: true,
    }),
    appId: text.default('ostiary').meta({
      description: 'What Prosody knows as app_id; every token names it as `iss`.',
      example: 'my-jitsi',
      env: 'JWT_APP_ID',
    }),
    audience: text.exactOptional().meta({
      description: 'What every token names as `aud`.',
      example: 'jitsi',
      env: 'JWT_ACCEPTED_AUDIENCES',
      otherwise: 'the same as `tokens.appId`',
    }),
    lifetime: seconds.default(21_600).meta({
      description:
        'How long a token opens the door. As long as the longest meeting: an expired one ends a call at the next change of network.',
      example: '8h',
      env: 'JWT_EXP_SECOND',
    }),
    appLifetime: seconds.default(21_600).meta({
      description:
        "The same for Jitsi's apps, which show their token again at every reconnect and get no other during a call. As a gateway they hold a ticket instead, which ends with the session.",
      example: '4h',
    }),
    email: flag.default(false).meta({
      description:
        "Put the e-mail address into the token. Jitsi's clients then show it to everybody in the room, guests included.",
      example: true,
    }),
    keyFiles: filled(
      z.array(
        z.strictObject({
          file: path.meta({
            description: 'PEM file with an RSA private key of at least 2048 bits.',
            example: '/etc/ostiary/signing.pem',
          }),
          kid: text.exactOptional().meta({
            description: 'Its id. Never use one id for two keys.',
            example: '2026-a',
            otherwise: 'made from the key itself',
          }),
        }),
      ),
    )
      .exactOptional()
      .meta({
        section: 'Keys of your own (RS256), instead of those we make. The first signs, all are published.',
      }),
    rotateEvery: seconds
      .default(7_776_000)
      .meta({ description: 'How often we make a new key of our own.', example: '30d' }),
    features: z
      .strictObject({
        host: featuresOf('hosts'),
        participant: featuresOf('participants'),
        guest: featuresOf('guests'),
      })
      .exactOptional()
      .meta({
        section:
          'What Jitsi lets each role do (`context.features`). Without this hosts may do everything Jitsi offers.',
      }),
  })
  .prefault({})
  .meta({ section: 'What Jitsi is handed, and what we sign it with.' });
