/**
 * Settings: other applications that ask for tokens and embed meetings.
 */
import { z } from 'zod';
import { choice, flag, list, nameGlob, origin, path, seconds, secret, webAddress } from './kinds.ts';

const app = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'is no short id')
    .meta({
      description:
        'A short name that never changes: the `client_id`, and part of the id of everybody it vouches for (`app:crm#7`).',
      example: 'crm',
      right: 'up to 32 lower-case letters, digits and hyphens',
    }),
  secret: secret.exactOptional().meta({
    description: 'What it shows by HTTP Basic: 32 characters or more that nobody chose.',
    example: { file: '/run/secrets/crm' },
  }),
  jwksUri: webAddress.exactOptional().meta({
    description: 'Where its public keys are, instead of a secret (`private_key_jwt`, RFC 7523).',
    example: 'https://crm.example.org/jwks.json',
  }),
  publicKeyFile: path.exactOptional().meta({
    description: 'PEM file with its one public key, instead of a secret.',
    example: '/etc/ostiary/crm.pem',
  }),
  algorithm: choice('ES256', 'RS256', 'PS256', 'EdDSA').default('ES256').meta({
    description: 'The one algorithm it signs with, where it has keys.',
    example: 'RS256',
  }),
  rooms: list(nameGlob, 1).meta({
    description: 'Rooms it may ask for and frame; `*` stands for any run of characters, `?` for one.',
    example: ['crm-*'],
  }),
  tenants: list(nameGlob, 1)
    .default([''])
    .meta({
      description: 'Tenants it may ask for; the empty text stands for "no tenant".',
      example: ['sales'],
    }),
  role: choice('host', 'participant', 'guest').default('participant').meta({
    description: 'The highest role it may ask for. Rules may give less, never more.',
    example: 'host',
  }),
  roomTimes: flag.default(false).meta({
    description:
      'May it say when its rooms are open, at `/_ostiary/room-times`? It shuts them for everybody else at other times.',
    example: true,
  }),
  lifetime: seconds.default(21_600).meta({
    description:
      'How long what it is given opens the door. As a gateway we end no running meeting for it; beside Jitsi it is the longest meeting.',
    example: '2h',
  }),
  origins: list(origin)
    .default([])
    .meta({
      description:
        'Where its pages are: these may frame its rooms, hear from our pages in a frame, and exchange tokens from a browser. One setting for all three.',
      example: ['https://crm.example.org'],
    }),
});

/** The settings under `apps`. */
export const apps = z.array(app).default([]).meta({
  section:
    'Other applications that may ask for tokens at `/_ostiary/token` and embed meetings. What they ask for goes through the rules like everything else.',
  right: 'a list; each entry begins with a hyphen and has name, secret and rooms',
});
