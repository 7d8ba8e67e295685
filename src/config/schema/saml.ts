/**
 * Settings: ourselves as a SAML 2.0 service provider, whichever identity provider speaks.
 */
import { z } from 'zod';
import { path, text } from './kinds.ts';

/** The settings under `saml`. */
export const saml = z
  .strictObject({
    entityId: text.exactOptional().meta({
      description: 'What identity providers know us by.',
      example: 'https://meet.example.org/shibboleth',
      otherwise: 'the address of our metadata, /_ostiary/saml/metadata',
    }),
    keys: z
      .array(
        z.strictObject({
          keyFile: path.meta({ description: 'PEM private key, RSA.', example: '/etc/ostiary/sp-key.pem' }),
          certFile: path.meta({
            description: 'PEM certificate of that key.',
            example: '/etc/ostiary/sp-cert.pem',
          }),
        }),
      )
      .default([])
      .meta({
        section:
          'Keys of our own instead of one we make: the first signs, all decrypt, all stand in our metadata. So a new one is put second, and first once every identity provider has read our metadata.',
        right: 'a list; each entry has keyFile and certFile',
      }),
  })
  .prefault({})
  .meta({ section: 'Ourselves as a SAML service provider, for providers of kind: saml.' });
