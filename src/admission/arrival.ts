/**
 * The facts of one request, by whatever door it came.
 */
import type { AppClient } from '../base/client.ts';
import type { Room } from '../base/room.ts';
import type { TicketProof } from './ticket.ts';
import type { Vouched } from './vouched.ts';

/**
 * The request as it was judged once at the socket: frozen, canonical, decoded nowhere.
 * Identity adapters see this and nothing else of HTTP.
 */
export interface Asked {
  readonly method: string;
  /** The undecoded path. */
  readonly path: string;
  /** The undecoded query without `?`. */
  readonly query: string;
  /** One header by its lower-case name; several of one name are joined as Node does. */
  header(name: string): string | undefined;
  /** The caller's address, believed only from trusted proxies. */
  readonly address: string;
  /** The id a person can read over the telephone. */
  readonly id: string;
  /** The socket's own address, whoever was forwarded. */
  readonly socket: string;
  /** Every header as it came: name, value, name, value; each byte one character. For what must be there once and spelled right. */
  readonly raw: readonly string[];
}

/** What an arrival wants: an asset, to enter a room, or to act on one of our own routes. */
export type Wants =
  | { readonly kind: 'asset' }
  | {
      readonly kind: 'enter';
      readonly room: Room;
      /** The reconnect of a connection that was in this room a moment ago: time alone does not end it. */
      readonly resumes?: true;
      /** They were in this room a few minutes ago: no host need be there for them to go on. */
      readonly returns?: true;
      /** They come to lead the room from outside, at whatever hour it is open. */
      readonly anyHour?: true;
    }
  | { readonly kind: 'act' };

/** Which of a browser's sessions is meant: that of a link for the room, or that of an account. */
export type Which = 'link' | 'account';

/** One request on its way to a decision. */
export interface Arrival {
  readonly asked: Asked;
  readonly wants: Wants;
  /** The app of Jitsi's that sent them, or that they go on into; nothing where none is known. */
  readonly client?: AppClient;
  /** A gate ticket that held, in place of the cookie. */
  readonly ticket?: TicketProof;
  /** Somebody for whom an application vouched, in place of the cookie. */
  readonly vouched?: Vouched;
  /** The one session that is to be looked at; without it that of a link comes first. */
  readonly which?: Which;
}
