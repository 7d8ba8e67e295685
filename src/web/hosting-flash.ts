/**
 * What a host has just done, sealed for the page that says so: a link that is shown once stands in no address.
 */
import type { AttemptParts } from '../admission/sign-in.ts';
import { digest } from '../base/random.ts';
import { type Room, roomKey } from '../base/room.ts';
import type { Sessions } from '../identity/session.ts';
import { open, seal } from '../keys/jwt.ts';
import type { HostDone } from '../pages/hosting.ts';
import { HOSTED_COOKIE, writeCookie } from './cookies.ts';

/** Seconds. */
const LIFETIME = 60;
const PURPOSE = 'hosted';

/** What is told. */
export interface Flash {
  readonly what: HostDone;
  /** Of whom. */
  readonly name?: string;
  /** Of an invitation that was just made. */
  readonly code?: string;
}

interface Sealed extends Flash {
  readonly room: string;
  /** What tells this one from others. */
  readonly once: string;
}

/** The `Set-Cookie` line that carries it. */
export async function sealFlash(flash: Flash, room: Room, parts: AttemptParts): Promise<string> {
  const once = Buffer.from(parts.random.bytes(9)).toString('base64url');
  const carried: Sealed = { ...flash, room: digest(roomKey(room)), once };
  const keys = await parts.keys.sealing();
  const sealed = await seal({ ...carried }, { keys, purpose: PURPOSE, ttl: LIFETIME, clock: parts.clock });
  return writeCookie(HOSTED_COOKIE, sealed, LIFETIME);
}

/** What it told of this room, to the first who asks; undefined where nothing that holds came along. */
export async function openFlash(
  sealed: string | undefined,
  room: Room,
  parts: AttemptParts & { readonly sessions: Pick<Sessions, 'firstUse'> },
): Promise<Flash | undefined> {
  if (sealed === undefined) return undefined;
  const opened = await open(sealed, {
    keys: await parts.keys.sealing(),
    purpose: PURPOSE,
    clock: parts.clock,
  });
  const flash = opened as Sealed | undefined;
  if (flash?.room !== digest(roomKey(room))) return undefined;
  return (await parts.sessions.firstUse(PURPOSE, flash.once, 2 * LIFETIME)) ? flash : undefined;
}
