/**
 * Settings: ourselves as a SAML 2.0 service provider, whichever identity provider speaks.
 */
import { z } from 'zod';
import { list, path, text } from './kinds.ts';

/** The settings under `saml`. */
export const saml = z
  .strictObject({
    entityId: text.exactOptional().meta({
      description: 'What identity providers know us by.',
      example: 'https://meet.example.org/shibboleth',
      otherwise: 'the address of our metadata, /_ostiary/saml/metadata',
    }),
    allowUnsolicited: list(text)
      .default([])
      .meta({
        description:
          'Entity ids of identity providers whose sign-ins may begin there, at a portal, instead of here. Each asks the person who they are signed in as, and how to go on: that a stranger cannot sign them in as somebody else rests on their answer alone.',
        example: ['https://idp.example.org/idp/shibboleth'],
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
