/**
 * The words of OAuth at our token endpoint: what a request holds, and how a
 * refusal is told. Pure.
 *
 * @see RFC 6749, sections 2.3 and 5.2; RFC 7523, section 2.2; RFC 8693, section 2.2.2
 */
import type { Asked } from '../admission/arrival.ts';
import { Problem, type ProblemCode } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { ClientProof } from '../identity/client.ts';

/** What an assertion calls itself. @see RFC 7523, section 2.2 */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Which error of OAuth each refusal is; what is in none of these is the server's own fault. */
export const OAUTH_ERRORS = {
  'client.unknown': 'invalid_client',
  'client.grant-type': 'unsupported_grant_type',
  'client.not-allowed': 'unauthorized_client',
  'client.room': 'invalid_target',
  'client.role': 'invalid_scope',
  'client.subject': 'invalid_request',
  'link.unacceptable': 'invalid_request',
  'link.expired': 'invalid_request',
  'link.other-room': 'invalid_target',
  'link.not-allowed': 'invalid_target',
  'entry.refused': 'access_denied',
  'entry.wait': 'access_denied',
  'entry.kicked': 'access_denied',
  'entry.early': 'access_denied',
  'entry.closed': 'access_denied',
  'request.malformed': 'invalid_request',
  'request.too-large': 'invalid_request',
  'room.missing': 'invalid_request',
  'room.unusable': 'invalid_target',
  'room.reserved': 'invalid_target',
  'tenant.unusable': 'invalid_target',
  'request.too-many': 'temporarily_unavailable',
} as const satisfies Partial<Record<ProblemCode, string>>;

/** The error word for a code; `server_error` where it is no fault of who asks. */
export function oauthError(code: ProblemCode): string {
  return Object.hasOwn(OAUTH_ERRORS, code) ? OAUTH_ERRORS[code as keyof typeof OAUTH_ERRORS] : 'server_error';
}

/** The grant for a token of somebody else's. @see RFC 8693, section 2.1 */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** The one kind of token we take and give there. @see RFC 8693, section 3 */
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

/**
 * The token that is to be exchanged. Throws `request.malformed` where it is missing or of another type, or where
 * something is asked for that we do not do; `client.room` for a target that is not ours.
 */
export function subjectTokenIn(form: URLSearchParams, targets: ReadonlySet<string>): Secret {
  const token = form.get('subject_token');
  if (token === null || token === '') throw new Problem('request.malformed', { what: 'subject_token' });
  if (form.get('subject_token_type') !== JWT_TYPE)
    throw new Problem('request.malformed', { what: 'subject_token_type' });
  if ((form.get('requested_token_type') ?? JWT_TYPE) !== JWT_TYPE)
    throw new Problem('request.malformed', { what: 'requested_token_type' });
  // Nobody acts for somebody else here, and nobody may believe that they do.
  if (form.has('actor_token')) throw new Problem('request.malformed', { what: 'actor_token' });
  for (const name of ['audience', 'resource'])
    if (!targets.has(form.get(name) ?? '')) throw new Problem('client.room', { what: name });
  return new Secret(token);
}

/** Throws `request.malformed` unless this is a form in which nothing stands twice. */
export function requireOAuthForm({ header }: Asked, form: URLSearchParams): void {
  if (
    !/^application\/x-www-form-urlencoded\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(
      header('content-type') ?? '',
    )
  )
    throw new Problem('request.malformed', { what: 'content-type' });
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) throw new Problem('request.malformed', { why: 'twice' });
}

/** What the application shows of itself. Throws `client.unknown` where it shows nothing, and `request.malformed` for two proofs at once. */
export function clientProof({ header }: Asked, form: URLSearchParams): ClientProof {
  const authorization = header('authorization');
  const assertion = form.get('client_assertion');
  if (form.has('client_secret')) {
    // In a header it stands in no log of bodies, and in no page's form.
    if (authorization === undefined && assertion === null)
      throw new Problem('client.unknown', { why: 'secret in the body' });
    throw new Problem('request.malformed', { why: 'two proofs' });
  }
  if (authorization !== undefined && assertion !== null)
    throw new Problem('request.malformed', { why: 'two proofs' });
  return assertion === null ? basic(authorization) : asserted(assertion, form);
}

function asserted(assertion: string, form: URLSearchParams): ClientProof {
  if (form.get('client_assertion_type') !== JWT_BEARER)
    throw new Problem('request.malformed', { what: 'client_assertion_type' });
  return { kind: 'assertion', assertion: new Secret(assertion) };
}

/** @see RFC 7617, section 2, and RFC 6749, section 2.3.1: both halves are form-encoded before they are put together */
function basic(authorization: string | undefined): ClientProof {
  const [, encoded] = authorization?.match(/^Basic +([A-Za-z0-9+/]+={0,2})$/i) ?? [];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 1) throw new Problem('client.unknown', { why: 'nothing shown' });
  return {
    kind: 'secret',
    id: formDecoded(text.slice(0, colon)),
    secret: new Secret(formDecoded(text.slice(colon + 1))),
  };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new Problem('client.unknown', { why: 'encoding' }, cause instanceof URIError ? undefined : cause);
  }
}
