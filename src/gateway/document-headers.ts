/**
 * The headers of Jitsi's conference page, once a script of ours stands in it: they
 * must fit the changed body, let the script run, and keep the page to whoever asked.
 * Pure: flat lists of names and values in and out, as Node's rawHeaders.
 */
import { saysWhoFrames, withFrameAncestors, withNonce } from './csp.ts';

/** What the page is sent with. */
export interface DocumentAbout {
  readonly nonce: string;
  /** Origins beside our own whose pages may frame the meeting. */
  readonly frameAncestors: readonly string[];
}

/** What spoke of the body as it was, or of keeping it. */
const GONE: ReadonlySet<string> = new Set([
  'accept-ranges',
  'age',
  'cache-control',
  'content-digest',
  'content-length',
  'content-md5',
  'content-type',
  'digest',
  'etag',
  'expires',
  'last-modified',
  'pragma',
  'repr-digest',
]);

const POLICY = 'content-security-policy';
const REPORTED = 'content-security-policy-report-only';
const OPENER = 'cross-origin-opener-policy';
const FRAMING = 'x-frame-options';

/** Is this answer a document that a script can be put into: 200, HTML, UTF-8, as it is written? */
export function isDocument(status: number, headers: readonly string[]): boolean {
  const [type = '', ...more] = valuesOf(headers, 'content-type');
  const html = /^text\/html\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?(?:;\s*)?$/i.test(type.trim());
  const plain = valuesOf(headers, 'content-encoding').every((value) => /^(?:identity)?$/i.test(value.trim()));
  return status === 200 && html && more.length === 0 && plain;
}

/** Has Jitsi's web server an opinion of its own on who may frame its page? Then it stays. */
export function hasOwnAncestors(headers: readonly string[]): boolean {
  return saysWhoFrames(valuesOf(headers, POLICY));
}

/** The answer's headers as they go on. */
export function documentHeaders(
  headers: readonly string[],
  { nonce, frameAncestors }: DocumentAbout,
): string[] {
  const kept = without(headers, [...GONE, POLICY, REPORTED, OPENER, FRAMING]);
  const framing = valuesOf(headers, FRAMING);
  const policies = withNonce(valuesOf(headers, POLICY), nonce);
  // Browsers forget X-Frame-Options beside frame-ancestors; who forbade every frame means it still.
  const nobody = frameAncestors.length === 0 && framing.some((value) => /\bdeny\b/i.test(value));
  const framed = withFrameAncestors(policies, nobody ? ["'none'"] : ["'self'", ...frameAncestors]);
  return [
    ...kept,
    ...['Content-Type', 'text/html; charset=utf-8'],
    ...['Cache-Control', 'no-store'],
    ...framed.flatMap((policy) => ['Content-Security-Policy', policy]),
    ...withNonce(valuesOf(headers, REPORTED), nonce).flatMap((policy) => [
      'Content-Security-Policy-Report-Only',
      policy,
    ]),
    ...['Cross-Origin-Opener-Policy', opener(valuesOf(headers, OPENER))],
  ];
}

/**
 * A token behind the `#` turns on the commands that Jitsi's page takes from its
 * opener: so no page that opened the meeting keeps hold of it. A stricter word of
 * the operator's stays.
 * @see jitsi-meet, modules/API/API.js, `init`
 */
function opener(said: readonly string[]): string {
  const [only = ''] = said;
  const strict = said.length === 1 && /^(?:same-origin|noopener-allow-popups)\s*(?:;.*)?$/.test(only.trim());
  return strict ? only : 'same-origin-allow-popups';
}

function valuesOf(headers: readonly string[], name: string): readonly string[] {
  return headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);
}

function without(headers: readonly string[], names: readonly string[]): readonly string[] {
  return headers.filter((_, at) => !names.includes(headers[at - (at % 2)]?.toLowerCase() ?? ''));
}
