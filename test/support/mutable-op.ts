/**
 * A stand-in for an OpenID provider whose every answer can be bent.
 *
 * Not a provider: it asks nobody for a password and keeps to the one client of a test.
 * Unbent it answers as the standard has it, and refuses a wrong secret, verifier or
 * redirect address; only then does a bent answer prove anything.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, fixedClock, unixSeconds } from '../../src/base/clock.ts';
import type { Outbound } from '../../src/base/outbound.ts';
import { Secret } from '../../src/base/secret.ts';
import { makeKey, signToken, type TestKey } from './jws.ts';
import { wayOutTo } from './way-out.ts';

type Claims = Record<string, unknown>;

/** An answer before it is sent. */
export interface OpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as the provider got it. */
export interface OpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

/** How answers are bent. Each gets what would be honest and gives what is sent. */
export interface Bends {
  metadata?: (document: Claims) => unknown;
  jwks?: (document: { keys: unknown[] }) => unknown;
  /** The claims of an ID token. */
  claims?: (claims: Claims) => Claims;
  /** The ID token itself. */
  idToken?: (token: string, claims: Claims) => string;
  /** The token endpoint's JSON. */
  tokens?: (document: Claims) => unknown;
  userinfo?: (claims: Claims) => unknown;
  /** Any answer, whole. */
  answer?: (answer: OpAnswer, request: OpRequest) => OpAnswer;
  /** What the browser brings back. */
  callback?: (query: URLSearchParams) => URLSearchParams;
  /** Redeems a code without its verifier, as a provider without PKCE would. */
  forgetsPkce?: boolean;
  /** Takes the connection and answers nothing. */
  hangsUp?: boolean;
  /** Begins an answer and never ends it. */
  drips?: boolean;
}

/** The stand-in, and what stands around it in a test. */
export interface MutableOp {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly clock: Clock;
  readonly key: TestKey;
  /** Our way out, which finds the provider's public name on this machine. */
  readonly outbound: Outbound;
  /** The same without a network between, for attacks by the thousand. */
  readonly shortcut: Outbound;
  /** Every request so far. */
  readonly requests: readonly OpRequest[];
  /** How many requests a path saw. */
  count(path: string): number;
  bend: Bends;
  /** Who signs in next. */
  user: Claims;
  /** Seconds by which its clock is ahead. */
  ahead: number;
  /** Answers an authorization request at once, as if somebody had signed in. */
  authorize(url: string): URLSearchParams;
  /** A logout token; changed claims win, and undefined takes one away. */
  logoutToken(changes?: Claims, header?: Claims): string;
  /** The seconds its clock shows. */
  now(): number;
  close(): Promise<void>;
}

interface Grant {
  readonly query: URLSearchParams;
  readonly user: Claims;
  readonly authTime: number;
}

/** Somebody made up. */
export const ADA: Readonly<Claims> = {
  sub: 'ada',
  name: 'Ada Lövelace',
  email: 'ada@example.org',
  email_verified: true,
  picture: 'https://example.org/ada.png',
  groups: ['staff'],
};

const KEY = makeKey('op-1');
const SECRET = 'the-client-secret-of-a-test';

/** Starts the stand-in under a public https name; on this machine it speaks http. */
export async function startMutableOp(
  options: { readonly issuer?: string; readonly clock?: Clock; readonly key?: TestKey } = {},
): Promise<MutableOp> {
  const { issuer = 'https://sso.example.org', clock = fixedClock(), key = KEY } = options;
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const requests: OpRequest[] = [];
  const grants = new Map<string, Grant>();
  const op: MutableOp = {
    issuer,
    clientId: 'jitsi',
    clientSecret: new Secret(SECRET),
    clock,
    key,
    outbound: pathTo(issuer, here),
    shortcut: async (url, { method = 'GET', headers = {}, body = '' }) => {
      const inside = { op, requests, grants };
      const request = {
        method,
        path: new URL(url).pathname,
        headers,
        form: new URLSearchParams(String(body)),
      };
      const answer = answered(request, inside);
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
    requests,
    count: (path) => requests.filter((request) => request.path === path).length,
    bend: {},
    user: ADA,
    ahead: 0,
    authorize(url) {
      const code = randomUUID();
      const { searchParams: query } = new URL(url);
      grants.set(code, { query, user: op.user, authTime: op.now() });
      const back = new URLSearchParams({ code, state: query.get('state') ?? '', iss: issuer });
      return op.bend.callback?.(back) ?? back;
    },
    logoutToken: (changes = {}, header = {}) =>
      signToken({ ...logoutClaims(op), ...changes }, key, { typ: 'logout+jwt', ...header }),
    now: () => unixSeconds(clock) + op.ahead,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  server.on('request', (request, response) => {
    serve(request, response, { op, requests, grants }).catch((thrown: unknown) =>
      response.destroy(thrown as Error),
    );
  });
  return op;
}

/** The way out of this process, on which a public name leads to this machine. */
function pathTo(issuer: string, here: string): Outbound {
  const { origin } = new URL(issuer);
  const outbound = wayOutTo(here);
  return (url, options) =>
    outbound(url.startsWith(`${origin}/`) ? here + url.slice(origin.length) : url, options);
}

interface Inside {
  readonly op: MutableOp;
  readonly requests: OpRequest[];
  readonly grants: Map<string, Grant>;
}

async function serve(incoming: IncomingMessage, response: ServerResponse, inside: Inside): Promise<void> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) text += chunk;
  const request: OpRequest = {
    method: incoming.method ?? '',
    path: new URL(incoming.url ?? '/', inside.op.issuer).pathname,
    headers: incoming.headers,
    form: new URLSearchParams(text),
  };
  if (inside.op.bend.hangsUp) {
    inside.requests.push(request);
    return void incoming.socket.destroy();
  }
  const { status, headers, body } = answered(request, inside);
  response.sendDate = false;
  response.writeHead(status, headers);
  if (inside.op.bend.drips) return void response.write(body.slice(0, 1));
  response.end(body);
}

