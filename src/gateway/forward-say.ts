/**
 * What a proxy is told that asks before it serves. One function here says yes; everything else says no.
 */
import type { ServerResponse } from 'node:http';
import type { Person } from '../base/person.ts';
import { VERDICT } from './answer.ts';
import type { Yes } from './forward-decision.ts';

/** The header in which a proxy that hears nothing but a status is told where the caller is to go. */
export const LOCATION = 'X-Ostiary-Location';

const OURS = ['Cache-Control', 'no-store', 'Content-Length', '0'] as const;

/** Says yes: the one place that does. */
export function allow(outgoing: ServerResponse, headers: readonly string[]): void {
  if (outgoing.destroyed) return;
  // A proxy at our side asks a thousand times a second, and reads none of what Node says by itself.
  outgoing.sendDate = false;
  outgoing.writeHead(200, headers as string[]);
  outgoing.end();
}

/** What somebody is told who does not pass. `status` is no 2xx. */
export interface Refusal {
  readonly status: number;
  readonly verdict: string;
  /** Where they are to go. */
  readonly to?: string;
}

/** Says no. */
export function refuse(outgoing: ServerResponse, { status, verdict, to = '' }: Refusal): void {
  if (outgoing.destroyed) return;
  const headers = [VERDICT, verdict, LOCATION, to, ...OURS];
  outgoing.writeHead(status >= 300 ? status : 500, status === 302 ? [...headers, 'Location', to] : headers);
  outgoing.end();
}

/** What a yes for a static file says: nothing, and whether it may be kept for the moment that the proxy was told. */
export function sessionHeaders(kept: boolean): readonly string[] {
  return kept ? ['Content-Length', '0'] : ['X-Accel-Expires', '0', ...OURS];
}

/** Characters of all groups together. */
const LONGEST_LIST = 2000;

/** What services beside Jitsi are told of a person. Remembered as long as the person is. */
const told = new WeakMap<Person, readonly string[]>();
/** A whole yes, for what needs nothing beside it, by what was asked for: most is a file. */
type Kinds = Map<string, readonly string[]>;
/** Of everybody, where nothing is told of who it is. */
const unnamed: Kinds = new Map();
const named = new WeakMap<Person, Kinds>();
const NOBODY = saidOf({});

/** What stands beside a decision. */
export interface Said {
  /** The kind of what was asked for. */
  readonly kind: string;
  /** Who may frame it. */
  readonly framers: string;
  /** Nothing of who somebody is: none of the headers for it. */
  readonly unnamed?: true | undefined;
}

/**
 * Everything a yes says. Every header is always there, empty where there is nothing to say: proxies that copy one which
 * is missing leave the caller's own in its place, or write what they were to put there.
 */
export function decisionHeaders(yes: Yes, about: Said): readonly string[] {
  const { verdict, query, tenant, by, bearer, grant } = yes;
  const isPlain = bearer === undefined && grant === undefined && tenant === undefined && query === '';
  if (by === undefined || !isPlain || verdict !== 'passed') return written(yes, about);
  const kinds = about.unnamed ? unnamed : kindsOf(by.person);
  let headers = kinds.get(about.kind);
  if (headers === undefined) {
    headers = written(yes, about);
    kinds.set(about.kind, headers);
  }
  return headers;
}

function kindsOf(person: Person): Kinds {
  const before = named.get(person);
  if (before !== undefined) return before;
  const kinds: Kinds = new Map();
  named.set(person, kinds);
  return kinds;
}

function written(
  { verdict, query, tenant, by, bearer, authorization }: Yes,
  { kind, framers, unnamed: isUnnamed }: Said,
): readonly string[] {
  const shown = bearer === undefined ? authorization : `Bearer ${bearer.reveal()}`;
  // Of what is not guarded the caller's own may stay, and Prosody takes an empty one for a token that does not hold.
  const isLeft = shown === undefined && verdict === 'unguarded';
  return [
    ...[VERDICT, verdict],
    ...(isLeft ? [] : ['Authorization', shown ?? '']),
    ...['X-Ostiary-Query', query, 'X-Ostiary-Prefix', tenant ?? '', 'X-Ostiary-Framers', framers],
    ...['X-Ostiary-Surface', kind],
    ...(isUnnamed ? [] : by === undefined ? NOBODY : saidAbout(by.person)),
    ...OURS,
  ];
}

function saidAbout(person: Person): readonly string[] {
  const before = told.get(person);
  if (before !== undefined) return before;
  const { id, name, email, emailVerified, groups } = person;
  const headers = saidOf({ id, name, groups, email: emailVerified ? email : undefined });
  told.set(person, headers);
  return headers;
}

interface Told {
  readonly id?: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly groups?: readonly string[];
}

function saidOf({ id = '', name = '', email = '', groups = [] }: Told): readonly string[] {
  // A comma would make two groups of one; and a header that is too long for a proxy would shut everybody out.
  const list = groups.filter((group) => !group.includes(',')).join(',');
  const short = list.length > LONGEST_LIST ? '' : list;
  return Object.entries({
    'X-Auth-Request-User': id,
    'X-Auth-Request-Email': email,
    'X-Auth-Request-Groups': short,
    'Remote-User': id,
    'Remote-Name': name,
    'Remote-Email': email,
    'Remote-Groups': short,
  }).flatMap(([header, value]) => [header, headerText(value)]);
}

/** UTF-8, a byte a character as Node writes headers; nothing that ends a line. */
function headerText(text: string): string {
  return Buffer.from(text.replace(/\p{Cc}/gu, ' ').trim()).toString('latin1');
}
