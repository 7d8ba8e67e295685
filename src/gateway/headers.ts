/**
 * The headers, both ways: what the caller may say to Jitsi, and Jitsi to the
 * caller. Pure.
 *
 * Lists are flat as Node's `rawHeaders` (name, value, name, value …), so that
 * order and duplicates survive. Knows nothing of who may pass.
 */
import { foldName } from '../base/header-name.ts';
import type { Secret } from '../base/secret.ts';
import { withoutTokens } from './carry-token.ts';
import { ANSWERED, CLAIMED, CLAIMED_PREFIX, HOP, ORDERS, SAID } from './header-names.ts';

/** What every request upstream says of the public side, worked out once. */
export interface Front {
  /** `Host`, whatever alias was called: Jitsi's servers choose by it. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  /** Folded names of headers in which machines show us their secrets, and proxies say who somebody is. */
  readonly ours: ReadonlySet<string>;
}

/** The public side as Jitsi sees it. The headers of these names are for us and go no further, whoever sent them. */
export function frontOf(publicUrl: string, forUs: readonly string[] = []): Front {
  const { host, protocol } = new URL(publicUrl);
  return {
    authority: host,
    scheme: protocol === 'https:' ? 'https' : 'http',
    ours: new Set(forUs.map(foldName)),
  };
}

/** What is said upstream of one request, judged and not believed. */
export interface Onward {
  readonly front: Front;
  /** The caller's address as it was judged. */
  readonly address: string;
  /** The token that goes along as `Authorization: Bearer`; without it there is no `Authorization` at all. */
  readonly bearer?: Secret;
  /** Is this the start of a WebSocket? */
  readonly upgrade?: boolean;
}

/** What becomes of one header. `other` passes unless `Connection` names it. */
type Fate = 'said' | 'drop' | 'connection' | 'cookie' | 'referer' | 'body' | 'other';

function fateUpstream(name: string): Fate {
  const lower = name.toLowerCase();
  if (lower === 'connection' || lower === 'cookie' || lower === 'referer') return lower;
  if (lower === 'content-length') return 'body';
  if (SAID.has(lower)) return 'said';
  const folded = foldName(name);
  if (HOP.has(folded) || CLAIMED.has(folded) || CLAIMED_PREFIX.test(folded)) return 'drop';
  // `Content_Length` is what a CGI makes of the true one.
  return folded !== lower && (SAID.has(folded) || folded === 'content-length') ? 'drop' : 'other';
}

/** Fates of the spellings that browsers and servers use, so that most requests fold nothing. Bounded: it is filled here alone. */
function spelled(names: Iterable<string>, fateOf: (name: string) => Fate): ReadonlyMap<string, Fate> {
  return new Map(
    [...names].flatMap((lower) => {
      const capital = lower.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
      return [lower, capital].map((name) => [name, fateOf(name)] as const);
    }),
  );
}

const UPSTREAM_FATES = spelled(
  [...SAID, ...HOP, ...CLAIMED, 'cookie', 'referer', 'x-forwarded-for', 'x-forwarded-proto', 'forwarded'],
  fateUpstream,
);

/** What `Connection` names, for the few that name anything beyond the ordinary. */
function nominated(value: string): readonly string[] {
  const plain = value.toLowerCase();
  if (plain === 'keep-alive' || plain === 'close' || plain === 'upgrade') return [];
  return plain.split(',').map((option) => option.trim());
}

/**
 * Is this cookie's name one of ours? Oddly cased and quoted ones are: some server reads them as ours.
 * A nameless one is sent back as its bare value, so that `=__Host-ostiary=x` would be ours at the next request.
 */
