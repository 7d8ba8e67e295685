/**
 * What the routes are handed by the composition root: small options and the
 * functions of the lower layers, never the whole configuration.
 */
import type { Arrival } from '../admission/arrival.ts';
import type { Bookings } from '../admission/booked-times.ts';
import type { DoorBook } from '../admission/door-book.ts';
import type { Guest, InviteWish, Inviting, Revoked } from '../admission/invite.ts';
import type { Invite } from '../admission/invite-record.ts';
import type { Before } from '../admission/invite-seat.ts';
import type { Kicks } from '../admission/kick.ts';
import type { Followed } from '../admission/link.ts';
import type { ShownAt } from '../admission/link-ticket.ts';
import type { Lobby } from '../admission/lobby.ts';
import type { MintAs, Minted } from '../admission/mint.ts';
import type { Grant, Outcome } from '../admission/outcome.ts';
import type { Inside, Named } from '../admission/prosody/inside.ts';
import type { Reports } from '../admission/prosody/reports.ts';
import type { AttemptParts } from '../admission/sign-in.ts';
import type { NoTicket, TicketProof } from '../admission/ticket.ts';
import type { TurnGiven } from '../admission/turn.ts';
import type { TurnHolder } from '../admission/turn-users.ts';
import type { Clock } from '../base/clock.ts';
import type { Audit, Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Person } from '../base/person.ts';
import type { Room, TenantName } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import type { Soon } from '../base/soon.ts';
import type { Provider } from '../identity/provider.ts';
import type { SamlDoor } from '../identity/saml/door.ts';
import type { Session, Sessions } from '../identity/session.ts';
import type { KeySet } from '../keys/signing-key.ts';
import type { Branding } from '../pages/layout.ts';
import type { AppSites } from './app-sites.ts';
import type { Apps } from './apps.ts';
import type { Choices } from './choices.ts';
import type { ErrorPage } from './error-page.ts';
import type { DeepLinking } from './hand-off.ts';
import type { Limits } from './limits.ts';

/** Where things are, as browsers see them. */
export interface Places {
  /** Our own origin: `https://meet.example.org`. */
  readonly publicUrl: string;
  /** Every origin a form of ours may come from: ours and its aliases. */
  readonly origins: ReadonlySet<string>;
  /** Where our own paths live: `/_ostiary`. */
  readonly prefix: string;
  /** Origin of Jitsi's pages. */
  readonly jitsiUrl: string;
  readonly clientBefore?: string;
  /** `/login/` and `/logout/` at the root of the site are ours too. */
  readonly oldLoginPaths?: true;
  /** We stand in front of Jitsi ourselves, and put the token into its page. */
  readonly gateway?: true;
  /** Nothing of ours ends a meeting that is open: we are not in front of Jitsi ourselves, and Prosody has no module of ours. */
  readonly callsGoOn?: true;
  /** We answer at mod_shib's addresses too, outside our prefix. */
  readonly shibboleth?: true;
}

/** What `ready` answers with. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not, or what is worth knowing; no secret, no address of a person. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Invitations, to be looked at, spent, made and taken back. @see admission/invite.ts, `readInvite` and `spendInvite` */
export interface Invites {
  readonly read: (code: string, before: Before) => Promise<Invite>;
  readonly spend: (
    code: string,
    guest: Guest,
  ) => Promise<{ readonly id: Secret; readonly session: Session; readonly invite: Invite }>;
  /** @see admission/invite.ts, `makeInvite` */
  readonly make: (
    wish: InviteWish,
    by: Inviting,
  ) => Promise<{ readonly code: Secret; readonly invite: Invite }>;
  /** Of this code, good or not. Throws `invite.unknown`. */
  readonly of: (code: string) => Promise<Invite>;
  readonly list: () => Promise<readonly Invite[]>;
  readonly revoke: (id: string) => Promise<readonly Revoked[]>;
}

/** Everything the routes need. */
export interface WebParts {
  readonly places: Places;
  readonly branding: Branding;
  /** The operator's extra stylesheet, if there is one. */
  readonly extraCss?: string;
  /** What the operator wants shown in place of our own page for problems. */
  readonly errorPage?: ErrorPage;
  /** Answers at once where the session is remembered. */
  readonly admit: (arrival: Arrival) => Soon<Outcome>;
  readonly mint: (grant: Grant, as: MintAs) => Promise<Minted>;
  /** Judges a token that was shown at a room as a gate ticket. Throws what the store throws. */
  readonly readTicket: (token: string, at: ShownAt) => Promise<TicketProof | NoTicket>;
  /** Judges a token of ours for Jitsi that was shown at a room. Throws what the store throws. */
  readonly readJitsiToken: (token: string, room: Room) => Promise<TicketProof | NoTicket>;
  /** Credentials for the TURN server; absent where there is none. */
  readonly turn?: (holder: TurnHolder) => Promise<TurnGiven>;
  /** Which apps Jitsi's own links lead into, below this tenant; absent means Jitsi's defaults. */
  readonly deepLinking?: (tenant: TenantName | undefined) => Promise<DeepLinking>;
  /** Files that tell the makers of phones which apps open links of this site. */
  readonly appSites: AppSites;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Which of them somebody is offered. */
  readonly choices: Choices;
  /** Where identity providers speak SAML; absent where none does. */
  readonly saml?: SamlDoor;
  readonly sessions: Sessions;
  /** Seconds after which a session ends whatever happens: how long its cookie is kept. */
  readonly sessionLifetime: number;
  readonly attempts: AttemptParts;
  /**
   * Judges the token of another application's link for one room; absent where no application may send one.
   * Throws `link.unacceptable`, `link.expired` and `issuer.unreachable`.
   */
  readonly followLink?: (token: string, room: Room) => Promise<Followed>;
  /** Takes a one-time entry. Throws `pass.unknown`. */
  readonly takePass: (code: string, name: string | undefined) => Promise<Person>;
  readonly invites: Invites;
  /** Other applications that ask for somebody. */
  readonly apps: Apps;
  /** Who waits before a room; and for how many milliseconds at most. */
  readonly lobby: Lobby;
  /** What hosts see of it, and whom they let in. */
  readonly door: DoorBook;
  /** Who was put out of which room. */
  readonly kicks: Kicks;
  readonly waitsFor: number;
  /** When rooms are open, as applications say it. */
  readonly bookings: Bookings;
  /** What our module in Prosody reports to, and what it shows; absent where no module is listened to. */
  readonly prosody?: Pick<Reports, 'take'> & {
    readonly secret: Secret;
    /** Where the module asks for TURN credentials. Throws as `insideAs`. */
    readonly inside?: (named: Named) => Promise<Inside>;
  };
  readonly keys: KeySet;
  readonly limits: Limits;
  readonly audit: Audit;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Prometheus' text, for the inner listener. */
  readonly metricsText: () => Promise<{ readonly text: string; readonly type: string }>;
  readonly readiness: () => Promise<Readiness>;
  /** What is guarded: everything, a part, or nothing until when. */
  readonly guarding: () => Readiness['body'];
  readonly clock: Clock;
}
