/**
 * Settings: rooms that are open at their times alone.
 */
import { z } from 'zod';
import { timeWindow } from './access.ts';
import { kinds, list, nameGlob, seconds, text } from './kinds.ts';

const openGlob = nameGlob
  .refine((glob) => !glob.includes('{'), 'holds a brace')
  .register(kinds, { name: 'text', right: 'a name, with * and ? where it is open' });

const room = z.strictObject({
  names: list(openGlob, 1).meta({
    description: 'Rooms by name; `*` stands for any run of characters, `?` for one.',
    example: ['exam-*'],
  }),
  tenants: list(nameGlob, 1)
    .exactOptional()
    .meta({
      description:
        'Tenants, with `*` and `?`; the empty text stands for "no tenant". Left out, it is in all of them.',
      example: ['law', ''],
    }),
  times: list(timeWindow).meta({
    description:
      'When they are open, each window as under `rules[].when.times`. With none they are shut, until an application or `ostiary times set` says when they open.',
    example: ['mon,wed 10:00-11:30 Europe/Berlin', '2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin'],
  }),
  title: text.exactOptional().meta({
    description: 'What is on, for who comes too early.',
    example: 'Written examination, civil law',
  }),
  hostsEarly: seconds.default(0).meta({
    description: 'How long before each of them hosts are let in.',
    example: '15m',
  }),
});

/** The settings under `rooms`. */
export const rooms = z.array(room).default([]).meta({
  section:
    'Rooms that are open at their times alone: nobody enters earlier or later, whatever the rules say; who is inside when the time is over stays. If several speak of one room, it is open whenever one of them says so.',
  right: 'a list; each entry begins with a hyphen and has names and times',
});
