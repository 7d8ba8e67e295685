/**
 * What Jitsi's client says when it sends somebody to `tokenAuthUrl`: which room,
 * which client, which overrides. Believed in nothing: parsed, bounded, rebuilt.
 * Pure.
 */
import { APP_CLIENTS, type AppClient, isAppClient } from '../base/client.ts';
import { Problem } from '../base/problem.ts';
import {
  parseRoomPath,
  type Room,
  type RoomName,
  roomFromPath,
  roomFromQuery,
  roomOf,
  tenantFromPath,
} from '../base/room.ts';

/** Overrides that may reach the meeting's address: key → value of a known, harmless type. */
export type Overrides = ReadonlyMap<string, boolean | string>;

/** Where somebody wants to go. */
export interface Target {
  readonly room: Room;
  readonly overrides: Overrides;
  /** The app they came from, where it is one: it sends people to a browser to sign in, and waits for them. */
  readonly app?: AppClient;
  /** They sign in in a window that Jitsi's page opened, which goes away when it is done. */
  readonly popup?: true;
}

/** How a target names it, beside the overrides. No override is called so. */
const APP_KEY = 'ostiary.app';
const POPUP_KEY = 'ostiary.popup';

/** Where somebody comes back to: a room, or Jitsi's start page. */
export type Goal = Target | 'start';

const LONGEST_STATE = 8192;
const LONGEST_TARGET = 2048;

/** Of which type an override is. */
export type OverrideKind = 'boolean' | 'language';

/** A language as Jitsi's client names it: `de`, `pt-BR`. */
export const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z]{2,4})?$/;

/**
 * The overrides we let through, as data: a script of ours in the page reads them
 * too. None holds an address, a server or anything of security; the client's own
 * whitelist is far wider.
 * @see jitsi-meet, react/features/base/config/configWhitelist.ts
 */
export const ALLOWED_OVERRIDES: Readonly<Record<string, OverrideKind>> = {
  'config.startWithAudioMuted': 'boolean',
  'config.startWithVideoMuted': 'boolean',
  'config.startAudioOnly': 'boolean',
  'config.startSilent': 'boolean',
  'config.prejoinConfig.enabled': 'boolean',
  'config.defaultLanguage': 'language',
};

function mayPass(key: string, value: unknown): value is boolean | string {
  const kind = Object.hasOwn(ALLOWED_OVERRIDES, key) ? ALLOWED_OVERRIDES[key] : undefined;
  return kind === 'language' ? typeof value === 'string' && LANGUAGE.test(value) : typeof value === kind;
}

/** Keeps what the allow-list knows and drops the rest, whatever it is. */
function allowed(entries: Iterable<readonly [string, unknown]>): Overrides {
  const kept = new Map<string, boolean | string>();
  for (const [key, value] of entries) if (mayPass(key, value)) kept.set(key, value);
  return kept;
}

/**
 * Reads the query of `/join`: `room`, `state`, and the historical forms without
 * `state`, with `tenant`, or with a whole path in `room`.
 * Throws `state.unusable`, `room.*` and `tenant.unusable`.
 * @see jitsi-meet, react/features/authentication/functions.any.ts, `_getTokenAuthState`
 */
export function readJoin(query: URLSearchParams): Target {
  for (const name of ['room', 'state', 'tenant'])
    if (query.getAll(name).length > 1) throw new Problem('state.unusable', { why: 'repeated' });
  const state = readState(query.get('state'));
  const tenant = text(state, 'tenant') ?? query.get('tenant') ?? undefined;
  const name = roomName(query.get('room') ?? undefined, text(state, 'room'));
  const room = tenant === undefined || tenant === '' ? roomOf(name) : roomOf(name, tenantFromPath(tenant));
  const safe = text(state, 'roomSafe');
  if (safe !== undefined && safe.toLowerCase() !== room.claim)
    throw new Problem('room.mismatch', { why: 'roomSafe' });
  return {
    room,
    overrides: allowed(state),
    ...appOf(APP_CLIENTS.filter((app) => state.get(app) === true)),
    ...popupOf(query),
  };
}

function readState(raw: string | null): ReadonlyMap<string, unknown> {
  if (raw === null || raw === '' || raw === '{state}') return new Map();
  if (raw.length > LONGEST_STATE) throw new Problem('state.unusable', { why: 'long' });
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new Problem('state.unusable', { why: 'json' });
    throw cause;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Problem('state.unusable', { why: 'shape' });
  return new Map(Object.entries(parsed));
}

