/**
 * Settings: rolling out in stages. Nothing is guarded until a date, then a part, then everything.
 */
import { z } from 'zod';
import { addressRange, list, moment, nameGlob, percent } from './kinds.ts';

/** The settings of stages; they stand at the root of the file. */
export const stagesShape = {
  insecureObserveOnly: moment.exactOptional().meta({
    description:
      'Until then nothing is guarded: everything passes as if we were not there, and what would have been refused or sent to sign in is written down for `ostiary report`. At most 31 days ahead; afterwards everything is guarded, without a restart.',
    example: '2026-03-16T08:00+01:00',
    otherwise: 'everything is guarded',
  }),
  rollout: z
    .strictObject({
      rooms: list(nameGlob, 1)
        .exactOptional()
        .meta({
          description: 'Rooms that are guarded first: globs over their names.',
          example: ['board*', 'exam-?'],
        }),
      networks: list(addressRange, 1)
        .exactOptional()
        .meta({
          description: 'Whoever comes from there is guarded first, at every room.',
          example: ['10.20.0.0/16'],
        }),
      percent: percent.exactOptional().meta({
        description:
          'So many of a hundred rooms are guarded first: always the same ones, for everybody alike.',
        example: 10,
      }),
    })
    .prefault({})
    .meta({
      section:
        'A part is guarded first: what fits one of these. The rest passes as with `insecureObserveOnly`, and is written down alike. None of them: everything is guarded.',
    }),
};
