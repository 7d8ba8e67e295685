/**
 * The one address that takes this client into the room. Pure: rebuilt from the
 * configured origin and our own words, never from what a caller wrote.
 */
import { type Room, roomPath } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { fragmentPieces, type Overrides, type Target, targetText } from './jitsi-state.ts';

/** What the way back depends on. */
export interface WayBackOptions {
  /** Origin of Jitsi's pages: `https://meet.example.org`. */
  readonly jitsiUrl: string;
  /** Jitsi's client is older than this month (`YYYY-MM`); undefined means current. */
  readonly clientBefore?: string;
}

/** Clients older than this read a token from the query only. */
const READS_FRAGMENT_SINCE = '2024-05';
/** Since this month a page that was told to skip the prejoin screen starts no microphone and no camera. */
const SKIPS_MEDIA_SINCE = '2025-08';

/**
 * `https://host/[tenant/]room#jwt="…"&config.…`: the token as a JSON string in the fragment, which no server sees.
 * @see jitsi-meet, react/features/base/util/parseURLParams.ts, `parseURLParams`
 */
export function wayBack(
  room: Room,
  token: Secret,
  about: WayBackOptions & { readonly overrides: Overrides },
): string {
  const query = about.clientBefore !== undefined && about.clientBefore <= READS_FRAGMENT_SINCE;
  const jwt = query ? [] : [`jwt=${encodeURIComponent(JSON.stringify(token.reveal()))}`];
  const base = new URL(roomPath(room), about.jitsiUrl);
  return `${base.href}${query ? `?jwt=${token.reveal()}` : ''}#${[...jwt, ...piecesOf(about)].join('&')}`;
}

/**
 * The room's page on our own origin, where the gateway itself puts a token into it. Without overrides the address has
 * no `#`, so that the browser keeps what it carries there.
 */
export function wayIn(room: Room, about: WayBackOptions & { readonly overrides: Overrides }): string {
  const pieces = piecesOf(about);
  return `${new URL(roomPath(room), about.jitsiUrl).href}${pieces.length === 0 ? '' : `#${pieces.join('&')}`}`;
}

function piecesOf({
  clientBefore,
  overrides,
}: WayBackOptions & { readonly overrides: Overrides }): readonly string[] {
  const skipsSafely = clientBefore !== undefined && clientBefore <= SKIPS_MEDIA_SINCE;
  return fragmentPieces(
    new Map([...overrides].filter(([key]) => key !== 'config.prejoinConfig.enabled' || skipsSafely)),
  );
}

/** Where somebody signs in to get to this target. */
export function signInAddress(
  target: Target,
  { prefix, provider }: { readonly prefix: string; readonly provider?: string },
): string {
  const by = provider === undefined ? '' : `&provider=${provider}`;
  return `${prefix}/sign-in?to=${encodeURIComponent(targetText(target, roomPath))}${by}`;
}

/** The page of whoever leads this room. */
export function hostingAddress(room: Room, prefix: string): string {
  return `${prefix}/room${roomPath(room)}`;
}

/** An address of another origin, ended so that the browser does not carry its old fragment there. */
export function withoutFragment(url: string): string {
  const [before] = url.split('#', 1);
  return `${before}#`;
}
