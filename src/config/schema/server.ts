/**
 * Settings: under which address we answer, where we listen, whom we believe, how much we take, and how we stop.
 */
import { z } from 'zod';
import { addressRange, bindAddress, count, flag, list, origin, path, port, seconds } from './kinds.ts';

const publicListener = z
  .strictObject({
    host: bindAddress.default('127.0.0.1').meta({
      description:
        'Address the public listener is bound to. Anything but this machine itself needs `trustedProxies`, because we speak plain HTTP.',
      example: '0.0.0.0',
    }),
    port: port
      .default(8080)
      .meta({ description: 'Port of the public listener: pages, sign-in, `join`.', example: 8088 }),
    tls: z
      .strictObject({
        certFile: path.exactOptional().meta({
          description: 'PEM file with our certificate and its chain. Read again when it changes.',
          example: '/etc/letsencrypt/live/meet.example.org/fullchain.pem',
        }),
        keyFile: path.exactOptional().meta({
          description: 'PEM file with its private key.',
          example: '/etc/letsencrypt/live/meet.example.org/privkey.pem',
        }),
      })
      .prefault({})
      .meta({ section: 'Speak TLS ourselves, instead of a proxy in front.' }),
  })
  .prefault({})
  .meta({ section: 'For people: pages, sign-in, `join`.' });

const innerListener = z
  .strictObject({
    host: bindAddress.default('127.0.0.1').meta({
      description:
        'Address of the inner listener. In a compose network `0.0.0.0`, with the port never published.',
      example: '0.0.0.0',
    }),
    port: port.default(8081).meta({
      description: 'Port of the inner listener: keys for Prosody, health, ready, metrics.',
      example: 8089,
    }),
    url: origin.exactOptional().meta({
      description:
        'Where Prosody reaches the inner listener, if not under its own host and port; only `jitsi-config` prints it.',
      example: 'http://ostiary:8081',
    }),
  })
  .prefault({})
  .meta({ section: 'For Prosody and probes: keys, health, ready, metrics. Never for the world outside.' });

/** The settings of the server itself; they stand at the root of the file. */
export const serverShape = {
  publicUrl: origin.meta({
    description:
      'Where people reach us: the address of Jitsi itself, or a name of our own. Scheme and host only.',
    example: 'https://meet.example.org',
    env: 'PUBLIC_URL',
  }),
  aliases: list(origin)
    .default([])
    .meta({
      description: 'Further addresses we answer for. Requests for any other host are refused.',
      example: ['https://video.example.org'],
    }),
  prefix: z
    .string()
    .regex(/^\/[a-z0-9_][a-z0-9._-]{0,63}$/, 'is no single path segment')
    .default('/_ostiary')
    .meta({
      description: 'The path that all our own addresses begin with; one lower-case segment that is no room.',
      example: '/_door',
      right: 'a slash and one lower-case path segment',
    }),
  listen: z.strictObject({ public: publicListener, inner: innerListener }).prefault({}).meta({
    section:
      'Where we listen: with plain HTTP behind a web server that speaks TLS, or with a certificate of our own.',
  }),
  trustedProxies: list(addressRange)
    .default([])
    .meta({
      description:
        'Addresses of the proxies in front of us. Only their X-Forwarded-For and X-Forwarded-Proto count.',
      example: ['127.0.0.1', '10.0.0.0/8'],
    }),
  insecureHttp: flag.default(false).meta({
    description:
      'Allow http:// for publicUrl, jitsi.url and issuers on this machine itself. For trying things out, never for people.',
    example: true,
  }),
  insecurePlainHttp: flag.default(false).meta({
    description: 'Listen with plain HTTP on an address others can reach although no proxy is trusted.',
    example: true,
  }),
  shutdown: z
    .strictObject({
      drainFor: seconds
        .default(20)
        .meta({ description: 'How long requests under way may take to end after SIGTERM.', example: '45s' }),
    })
    .prefault({})
    .meta({ section: 'How we stop.' }),
  limits: z
    .strictObject({
      signInsPerBrowser: count.default(30).meta({
        description:
          'Sign-ins one browser may begin within a minute. The live session of somebody who has signed in is never limited; a guest stands at sixty doors a minute and no more.',
        example: 60,
      }),
      signInsPerAddress: count.default(3000).meta({
        description:
          'Sign-ins one address may begin within a minute, the sessions links may begin from it, the tokens pages may exchange there, and the guests it may make within an hour: so many of each, far above a campus behind one address.',
        example: 10_000,
      }),
      passTriesPerAddress: count.default(30).meta({
        description: 'Tries at a one-time entry from one address within a minute.',
        example: 10,
      }),
      wrongPasswordsPerAccount: count.default(10).meta({
        description:
          'Wrong passwords for one account from one browser or one address within a quarter of an hour. Ten times as many from everywhere together shut the account to browsers that have never signed in to it.',
        example: 5,
      }),
      wrongPasswordsPerAddress: count.default(300).meta({
        description: 'Wrong passwords from one address within a quarter of an hour, whatever the account.',
        example: 100,
      }),
      appGuessesPerAddress: count.default(30).meta({
        description:
          'Wrong proofs of an application (`apps`) from one address within a minute, and as many codes of invitations there are none of; right ones do not count.',
        example: 10,
      }),
      tokensPerApp: count.default(1200).meta({
        description: 'Tokens one application may ask for within a minute, by its proof.',
        example: 6000,
      }),
    })
    .prefault({})
    .meta({ section: 'How often strangers may knock. Live sessions are never limited.' }),
};
