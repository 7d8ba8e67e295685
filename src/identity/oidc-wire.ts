/**
 * Our own requests to a provider: where they really go, and what every answer tells besides.
 *
 * Knows addresses, not protocol: what is sent and what an answer means is decided elsewhere.
 */
import type { Clock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Health } from './provider-health.ts';

/** What a request is for. */
export type Purpose = 'authorization' | 'discovery' | 'jwks' | 'token' | 'userinfo';

/** One request as the library describes it. */
export interface WireRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * Sends one request of ours to the provider.
 * Throws `provider.unreachable` where no answer came, `provider.misconfigured` where the
 * address or size of the answer is not allowed, `provider.response-invalid` for an answer of the wrong type.
 */
export type Wire = (url: string, purpose: Purpose, request?: WireRequest) => Promise<Response>;

/** What a userinfo answer may be (OpenID Connect Core 1.0, section 5.3.2). */
const USERINFO_TYPES = ['application/json', 'application/jwt'];

/** Makes the one way to a provider. */
export function createWire(parts: {
  readonly id: string;
  readonly internal: (url: string) => string;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly health: Health;
}): Wire {
  const { id, internal, outbound, clock, health } = parts;
  return async (url, purpose, request = {}) => {
    const sentAt = clock.now();
    const answer = await send(internal(url), purpose, request);
    health.heard(answer, sentAt);
    // The library looks at the type only where the body is no JSON.
    if (purpose === 'userinfo' && answer.status === 200 && !USERINFO_TYPES.includes(mediaType(answer)))
      throw new Problem('provider.response-invalid', { provider: id, asked: purpose, why: 'content-type' });
    return answer;
  };

  async function send(
    url: string,
    purpose: Purpose,
    { method, headers, body }: WireRequest,
  ): Promise<Response> {
    try {
      return await outbound(url, {
        purpose,
        method: method === 'POST' ? 'POST' : 'GET',
        headers: { ...headers },
        ...(body instanceof URLSearchParams && { body: body.toString() }),
      });
    } catch (thrown) {
      if (isProblem(thrown, 'outbound.failed'))
        throw new Problem('provider.unreachable', { ...thrown.facts, provider: id, asked: purpose }, thrown);
      if (isProblem(thrown, 'outbound.forbidden') || isProblem(thrown, 'outbound.too-large'))
        throw new Problem(
          'provider.misconfigured',
          { ...thrown.facts, provider: id, asked: purpose, why: thrown.code },
          thrown,
        );
      throw thrown;
    }
  }
}

function mediaType(answer: Response): string {
  return (answer.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * How a public address of the provider is reached from here: below the issuer by the
 * internal issuer's path, elsewhere on the same origin by its origin; others stay.
 */
export function internalAddress(issuer: string, internalIssuer: string | undefined): (url: string) => string {
  if (internalIssuer === undefined) return (url) => url;
  const [outside, inside] = [new URL(issuer), new URL(internalIssuer)];
  const [from, to] = [outside, inside].map(({ pathname }) => pathname.replace(/\/$/, '')) as [string, string];
  return (text) => {
    const url = new URL(text);
    if (url.origin !== outside.origin) return text;
    const below = url.pathname === from || url.pathname.startsWith(`${from}/`);
    return `${inside.origin}${below ? to + url.pathname.slice(from.length) : url.pathname}${url.search}`;
  };
}