const OUR_COOKIE = /^[\s="'\u0000-\u001f]*__host-ostiary/i;
const PERHAPS_OURS = /__host-ostiary/i;

/** The cookies without ours, the others byte for byte. A quote around a semicolon hides none of ours from us. */
function othersCookies(value: string): string {
  if (!PERHAPS_OURS.test(value)) return value;
  return value
    .split(';')
    .filter((pair) => !OUR_COOKIE.test(pair))
    .join(';')
    .trimStart();
}

/** An address line some page was reached by, without a token in it. */
function refererWithoutTokens(value: string): string {
  const mark = value.indexOf('?');
  if (mark === -1) return value;
  const query = withoutTokens(value.slice(mark + 1));
  return query === '' ? value.slice(0, mark) : `${value.slice(0, mark + 1)}${query}`;
}

/**
 * What goes to Jitsi: what the caller said, without what names persons, addresses
 * and connections, and then our own words, which no header of the caller can take away.
 */
export function towardsUpstream(raw: readonly string[], onward: Onward): string[] {
  const { front, address, bearer, upgrade = false } = onward;
  const list: string[] = ['Host', front.authority];
  let named: readonly string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    const fate = UPSTREAM_FATES.get(name) ?? fateUpstream(name);
    if (fate === 'said') list.push(name, value);
    else if (fate === 'cookie') {
      const cookies = othersCookies(value);
      if (cookies !== '') list.push(name, cookies);
    } else if (fate === 'referer') list.push(name, refererWithoutTokens(value));
    else if (fate === 'connection') named = [...named, ...nominated(value)];
    else if (fate === 'body') {
      // A WebSocket begins with a request that has no body.
      if (!upgrade) list.push(name, value);
    } else if (fate === 'other' && !front.ours.has(foldName(name))) list.push(name, value);
  }
  const kept = named.length === 0 ? list : withoutNamed(list, named, UPSTREAM_FATES);
  kept.push('X-Forwarded-For', address, 'X-Real-IP', address);
  kept.push('X-Forwarded-Proto', front.scheme, 'X-Forwarded-Host', front.authority);
  if (bearer !== undefined) kept.push('Authorization', `Bearer ${bearer.reveal()}`);
  if (upgrade) kept.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  return kept;
}

/**
 * The same for an answer that somebody got because of who they are: no cache that others share keeps it, whatever
 * Jitsi says of it. A browser's own may, as Jitsi says.
 * @see RFC 9111, section 5.2.2.7
 */
export function towardsOne(raw: readonly string[]): string[] {
  return forOneAlone(towardsCaller(raw));
}

/** The same for what is open to everybody. With a cookie it is one person's all the same. */
export function towardsAnybody(raw: readonly string[]): string[] {
  const list = towardsCaller(raw);
  return headerIn(list, 'set-cookie') === undefined ? list : forOneAlone(list);
}

function forOneAlone(list: string[]): string[] {
  let kept = false;
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] as string;
    if (name.length !== 13 || name.toLowerCase() !== 'cache-control') continue;
    kept = true;
    list[at + 1] = privately(list[at + 1] as string);
  }
  if (!kept) list.push('Cache-Control', 'private');
  return list;
}

function privately(value: string): string {
  const others = value.split(',').filter((word) => !SHARED.test(word));
  return ['private', ...others.map((word) => word.trim()).filter((word) => word !== '')].join(', ');
}

/** Takes out what `Connection` named, unless it is known to be meant for the other end. */
function withoutNamed(
  list: readonly string[],
  named: readonly string[],
  known: ReadonlyMap<string, Fate>,
): string[] {
  const gone = new Set(named.filter((name) => !known.has(name)));
  return gone.size === 0 ? [...list] : withoutHeaders(list, (name) => gone.has(name));
}

function fateDownstream(name: string): Fate {
  const lower = name.toLowerCase();
  if (lower === 'connection') return lower;
  if (lower === 'set-cookie') return 'cookie';
  if (ANSWERED.has(lower)) return 'said';
  const folded = foldName(name);
  return HOP.has(folded) || ORDERS.test(folded) ? 'drop' : 'other';
}

const DOWNSTREAM_FATES = spelled([...ANSWERED, ...HOP, 'set-cookie', 'alt-svc'], fateDownstream);

/** What goes to the caller: what Jitsi said, in order, without what belongs to the inner hop and without any cookie of ours. */
export function towardsCaller(raw: readonly string[]): string[] {
  const list: string[] = [];
  let named: readonly string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    const fate = DOWNSTREAM_FATES.get(name) ?? fateDownstream(name);
    if (fate === 'connection') named = [...named, ...nominated(value)];
    else if (fate === 'cookie' ? !OUR_COOKIE.test(value) : fate !== 'drop') list.push(name, value);
  }
  return named.length === 0 ? list : withoutNamed(list, named, DOWNSTREAM_FATES);
}

/** The list without headers of these lower-case names. */
export function withoutHeaders(raw: readonly string[], gone: (lowerName: string) => boolean): string[] {
  const list: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2)
    if (!gone((raw[at] as string).toLowerCase())) list.push(raw[at] as string, raw[at + 1] as string);
  return list;
}

/** What is said to caches that many share, or that they may be. `private` with names in it leaves the rest to all. */
const SHARED = /^\s*(?:public|private|s-maxage|proxy-revalidate|must-understand)\b/i;

/** The first header of this lower-case name. */
export function headerIn(raw: readonly string[], lowerName: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2)
    if ((raw[at] as string).toLowerCase() === lowerName) return raw[at + 1];
  return undefined;
}
