/**
 * What Jitsi's clients make of an address: re-stated from their behaviour, in our own words and apart from the source
 * it judges. Every way back that a test meets is opened with it.
 *
 * @see jitsi-meet, react/features/base/util/parseURLParams.ts, uri.ts; react/features/base/jwt/functions.ts, `parseJWTFromURLParams`
 */

/** An address as the client has it after start-up. */
export interface JitsiAddress {
  /** `https://host[:port]`; what an app's own scheme stands for is https. */
  readonly origin: string;
  /** As in the address line, without what the client strips; absent on the welcome page. */
  readonly room?: string;
  /** What the MUC is called, and a token's `room` is compared with. */
  readonly roomSafe?: string;
  /** The path before the room. */
  readonly tenant?: string;
  /** The token the client would connect with, of whatever type it found. */
  readonly jwt?: unknown;
  /** Everything else behind the `#`, parsed. */
  readonly parameters: ReadonlyMap<string, unknown>;
}

/** Opens an address as Jitsi's web client, or one of its apps, would. */
export function openAddress(address: string): JitsiAddress {
  const { origin, path, query, fragment } = split(intent(address) ?? address);
  const segments = path.split('/').map((segment) => segment.replace(/[:?#[\]@!$&'()*+,;=></"]/g, ''));
  const room = segments.at(-1) ?? '';
  const tenant = segments.slice(1, -1).join('/');
  const { jwt: inFragment, ...others } = Object.fromEntries(hashParameters(fragment));
  const jwt = inFragment === undefined ? rawParameters(query).get('jwt') : inFragment;
  return {
    origin,
    ...(room !== '' && { room, roomSafe: backendSafe(room) }),
    ...(tenant !== '' && { tenant }),
    ...(jwt !== undefined && { jwt }),
    parameters: new Map(Object.entries(others)),
  };
}

/** Android hands an app the address that the intent names. @see Chrome, "Android intents with Chrome" */
function intent(address: string): string | undefined {
  const found = /^intent:(\/\/[^#]*)#Intent;(?:.*;)?scheme=([^;]+);.*end$/s.exec(address);
  return found ? `${found[2]}:${found[1]}` : undefined;
}

function split(address: string) {
  // White space goes first, then every scheme: the last of them counts, and what is not the web's is https.
  const bare = address.replace(/\s/g, '');
  const schemes = /^(?:[a-z][a-z0-9.+-]*:)+/i.exec(bare)?.[0] ?? '';
  const last = /[a-z][a-z0-9.+-]*:$/i.exec(schemes)?.[0].toLowerCase();
  const scheme = last === 'http:' || last === 'https:' ? last : 'https:';
  const rest = bare.slice(schemes.length);
  const [, authority = '', path = '', query = '', fragment = ''] =
    /^(?:\/\/([^/?#]+))?([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? [];
  return {
    origin: `${scheme}//${authority.slice(authority.indexOf('@') + 1)}`,
    path: path.startsWith('/') ? path : `/${path}`,
    query,
    fragment,
  };
}

/** `getBackendSafeRoomName`: decode if it can be, normalise, lower case, encode, lower case. */
function backendSafe(room: string): string {
  let name = room;
  try {
    name = decodeURIComponent(room);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
  }
  return encodeURIComponent(name.normalize('NFKC').toLowerCase().toWellFormed()).toLowerCase();
}

const NO_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Key and value of each piece, uncoded: a second `=` ends the value. */
function rawParameters(text: string): Map<string, string | undefined> {
  const pieces = text.slice(1).split('&');
  const found = new Map<string, string | undefined>();
  for (const piece of pieces) {
    const [key = '', value] = piece.split('=');
    if (key !== '' && !key.split('.').some((part) => NO_KEYS.has(part))) found.set(key, value);
  }
  return found;
}

/** The same with values as strict JSON; what is none is dropped. A lone piece that is a path belongs to a router. */
function hashParameters(fragment: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (/^#\/[^&]*$/.test(fragment)) return found;
  for (const [key, value] of rawParameters(fragment)) {
    const parsed = hashValue(String(value));
    if (parsed !== undefined) found.set(key, parsed.value);
  }
  return found;
}

function hashValue(raw: string): { readonly value: unknown } | undefined {
  try {
    const text = decodeURIComponent(raw)
      .replace('\\&', '&')
      .replace(/[\u2018\u2019]/g, "'")
      .replace(/[\u201c\u201d]/g, '"');
    return { value: text === 'undefined' ? undefined : JSON.parse(text, withoutPrototype) };
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof URIError) return undefined;
    throw cause;
  }
}

/** @see @hapi/bourne: a key `__proto__` anywhere is an error */
function withoutPrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('prototype');
  return value;
}
