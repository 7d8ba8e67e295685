/**
 * Settings: who may enter which room, as what.
 *
 * Reads the rules; what they mean is the business of policy.
 */
import { z } from 'zod';
import { choice, flag, kinds, list, nameGlob, text } from './kinds.ts';

const address = z
  .string()
  .regex(/^[^@\s]+@[^@\s]+$/, 'is no e-mail address')
  .register(kinds, { name: 'text', right: 'an e-mail address' });

const domain = z
  .string()
  .regex(/^[^@\s*]+$/, 'is no domain')
  .register(kinds, { name: 'text', right: 'a domain, without @ and without *' });

const when = z.strictObject({
  rooms: list(nameGlob, 1)
    .exactOptional()
    .meta({
      description: 'Rooms by name; `*` stands for any run of characters, `?` for one.',
      example: ['staff-*', 'board'],
    }),
  tenants: list(nameGlob, 1)
    .exactOptional()
    .meta({
      description: 'Tenants, with `*` and `?`; the empty text stands for "no tenant".',
      example: ['sales', ''],
    }),
  groups: list(text, 1)
    .exactOptional()
    .meta({ description: 'Groups, exactly as the service writes them.', example: ['/staff'] }),
  emails: list(address, 1)
    .exactOptional()
    .meta({ description: 'Verified e-mail addresses.', example: ['ada@example.org'] }),
  emailDomains: list(domain, 1)
    .exactOptional()
    .meta({
      description: 'Domains of verified e-mail addresses; each exactly, no subdomains.',
      example: ['example.org'],
    }),
  providers: list(text, 1)
    .exactOptional()
    .meta({
      description:
        'Ids of providers; of people by links the `iss` of their application, of those an application asked for `app:` and its name.',
      example: ['keycloak'],
    }),
  persons: list(text, 1)
    .exactOptional()
    .meta({ description: 'Ids of persons, as `ostiary why` shows them.', example: ['keycloak#8d7f'] }),
  signedIn: flag.exactOptional().meta({ description: 'Whether the person has signed in.', example: true }),
});

const rule = z.strictObject({
  name: text.meta({
    description: 'What the audit and `ostiary why` call this rule; each name once.',
    example: 'board is closed',
  }),
  when: when.default({}).meta({
    section:
      'When the rule speaks: every condition that stands here must hold; within a list one entry is enough. Without any it speaks of everybody.',
  }),
  then: choice('host', 'participant', 'guest', 'sign-in', 'wait', 'knock', 'refuse').meta({
    description: "A role, or what to do instead of letting in. `knock` admits a guest to Jitsi's own lobby.",
    example: 'refuse',
  }),
  reason: text.exactOptional().meta({
    description: 'A sentence for the person who is refused.',
    example: 'This room is for staff.',
  }),
});

/** The settings of access; they stand at the root of the file. */
export const accessShape = {
  access: choice('members').exactOptional().meta({
    description: '`members`: whoever signs in may take part in every room.',
    example: 'members',
    otherwise: '`members`, unless there are `rules`',
  }),
  hosts: list(text)
    .default([])
    .meta({
      description: 'Groups and verified e-mail addresses of those who lead every room.',
      example: ['/staff', 'ada@example.org'],
    }),
  rules: z.array(rule).exactOptional().meta({
    section:
      'Rules, asked in this order after "sign in first" and before `hosts`. The first that matches wins; with rules and without `access`, silence refuses.',
  }),
};
