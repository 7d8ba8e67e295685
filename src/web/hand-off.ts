/**
 * From the browser into Jitsi's app: which browsers are offered one, and the
 * address that opens it in a room. Pure: the app is the one that Jitsi's own
 * config.js names, never one that a caller names.
 */
import type { AppClient } from '../base/client.ts';
import { type Room, roomPath } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { fragmentPieces, type Overrides } from './jitsi-state.ts';

/** The part of Jitsi's config.js that speaks of apps. @see jitsi-meet, config.js, `deeplinking` */
export interface DeepLinking {
  readonly disabled?: boolean;
  readonly desktop?: { readonly enabled?: boolean; readonly appName?: string; readonly appScheme?: string };
  readonly ios?: { readonly appName?: string; readonly appScheme?: string; readonly downloadLink?: string };
  readonly android?: {
    readonly appName?: string;
    readonly appScheme?: string;
    readonly appPackage?: string;
    readonly downloadLink?: string;
    readonly fDroidUrl?: string;
  };
}

/** An app that can be offered. */
export interface App {
  readonly kind: 'android' | 'ios' | 'desktop';
  readonly name: string;
  readonly scheme: string;
  /** Android's name for it. */
  readonly package?: string;
  /** Where it is to be had: web addresses, the usual shop first. */
  readonly stores: readonly string[];
}

const NAME = 'Jitsi Meet';
const MOBILE_SCHEME = 'org.jitsi.meet';
const DESKTOP_SCHEME = 'jitsi-meet';
const PACKAGE = 'org.jitsi.meet';
const APP_STORE = 'https://apps.apple.com/app/jitsi-meet/id1165103905';
const PLAY_STORE = 'https://play.google.com/store/apps/details?id=org.jitsi.meet';
const F_DROID = 'https://f-droid.org/packages/org.jitsi.meet/';

/**
 * The app a browser is offered before it loads Jitsi's page. Jitsi's client looks
 * at the same words; an iPad that calls itself a Mac only the browser can tell.
 * Nothing where Jitsi offers none, or names one that cannot be told apart from the web.
 * @see jitsi-meet, react/features/base/react/Platform.web.ts and features/deep-linking/functions.web.ts
 */
export function handOffFor(userAgent: string, deepLinking: DeepLinking): App | undefined {
  if (deepLinking.disabled || isElectron(userAgent)) return undefined;
  const kind = kindOf(userAgent);
  return kind === undefined || (kind === 'desktop' && !deepLinking.desktop?.enabled)
    ? undefined
    : appOf(kind, deepLinking);
}

/** The app that sent somebody here to sign in. Nothing where its name or scheme is none. */
export function appBehind(client: AppClient, deepLinking: DeepLinking): App | undefined {
  return appOf(client === 'electron' ? 'desktop' : client, deepLinking);
}

function kindOf(userAgent: string): App['kind'] | undefined {
  if (/Android/i.test(userAgent)) return 'android';
  if (/iP(?:ad|hone|od)/i.test(userAgent)) return 'ios';
  return /Windows NT|Macintosh|X11|CrOS/.test(userAgent) ? 'desktop' : undefined;
}

/** The app that is a browser around Jitsi's page: it holds the page in a frame, where nobody can sign in. */
export function isElectron(userAgent: string): boolean {
  return /\bElectron\//.test(userAgent);
}

function appOf(kind: App['kind'], deepLinking: DeepLinking): App | undefined {
  const app = namedApp(kind, deepLinking);
  return app && isAppScheme(app.scheme) ? app : undefined;
}

function namedApp(kind: App['kind'], { android = {}, ios = {}, desktop = {} }: DeepLinking): App | undefined {
  if (kind === 'android') {
    const id = android.appPackage ?? PACKAGE;
    if (!/^[A-Za-z]\w*(?:\.[A-Za-z]\w*)+$/.test(id)) return undefined;
    return {
      kind: 'android',
      name: android.appName ?? NAME,
      scheme: android.appScheme ?? MOBILE_SCHEME,
      package: id,
      // An app of one's own is not to be had where Jitsi's is.
      stores: webOnly(
        id === PACKAGE
          ? [android.downloadLink ?? PLAY_STORE, android.fDroidUrl ?? F_DROID]
          : [android.downloadLink, android.fDroidUrl],
      ),
    };
  }
  if (kind === 'ios') {
    const scheme = ios.appScheme ?? MOBILE_SCHEME;
    const store = ios.downloadLink ?? (scheme === MOBILE_SCHEME ? APP_STORE : undefined);
    return { kind: 'ios', name: ios.appName ?? NAME, scheme, stores: webOnly([store]) };
  }
  return {
    kind: 'desktop',
    name: desktop.appName ?? NAME,
    scheme: desktop.appScheme ?? DESKTOP_SCHEME,
    stores: [],
  };
}

function webOnly(addresses: readonly (string | undefined)[]): readonly string[] {
  return addresses
    .filter((address) => address !== undefined)
    .filter((address) => /^https:\/\//i.test(address));
}

/** Schemes that a browser itself does something with: none of them is an app's. */
const TAKEN =
  /^(?:https?|wss?|ftps?|file|filesystem|data|blob|javascript|vbscript|about|intent|android-app|mailto|tel|sms|market|chrome|edge|view-source|content|jar|urn)$/i;

/** Can this be the scheme of an app? @see RFC 3986, section 3.1 */
function isAppScheme(scheme: string): boolean {
  return /^[a-z][a-z0-9+.-]{1,62}$/i.test(scheme) && !TAKEN.test(scheme);
}

/** Who goes into the app, where, and with what. */
export interface IntoApp {
  readonly room: Room;
  /** The gate ticket, or beside Jitsi a token for Prosody. */
  readonly token: Secret;
  readonly jitsiUrl: string;
  readonly overrides: Overrides;
}

/**
 * The address that opens the app in the room: the token as each of them reads it, and what was chosen before, where
 * there is a place for it.
 * @see jitsi-meet, react/features/base/util/uri.ts, and jitsi-meet-electron, app/features/utils/functions.js
 */
export function appAddress(app: App, { room, token, jitsiUrl, overrides }: IntoApp): string {
  const place = `${new URL(jitsiUrl).host}${roomPath(room)}`;
  const jwt = encodeURIComponent(token.reveal());
  const chosen = fragmentPieces(overrides);
  switch (app.kind) {
    case 'android':
      return `intent://${place}?jwt=${jwt}#Intent;scheme=${app.scheme};package=${app.package ?? PACKAGE};end`;
    case 'ios':
      return `${app.scheme}://${place}?jwt=${jwt}${chosen.length === 0 ? '' : `#${chosen.join('&')}`}`;
    case 'desktop':
      return `${app.scheme}://${place}#${[`jwt=%22${jwt}%22`, ...chosen].join('&')}`;
  }
}
