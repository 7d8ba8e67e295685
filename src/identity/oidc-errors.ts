/**
 * What the library throws becomes a problem of ours.
 *
 * Its errors carry whole answers, tokens and claims as their cause; none of that
 * goes on from here, only fixed sentences and words from lists.
 */
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { Problem, type ProblemCode, type ProblemFacts } from '../base/problem.ts';

/** What was being asked, and of whom. */
export interface Asking {
  readonly provider: string;
  readonly asked: 'discovery' | 'token' | 'userinfo';
}

/** The error codes we repeat in a log; any other word is `other`, because a stranger can choose it. */
const KNOWN_ERRORS: readonly string[] = [
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'login_required',
  'registration_not_supported',
  'request_not_supported',
  'request_uri_not_supported',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unmet_authentication_requirements',
  'unsupported_grant_type',
  'unsupported_response_type',
];

/** Answers of the token endpoint that an operator has to mend. */
const OPERATORS_ERRORS: readonly string[] = [
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
];

/** An OAuth error code as it may stand in a log. @see OAuth 2.0, RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect Core 1.0, section 3.1.2.6 */
export function knownError(code: string | undefined): string {
  return code !== undefined && KNOWN_ERRORS.includes(code) ? code : 'other';
}

/** The problem behind something thrown while asking; what is none of the library's is thrown on. */
export function toProblem(thrown: unknown, asking: Asking): Problem {
  const own = causes(thrown).find((cause) => cause instanceof Problem);
  if (own !== undefined) return own;
  const [code, facts] = judged(thrown, asking.asked);
  return new Problem(code, { provider: asking.provider, asked: asking.asked, ...facts }, harmless(thrown));
}

type Judgement = readonly [code: ProblemCode, facts: ProblemFacts];

function judged(thrown: unknown, asked: Asking['asked']): Judgement {
  if (thrown instanceof ResponseBodyError) return judgedBody(thrown, asked);
  if (thrown instanceof WWWAuthenticateChallengeError) return judgedChallenge(thrown, asked);
  if (thrown instanceof ClientError) return judgedAnswer(thrown, asked);
  // The library also says by a TypeError that an answer has parts of the wrong type.
  if (thrown instanceof AuthorizationResponseError || thrown instanceof TypeError)
    return ['provider.response-invalid', {}];
  throw thrown;
}

function judgedBody({ error, status }: ResponseBodyError, asked: Asking['asked']): Judgement {
  const facts = { error: knownError(error), status };
  if (asked === 'discovery') return ['provider.misconfigured', facts];
  if (asked === 'userinfo') return ['provider.response-invalid', facts];
  return [OPERATORS_ERRORS.includes(error) ? 'provider.misconfigured' : 'provider.refused', facts];
}

/** A 401 at the token endpoint means the client: a provider must send this header to one that authenticated by a header. */
function judgedChallenge(
  { cause, status }: WWWAuthenticateChallengeError,
  asked: Asking['asked'],
): Judgement {
  const told = cause.find(({ parameters }) => parameters.error !== undefined)?.parameters.error;
  const error = knownError(told);
  if (asked !== 'token') return ['provider.response-invalid', { error, status }];
  return ['provider.misconfigured', { error: error === 'other' ? 'invalid_client' : error, status }];
}

function judgedAnswer(thrown: ClientError, asked: Asking['asked']): Judgement {
  const { code: why } = thrown;
  if (why === 'OAUTH_TIMEOUT' || why === 'OAUTH_ABORT') return ['provider.unreachable', { why }];
  if (why === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return ['provider.clock', secondsOff(causes(thrown))];
  const status = causes(thrown).find((cause) => cause instanceof Response)?.status;
  const facts = { ...(status !== undefined && { status }), ...(why !== undefined && { why }) };
  if (status !== undefined && (status >= 500 || status === 429)) return ['provider.unreachable', facts];
  return [asked === 'discovery' ? 'provider.misconfigured' : 'provider.response-invalid', facts];
}

/** What a provider calls itself whose metadata are those of another issuer; undefined where that is not what was thrown. */
export function otherIssuer(thrown: unknown): string | undefined {
  for (const link of causes(thrown)) {
    const { attribute, body } = (link ?? {}) as { attribute?: unknown; body?: { issuer?: unknown } };
    if (attribute === 'issuer' && typeof body?.issuer === 'string') return body.issuer;
  }
  return undefined;
}

/** By how much a time in a token missed: our clock less the claim, in seconds. */
function secondsOff(chain: readonly unknown[]): ProblemFacts {
  for (const link of chain) {
    const { claims, claim, now } = (link ?? {}) as {
      claims?: Record<string, unknown>;
      claim?: unknown;
      now?: unknown;
    };
    if (typeof claim !== 'string' || typeof now !== 'number') continue;
    const told = claims?.[claim];
    if (typeof told === 'number') return { claim, seconds: Math.round(now - told) };
  }
  return {};
}

/**
 * The same error in the library's fixed sentences alone. Messages of others are left
 * out: what JSON.parse complains of quotes the text, which may be a token.
 */
function harmless(thrown: unknown): Error {
  const told = causes(thrown)
    .filter((cause) => cause instanceof Error)
    .map((cause) => {
      const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
      const fixed = code !== undefined && /^(OAUTH_|ERR_INVALID_ARG_)/.test(code);
      return fixed ? `${cause.name} ${code}: ${cause.message}` : cause.name;
    });
  return new Error(told.join(' < '));
}

function causes(thrown: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  let link = thrown;
  while (link !== undefined && link !== null && chain.length < 6) {
    chain.push(link);
    link = link instanceof Error ? link.cause : undefined;
  }
  return chain;
}
