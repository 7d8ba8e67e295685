/**
 * A page, a redirect or a problem becomes a Response, with the headers every
 * answer of ours carries.
 */
import { isProblem, PROBLEMS, Problem } from '../base/problem.ts';
import type { Html } from '../pages/markup.ts';
import type { Visit } from './visit.ts';

/** What an answer may need besides its body. */
export interface PageOptions {
  readonly status?: number;
  /** Origins beside our own that a form on the page leads to: Chromium applies `form-action` to the redirect that follows. */
  readonly formAction?: readonly string[];
  readonly cookies?: readonly string[];
  /**
   * The page is for a frame: whosever, where it holds nothing but a link that opens a window; a page's of our own
   * origin; or one of these origins beside our own.
   */
  readonly framed?: 'anywhere' | 'here' | readonly string[];
  /** It stands in a window that Jitsi's page opened and waits for: the two must not lose sight of each other. */
  readonly popup?: boolean;
  /** Its address opens something: nobody it leads to, ourselves included, is told more of it than the origin. */
  readonly unnamed?: true;
  /** A script of ours asks one of our own addresses. */
  readonly asks?: true;
}

/** On every answer of ours. `same-origin` and not `no-referrer`: with the latter browsers send `Origin: null` with our own forms. */
const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** For addresses that open something. Browsers still send their `Origin` with our own forms. */
export const UNNAMED = { 'referrer-policy': 'strict-origin' } as const;

/** An answer that is known at once and whole: what a Response is made of, where nobody needs one. */
export interface Plain {
  readonly status: number;
  /** Names in lower case, one by one as they are sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The same as a Response. */
export function asResponse({ status, headers: named, body }: Plain): Response {
  const all = new Headers();
  for (const [name, value] of named) all.append(name, value);
  return new Response(body === '' ? null : body, { status, headers: all });
}

function plain(status: number, extra: Readonly<Record<string, string>>, body = ''): Plain {
  return { status, headers: Object.entries({ ...ALWAYS, ...extra }), body };
}

function headers(extra: Readonly<Record<string, string>>, cookies: readonly string[] = []): Headers {
  const all = new Headers({ ...ALWAYS, ...extra });
  for (const cookie of cookies) all.append('set-cookie', cookie);
  return all;
}

/** A page, with a policy that lets nothing run or load but what we put there. */
export function page(
  html: Html,
  nonce: string,
  { status = 200, formAction = [], cookies, framed, popup, asks, unnamed }: PageOptions = {},
): Response {
  // X-Frame-Options knows no list: who may frame this stands in the policy alone.
  const listed = typeof framed === 'object' && framed.length > 0;
  const ancestors = listed ? ["'self'", ...framed] : [framed === 'here' ? "'self'" : "'none'"];
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' https: data:",
    `form-action ${["'self'", ...formAction].join(' ')}`,
    ...(framed === 'anywhere' ? [] : [`frame-ancestors ${ancestors.join(' ')}`]),
    ...(asks ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
  ].join('; ');
  return new Response(String(html), {
    status,
    headers: headers(
      {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        ...(unnamed && UNNAMED),
        'cross-origin-opener-policy': popup ? 'unsafe-none' : 'same-origin',
        ...(framed !== 'anywhere' &&
          !listed && { 'x-frame-options': framed === 'here' ? 'SAMEORIGIN' : 'DENY' }),
      },
      cookies,
    ),
  });
}

/** What a redirect may need besides where it leads. */
export interface RedirectOptions {
  readonly status?: 302 | 303;
  readonly cookies?: readonly string[];
  /**
   * A page builds a frame: the next request is to name it too, by its origin. The `Referer` of a redirected request is
   * that of the first, never the address that redirects. @see Referrer Policy, section 8.4
   */
  readonly framed?: boolean;
}

/** Sends the browser on with a GET: 302 where it came by GET, 303 where it came by POST. */
export function redirect(to: string, { status = 302, cookies, framed }: RedirectOptions = {}): Response {
  const told = framed ? { 'referrer-policy': 'strict-origin' } : {};
  return new Response(null, { status, headers: headers({ location: to, ...told }, cookies) });
}

/** The same without a Response, for whoever is only led away. */
export function plainRedirect(to: string): Plain {
  return plain(302, { location: to });
}

/** Plain data. */
export function data(body: unknown, status = 200, extra: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: headers({ 'content-type': 'application/json', ...extra }),
  });
}

/** A file to be saved. */
export function file(
  body: string,
  { type, name }: { readonly type: string; readonly name: string },
): Response {
  return new Response(body, {
    headers: headers({ 'content-type': type, 'content-disposition': `attachment; filename="${name}"` }),
  });
}

/** Would this caller rather read a page than JSON? Only those who say so. */
export function wantsPage(accept: string | undefined): boolean {
  return accept?.includes('text/html') ?? false;
}

/** A thrown value as the problem we tell: a bug is told as `server.bug` and nothing more. */
export function toProblem(thrown: unknown): Problem {
  return isProblem(thrown) ? thrown : new Problem('server.bug', {}, thrown);
}

/**
 * A problem for machines: code, title, status and the id, never facts or cause.
 * @see RFC 9457, section 3
 */
export function plainProblem(problem: Problem, id: string): Plain {
  const { status, title } = PROBLEMS[problem.code];
  return plain(
    status,
    { 'content-type': 'application/problem+json', ...retryAfter(problem) },
    JSON.stringify({ type: `urn:ostiary:problem:${problem.code}`, code: problem.code, title, status, id }),
  );
}

/** The same as a Response. */
export function problemJson(problem: Problem, id: string): Response {
  return asResponse(plainProblem(problem, id));
}

/** When to come back, where a problem knows. */
export function retryAfter(problem: Problem): Readonly<Record<string, string>> {
  const after = problem.facts['retryAfter'];
  return typeof after === 'number'
    ? { 'retry-after': String(after) }
    : problem.status === 503
      ? { 'retry-after': '5' }
      : {};
}

/** The id in the words of a log line. */
export function visitFacts({ asked }: Visit): { readonly id: string; readonly address: string } {
  return { id: asked.id, address: asked.address };
}
