/**
 * The certified `oidc-provider` on this machine, with people of its own.
 *
 * A real OpenID provider; only its people and its one client are made up. It plays the
 * client's back-channel address too, and keeps the logout tokens that arrive there.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClientMetadata, type Configuration, Provider } from 'oidc-provider';
import { Secret } from '../../src/base/secret.ts';
import { type Browser, formsOn, type Page } from './browser.ts';

/** Somebody who can sign in at the provider. */
export interface OpUser {
  readonly password: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
  readonly groups: readonly string[];
}

/** The people; a test may change them between two looks. */
export type OpUsers = Record<string, OpUser>;

/** A running provider. */
export interface Op {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly users: OpUsers;
  /** What arrived at the client's back-channel address. */
  readonly logoutTokens: readonly string[];
  /** Takes every refresh token of somebody back, as when an account is closed. */
  revoke(login: string): Promise<void>;
  close(): Promise<void>;
}

/** How the provider differs from the usual one. */
export interface OpOptions {
  readonly redirectUris: readonly string[];
  readonly client?: Partial<ClientMetadata>;
  /** False: claims come from the userinfo endpoint alone, as the standard has it. */
  readonly claimsInIdToken?: boolean;
  readonly configuration?: Partial<Configuration>;
}

const CLIENT_ID = 'jitsi-door';
const CLIENT_SECRET = 'a secret: with + and % in it';

/** The people of a new provider. */
export const OP_USERS: Readonly<OpUsers> = {
  ada: {
    password: 'ada-pw',
    email: 'ada@example.org',
    email_verified: true,
    name: 'Ada Lövelace',
    groups: ['staff', 'editors'],
  },
  bob: { password: 'bob-pw', email: 'bob@example.org', email_verified: false, name: 'Bob', groups: [] },
};

/** Starts the provider on a free port of 127.0.0.1. */
export async function startOp(options: OpOptions): Promise<Op> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const users: OpUsers = { ...OP_USERS };
  const logoutTokens: string[] = [];
  const grants = new Map<string, Set<string>>();
  const provider = new Provider(issuer, configure(issuer, users, { options, grants }));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    if (path === '/the-client/back-channel') return void receiveLogout(request, response, logoutTokens);
    if (path.startsWith('/login/'))
      return void login(provider, users, { request, response }).catch((thrown: unknown) => {
        response.statusCode = 400;
        response.end(String(thrown));
      });
    return void answer(request, response);
  });
  return {
    issuer,
    clientId: CLIENT_ID,
    clientSecret: new Secret(CLIENT_SECRET),
    users,
    logoutTokens,
    async revoke(who) {
      for (const grant of grants.get(who) ?? []) await (await provider.Grant.find(grant))?.destroy();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const SIGNING_KEY = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  use: 'sig',
  alg: 'RS256',
  kid: 'op-1',
};

function configure(
  issuer: string,
  users: OpUsers,
  { options, grants }: { readonly options: OpOptions; readonly grants: Map<string, Set<string>> },
): Configuration {
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [...options.redirectUris],
        post_logout_redirect_uris: ['http://127.0.0.1/signed-out'],
        backchannel_logout_uri: `${issuer}/the-client/back-channel`,
        backchannel_logout_session_required: true,
        grant_types: ['authorization_code', 'refresh_token'],
        ...options.client,
      },
    ],
    jwks: { keys: [SIGNING_KEY] },
    cookies: {
      keys: ['only for tests'],
      names: { session: '_op_s', interaction: '_op_i', resume: '_op_r' },
      // It takes a sign-out by POST only where its cookies come with one from another site.
      long: { sameSite: 'none' },
    },
    enableHttpPostMethods: true,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    conformIdTokenClaims: options.claimsInIdToken === false,
    pkce: { required: () => true },
    responseTypes: ['code'],
    issueRefreshToken: async () => true,
    findAccount: async (_, sub) => {
      const user = users[sub];
      if (user === undefined) return undefined;
      const { password: _password, ...claims } = user;
      return { accountId: sub, claims: async () => ({ sub, ...claims, groups: [...claims.groups] }) };
    },
    interactions: { url: (_, { uid }) => `/login/${uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile groups offline_access');
      const id = await grant.save();
      grants.set(session.accountId, (grants.get(session.accountId) ?? new Set()).add(id));
      return grant;
    },
    // Without its guard against private addresses, which would keep it from this very machine.
    fetch: (url, { dispatcher: _, ...rest }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, rest),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: showLogoutForm },
    },
    ttl: { AccessToken: 300, IdToken: 300, Session: 3600, Grant: 3600, Interaction: 600, RefreshToken: 3600 },
    renderError: async (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
    ...options.configuration,
  };
}

/** The provider's own question, answered with yes as soon as the form is sent. */
async function showLogoutForm(ctx: { body: unknown }, form: string): Promise<void> {
  ctx.body = form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>');
}

async function login(
  provider: Provider,
  users: OpUsers,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { prompt } = await provider.interactionDetails(request, response);
  const finish = (result: Parameters<Provider['interactionFinished']>[2]) =>
    provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: prompt.name === 'consent',
    });
  if (prompt.name === 'consent') return finish({ consent: {} });
  const typed = new URLSearchParams(request.method === 'POST' ? await bodyOf(request) : '');
  const name = typed.get('login') ?? '';
  if (typed.has('password') && users[name]?.password === typed.get('password'))
    return finish({ login: { accountId: name, amr: ['pwd'] } });
  if (typed.has('abort')) return finish({ error: 'access_denied', error_description: '<b>no</b>' });
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end('<form method="post"><input name="login"><input name="password" type="password"></form>');
}

async function receiveLogout(
  request: IncomingMessage,
  response: ServerResponse,
  kept: string[],
): Promise<void> {
  const token = new URLSearchParams(await bodyOf(request)).get('logout_token');
  if (token !== null) kept.push(token);
  response.end();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  return text;
}

/** Walks through the provider's login page; gives the page the browser ends on. */
export async function signInAt(
  browser: Browser,
  url: string,
  who: { readonly login: string; readonly password: string },
): Promise<Page> {
  const page = await browser.visit(url);
  const form = formsOn(page).find(({ fields }) => 'password' in fields);
  return form === undefined ? page : browser.submit(form, { ...who });
}
