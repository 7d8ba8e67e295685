/**
 * Everything that is stored about a person, gone.
 */
import { CONFIG, type Command, JSON_OUT } from './command.ts';
import { withParts } from './open.ts';
import { counted, json } from './text.ts';

/** `ostiary forget` */
export const forget: Command = {
  name: 'forget',
  does: 'delete everything that is stored about a person',
  about:
    'Ends their sessions and deletes their records. Not the log, which is kept elsewhere, nor backups; nor what Jitsi and the sign-in service know.',
  options: [
    {
      flags: '--person <id>',
      does: 'the id of the person, as "ostiary why" and "ostiary sessions list" show it',
      needed: true,
    },
    CONFIG,
    JSON_OUT,
  ],
  run: (io, given) =>
    withParts(io, given, async ({ sessions, records, door }) => {
      const person = given.text('person') ?? '';
      const ended = (await sessions.endAllOf(person, 'forgotten')).length;
      const forgotten = (await records.forget(person)) + (await door.forget(person));
      if (given.flag('json')) io.out(json({ person, sessions: ended, records: forgotten }));
      else io.out(`Deleted ${counted(ended, 'session')} and ${counted(forgotten, 'record')} of ${person}.`);
      return 0;
    }),
};
