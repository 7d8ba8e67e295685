/**
 * The way from a request to a token, wired: recognised by a cookie or a gate
 * ticket, admitted, minted. Every door is handed this one.
 */
import { type AdmitParts, admit } from '../admission/admit.ts';
import type { Arrival, Asked } from '../admission/arrival.ts';
import { type Bookings, OPERATOR } from '../admission/booked-times.ts';
import type { DoorBook } from '../admission/door-book.ts';
import type { Invite } from '../admission/invite-record.ts';
import { readJitsiToken } from '../admission/jitsi-token.ts';
import type { Kicks } from '../admission/kick.ts';
import { linkFacts, stillVouched } from '../admission/link.ts';
import { createLinkTickets, type ShownAt } from '../admission/link-ticket.ts';
import { mayGive } from '../admission/maker.ts';
import { createMint, type MintAs, type Minted } from '../admission/mint.ts';
import type { Grant, Outcome, Recognised } from '../admission/outcome.ts';
import type { Presence } from '../admission/presence.ts';
import { type NoTicket, readTicket, type TicketProof, ticketOf } from '../admission/ticket.ts';
import { appProvider, mayUse } from '../admission/vouched.ts';
import type { Clock } from '../base/clock.ts';
import type { Audit, Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import type { Room } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import type { Config } from '../config/load.ts';
import type { BearerIssuers } from '../identity/bearer.ts';
import type { Issuers } from '../identity/issuer.ts';
import type { Provider } from '../identity/provider.ts';
import {
  createRecogniser,
  createTicketRecogniser,
  type Known,
  type RecheckParts,
} from '../identity/recheck.ts';
import type { Sessions } from '../identity/session.ts';
import { recordEnded } from '../identity/session-ended.ts';
import type { KeySet, SealingKeys } from '../keys/signing-key.ts';
import { timesFor } from '../policy/room-times.ts';
import { isDisplayToken } from '../tokens/display.ts';
import { bearerOf } from '../web/bearer.ts';
import { clientOf } from '../web/client-kind.ts';
import { LINK_COOKIE, linkCookie, linkCookies, MOST_LINKS, sessionCookie } from '../web/cookies.ts';
import type { Limits } from '../web/limits.ts';
import { bearersOf } from './bearer.ts';
import { byIssuers } from './issuers.ts';
import { gateOf, mintOptions, rulesOf, seesMeetings, sessionLimitsOf, standsInFront } from './options.ts';

/** What the spine is made of. */
export interface SpineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sessions: Sessions;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly keys: KeySet;
  readonly sealing: SealingKeys;
  readonly audit: Audit;
  /** The applications whose links let people in. */
  readonly issuers: Issuers;
  /** Those whose tokens callers may bring in place of a session. */
  readonly bearerIssuers: BearerIssuers;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly limits: Pick<Limits, 'count'>;
  /** Who leads which room, where we see meetings. */
  readonly presence: Presence;
  /** Who was put out of which room. */
  readonly kicks: Kicks;
  /** When rooms are open, as applications and commands say it. */
  readonly bookings: Pick<Bookings, 'of'>;
  /** Whom hosts let in by hand. */
  readonly door: Pick<DoorBook, 'letIns'>;
}

/** What doors ask. Everything fails with `store.unavailable` where the store does. */
export interface Spine {
  admit(arrival: Arrival): Soon<Outcome>;
  mint(grant: Grant, as: MintAs): Promise<Minted>;
  /**
   * Judges a token somebody brought as a gate ticket; where it was shown at a room, also one by which another
   * application or issuer vouches for them. Throws `bearer.*` for one of such an issuer's that does not hold.
   */
  readTicket(token: string, at?: ShownAt): Promise<TicketProof | NoTicket>;
  /** Judges a token of ours for Jitsi that was shown at a room. */
  readJitsiToken(token: string, room: Room): Promise<TicketProof | NoTicket>;
  /**
   * For a session that only holds open connections, once a minute: counts as use, and asks the provider when its
   * hour has come. Whom it says to be gone is ended, and `standing` tells. Who can be asked in the browser alone is left.
   */
  lookAgain(sessionId: Secret): Promise<void>;
  /** The highest role that the maker of an invitation may still give; undefined for none. */
  mayGive(invite: Invite): Promise<Role | undefined>;
}

