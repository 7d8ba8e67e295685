/**
 * What Jitsi's web server would serve at a path, and which of it a stranger may be given. Pure.
 *
 * Takes the undecoded path that was judged canonical. Whatever the web servers of Jitsi's packages and of its containers
 * would read in two ways, and whatever is not in this list, is unknown. Knows no session and no setting.
 */
import { Problem } from '../base/problem.ts';
import {
  isBackEnd,
  isReserved,
  parseRoomPath,
  type Room,
  roomPath,
  type TenantName,
  tenantFromPath,
} from '../base/room.ts';

/** What may be opened to strangers, a switch each. */
export type OpenGroup = 'acme' | 'apps' | 'embed' | 'assets' | 'dialIn' | 'whiteboard';

/** Where a path leads. `groups` are the switches that open it to strangers; none of them: a session is needed. */
export type Surface =
  /** The conference document. `moved` is the path with the name the client would silently make of this one. */
  | { readonly kind: 'page'; readonly room: Room; readonly moved?: string }
  | { readonly kind: 'welcome' }
  | {
      readonly kind: 'xmpp-websocket' | 'bosh' | 'conference-request' | 'room-info';
      readonly tenant?: TenantName;
    }
  /** Jitsi's settings; what strangers get of them where `apps` is open is ours. */
  | { readonly kind: 'config'; readonly tenant?: TenantName }
  /** A file. `file` is its path without the tenant, the same for every tenant. */
  | { readonly kind: 'asset'; readonly file: string; readonly groups: readonly OpenGroup[] }
  /** Another service, most of them with sockets, none with a sign-in of its own. */
  | { readonly kind: 'socket'; readonly groups: readonly OpenGroup[] }
  | { readonly kind: 'unknown' };

/** One switch, in words. */
interface Opened {
  readonly paths: readonly string[];
  /** What a stranger can then read. */
  readonly reads: string;
}

/** Every switch: what it opens, and what a stranger can then read. `[tenant/]` may stand or not. */
export const OPEN_GROUPS: Readonly<Record<OpenGroup, Opened>> = {
  acme: {
    paths: ['/.well-known/acme-challenge/TOKEN'],
    reads: 'The answer to a challenge of a certificate authority, which that authority reads too.',
  },
  apps: {
    paths: ['/[tenant/]config.js', '/.well-known/assetlinks.json', '/.well-known/apple-app-site-association'],
    reads:
      'A `config.js` of ours with host names and addresses, never the one Jitsi has; and which apps may open links of this host.',
  },
  embed: {
    paths: ['/[tenant/]external_api.js', '/[tenant/]libs/external_api.min.js'],
    reads: 'The script for pages that embed a meeting, and by it the version of Jitsi.',
  },
  assets: {
    paths: [
      ...['css', 'fonts', 'images', 'lang', 'libs', 'sounds', 'static'].map((root) => `/[tenant/]${root}/…`),
      '/[tenant/]manifest.json',
      '/[tenant/]pwa-worker.js',
    ],
    reads:
      "Scripts, styles, pictures, languages and sounds of Jitsi's pages: its version and your branding. No page: nothing that ends in `.html`.",
  },
  dialIn: {
    paths: [
      '/[tenant/]static/dialInInfo.html',
      ...['css', 'fonts', 'images', 'lang', 'libs'].map((root) => `/[tenant/]${root}/…`),
    ],
    reads:
      'The telephone numbers, what the page loads, and the whole `config.js` of Jitsi, which its web server writes into that page.',
  },
  whiteboard: {
    paths: ['/socket.io/'],
    reads: 'Every whiteboard whose name a stranger knows or guesses; and a stranger may draw on it.',
  },
};

const UNKNOWN = { kind: 'unknown' } as const;

/** What both web servers look up as a file below these, before any other pattern but an exact one. */
const FILES_BELOW: Readonly<Record<string, readonly OpenGroup[]>> = {
  css: ['assets', 'dialIn'],
  fonts: ['assets', 'dialIn'],
  images: ['assets', 'dialIn'],
  lang: ['assets', 'dialIn'],
  libs: ['assets', 'dialIn'],
  sounds: ['assets'],
  static: ['assets'],
  // One of the two web servers has these; the other strips the segment and might serve a page in its place.
  connection_optimization: [],
  transcripts: [],
};

