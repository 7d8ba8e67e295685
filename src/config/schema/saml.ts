/**
 * Settings: ourselves as a SAML 2.0 service provider, whichever identity provider speaks.
 */
import { z } from 'zod';
import { choice, flag, list, path, text } from './kinds.ts';

/** The settings under `saml`. */
export const saml = z
  .strictObject({
    entityId: text.exactOptional().meta({
      description: 'What identity providers know us by.',
      example: 'https://meet.example.org/shibboleth',
      otherwise: 'the address of our metadata, /_ostiary/saml/metadata',
    }),
    shibbolethPaths: flag.default(false).meta({
      description:
        'Answer at the addresses of mod_shib, outside our prefix: /Shibboleth.sso/SAML2/POST, /SLO/Redirect, /SLO/POST and /Metadata. Requests and metadata name these, so that identity providers need not be told anything.',
      example: true,
    }),
    attributeMapFile: path.exactOptional().meta({
      description:
        'The attribute-map.xml of mod_shib: attributes go by its ids too, so that `groups.claim` and `subject` may name those. Plain entries alone; `ostiary check` names the others.',
      example: '/etc/shibboleth/attribute-map.xml',
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
          use: choice('both', 'signing', 'encryption').exactOptional().meta({
            otherwise: 'both',
            description: "What the key is for: mod_shib's sp-signing and sp-encrypt have one use each.",
            example: 'signing',
          }),
        }),
      )
      .default([])
      .meta({
        section:
          'Keys of our own instead of one we make: the first that may signs, all that may decrypt, all stand in our metadata. So a new one is put second, and first once every identity provider has read our metadata.',
        right: 'a list; each entry has keyFile and certFile, and perhaps use',
      }),
  })
  .prefault({})
  .meta({ section: 'Ourselves as a SAML service provider, for providers of kind: saml.' });
