/**
 * The applications that may ask for tokens, as the routes are handed them.
 */
import type { Followed } from '../admission/link.ts';
import type { AppMay, AppWish, Vouched } from '../admission/vouched.ts';
import type { Person, PersonBound } from '../base/person.ts';
import type { Room } from '../base/room.ts';
import type { Client, ClientProof } from '../identity/client.ts';

/** One application of the operator's list. */
export interface App extends AppMay, Client {
  /** Origins of its pages: what may frame a meeting of its rooms, and what hears us. */
  readonly origins: readonly string[];
  /** May it say when its rooms are open? */
  readonly roomTimes: boolean;
}

/** All of them. */
export interface Apps {
  /** Which application is it? Throws `client.unknown`. */
  authenticate(proof: ClientProof): Promise<App>;
  /** Takes its word for somebody. Throws `client.room`, `client.role` and `client.subject`. */
  vouchFor(app: App, wish: AppWish, session: string): Vouched;
  /** Whom another issuer's token speaks of, for this room. Throws `link.unacceptable`, `link.expired` and `issuer.unreachable`. */
  subject(token: string, room: Room): Promise<Followed>;
  /** Takes another issuer's word for somebody, as far as the application may. Throws `client.room` and `client.role`. */
  vouchForSubject(
    app: App,
    about: { readonly subject: Person & { readonly bound: PersonBound }; readonly wish: AppWish },
    session: string,
  ): Vouched;
  /** The application of this name whose pages are at this origin. */
  at(origin: string, name: string): App | undefined;
  /** Origins of the pages that may frame this room and hear of it. */
  embedders(room: Room): readonly string[];
}
