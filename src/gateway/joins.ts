/**
 * Where no more than a part is guarded: whoever passed unguarded must not get into a room that is. So all that they say
 * over XMPP is looked at for where it goes, before Prosody hears it. Pure.
 *
 * Rooms of one meeting aside (breakout rooms) have names of chance that say nothing of it: those are not looked at.
 */
import { isProblem } from '../base/problem.ts';
import { keyOfProsodyNode, type Room, roomFromClaim } from '../base/room.ts';
import { type MessageJudge, xored } from './frames.ts';
import { addressesIn } from './stanza-addresses.ts';

/** What becomes of a piece of XMPP. */
export type JoinVerdict = 'passes' | 'guarded' | 'unreadable';

/** The look. */
export interface Joins {
  /** At one piece that is whole by itself. */
  piece(piece: Uint8Array): JoinVerdict;
  /** At one address. */
  address(address: string): JoinVerdict;
}

/** Bytes of a message; more than Prosody takes. */
const LONGEST = 1 << 20;
/**
 * What an address may be made of. Jitsi's clients write every other letter as an escape; Prosody folds them by a table of
 * its own, in which a soft hyphen is nothing and an ß two letters. @see RFC 3491; RFC 3920, appendix A
 */
const PLAIN = /^[!-~]*$/;
/** Hosts whose names before the `@` are no rooms that anybody called so. @see jitsi-meet, doc/debian/jitsi-meet-prosody */
const NO_ROOMS = /^(?:auth|breakout)\./;

/** Makes it. `guardsRoom`: may nobody get into this room unguarded? */
export function createJoins(guardsRoom: (room: Room | 'unreadable') => boolean, xmppDomain: string): Joins {
  const address: Joins['address'] = (text) => {
    const room = roomAt(text, xmppDomain);
    return room !== undefined && guardsRoom(room) ? 'guarded' : 'passes';
  };
  return {
    address,
    piece: (piece) => {
      const addresses = addressesIn(piece);
      if (addresses === undefined) return 'unreadable';
      return addresses.some((text) => address(text) === 'guarded') ? 'guarded' : 'passes';
    },
  };
}

/** The room of an address, where it can be one. @see RFC 7622, section 3.1; jitsi-meet, resources/prosody-plugins/util.lib.lua */
export function roomAt(address: string, xmppDomain: string): Room | 'unreadable' | undefined {
  const bare = address.split('/')[0] ?? '';
  const at = bare.indexOf('@');
  if (at === -1) return undefined;
  if (!PLAIN.test(bare)) return 'unreadable';
  const node = bare.slice(0, at).toLowerCase();
  const host = bare
    .slice(at + 1)
    .toLowerCase()
    .replace(/\.$/, '');
  if (host === xmppDomain.toLowerCase() || NO_ROOMS.test(host)) return undefined;
  const [inNode, claim = ''] = keyOfProsodyNode(node).split('/', 2);
  const tenant = inNode || tenantIn(host, xmppDomain.toLowerCase());
  try {
    return roomFromClaim(claim, tenant);
  } catch (thrown) {
    if (isProblem(thrown)) return 'unreadable';
    throw thrown;
  }
}

/** `conference.sales.meet.example.org` is where the rooms of `sales` are. */
function tenantIn(host: string, xmppDomain: string): string | undefined {
  if (!host.endsWith(`.${xmppDomain}`)) return undefined;
  const [, ...between] = host.slice(0, -xmppDomain.length - 1).split('.');
  return between.length === 0 ? undefined : between.join('.');
}

/** The same for a WebSocket: each message in one frame, and held back until all of it was seen. */
export function joinsInFrames({ piece }: Joins): MessageJudge {
  return (payload, { final, length, key }) => {
    if (!final || length > LONGEST) return 'opening';
    if (payload.length < length) return 'short';
    return piece(xored(payload.subarray(0, length), key)) === 'passes' ? 'passes' : 'opening';
  };
}
