/**
 * Links as other applications send them: tokens under a secret of their own, and the impossible ones too.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../../src/base/clock.ts';
import { segment } from './jws.ts';

/** The secret of the application that tests configure. */
export const MOODLE_SECRET = 'm00dle-signs-with-this-and-nobody-else-does';

/** The application, as the configuration has it. */
export const MOODLE = { iss: 'moodle', secret: MOODLE_SECRET } as const;

/** The claims of a link to the room `standup`, good for an hour; what is given comes on top, `undefined` takes away. */
export function linkClaims(clock: Clock, more: object = {}): Record<string, unknown> {
  const now = Math.floor(clock.now() / 1000);
  return {
    iss: MOODLE.iss,
    aud: 'jitsi',
    sub: 'meet.jitsi',
    room: 'standup',
    nbf: now - 10,
    exp: now + 3600,
    context: { user: { id: '17', name: 'Grace Hopper', email: 'grace@example.org', moderator: true } },
    ...more,
  };
}

/** A token of these claims (or of a text that stands for them), HS256 unless `header` says otherwise. */
export function linkToken(
  claims: object | string,
  { secret = MOODLE_SECRET, header = {} }: { readonly secret?: string; readonly header?: object } = {},
): string {
  const said = { alg: 'HS256', typ: 'JWT', ...header };
  const input = `${segment(said)}.${segment(claims)}`;
  const hash = { HS384: 'sha384', HS512: 'sha512' }[said.alg] ?? 'sha256';
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}
