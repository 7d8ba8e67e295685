/**
 * Settings: other applications that let people in by a token in their links.
 */
import { z } from 'zod';
import { choice, flag, list, nameGlob, path, secret, text, webAddress } from './kinds.ts';

const issuer = z.strictObject({
  iss: text.meta({
    description:
      'What its tokens name as `iss`, letter by letter. It is part of the id of everybody who comes by its links.',
    example: 'moodle',
  }),
  secret: secret.exactOptional().meta({
    description: 'The secret it signs with (HS256), and nobody else.',
    example: { file: '/run/secrets/moodle' },
  }),
  insecureShortSecret: flag.default(false).meta({
    description: 'Accept a secret under 32 bytes, because links are signed with it today.',
    example: true,
  }),
  jwksUri: webAddress.exactOptional().meta({
    description: 'Where it publishes its keys (RFC 7517), instead of a secret.',
    example: 'https://booking.example.org/jwks.json',
  }),
  publicKeyFile: path.exactOptional().meta({
    description: 'PEM file with its one public key, instead of a secret.',
    example: '/etc/ostiary/booking.pem',
  }),
  algorithm: choice(
    ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'],
  )
    .exactOptional()
    .meta({
      description: 'The one algorithm it signs with.',
      example: 'ES256',
      otherwise: 'HS256 with a secret, RS256 with keys',
    }),
  audience: text.exactOptional().meta({
    description: 'What its tokens name as `aud`.',
    example: 'jitsi',
    otherwise: 'not looked at',
  }),
  rooms: list(nameGlob, 1)
    .default(['*'])
    .meta({
      description: 'The rooms it may speak for; `*` stands for any run of characters, `?` for one.',
      example: ['course-*'],
    }),
  tenants: list(nameGlob, 1)
    .exactOptional()
    .meta({
      description: 'The tenants it may speak for; the empty text stands for "no tenant".',
      example: ['school', ''],
      otherwise: 'whichever its tokens name as `sub`',
    }),
  role: choice('host', 'participant', 'guest').default('host').meta({
    description: 'The highest role its links may propose.',
    example: 'participant',
  }),
  wildcard: choice('narrow', 'refuse').default('narrow').meta({
    description:
      'What a token with `room: "*"` is worth: the one room whose address it came with, or nothing.',
    example: 'refuse',
  }),
});

/** The settings under `issuers`. */
export const issuers = z.array(issuer).default([]).meta({
  section:
    'Other applications whose links let people in (`?jwt=…`, `#jwt="…"`): each with a secret or a key of its own. For the gateway.',
});
