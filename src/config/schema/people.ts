/**
 * Settings: how long a sign-in lasts, where it is kept, and how our pages look.
 */
import { z } from 'zod';
import { count, flag, path, seconds, text } from './kinds.ts';

/** The settings about people; they stand at the root of the file. */
export const peopleShape = {
  session: z
    .strictObject({
      idle: seconds
        .default(43_200)
        .meta({ description: 'A sign-in that is not used ends after this.', example: '8h' }),
      absolute: seconds
        .default(604_800)
        .meta({ description: 'A sign-in ends after this, used or not.', example: '30d' }),
      recheck: seconds.default(3600).meta({
        description:
          'How often we ask the provider whether the person is still there; who has left is out after this.',
        example: '15m',
      }),
      meetingGrace: seconds.default(43_200).meta({
        description:
          'Time alone ends no running meeting: so long after the end of their sign-in people stay connected where they are. For the gateway.',
        example: '4h',
      }),
      strict: flag.default(false).meta({
        description: 'Cut running meetings by the clock too. For the gateway.',
        example: true,
      }),
      sockets: count.default(32).meta({
        description:
          'Connections one sign-in may hold open at once: tabs, reconnects, etherpad. For the gateway.',
        example: 64,
      }),
    })
    .prefault({})
    .meta({ section: 'How long a sign-in lasts.' }),
  store: z
    .strictObject({
      path: path.default('./ostiary.sqlite').meta({
        description:
          'The one file that holds sessions, keys and audit. `:memory:` forgets everything at a restart.',
        example: '/var/lib/ostiary/ostiary.sqlite',
      }),
    })
    .prefault({})
    .meta({ section: 'Where everything is kept that must outlive a restart.' }),
  pages: z
    .strictObject({
      name: text
        .default('Jitsi Meet')
        .meta({ description: 'What our pages call the service.', example: 'Meetings at Example' }),
      logo: z
        .string()
        .refine(
          (value) => /^https:\/\/[^\s"'<>]+$/.test(value) || /^\/[^/\s"'<>][^\s"'<>]*$/.test(value),
          'is no address of a picture',
        )
        .exactOptional()
        .meta({
          description: 'Address of a picture: https, or a path on our own host.',
          example: 'https://www.example.org/logo.svg',
          right: 'an https address, or a path that begins with one slash',
        }),
      colour: z
        .string()
        .regex(/^#[0-9a-fA-F]{6}$/, 'is no colour')
        .exactOptional()
        .meta({
          description: 'The colour of buttons.',
          example: '#1a5fb4',
          right: '# and six hexadecimal digits, in quotes',
        }),
      errorPage: z
        .string()
        .refine(
          (value) => /^https:\/\/[^\s"'<>?#]+$/.test(value) || /^\/[^/\s"'<>?#][^\s"'<>?#]*$/.test(value),
          'is no address of a page',
        )
        .exactOptional()
        .meta({
          description:
            'Address of a page of your own for whom we cannot let in: a path on our own host, which finds everything in `sessionStorage`; or https on another, which is told `?code=…&room=…&id=…`.',
          example: '/static/not-today.html',
          right: 'a path that begins with one slash, or an https address, without question mark or hash',
        }),
      errorFile: path.exactOptional().meta({
        description: 'The same as a file, which we serve ourselves. One of the two.',
        example: '/etc/ostiary/error.html',
      }),
      css: path
        .exactOptional()
        .meta({ description: 'File with further CSS for our pages.', example: '/etc/ostiary/pages.css' }),
    })
    .prefault({})
    .meta({ section: 'How our pages look.' }),
};