/** Wires the spine for one reading of the configuration. */
export function createSpine(config: Config, parts: SpineParts): Spine {
  const { clock, random, sessions, keys } = parts;
  const { claims, ...minting } = mintOptions(config);
  const gate = { gate: gateOf(config), sealing: parts.sealing };
  const rechecking = recheckParts(parts);
  const byId = createRecogniser(rechecking);
  const byTicket = createTicketRecogniser(rechecking);
  const rules = rulesOf(config);
  const vouchers = {
    issuers: parts.issuers,
    apps: new Map(config.apps.map((app) => [appProvider(app.name), app])),
  };
  const vouched = (known: Known | undefined): Known | undefined => {
    const person = known && stillVouched(known.person, vouchers);
    return person === known?.person ? known : person && { ...known, person };
  };
  const recognised: AdmitParts['recognise'] = ({ asked, wants, ticket }, by) => {
    const resumes = wants.kind === 'enter' && wants.resumes === true;
    if (ticket !== undefined) return whenThere(byTicket(ticket.session, resumes), vouched);
    const cookies = asked.header('cookie');
    if (by === 'link') {
      const id = wants.kind === 'enter' ? linkCookie(cookies, wants.room) : undefined;
      return id === undefined ? undefined : whenThere(byId(id, resumes), vouched);
    }
    return whenThere(byId(sessionCookie(cookies), resumes), (known) =>
      known === undefined && wants.kind === 'asset' && cookies?.includes(LINK_COOKIE)
        ? anyLink(cookies)
        : vouched(known),
    );
  };
  const doubted = [...parts.providers.values()].some(({ contradicts }) => contradicts !== undefined);
  const admitParts: AdmitParts = {
    recognise: doubted
      ? (arrival, by) =>
          whenThere(recognised(arrival, by), (known) => known && uncontradicted(arrival.asked, known, parts))
      : recognised,
    rules: () => rules,
    kicks: parts.kicks,
    roomTimes: (room) =>
      whenThere(parts.bookings.of(room), (booked) => [
        ...timesFor(config.rooms, room),
        ...booked.filter(({ by }) => maySay(by, room, config)),
      ]),
    letIns: parts.door.letIns,
    around: (arrival) => {
      const { asked, wants } = arrival;
      const client = clientOf(arrival);
      const known = { now: clock.now(), address: asked.address, ...(client && { client }) };
      if (wants.kind !== 'enter' || !seesMeetings(config)) return known;
      return { ...known, hostPresent: wants.returns === true || parts.presence.isHostThere(wants.room) };
    },
  };
  /** For what needs no room, a link to whichever is enough. */
  const anyLink = async (cookies: string | undefined): Promise<Known | undefined> => {
    // Whoever carries more than a browser is given has made them up.
    for (const id of [...linkCookies(cookies).values()].slice(-MOST_LINKS)) {
      const known = vouched(await byId(id));
      if (known !== undefined) return known;
    }
    return undefined;
  };
  const ticketParts = { ...gate, issuer: claims.issuer, clock, sessions };
  const linkTicket = linkTicketsOf(config, parts);
  const bearers = bearersOf(config, parts);
  const ticketFor: Spine['readTicket'] = async (token, at) => {
    const ticket = await readTicket(token, ticketParts);
    if (ticket !== 'not-ours' || at === undefined || isDisplayToken(token)) return ticket;
    const link = linkTicket === undefined ? ticket : await linkTicket(token, at);
    const handle = link === 'not-ours' ? await bearers?.(token, at) : undefined;
    return handle === undefined ? link : ticketOf(handle, at.room);
  };
  /** Who showed nothing else may show a token in the header: browsers set none there by themselves. */
  const byBearer = async (arrival: Arrival, token: string, stranger: Outcome): Promise<Outcome> => {
    const { asked, wants } = arrival;
    const { id, address } = asked;
    if (wants.kind === 'enter') {
      const ticket = await ticketFor(token, { room: wants.room, id, address });
      return typeof ticket === 'string' ? stranger : admit({ ...arrival, ticket }, admitParts);
    }
    const ticket = isDisplayToken(token) ? 'not-ours' : await readTicket(token, ticketParts);
    const handle = typeof ticket === 'string' ? await bearers?.(token, { id, address }) : ticket.session;
    const known = handle === undefined ? undefined : vouched(await byTicket(handle));
    return known === undefined ? stranger : { kind: 'seen', ...known };
  };
  return {
    admit: (arrival) =>
      whenThere(admit(arrival, admitParts), (outcome) => {
        const { asked, ticket, vouched: spoken, which } = arrival;
        const token = outcome.kind === 'sign-in' && !ticket && !spoken && !which && bearerOf(asked);
        return token ? byBearer(arrival, token.reveal(), outcome) : outcome;
      }),
    mint: createMint({ ...minting, claims, keys, clock, random, gate }),
    readTicket: ticketFor,
    readJitsiToken: (token, room) => readJitsiToken(token, room, { keys, claims, clock, sessions }),
    lookAgain: async (id) => void (await byId(id.reveal(), true)),
    mayGive: (invite) =>
      mayGive(invite, {
        ...{ clock, kicks: parts.kicks, providers: parts.providers, rules: () => rules },
        apps: new Map(config.apps.map((app) => [app.name, app])),
        stillVouched: (person) => stillVouched(person, vouchers),
      }),
  };
}

/** What an application said counts as long as the operator lets it say so. */
function maySay(by: string, room: Room, { apps }: Config): boolean {
  if (by === OPERATOR) return true;
  return apps.some((app) => appProvider(app.name) === by && app.roomTimes && mayUse(app, room));
}

/**
 * A proxy that guards everything says with each request who sits there. Is that somebody else than whose session the
 * cookie is, the session ends: they signed out at the proxy and another person took the chair.
 */
function uncontradicted(asked: Asked, known: Recognised, parts: SpineParts): Soon<Recognised | undefined> {
  const { providers, sessions } = parts;
  const { person, session } = known;
  const other = providers.get(person.provider)?.contradicts?.(asked, person);
  if (other === undefined) return known;
  return whenThere(other, async (isOther) => {
    if (!isOther) return known;
    if (await sessions.end(session, 'another-person'))
      await recordEnded([known], { id: asked.id, address: asked.address }, parts);
    return undefined;
  });
}

function linkTicketsOf(config: Config, parts: SpineParts) {
  if (parts.issuers.size === 0 || !standsInFront(config)) return undefined;
  const { audit, clock, metrics, limits } = parts;
  const { idle, grace } = sessionLimitsOf(config);
  return createLinkTickets({
    ...parts,
    followLink: byIssuers(config, parts),
    remembered: idle + grace,
    count: (address) => limits.count('link', { address }),
    followed: async (person, { room, id, address }) => {
      metrics.count('ostiary_links_total', { outcome: 'opened' });
      await audit.record({
        at: clock.now(),
        event: 'link-followed',
        id,
        address,
        ...linkFacts(person, room),
      });
    },
  });
}

function recheckParts(parts: SpineParts): RecheckParts {
  const { sessions, providers, log } = parts;
  return { sessions, providers, log, gone: (session) => recordEnded([session], { id: 'recheck' }, parts) };
}