/** Single files. Without a switch, where a web server that lacks the file serves the conference page in its place. */
const FILES: Readonly<Record<string, readonly OpenGroup[]>> = {
  'external_api.js': ['embed'],
  'libs/external_api.min.js': ['embed', 'assets', 'dialIn'],
  'static/dialInInfo.html': ['dialIn'],
  'manifest.json': ['assets'],
  'pwa-worker.js': ['assets'],
  'interface_config.js': [],
  'favicon.ico': [],
  'robots.txt': [],
};

/** For certificates and for links to apps; nobody has these below a tenant. */
const WELL_KNOWN: Readonly<Record<string, readonly OpenGroup[]>> = {
  'assetlinks.json': ['apps'],
  'apple-app-site-association': ['apps'],
};

const BACK_ENDS = {
  'xmpp-websocket': 'xmpp-websocket',
  'http-bind': 'bosh',
  'conference-request/v1': 'conference-request',
  '_api/room-info': 'room-info',
} as const;

/** Other services with one address, and those that own all that is below. */
const SERVICES: Readonly<Record<string, readonly OpenGroup[]>> = {
  'socket.io/': ['whiteboard'],
  'rtcstats-ws/': [],
};
const SERVICES_BELOW: ReadonlySet<string> = new Set(['etherpad', 'rtc-visualizer']);

