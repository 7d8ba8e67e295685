/**
 * Settings: the accounts that Prosody itself keeps, beside what every provider has.
 */
import { z } from 'zod';
import { flag, hostName, webAddress } from './kinds.ts';

/** The settings under `providers[].prosody`. */
export const prosody = z.strictObject({
  domain: hostName.exactOptional().meta({
    description: "Prosody's VirtualHost whose accounts they are; its authentication is internal_hashed.",
    example: 'people.meet.example.org',
    otherwise: '**required** for kind: prosody',
  }),
  url: webAddress.default('http://127.0.0.1:5280/http-bind').meta({
    description: 'Where Prosody speaks BOSH.',
    example: 'http://prosody:5280/http-bind',
  }),
  httpHost: hostName.exactOptional().meta({
    description: 'The name under which its web server answers there.',
    example: 'meet.example.org',
    otherwise: 'jitsi.xmppDomain for http://; what stands in url for https://',
  }),
  insecurePlainHttp: flag.default(false).meta({
    description:
      'Allow http:// to another machine, such as a container beside us. Passwords do not pass there, but whoever can listen can guess at them at leisure. Only SCRAM is spoken then, never PLAIN.',
    example: true,
  }),
});
