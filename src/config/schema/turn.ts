/**
 * Settings: the TURN server (coturn) for which we hand out credentials, and what it lets people reach.
 */
import { z } from 'zod';
import {
  addressRange,
  bindAddress,
  count,
  hostName,
  kinds,
  list,
  path,
  port,
  seconds,
  secret,
  text,
} from './kinds.ts';

/** @see RFC 7065, section 3.1 */
const turnUri = z
  .string()
  .regex(
    /^turns?:(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?$/i,
    'is no TURN address',
  )
  .register(kinds, { name: 'text', right: 'turn: or turns:, a host, and perhaps a port and ?transport=' });

/** The settings under `turn`. */
export const turn = z
  .strictObject({
    urls: list(turnUri)
      .default([])
      .meta({
        description:
          'What clients are told: where coturn is, the first choice first. Without any we hand out nothing.',
        example: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:443?transport=tcp'],
      }),
    secret: secret.exactOptional().meta({
      description:
        'What coturn knows as `static-auth-secret`: 32 characters or more that nobody chose. Credentials are made with it.',
      example: { file: '/run/secrets/turn' },
      env: 'TURN_CREDENTIALS',
    }),
    otherSecret: secret.exactOptional().meta({
      description:
        'A second one that coturn knows: the next before a rotation, the old one after it. `turn-config` has a line for it.',
      example: { file: '/run/secrets/turn-next' },
    }),
    database: path.exactOptional().meta({
      description:
        "The SQLite file of coturn itself (`userdb`), on this machine. With it coturn is told of each session by a row, and of its end by the row's going; the secret then stays with us.",
      example: '/var/lib/turn/turndb',
      otherwise: 'coturn is told of nobody, and nobody can be refused before their credentials end',
    }),
    cliPassword: secret.exactOptional().meta({
      description:
        "The password of coturn's command line on this machine, by which allocations that run are ended with their session. Needs `database`.",
      example: { file: '/run/secrets/coturn-cli' },
      otherwise: 'the command line is off, and what runs, runs on',
    }),
    cliPort: port.default(5766).meta({ description: 'Port of that command line.', example: 5767 }),
    lifetime: seconds.default(43_200).meta({
      description:
        'How long credentials are good; with `database`, up to an eighth less. As long as the longest meeting: clients ask once, and never again in a call.',
      example: '24h',
    }),
    realm: hostName.exactOptional().meta({
      description: 'What coturn calls itself.',
      example: 'turn.example.org',
      otherwise: 'the host of `publicUrl`',
    }),
    bridges: list(addressRange)
      .default([])
      .meta({
        description:
          'Addresses of the videobridges, as coturn reaches them. With `turn-config --profile bridges-only` nobody reaches anything else.',
        example: ['10.0.0.7', '2001:db8::7'],
      }),
    allocationsPerPerson: count.default(40).meta({
      description:
        'Allocations one person may hold for one room; with `database`, by one credential. A browser takes one for each network, each address of `urls` and each connection, and those of a lost connection stay for ten minutes.',
      example: 20,
    }),
    port: port.default(3478).meta({ description: 'Port of coturn for UDP and TCP.', example: 443 }),
    tlsPort: port.default(5349).meta({
      description: 'Port of coturn for TLS, where it has a certificate.',
      example: 5350,
    }),
    addresses: list(bindAddress)
      .default([])
      .meta({
        description:
          'Addresses on which coturn listens and from which it relays; one of each family for people and bridges of both. Without any coturn takes all there are.',
        example: ['203.0.113.9', '2001:db8::9'],
      }),
    externalAddress: bindAddress.exactOptional().meta({
      description:
        'What people see of it, where coturn stands behind NAT: in place of those `addresses` that are of the same family.',
      example: '203.0.113.9',
      otherwise: 'its own addresses',
    }),
    certFile: text.exactOptional().meta({
      description: "PEM file with coturn's certificate, on its machine.",
      example: '/etc/coturn/fullchain.pem',
      otherwise: 'no TLS',
    }),
    keyFile: text.exactOptional().meta({
      description: 'PEM file with its private key, on its machine.',
      example: '/etc/coturn/privkey.pem',
    }),
  })
  .prefault({})
  .meta({ section: 'A TURN server for those alone who are let into a room.' });
