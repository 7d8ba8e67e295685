/**
 * Credentials for a TURN server that shares a secret with us: they name until when, whom and which room, and prove it
 * by a hash, so that nobody has to tell the TURN server of anybody.
 *
 * Pure: hour and secret are arguments. Whether somebody gets any was decided before.
 *
 * @see draft-uberti-behave-turn-rest-00, section 2.2; coturn, README.turnserver, `--use-auth-secret`
 */
import { createHash, createHmac } from 'node:crypto';
import { type Room, tenantClaim } from '../base/room.ts';
import { Secret } from '../base/secret.ts';

/** Who may use the TURN server, for which room, until when. */
export interface TurnUser {
  /** As the token for Jitsi names them in `context.user.id`, so that Prosody can make the same name. */
  readonly id: string;
  readonly room: Room;
  /** Unix seconds. */
  readonly expires: number;
  /** Where the TURN server knows each session by itself: up to 16 letters, digits, `-` and `_` that tell it from others. */
  readonly mark?: string;
}

/** What a TURN client shows. */
export interface TurnCredentials {
  readonly username: string;
  readonly password: Secret;
}

/** Bytes of a part that is written out. A name in STUN holds 512, and coturn takes no longer one. */
const LONGEST = 200;

/**
 * A text as it may stand in a TURN user name: every byte of its UTF-8 but letters, digits, `.`, `_` and `-` is `%` and
 * two lower-case hex digits, so that neither `:` nor `@` is left; and so is the `u` before `nion`, because coturn
 * refuses whatever holds both `union` and `select`. What is longer than 200 then is `sha256-` and the SHA-256 of the
 * text as it was, in hex. In Lua, with `hashes` of Prosody:
 *
 *     local function hex(c) return ("%%%02x"):format(c:byte()) end
 *     local safe = text:gsub("[^A-Za-z0-9._-]", hex):gsub("([Uu])([Nn][Ii][Oo][Nn])", function (u, rest) return hex(u)..rest end)
 *     if #safe > 200 then safe = "sha256-"..hashes.sha256(text, true) end
 *
 * @see coturn, src/apps/common/apputils.c, `is_secure_string`
 */
export function turnSafe(text: string): string {
  const bytes = Buffer.from(text);
  const plain = bytes.toString('latin1').replace(/[^A-Za-z0-9._-]|u(?=nion)/gi, hex);
  return plain.length > LONGEST ? `sha256-${createHash('sha256').update(bytes).digest('hex')}` : plain;
}

function hex(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** `<expiry>:<person>@<room>`, and `~<mark>` where there is one; the room as Prosody's rooms are called: `[tenant]room`, percent-encoded. */
export function turnUsername({ id, room, expires, mark }: TurnUser): string {
  const node = room.tenant === undefined ? room.claim : `[${tenantClaim(room.tenant)}]${room.claim}`;
  return `${expires}:${turnSafe(id)}@${turnSafe(node)}${mark === undefined ? '' : `~${mark}`}`;
}

/** The credentials of one person for one room. */
export function turnCredentials(user: TurnUser, secret: Secret): TurnCredentials {
  const username = turnUsername(user);
  const password = createHmac('sha1', secret.reveal()).update(username).digest('base64');
  return { username, password: new Secret(password) };
}

/** What a TURN server keeps of credentials that it is told of, in hex. @see RFC 8489, section 9.2.2 */
export function turnKey({ username, password }: TurnCredentials, realm: string): string {
  return createHash('md5').update(`${username}:${realm}:${password.reveal()}`).digest('hex');
}

/** The host in the address of a TURN server, in lower case; one of IPv6 without its brackets. @see RFC 7065, section 3.1 */
export function turnHost(uri: string): string {
  const [, host = ''] = /^turns?:(\[[^\]]*\]|[^:?]*)/i.exec(uri) ?? [];
  return host.replace(/^\[|\]$/g, '').toLowerCase();
}
