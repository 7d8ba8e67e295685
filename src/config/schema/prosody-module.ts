/**
 * Settings: our module in Jitsi's Prosody.
 */
import { z } from 'zod';
import { secret } from './kinds.ts';

/** The settings under `prosodyModule`. */
export const prosodyModule = z
  .strictObject({
    secret: secret.exactOptional().meta({
      description:
        'What our module in Prosody shows us (`ostiary_secret` there). With this it reports who is in a meeting, and ends whom we say, in every door.',
      example: { file: '/run/secrets/ostiary-prosody' },
      otherwise: 'no module is listened to',
    }),
  })
  .prefault({})
  .meta({ section: 'Our module in Prosody, which sees who is in a meeting and ends whose session ended.' });
