/**
 * What a provider posted (`response_mode=form_post`), sealed for the minute
 * until the GET that follows.
 *
 * @see OAuth 2.0 Form Post Response Mode, section 2
 */

import type { AttemptParts } from '../admission/sign-in.ts';
import { Problem } from '../base/problem.ts';
import { open, seal } from '../keys/jwt.ts';
import { POSTED_COOKIE, writeCookie } from './cookies.ts';

/** Seconds. */
const LIFETIME = 60;
const PURPOSE = 'posted';
/** What a callback may hold and we look at. */
const KEPT = ['code', 'state', 'iss', 'error'] as const;
/** Browsers drop a cookie over 4,096 bytes; sealing makes a third more of it. */
const LONGEST = 2_800;

/** The `Set-Cookie` line that carries the fields. Throws `request.too-large`. */
export async function sealPosted(form: URLSearchParams, parts: AttemptParts): Promise<string> {
  const kept = new URLSearchParams([...form].filter(([name]) => (KEPT as readonly string[]).includes(name)));
  const fields = String(kept);
  if (fields.length > LONGEST) throw new Problem('request.too-large', { what: 'form' });
  const keys = await parts.keys.sealing();
  return writeCookie(
    POSTED_COOKIE,
    await seal({ fields }, { keys, purpose: PURPOSE, ttl: LIFETIME, clock: parts.clock }),
    LIFETIME,
  );
}

/** The fields again; undefined where nothing that holds came along. */
export async function openPosted(
  sealed: string | undefined,
  parts: AttemptParts,
): Promise<URLSearchParams | undefined> {
  if (sealed === undefined) return undefined;
  const opened = await open(sealed, {
    keys: await parts.keys.sealing(),
    purpose: PURPOSE,
    clock: parts.clock,
  });
  const fields = (opened as { fields?: unknown } | undefined)?.fields;
  return typeof fields === 'string' ? new URLSearchParams(fields) : undefined;
}