function text(state: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = state.get(key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Problem('state.unusable', { why: key });
  return value;
}

/**
 * `state.room` is the undecoded segment. `{room}` is that too, but put into the
 * query unencoded, so that form-decoding has decoded it already.
 */
function roomName(parameter: string | undefined, fromState: string | undefined): RoomName {
  if (fromState === undefined) {
    if (parameter === undefined) throw new Problem('room.missing');
    return fromParameter(parameter);
  }
  const name = roomFromPath(fromState);
  if (parameter !== undefined && fromParameter(parameter) !== name && roomFromQuery(parameter) !== name)
    throw new Problem('room.mismatch', { why: 'room' });
  return name;
}

function fromParameter(parameter: string): RoomName {
  // A lone `%` cannot be an escape: the room holds it, and the client goes on with it as it stands.
  return /%(?![0-9a-fA-F]{2})/.test(parameter) ? roomFromQuery(parameter) : roomFromPath(parameter);
}

/**
 * Only where the client opens a window of its own for us does it put a nonce behind `tokenAuthUrl`, blindly.
 * @see jitsi-meet, react/features/authentication/actions.web.ts, `openTokenAuthUrl`
 */
function popupOf(query: URLSearchParams): Pick<Target, 'popup'> {
  return /^[0-9a-f]{64}$/.test(query.get('nonce') ?? '') ? { popup: true } : {};
}

/** All flags at once come from nobody's client. */
function appOf([app, ...others]: readonly AppClient[]): Pick<Target, 'app'> {
  return app === undefined || others.length > 0 ? {} : { app };
}

/**
 * Overrides as Jitsi's clients read them behind the `#`, one piece each.
 * @see jitsi-meet, react/features/base/util/parseURLParams.ts, `parseURLParams`
 */
export function fragmentPieces(overrides: Overrides): readonly string[] {
  return [...overrides].map(([key, value]) => `${key}=${encodeURIComponent(JSON.stringify(value))}`);
}

/** Writes a target as one text: the room's path, and the overrides as Jitsi's fragment would hold them. */
export function targetText({ room, overrides, app, popup }: Target, path: (room: Room) => string): string {
  const pieces = fragmentPieces(
    new Map<string, boolean | string>([
      ...overrides,
      ...(app === undefined ? [] : [[APP_KEY, app] as const]),
      ...(popup === undefined ? [] : [[POPUP_KEY, popup] as const]),
    ]),
  );
  const fragment = pieces.join('&');
  return fragment === '' ? path(room) : `${path(room)}#${fragment}`;
}

/**
 * Reads what `targetText` wrote, or what a caller claims it wrote: a path on the
 * configured origin that names a room, and overrides through the allow-list.
 * Anything else is undefined: there is a page for "nowhere in particular".
 */
export function readTarget(written: string | null | undefined): Target | undefined {
  if (!written || written.length > LONGEST_TARGET || !written.startsWith('/')) return undefined;
  const [path = '', fragment = ''] = written.split('#', 2);
  try {
    // A query belongs to no room: a token somebody put there must not come along.
    const entries = [...fragmentEntries(fragment)];
    return {
      room: parseRoomPath(path.split('?', 1)[0] ?? ''),
      overrides: allowed(entries),
      ...appOf(entries.filter(isApp).map(([, app]) => app)),
      ...(entries.some(([key, value]) => key === POPUP_KEY && value === true) && { popup: true as const }),
    };
  } catch (cause) {
    if (cause instanceof Problem) return undefined;
    throw cause;
  }
}

/** Writes a goal as one text, for our own addresses, forms and cookies. */
export function goalText(goal: Goal | undefined, path: (room: Room) => string): string {
  if (goal === undefined) return '';
  return goal === 'start' ? '/' : targetText(goal, path);
}

/** Do they sign in in a window that Jitsi's page opened? Then it must not lose sight of that page. */
export function isPopup(goal: Goal | undefined): boolean {
  return goal !== undefined && goal !== 'start' && goal.popup === true;
}

/** The room somebody comes back to, if it is one. */
export function roomOfGoal(goal: Goal | undefined): Room | undefined {
  return goal === undefined || goal === 'start' ? undefined : goal.room;
}

/** The app they go back to, as the rules are asked about it. */
export function clientOfGoal(goal: Goal | undefined): { readonly client?: AppClient } {
  return goal === undefined || goal === 'start' || goal.app === undefined ? {} : { client: goal.app };
}

/** Reads what `goalText` wrote, or what a caller claims it wrote. What may follow the start page's `/` is dropped. */
export function readGoal(written: string | null | undefined): Goal | undefined {
  const path = written && written.length <= LONGEST_TARGET ? written.split(/[?#]/, 1)[0] : undefined;
  return path === '/' ? 'start' : readTarget(written);
}

function isApp(entry: readonly [string, unknown]): entry is readonly [string, AppClient] {
  return entry[0] === APP_KEY && isAppClient(entry[1]);
}

function* fragmentEntries(fragment: string): Iterable<readonly [string, unknown]> {
  for (const piece of fragment.split('&')) {
    const [key = '', value = ''] = piece.split('=', 2);
    try {
      yield [key, JSON.parse(decodeURIComponent(value))];
    } catch (cause) {
      // Jitsi's client drops a parameter that does not parse; so do we.
      if (!(cause instanceof SyntaxError) && !(cause instanceof URIError)) throw cause;
    }
  }
}