/** Letters that stand for themselves, spaces, and what is beyond ASCII. Nothing hidden, nothing that two servers read in two ways. */
const FILE_SEGMENT = /^(?!\.)(?:[A-Za-z0-9\-._~!$()+,=@]|%20|%[89A-Fa-f][0-9A-Fa-f])+$/;
/** A tenant as it must stand in every address but a page's: it is handed on to Prosody as it is written. */
const PLAIN_TENANT = /^[A-Za-z0-9._-]+$/;
/** What Jitsi's web server does not take for a room, though the client would strip it. */
const NO_ROOM = /[&':]/;
/** What the client strips of the rest that may stand in a path unescaped. @see jitsi-meet, react/features/base/util/uri.ts, `_fixPathPart` */
const STRIPPED = /[@!$()*+,;=]/;
const LONGEST_FILE = 1024;

/**
 * What would be served at a path. Throws `room.*` and `tenant.unusable` where no room can be had of what is asked for.
 * @see jitsi-meet, doc/debian/jitsi-meet/jitsi-meet.example; docker-jitsi-meet, web/rootfs/defaults/meet.conf
 */
export function surfaceOf(path: string): Surface {
  if (path === '/') return { kind: 'welcome' };
  const name = path.slice(1);
  const segments = name.split('/');
  const atRoot = servedAs(name, segments) ?? serviceAt(name, segments);
  if (atRoot !== undefined) return atRoot;
  const [first = '', ...rest] = segments;
  const isTenant = PLAIN_TENANT.test(first) && !isReserved(first.toLowerCase());
  const below = isTenant ? servedAs(rest.join('/'), rest) : undefined;
  if (below !== undefined) {
    const tenant = tenantFromPath(first);
    return below.kind === 'asset' || below.kind === 'unknown' ? below : { ...below, tenant };
  }
  // A name that is reserved is no tenant, and whoever asks for what is below it asks for no meeting.
  if (rest.length > 1 || (rest.length === 1 && isReserved(first.toLowerCase()))) return UNKNOWN;
  return pageAt(path);
}

/** So many files are remembered, which is more than a Jitsi has; strangers who invent names put an end to no more than that. */
const MOST_FILES = 1000;

/** Judges a line or a path as `judge` does, and what was judged of a file holds for the next question about it. */
export function rememberingFiles<Judged>(
  judge: (asked: string) => Judged,
  isFile: (judged: Judged) => boolean,
): (asked: string) => Judged {
  const files = new Map<string, Judged>();
  return (asked) => {
    const known = files.get(asked);
    if (known !== undefined) return known;
    const judged = judge(asked);
    if (isFile(judged)) {
      if (files.size >= MOST_FILES) files.clear();
      files.set(asked, judged);
    }
    return judged;
  };
}

type AnywhereServed = Exclude<Surface, { kind: 'page' | 'welcome' | 'socket' }>;

/** Back ends, settings and files, which stand at the root and below every tenant. */
function servedAs(name: string, segments: readonly string[]): AnywhereServed | undefined {
  if (isOneOf(BACK_ENDS, name)) return { kind: BACK_ENDS[name] };
  if (name === 'config.js') return { kind: 'config' };
  const groups = isOneOf(FILES, name) ? FILES[name] : groupsBelow(segments);
  if (groups === undefined) return undefined;
  if (name.length > LONGEST_FILE || !areServed(segments)) return UNKNOWN;
  // Another spelling is another name for a cache: strangers get each file by one.
  return { kind: 'asset', file: `/${name}`, groups: name.includes('%') ? [] : groups };
}

function groupsBelow(segments: readonly string[]): readonly OpenGroup[] | undefined {
  const [root = ''] = segments;
  if (segments.length < 2 || !isOneOf(FILES_BELOW, root)) return undefined;
  // Jitsi's web server writes its settings into several of these pages.
  return /\.s?html?$/i.test(segments.at(-1) ?? '') ? [] : FILES_BELOW[root];
}

/** What stands at the root alone: files for others than browsers, and the services beside Jitsi. */
function serviceAt(name: string, segments: readonly string[]): Surface | undefined {
  const [root = '', ...rest] = segments;
  if (isOneOf(SERVICES, name)) return { kind: 'socket', groups: SERVICES[name] ?? [] };
  if (root === '.well-known') return wellKnown(rest, `/${name}`);
  if (name === '_unlock') return { kind: 'asset', file: '/_unlock', groups: [] };
  if (root === '_api' && rest[0] === 'public' && rest.length > 1)
    return areServed(rest) ? { kind: 'asset', file: `/${name}`, groups: [] } : UNKNOWN;
  const isSocket =
    (root === 'colibri-ws' && rest.length === 3 && areServed(rest)) ||
    // The last segment of a service may be empty: its front page.
    (SERVICES_BELOW.has(root) && areServed(rest.at(-1) === '' ? rest.slice(0, -1) : rest) && rest.length > 0);
  return isSocket ? { kind: 'socket', groups: [] } : undefined;
}

function wellKnown(rest: readonly string[], file: string): Surface {
  const [folder = '', token = ''] = rest;
  if (rest.length === 1 && isOneOf(WELL_KNOWN, folder))
    return { kind: 'asset', file, groups: WELL_KNOWN[folder] ?? [] };
  // RFC 8555, section 8.3: base64url and nothing else.
  const isChallenge = /^[A-Za-z0-9_-]{1,256}$/.test(token) && !isBackEnd(token.toLowerCase());
  if (rest.length === 2 && folder === 'acme-challenge' && isChallenge)
    return { kind: 'asset', file, groups: ['acme'] };
  return rest.length > 0 && areServed(rest) ? { kind: 'asset', file, groups: [] } : UNKNOWN;
}

/** Would each of these be read as the same name by everybody, and by nobody as a back end? */
function areServed(segments: readonly string[]): boolean {
  // One leading segment after the other may be stripped, and what then stands in front decides who answers.
  return segments.every(
    (segment) => FILE_SEGMENT.test(segment) && isUtf8(segment) && !isBackEnd(segment.toLowerCase()),
  );
}

/**
 * May what is below here be asked of a service that is not Jitsi's? Not where Jitsi's web server, stripping what
 * stands in front, would come upon one of its own back ends.
 */
export function isServicePath(path: string): boolean {
  const segments = path.slice(1).split('/');
  return areServed(segments.at(-1) === '' ? segments.slice(0, -1) : segments);
}

function isUtf8(segment: string): boolean {
  if (!segment.includes('%')) return true;
  try {
    return decodeURIComponent(segment) !== '';
  } catch (cause) {
    if (cause instanceof URIError) return false;
    throw cause;
  }
}

function isOneOf<T extends object>(table: T, name: string): name is string & keyof T {
  return Object.hasOwn(table, name);
}

/** The conference page of a room: `/room` or `/tenant/room`. */
function pageAt(path: string): Surface {
  if (NO_ROOM.test(path)) throw new Problem('room.unusable', { why: 'character' });
  const room = parseRoomPath(path);
  const to = roomPath(room);
  return to === path || !isChangedByClient(path, room)
    ? { kind: 'page', room }
    : { kind: 'page', room, moved: to };
}

/**
 * Would the client name this room otherwise than the address line does? It strips, decodes and normalises; upper case
 * stays in the address line. A tenant must stand there plainly: it goes into every address that the page then asks for.
 * @see jitsi-meet, react/features/base/util/uri.ts, `parseURIString`
 */
function isChangedByClient(path: string, room: Room): boolean {
  if (STRIPPED.test(path)) return true;
  if (room.tenant !== undefined && !path.toLowerCase().startsWith(`/${room.tenant}/`)) return true;
  const decoded = decodeURIComponent(path);
  return decoded.normalize('NFKC') !== decoded;
}
