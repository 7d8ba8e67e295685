/**
 * Everything that is stored about a person, gone.
 */
import { revokeInvitesBy } from '../admission/invite.ts';
import { CONFIG, type Command, JSON_OUT } from './command.ts';
import { withParts } from './open.ts';
import { counted, json } from './text.ts';

/** `ostiary forget` */
export const forget: Command = {
  name: 'forget',
  does: 'delete everything that is stored about a person',
  about:
    'Ends their sessions, deletes their records, and takes back the invitations they made. Not the log, which is kept elsewhere, nor backups; nor what Jitsi and the sign-in service know.',
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
    withParts(io, given, async ({ sessions, records, door, store }) => {
      const person = given.text('person') ?? '';
      const ended = (await sessions.endAllOf(person, 'forgotten')).length;
      const invitations = (await revokeInvitesBy(person, { store, sessions })).length;
      const forgotten = (await records.forget(person)) + (await door.forget(person));
      if (given.flag('json')) io.out(json({ person, sessions: ended, records: forgotten, invitations }));
      else
        io.out(
          `Deleted ${counted(ended, 'session')}, ${counted(forgotten, 'record')} and ${counted(invitations, 'invitation')} of ${person}.`,
        );
      return 0;
    }),
};
