/**
 * How proxies that ask before they serve say what they were asked for: nginx and HAProxy in one way, Caddy and Traefik
 * in another. Pure.
 *
 * Whatever stands there is believed only where the proxy itself is, which is not decided here.
 */
import { Problem } from '../base/problem.ts';

/** Headers as Node has them, by lower-case name. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the proxy was asked for, not yet judged. */
export interface Original {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  readonly authority: string;
  /** `status`: this proxy takes 200, 401 and 403, and nothing else. `answer`: what it is told goes on to the caller as it is. */
  readonly hears: 'status' | 'answer';
  /** Is this the start of a WebSocket? Proxies take `Upgrade` off, or mean it for themselves; what goes with it stays. */
  readonly upgrade: boolean;
}

/**
 * Reads it. Throws `request.malformed` where nothing is said, half of it, or both ways at once: one of the two came
 * from outside then.
 * @see nginx, ngx_http_auth_request_module; Caddy, `forward_auth`; Traefik, ForwardAuth
 */
export function originalOf(headers: Headers): Original {
  const byNginx = one(headers, 'x-original-uri');
  const byCaddy = one(headers, 'x-forwarded-uri');
  const upgrade = one(headers, 'sec-websocket-key') !== '';
  if ((byNginx === '') === (byCaddy === '')) throw unsaid(byNginx === '' ? 'nothing' : 'twice');
  const [hears, target, method, authority] =
    byNginx === ''
      ? (['answer', byCaddy, one(headers, 'x-forwarded-method'), one(headers, 'x-forwarded-host')] as const)
      : (['status', byNginx, one(headers, 'x-original-method'), one(headers, 'host')] as const);
  if (method === '' || authority === '') throw unsaid('half');
  return { method, target, authority, hears, upgrade };
}

function unsaid(why: string): Problem {
  return new Problem('request.malformed', { what: 'original', why });
}

/** Two of one name are joined by Node with a comma and a space, which no method, target or host may hold. */
function one(headers: Headers, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
