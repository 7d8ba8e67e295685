/**
 * Settings: the gateway. Which Jitsi stands behind us, what a stranger may reach of it, and which machines pass.
 */
import { z } from 'zod';
import {
  addressRange,
  choice,
  count,
  filled,
  flag,
  hostName,
  list,
  origin,
  path,
  seconds,
  secret,
  text,
} from './kinds.ts';

const upstream = z
  .strictObject({
    url: origin.exactOptional().meta({
      description:
        "Jitsi's own web server, as only we reach it. With this we are a gateway. Everything goes there under the public name; its port must be open to nobody else.",
      example: 'https://10.0.0.5',
      otherwise: 'no gateway',
    }),
    xmpp: origin.exactOptional().meta({
      description:
        'Prosody itself, where XMPP is to go past the web server: we then rewrite the path and add the prefix ourselves (upstreamXmpp).',
      example: 'http://10.0.0.6:5280',
    }),
    caFile: path.exactOptional().meta({
      description: "PEM file with the authority that signed the certificate of Jitsi's web server.",
      example: '/etc/ostiary/jitsi-ca.pem',
    }),
    carry: choice('header', 'query').default('header').meta({
      description:
        'How Prosody gets the token. `query` only for Prosody modules from before 7 May 2024, which read no header; on the inner hop alone.',
      example: 'query',
    }),
    visitors: flag.default(false).meta({
      description: "Let the parameters of Jitsi's visitor mode through (`vnode`, `customusername`).",
      example: true,
    }),
    maxJoinsPerSecond: count.exactOptional().meta({
      description:
        'A brake before XMPP starts: so many a second, the others wait. Prosody takes about 50 joins a second.',
      example: 40,
      otherwise: 'no brake',
    }),
    timeout: seconds.default(30).meta({
      description:
        "How long Jitsi's web server may take to begin an answer. Streams may last as long as they like.",
      example: '1m',
    }),
  })
  .prefault({})
  .meta({
    section: 'The Jitsi behind us, as a gateway: nobody reaches any part of it without being let in.',
  });

const open = z
  .strictObject({
    acme: flag.default(true).meta({
      description:
        'Certificate challenges: `/.well-known/acme-challenge/`. A stranger reads what a certificate authority reads.',
      example: false,
    }),
    apps: flag.default(true).meta({
      description:
        "What Jitsi's apps fetch before they can sign in: a `config.js` of ours with host names and addresses alone, and the files that say which apps may open links of this host. A stranger reads those.",
      example: false,
    }),
    embed: flag.default(true).meta({
      description:
        '`external_api.js`, which pages that embed a meeting load. A stranger reads which version of Jitsi this is.',
      example: false,
    }),
    assets: flag.default(false).meta({
      description:
        "Scripts, styles, pictures and sounds of Jitsi's pages (`libs`, `css`, `images`, `static`, …). A stranger reads the version and your branding.",
      example: true,
    }),
    dialIn: flag.default(false).meta({
      description:
        'The page with dial-in numbers (`static/dialInInfo.html`) and what it loads. A stranger reads the numbers.',
      example: true,
    }),
    whiteboard: flag.default(false).meta({
      description:
        'The server of the whiteboard (`/socket.io/`). A stranger who knows a board may draw on it.',
      example: true,
    }),
  })
  .prefault({})
  .meta({ section: 'What a stranger may reach of Jitsi. Everything else needs a sign-in.' });

const machine = z.strictObject({
  name: text.meta({ description: 'How the audit calls it.', example: 'jibri' }),
  networks: list(addressRange)
    .exactOptional()
    .meta({
      description: 'Where it comes from.',
      example: ['10.0.0.9'],
    }),
  header: z
    .strictObject({
      name: text.meta({ description: 'A header that a trusted proxy sets.', example: 'x-machine-secret' }),
      value: secret.meta({ description: 'What stands in it.', example: { file: '/run/secrets/jibri' } }),
    })
    .exactOptional()
    .meta({ section: 'A secret header, believed only from `trustedProxies`.' }),
  reaches: filled(z.array(choice('page', 'assets', 'xmpp', 'sockets'))).meta({
    description: 'What it may reach: conference pages, assets, XMPP, other sockets.',
    example: ['page', 'assets', 'xmpp'],
  }),
  xmppDomain: hostName.exactOptional().meta({
    description: "The one XMPP domain its stream may name; a recorder's is the hidden domain.",
    example: 'recorder.meet.example.org',
    otherwise: '`jitsi.xmppDomain`',
  }),
});

const forwardAuth = z
  .strictObject({
    enabled: flag.default(false).meta({
      description:
        'The proxy that serves Jitsi asks us before it serves anything (`ostiary proxy-config` prints its file). It must be among `trustedProxies`.',
      example: true,
    }),
    mucDomain: hostName.exactOptional().meta({
      description:
        "Prosody's domain of rooms, for the `config.js` of ours that apps read before they sign in; docker-jitsi-meet calls it muc.meet.jitsi.",
      example: 'muc.meet.jitsi',
      otherwise: '`conference.` and `jitsi.xmppDomain`',
    }),
  })
  .prefault({})
  .meta({ section: 'Beside the proxy you run already, which asks us about every request.' });

/** The settings of the gateway; they stand at the root of the file. */
export const gatewayShape = {
  upstream,
  forwardAuth,
  open,
  tokenServices: list(text)
    .default([])
    .meta({
      description:
        'Services of your own on the public host that expect the token of the page: paths below which the display token in `Authorization` is exchanged for the real one.',
      example: ['/file-sharing/'],
      right: 'a list of paths, each beginning and ending with a slash',
    }),
  machines: z.array(machine).default([]).meta({
    section:
      'Machines that pass without a sign-in: recorders, transcribers, probes. Better, let them reach Jitsi by its inner address.',
  }),
};
