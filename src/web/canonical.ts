/**
 * The request, judged once at the socket and frozen: what is not already
 * canonical is refused, nothing is decoded, and every decision sees only this.
 */
import type { IncomingMessage } from 'node:http';
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { type Random, spokenId } from '../base/random.ts';
import { callerAddress, plainAddress, type TrustedProxies } from './origin.ts';

/** What judging depends on. */
export interface CanonicalParts {
  readonly trusted: TrustedProxies;
  readonly random: Random;
  /** The authorities (`host[:port]`, lower case) this listener answers for; undefined for an inner listener, which answers for any. */
  readonly authorities: ReadonlySet<string> | undefined;
}

/** Node reads a line without a version as 0.9, which makes a header of whatever stood behind a line feed. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1']);
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);
const LONGEST_TARGET = 16_384;
/** RFC 3986, section 3.3: pchar and slash; escapes must be whole. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
/** RFC 3986, section 3.4, and the characters that browsers leave bare in a query. One class alone: a choice that matches in two ways takes for ever. */
const QUERY = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?"<>[\]\\^`{|}%]*$/;
/** What two servers read in two ways: an empty segment, a dot segment, an escaped slash, backslash, dot, NUL or percent. */
const AMBIGUOUS = /\/\/|\/\.{1,2}(?:\/|$)|%(?:2[fF]|5[cC]|00|2[eE])/;

/** A host as it may stand in a log; what else is called one is left out of it. */
const LOGGED_HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

/** An id for a request that could not even be judged. */
export function requestId(random: Random): string {
  return spokenId(random);
}

/**
 * Judges a request. Throws `request.malformed`, `request.method` or `request.wrong-host`.
 * @see RFC 9112, section 3.2 (request target); RFC 9110, section 7.2 (Host)
 */
export function canonical(incoming: IncomingMessage, id: string, parts: CanonicalParts): Asked {
  const { method = '', url = '', headers, httpVersion } = incoming;
  if (!VERSIONS.has(httpVersion)) throw new Problem('request.malformed', { what: 'version' });
  checkFraming(headers['transfer-encoding'], httpVersion);
  const line = canonicalLine(method, url);
  checkHost(incoming, parts.authorities);
  const asked: Asked = {
    ...line,
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    address: addressOf(incoming, parts.trusted),
    id,
    socket: plainAddress(incoming.socket.remoteAddress ?? ''),
    raw: incoming.rawHeaders,
  };
  return Object.freeze(asked);
}

/** Method and target as they stand in the first line of a request. Throws `request.malformed`, `request.method` or `request.too-large`. */
export function canonicalLine(method: string, target: string): Pick<Asked, 'method' | 'path' | 'query'> {
  if (!METHODS.has(method)) throw new Problem('request.method');
  if (target.length > LONGEST_TARGET) throw new Problem('request.too-large', { what: 'target' });
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  if (!PATH.test(path) || !QUERY.test(query)) throw new Problem('request.malformed', { what: 'target' });
  if (AMBIGUOUS.test(path)) throw new Problem('request.malformed', { what: 'path' });
  return { method, path, query };
}

/** Who calls, of a request that need not have been judged: as a trusted proxy tells it, or the socket's own address. */
export function addressOf({ socket, headers }: IncomingMessage, trusted: TrustedProxies): string {
  const forwarded = headers['x-forwarded-for'];
  return callerAddress(
    socket.remoteAddress ?? '',
    Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    trusted,
  );
}

/**
 * Node takes the chunks off and nothing else: what is packed below them would go on as if it were not packed. And in
 * HTTP/1.0 nobody knows where a body in chunks ends.
 * @see RFC 9112, section 6.1
 */
function checkFraming(coding: string | undefined, httpVersion: string): void {
  if (coding === undefined) return;
  if (httpVersion !== '1.1' || coding.trim().toLowerCase() !== 'chunked')
    throw new Problem('request.malformed', { what: 'transfer-encoding' });
}

/** Node keeps the first of two Host headers; another server might keep the last, so two are none. */
function checkHost(incoming: IncomingMessage, authorities: ReadonlySet<string> | undefined): void {
  const raw = incoming.rawHeaders;
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) if (isHost(raw[at])) hosts += 1;
  if (hosts !== 1) throw new Problem('request.malformed', { what: 'host' });
  if (authorities === undefined) return;
  checkAuthority(incoming.headers.host ?? '', authorities);
}

/** Do we answer for this host? Throws `request.wrong-host`. */
export function checkAuthority(host: string, authorities: ReadonlySet<string>): void {
  if (!authorities.has(host) && !authorities.has(host.toLowerCase()))
    throw new Problem('request.wrong-host', LOGGED_HOST.test(host) ? { host } : {});
}

function isHost(name = ''): boolean {
  return name.length === 4 && name.toLowerCase() === 'host';
}

/** The authorities of origins as a browser writes them in `Host`: without a default port, and with it. */
export function authoritiesOf(origins: readonly string[]): ReadonlySet<string> {
  return new Set(
    origins.flatMap((origin) => {
      const { host, hostname, protocol, port } = new URL(origin);
      return port === '' ? [host, `${hostname}:${protocol === 'https:' ? 443 : 80}`] : [host];
    }),
  );
}
