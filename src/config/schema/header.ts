/**
 * Settings: a proxy in front that says in headers who somebody is.
 *
 * Knows the names of the presets, not what is in them.
 */
import { z } from 'zod';
import { HEADER_NAME } from '../../base/header-name.ts';
import { addressRange, choice, kinds, list, secret, text, webAddress } from './kinds.ts';

const headerName = z
  .string()
  .regex(HEADER_NAME, 'is no name of a header')
  .register(kinds, { name: 'text', right: 'the name of a header' });

/** The settings under `providers[].header`. */
export const header = z.strictObject({
  preset: choice(
    'generic',
    'mod-shib',
    'mod-shib-env',
    'mod-auth-openidc',
    'client-certificate',
    'lemonldap',
    'oauth2-proxy',
    'oauth2-proxy-auth-request',
    'authelia',
    'pomerium',
  )
    .default('generic')
    .meta({
      description: 'What kind of proxy it is: which headers it writes, and how.',
      example: 'mod-shib',
    }),
  from: list(addressRange, 1)
    .exactOptional()
    .meta({
      description:
        'Where its connections to us come from. Nobody else is believed, whatever stands in X-Forwarded-For.',
      example: ['127.0.0.1'],
      otherwise: '**required** for kind: header',
    }),
  secretHeader: headerName.default('X-Ostiary-Secret').meta({
    description: 'The header in which it shows us the secret.',
    example: 'X-Front-Secret',
  }),
  secret: secret.exactOptional().meta({
    description: 'What stands in it: at least 32 random bytes, known to the proxy and to us.',
    example: { file: '/run/secrets/front' },
    otherwise: '**required**, but for what is signed (pomerium)',
  }),
  nameHeader: headerName.exactOptional().meta({
    description: 'The header that holds the name people read.',
    example: 'displayName',
    otherwise: 'what the preset says',
  }),
  emailHeader: headerName.exactOptional().meta({
    description: 'The header that holds the e-mail address.',
    example: 'mail',
    otherwise: 'what the preset says',
  }),
  encoding: choice('utf-8', 'latin1', 'url').exactOptional().meta({
    description:
      'What the bytes of a value are; `url` is UTF-8 in percent signs, as mod_shib writes it with `ShibRequestSetting encoding URL`.',
    example: 'url',
    otherwise: 'UTF-8; what is none is refused',
  }),
  separator: z
    .string()
    .regex(/^(?=.)[,;|]? ?$/, 'is no separator')
    .register(kinds, { name: 'text', right: 'a comma, a semicolon or a bar, perhaps with a blank behind it' })
    .exactOptional()
    .meta({
      description: 'What stands between two groups.',
      example: ';',
      otherwise: 'what the preset says',
    }),
  jwksUri: webAddress.exactOptional().meta({
    description: 'For pomerium: where the keys are that its assertion is signed with.',
    example: 'https://meet.example.org/.well-known/pomerium/jwks.json',
  }),
  issuer: text.exactOptional().meta({
    description: 'For pomerium: the `iss` of its assertion.',
    example: 'meet.example.org',
  }),
  audience: text.exactOptional().meta({
    description: 'For pomerium: the `aud` of its assertion.',
    example: 'meet.example.org',
  }),
});
