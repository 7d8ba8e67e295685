/**
 * Settings: who may enter which room, as what.
 *
 * Reads the rules; what they mean is the business of policy.
 */
import { z } from 'zod';
import { CLIENTS } from '../../base/client.ts';
import { isOwnGlob, OWN } from '../../policy/match.ts';
import { readTimeWindow, whyNoWindow } from '../../policy/times.ts';
import { addressRange, choice, count, flag, kinds, list, nameGlob, seconds, secret, text } from './kinds.ts';
import { FEATURES_RIGHT, featureSet } from './tokens.ts';

const address = z
  .string()
  .regex(/^[^@\s]+@[^@\s]+$/, 'is no e-mail address')
  .register(kinds, { name: 'text', right: 'an e-mail address' });

const domain = z
  .string()
  .regex(/^[^@\s*]+$/, 'is no domain')
  .register(kinds, { name: 'text', right: 'a domain, without @ and without *' });

const roomGlob = z
  .string()
  .transform((value, context) => {
    const glob = value.normalize('NFKC').toLowerCase();
    if (!glob.includes(OWN) || isOwnGlob(glob)) return glob;
    context.addIssue({
      code: 'custom',
      message: 'is no name: what stands beside {person.id} may belong to an id',
    });
    return z.NEVER;
  })
  .register(kinds, {
    name: 'text',
    right: 'a name, with * and ? where it is open; behind {person.id} nothing, or a dot and the rest',
  });

/** A window of time, read. */
export const timeWindow = z
  .string()
  .transform((value, context) => {
    const window = readTimeWindow(value);
    if (window !== undefined) return window;
    context.addIssue({ code: 'custom', message: whyNoWindow(value) ?? '' });
    return z.NEVER;
  })
  .register(kinds, {
    name: 'text',
    right:
      'days, hours, dates and a zone, each if wanted, as "mon-fri 08:00-18:00 2026-12-01..2026-12-24 Europe/Berlin" or "2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin"',
  });

const when = z.strictObject({
  rooms: list(roomGlob, 1)
    .exactOptional()
    .meta({
      description:
        "Rooms by name; `*` stands for any run of characters, `?` for one, `{person.id}` for the person's id with a dot for its `#`.",
      example: ['staff-*', 'board', '{person.id}'],
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
  acr: list(text, 1)
    .exactOptional()
    .meta({
      description: 'How the person signed in, as the service says (`acr`, AuthnContextClassRef).',
      example: ['https://refeds.org/profile/mfa'],
    }),
  attributes: z
    .record(text, list(text, 1))
    .exactOptional()
    .meta({
      description: 'Attributes that `providers[].attributes` names: of each, one of these values.',
      example: { affiliation: ['staff', 'faculty'] },
      right: 'names, each with a list of values',
    }),
  times: list(timeWindow, 1)
    .exactOptional()
    .meta({
      description:
        'Days, hours, dates and a zone; UTC without one. Who is in a meeting when the hour is over stays.',
      example: ['mon-fri 08:00-18:00 Europe/Berlin'],
    }),
  networks: list(addressRange, 1)
    .exactOptional()
    .meta({
      description: 'Where the person comes from: addresses and ranges.',
      example: ['192.0.2.0/24', '2001:db8::/32'],
    }),
  clients: list(choice(...CLIENTS), 1)
    .exactOptional()
    .meta({
      description:
        "What the person comes with: a page in a `browser`, Jitsi's app on a phone or tablet (`mobile`), its app on a desktop (`desktop`). The client says so itself: a convenience, and no protection. Of one that says nothing no entry holds.",
      example: ['mobile', 'desktop'],
    }),
  hostPresent: flag.exactOptional().meta({
    description: 'Whether a host is in the room, as the gateway sees it.',
    example: true,
  }),
  signedIn: flag.exactOptional().meta({ description: 'Whether the person has signed in.', example: true }),
  invited: flag.exactOptional().meta({
    description:
      'Whether the person came by an invitation to this room. Who did has not signed in: `signedIn: false` speaks of them too, unless `invited: false` stands beside it.',
    example: false,
  }),
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
  features: featureSet.exactOptional().meta({
    description:
      'What Jitsi lets them do, over what `tokens.features` says of their role; what is named in neither is denied as soon as one feature is.',
    example: { recording: true },
    right: FEATURES_RIGHT,
  }),
  lobby: z
    .strictObject({
      room: flag.exactOptional().meta({
        description:
          'Whether the room has a lobby from the moment they enter; needs `token_security_ondemand`.',
        example: true,
      }),
      person: choice('knock', 'pass').exactOptional().meta({
        description: 'Whether they knock at the lobby or pass it, whatever their role does.',
        example: 'pass',
      }),
    })
    .exactOptional()
    .meta({ section: "Jitsi's own lobby, where a module of jitsi-contrib reads it." }),
  password: secret.exactOptional().meta({
    description:
      'What others must type from the moment they enter; needs `token_security_ondemand`, and us in front of Jitsi: Prosody alone is told.',
    example: { file: '/run/secrets/lecture' },
  }),
  group: text.exactOptional().meta({
    description: 'What stands in their token as `context.group`; everybody in the meeting may see it.',
    example: 'staff',
  }),
  lifetimes: z
    .strictObject({
      client: seconds.exactOptional().meta({
        description: 'Instead of `tokens.lifetime`, and shorter.',
        example: '1h',
      }),
      app: seconds.exactOptional().meta({
        description: 'Instead of `tokens.appLifetime`, and shorter.',
        example: '1h',
      }),
    })
    .exactOptional()
    .meta({ section: 'How long their token opens the door, beside Jitsi.' }),
});

/** The settings of access; they stand at the root of the file. */
export const accessShape = {
  access: choice('members', 'members-wait', 'guests-wait', 'guests-knock', 'open').exactOptional().meta({
    description:
      "`members`: whoever signs in may take part in every room. `members-wait`: they wait until a host is there. `guests-wait`: others give a name and wait until a host is there. `guests-knock`: others give a name and knock at Jitsi's own lobby. `open`: others give a name and come in as guests.",
    example: 'members',
    otherwise: '`members`, unless there are `rules`',
  }),
  hosts: list(text)
    .default([])
    .meta({
      description: 'Groups and verified e-mail addresses of those who lead every room.',
      example: ['/staff', 'ada@example.org'],
    }),
  waiting: z
    .strictObject({
      releasePerSecond: count.default(25).meta({
        description: 'So many of those who waited go in each second: Prosody takes about 50 joins.',
        example: 40,
      }),
      hostGrace: seconds.default(120).meta({
        description:
          'How long a room still counts as led after its last host has gone: a reload is no leaving.',
        example: '5m',
      }),
      giveUp: seconds
        .default(7200)
        .meta({ description: 'When waiting ends, with a button to go on.', example: '1h' }),
      most: count.default(5000).meta({
        description:
          'So many people wait at once at the most, in all rooms together; half as many from one address.',
        example: 20_000,
      }),
    })
    .prefault({})
    .meta({ section: 'Waiting until a host is there, where a rule says wait.' }),
  guests: z
    .strictObject({
      mark: text.default('(guest)').meta({
        description: 'Stands behind the name of everybody who only gave one.',
        example: '(Gast)',
      }),
    })
    .prefault({})
    .meta({ section: 'People who give a name and show nothing, where a rule lets them in.' }),
  rules: z.array(rule).exactOptional().meta({
    section:
      'Rules, asked in this order after "sign in first" and before `hosts`. The first that matches wins; with rules and without `access`, silence refuses.',
  }),
};
