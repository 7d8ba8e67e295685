/**
 * Settings: the Jitsi we stand beside, and what it makes of a role.
 */
import { z } from 'zod';
import { choice, flag, hostName, kinds, list, origin, text } from './kinds.ts';

/** What is asked of every app. */
function app(scheme: string, otherwise: string) {
  return {
    appName: text.exactOptional().meta({
      description: 'How people know it.',
      example: 'Campus Meet',
      otherwise: 'Jitsi Meet',
    }),
    appScheme: text.exactOptional().meta({
      description: 'The scheme of the addresses it opens.',
      example: scheme,
      otherwise,
    }),
  };
}

const shop = (example: string) =>
  z
    .string()
    .refine((address) => URL.parse(address)?.protocol === 'https:', 'is no https address')
    .register(kinds, { name: 'text', right: 'an https address' })
    .exactOptional()
    .meta({ description: 'Where it is to be had.', example });

/** @see jitsi-meet, config.js, `deeplinking` */
const deeplinking = z.strictObject({
  android: z
    .strictObject({
      ...app('org.example.meet', '`org.jitsi.meet`'),
      appPackage: text.exactOptional().meta({
        description: 'Its package.',
        example: 'org.example.meet',
        otherwise: '`org.jitsi.meet`',
      }),
      downloadLink: shop('https://play.google.com/store/apps/details?id=org.example.meet'),
      fDroidUrl: shop('https://f-droid.org/packages/org.example.meet/'),
    })
    .exactOptional()
    .meta({ section: 'The app for Android.' }),
  ios: z
    .strictObject({
      ...app('org.example.meet', '`org.jitsi.meet`'),
      downloadLink: shop('https://apps.apple.com/app/id0000000000'),
    })
    .exactOptional()
    .meta({ section: 'The app for iPhone and iPad.' }),
  desktop: z
    .strictObject(app('example-meet', '`jitsi-meet`'))
    .exactOptional()
    .meta({ section: 'The app for desktops.' }),
});

const appLinks = z.strictObject({
  android: z
    .array(
      z.strictObject({
        package: text.meta({ description: 'The package of the app.', example: 'org.example.meet' }),
        fingerprints: list(
          z
            .string()
            .regex(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/, 'is no SHA-256 fingerprint')
            .register(kinds, { name: 'text', right: '32 bytes in upper-case hex, with colons between' }),
          1,
        ).meta({
          description:
            'SHA-256 of the certificates it is signed with, as `keytool` and the Play Console print them.',
          example: [Array(32).fill('A1').join(':')],
        }),
      }),
    )
    .default([])
    .meta({ section: 'Apps for Android.' }),
  ios: list(
    z
      .string()
      .regex(/^[A-Z0-9]{10}\.[A-Za-z0-9.-]+$/, 'is no team and bundle')
      .register(kinds, { name: 'text', right: 'team and bundle, as ABCDE12345.org.example.meet' }),
  )
    .default([])
    .meta({
      description: 'Apps for iPhone and iPad, by team and bundle.',
      example: ['ABCDE12345.org.example.meet'],
    }),
});

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
    insecureEverybodyModerates: flag.default(false).meta({
      description:
        'Take `everyone-moderator` though rules let guests in: whoever gives a name can then put out everybody else.',
      example: true,
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
    oldLoginPaths: flag.default(false).meta({
      description:
        "Answer `/login/` and `/logout/` at the root of the site, where Jicofo's servlet was in the days of Shibboleth: old links lead into `join` and to the sign-out. No room is called so in any case.",
      example: true,
    }),
    appLinks: appLinks.prefault({} as never).meta({
      section:
        'Apps of your own that open links of this site by themselves: as a gateway we serve `/.well-known/assetlinks.json` and `/.well-known/apple-app-site-association` for them.',
    }),
    deeplinking: deeplinking.exactOptional().meta({
      section:
        "Apps of your own, in the words of Jitsi's config.js, for the way back into them after a sign-in. As a gateway we read config.js itself where this is not set.",
    }),
  })
  .prefault({} as never)
  .meta({ section: 'The Jitsi we stand beside.' });