function answered(request: OpRequest, inside: Inside): OpAnswer {
  inside.requests.push(request);
  const honest = answerTo(request, inside);
  return inside.op.bend.answer?.(honest, request) ?? honest;
}

function answerTo(request: OpRequest, { op, grants }: Inside): OpAnswer {
  const base = new URL(op.issuer).pathname.replace(/\/$/, '');
  switch (request.path.slice(base.length)) {
    case '/.well-known/openid-configuration':
      return json(op, op.bend.metadata?.(metadata(op)) ?? metadata(op));
    case '/jwks':
      return json(op, op.bend.jwks?.({ keys: [op.key.jwk] }) ?? { keys: [op.key.jwk] });
    case '/token':
      return tokens(request, op, grants);
    case '/userinfo':
      return json(op, op.bend.userinfo?.({ ...op.user }) ?? op.user);
    default:
      return json(op, { error: 'not_found' }, 404);
  }
}

function json(op: MutableOp, document: unknown, status = 200): OpAnswer {
  const date = new Date(op.now() * 1000).toUTCString();
  return { status, headers: { date, 'content-type': 'application/json' }, body: JSON.stringify(document) };
}

function metadata({ issuer }: MutableOp): Claims {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/sign-out`,
    id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'],
    authorization_response_iss_parameter_supported: true,
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
  };
}

function tokens({ form, headers }: OpRequest, op: MutableOp, grants: Map<string, Grant>): OpAnswer {
  if (!isClient(form, headers.authorization, op)) return json(op, { error: 'invalid_client' }, 401);
  const handle = form.get(form.get('grant_type') === 'refresh_token' ? 'refresh_token' : 'code') ?? '';
  const grant = grants.get(handle);
  grants.delete(handle);
  if (grant === undefined) return json(op, { error: 'invalid_grant' }, 400);
  if (form.has('code') && !fits(form, grant, op)) return json(op, { error: 'invalid_grant' }, 400);
  const refresh = randomUUID();
  const nonce = form.has('code') ? { nonce: grant.query.get('nonce') } : {};
  grants.set(refresh, { ...grant, user: op.user });
  const user = form.has('code') ? grant.user : op.user;
  const honest = { ...idClaims(op, grant), ...user, ...nonce };
  const claims = op.bend.claims?.(honest) ?? honest;
  const token = signToken(claims, op.key);
  const document = {
    access_token: randomUUID(),
    token_type: 'Bearer',
    expires_in: 300,
    refresh_token: refresh,
    id_token: op.bend.idToken?.(token, claims) ?? token,
  };
  return json(op, op.bend.tokens?.(document) ?? document);
}

function isClient(
  form: URLSearchParams,
  authorization: string | undefined,
  { clientId, clientSecret }: MutableOp,
): boolean {
  const basic = Buffer.from((authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  const [id = '', secret = ''] =
    authorization === undefined
      ? [form.get('client_id') ?? '', form.get('client_secret') ?? '']
      : basic.split(':').map(decodeURIComponent);
  return id === clientId && secret === clientSecret.reveal();
}

function fits(form: URLSearchParams, { query }: Grant, { bend }: MutableOp): boolean {
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (!bend.forgetsPkce && challenge !== query.get('code_challenge')) return false;
  return form.get('redirect_uri') === query.get('redirect_uri');
}

function idClaims(op: MutableOp, { authTime }: Grant): Claims {
  const now = op.now();
  return { iss: op.issuer, aud: op.clientId, iat: now, exp: now + 300, auth_time: authTime, sid: 'sid-1' };
}

function logoutClaims(op: MutableOp): Claims {
  const now = op.now();
  return {
    iss: op.issuer,
    aud: op.clientId,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    sub: 'ada',
    sid: 'sid-1',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  };
}
