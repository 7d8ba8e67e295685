/**
 * Settings: tokens of somebody else's that callers bring with each request.
 */
import { z } from 'zod';
import { choice, flag, list, path, secret, text, webAddress } from './kinds.ts';

const issuer = z.strictObject({
  provider: text.exactOptional().meta({
    description:
      'The id of an OpenID Connect provider above: whoever brings its token is who signs in there, with the same groups.',
    example: 'keycloak',
  }),
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'is no short id')
    .exactOptional()
    .meta({
      description:
        'For others: a short name that never changes. It is part of the id of everybody they speak of.',
      example: 'room-systems',
      right: 'up to 32 lower-case letters, digits and hyphens',
    }),
  iss: text.exactOptional().meta({
    description: 'What the tokens name as `iss`, letter by letter.',
    example: 'https://sso.example.org/realms/example',
    otherwise: 'the issuer of the provider',
  }),
  audience: text.meta({
    description: 'What the tokens name as `aud`: us, and no other service.',
    example: 'jitsi-api',
  }),
  alsoFor: list(text)
    .default([])
    .meta({
      description:
        'What `aud` may name beside us. With another name there the token is refused: that service could use it here.',
      example: ['account'],
    }),
  scope: text.exactOptional().meta({
    description: 'A word that must stand in `scope`.',
    example: 'meet',
    otherwise: 'not looked at',
  }),
  jwksUri: webAddress.exactOptional().meta({
    description: 'Where the keys are published (RFC 7517).',
    example: 'https://sso.example.org/realms/example/protocol/openid-connect/certs',
    otherwise: 'found in the metadata below `iss` (OpenID Connect Discovery)',
  }),
  publicKeyFile: path.exactOptional().meta({
    description: 'PEM file with the one public key, instead.',
    example: '/etc/ostiary/room-systems.pem',
  }),
  secret: secret.exactOptional().meta({
    description: 'The secret they are signed with (HS256), instead: shared with one issuer, and nobody else.',
    example: { file: '/run/secrets/room-systems' },
  }),
  algorithm: choice(
    ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'],
  )
    .exactOptional()
    .meta({
      description: 'The one algorithm they are signed with.',
      example: 'ES256',
      otherwise: 'HS256 with a secret, RS256 with keys',
    }),
  subject: list(text, 1)
    .exactOptional()
    .meta({
      description:
        'For others than a provider above: the claims that never change and make the id of a person.',
      example: ['sub'],
      otherwise: '`sub`',
    }),
  groups: z
    .strictObject({
      claim: text.default('groups').meta({
        description: 'Where the groups are; dots lead inside.',
        example: 'realm_access.roles',
      }),
      required: flag.default(false).meta({
        description: 'Refuse a token that brings no groups, instead of taking it for "in no group".',
        example: true,
      }),
    })
    .exactOptional()
    .meta({ section: 'For others than a provider above: where rules find the groups of a person.' }),
});

/** The settings under `bearer`. */
export const bearer = z
  .strictObject({
    cutAtExpiry: flag.default(false).meta({
      description: 'End calls at the end of the token they were entered with. A newer token lengthens them.',
      example: true,
    }),
    issuers: z.array(issuer).default([]).meta({
      section:
        'Whose tokens are taken in `Authorization: Bearer` (RFC 6750), beside our own: of API clients, room systems, a proxy that signs people in before us.',
      right: 'a list; each entry has provider or id, and audience',
    }),
  })
  .prefault({})
  .meta({ section: 'Tokens of others, brought with each request in place of a session.' });
