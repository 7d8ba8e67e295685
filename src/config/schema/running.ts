/**
 * Settings: what we tell the operator, what we remember of the door, and how we reach the world outside.
 */
import { z } from 'zod';
import { choice, path, seconds, webAddress } from './kinds.ts';

/** The settings of a running server; they stand at the root of the file. */
export const runningShape = {
  log: z
    .strictObject({
      level: choice('debug', 'info', 'warn', 'error', 'silent').default('info').meta({
        description: 'How much goes to the log: JSON, one event a line, on standard error.',
        example: 'debug',
      }),
    })
    .prefault({})
    .meta({ section: 'What we tell the operator.' }),
  audit: z
    .strictObject({
      keep: seconds.default(2_592_000).meta({
        description: 'How long we remember who entered where, as what, by which rule.',
        example: '90d',
      }),
    })
    .prefault({})
    .meta({ section: 'What we remember of the door.' }),
  outbound: z
    .strictObject({
      proxy: webAddress.exactOptional().meta({
        description: 'HTTP proxy for requests to sign-in services outside (outboundProxy).',
        example: 'http://proxy.example.org:3128',
      }),
      caFile: path.exactOptional().meta({
        description: 'PEM file with further certificate authorities.',
        example: '/etc/ostiary/ca.pem',
      }),
      timeout: seconds
        .default(5)
        .meta({ description: 'When a request to a sign-in service is given up.', example: '10s' }),
    })
    .prefault({})
    .meta({ section: 'How we reach the world outside.' }),
};
