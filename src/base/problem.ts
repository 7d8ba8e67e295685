/**
 * Every failure we foresee, by code: the HTTP status and the English title for
 * JSON and the log. What a person reads stands in pages/words, by the same code.
 */

/** The one table of problems. `status` is HTTP's; `title` never holds a value. */
export const PROBLEMS = {
  'request.malformed': { status: 400, title: 'The request could not be understood' },
  'request.not-found': { status: 404, title: 'There is nothing at this address' },
  'request.method': { status: 405, title: 'This address does not take that method' },
  'request.too-large': { status: 413, title: 'The request is too large' },
  'request.wrong-host': { status: 421, title: 'This server does not answer for that host' },
  'request.cross-site': { status: 403, title: 'The request came from another site' },
  'request.too-many': { status: 429, title: 'Too many attempts' },

  'room.missing': { status: 400, title: 'The address names no room' },
  'room.unusable': { status: 400, title: 'The room name cannot be used' },
  'room.reserved': { status: 400, title: 'The room name is reserved' },
  'room.mismatch': { status: 400, title: 'The address names two different rooms' },
  'tenant.unusable': { status: 400, title: 'The tenant name cannot be used' },
  'state.unusable': { status: 400, title: 'The state sent by the Jitsi client cannot be used' },

  'entry.refused': { status: 403, title: 'The rules do not let this person into this room' },
  'entry.wait': { status: 403, title: 'This room is not open yet' },
  'entry.early': { status: 403, title: 'This room opens later' },
  'entry.closed': { status: 403, title: 'There is no later time at which this room opens' },
  'entry.kicked': { status: 403, title: 'This person was put out of this room for a time' },
  'entry.turned-away': { status: 403, title: 'A host did not let this person in' },
  'waiting.full': { status: 503, title: 'Too many people are waiting' },
  'host.required': { status: 403, title: 'Only who leads this room may do that' },
  'host.gone': { status: 404, title: 'There is nothing of this id on the list' },
  'host.unusable': { status: 400, title: 'What a host asked for cannot be done' },
  'session.required': { status: 401, title: 'A sign-in is needed' },
  'session.ended': { status: 401, title: 'The session has ended' },

  'sign-in.no-cookie': { status: 400, title: 'The browser keeps no cookies' },
  'sign-in.used': { status: 400, title: 'This sign-in was used already' },
  'sign-in.not-yours': { status: 400, title: 'This sign-in was started in another browser' },
  'sign-in.expired': { status: 400, title: 'This sign-in took too long' },
  'sign-in.cancelled': { status: 403, title: 'The sign-in was cancelled at the sign-in service' },
  'sign-in.wrong-password': { status: 403, title: 'User name or password is not right' },
  'sign-in.busy': { status: 503, title: 'Too many passwords to check at once' },

  'provider.unknown': { status: 404, title: 'There is no such sign-in service' },
  'provider.member-unknown': {
    status: 404,
    title: 'The federation vouches for no such identity provider, or it is not let in',
  },
  'provider.unreachable': { status: 502, title: 'The sign-in service did not answer' },
  'provider.misconfigured': {
    status: 502,
    title: 'The sign-in service and its settings do not fit together',
  },
  'provider.refused': { status: 502, title: 'The sign-in service refused the sign-in' },
  'provider.response-invalid': { status: 502, title: 'The answer of the sign-in service did not hold' },
  'provider.groups-missing': { status: 502, title: 'The sign-in service did not send the groups' },
  'provider.id-missing': { status: 502, title: 'The sign-in service did not send a stable identifier' },
  'provider.reauthentication': {
    status: 403,
    title: 'The sign-in service did not sign in strongly or freshly enough',
  },
  'provider.clock': { status: 502, title: 'The clocks of this server and the sign-in service differ' },

  'saml.unacceptable': { status: 400, title: 'The SAML response does not hold' },
  'saml.unsolicited': { status: 400, title: 'The SAML response answers no request' },
  'saml.logout-unacceptable': { status: 400, title: 'The SAML logout message does not hold' },
  'saml.busy': { status: 503, title: 'Too many sign-ins by SAML at once' },

  'header.not-believed': { status: 403, title: 'The request did not come by the proxy that signs people in' },
  'header.unacceptable': {
    status: 502,
    title: 'What the proxy said of the person cannot be used',
  },

  'logout-token.unacceptable': { status: 400, title: 'The logout token does not hold' },
  'guest.name': { status: 400, title: 'A guest gave no name that can be shown' },
  'pass.unknown': { status: 404, title: 'This entry code is unknown, used or expired' },
  'invite.unknown': { status: 404, title: 'This invitation is unknown or was withdrawn' },
  'invite.expired': { status: 410, title: 'This invitation is over' },
  'invite.used': { status: 410, title: 'This invitation was used already' },
  'invite.lapsed': { status: 410, title: 'Whoever made this invitation may not invite there any more' },
  'invite.not-yet': { status: 403, title: 'This invitation is not good yet' },
  'invite.other-person': { status: 403, title: 'This invitation is for another person' },
  'link.unacceptable': { status: 401, title: 'The token in the link does not hold' },
  'link.expired': { status: 401, title: 'The token in the link has expired' },
  'link.other-room': { status: 403, title: 'The token in the link is for another room' },
  'link.not-allowed': {
    status: 403,
    title: 'The application that made the link may not speak for this room',
  },
  'issuer.unreachable': {
    status: 502,
    title: 'The keys of the application that made the link could not be fetched',
  },
  'bearer.unacceptable': { status: 401, title: 'The token the request brought does not hold' },
  'bearer.expired': { status: 401, title: 'The token the request brought has expired' },
  'bearer.graph': {
    status: 401,
    title:
      'The token is for Microsoft Graph, which alone can judge it: ask Entra for one whose audience is this service',
  },
  'bearer.unreachable': {
    status: 502,
    title: 'The keys of whoever signed the token could not be fetched',
  },
  'token.unacceptable': { status: 401, title: 'The token does not hold' },

  'client.unknown': { status: 401, title: 'The application did not prove who it is' },
  'client.grant-type': { status: 400, title: 'The application asked for a grant there is none of' },
  'client.not-allowed': { status: 400, title: 'The application may not ask for that' },
  'client.room': { status: 400, title: 'The application may not ask for that room' },
  'client.role': { status: 400, title: 'The application may not ask for that role' },
  'client.subject': { status: 400, title: 'The application did not say for whom it asks' },

  'ticket.unacceptable': { status: 401, title: 'The gate ticket does not hold' },
  'socket.too-many': { status: 429, title: 'This sign-in holds too many connections' },
  'stream.unusable': { status: 400, title: 'The XMPP stream does not begin as it must' },

  'jitsi.refused': { status: 403, title: 'Jitsi did not let this person into this room' },
  'jitsi.token-refused': { status: 401, title: 'Jitsi did not accept the token' },
  'jitsi.token-expired': { status: 401, title: 'The token had expired when Jitsi looked at it' },

  'upstream.unreachable': { status: 502, title: "Jitsi's web server did not answer" },
  'upstream.slow': { status: 504, title: "Jitsi's web server took too long" },
  'upstream.unusable': { status: 502, title: "The answer of Jitsi's web server cannot be used" },

  'outbound.forbidden': { status: 502, title: 'An outbound address is not allowed' },
  'outbound.failed': { status: 502, title: 'An outbound request failed' },
  'outbound.too-large': { status: 502, title: 'An outbound answer is too large' },

  'key.unusable': { status: 500, title: 'A key cannot be used' },
  'key.none': { status: 503, title: 'There is no key to sign with' },
  'store.unavailable': { status: 503, title: 'The store does not answer' },
  'store.newer': { status: 503, title: 'The store was written by a newer version' },
  'store.full': { status: 503, title: 'The store cannot write' },

  'prosody.secret': { status: 401, title: 'The Prosody module did not show our secret' },

  'config.unusable': { status: 500, title: 'The configuration cannot be used' },
  'server.draining': { status: 503, title: 'The server is shutting down' },
  'server.bug': { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** The name of a failure we foresee. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What the log may know of a failure: plain numbers, booleans and short strings, never a secret. */
export type ProblemFacts = Readonly<Record<string, string | number | boolean>>;

/** A failure we foresaw: its code for the person, its facts and cause for the log alone. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, facts: ProblemFacts = {}, cause?: unknown) {
    super(PROBLEMS[code].title, cause === undefined ? undefined : { cause });
    this.name = 'Problem';
    this.code = code;
    this.facts = facts;
  }

  /** The HTTP status this failure is answered with. */
  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** Is this thrown value a failure we foresaw, of this code if one is named? */
export function isProblem(thrown: unknown, code?: ProblemCode): thrown is Problem {
  return thrown instanceof Problem && (code === undefined || thrown.code === code);
}
