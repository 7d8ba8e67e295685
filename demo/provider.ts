/**
 * The demo's sign-in service: the certified oidc-provider with made-up people,
 * on this machine alone. Consent is given silently; nothing outlives the process.
 */
import { generateKeyPairSync, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { html } from 'hono/html';
import { type Configuration, Provider } from 'oidc-provider';
import { type Random, randomToken } from '../src/base/random.ts';
import { Secret } from '../src/base/secret.ts';
import { createMemoryAdapter } from './memory-adapter.ts';
import type { DemoPerson } from './people.ts';

/** A running sign-in service. */
export interface DemoProvider {
  readonly issuer: string;
  /** Where it listens: `http://127.0.0.1:port`. */
  readonly address: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  close(): Promise<void>;
}

/** What the provider is started with. */
export interface DemoProviderOptions {
  readonly people: readonly DemoPerson[];
  /** Ostiary's own addresses, as browsers see them. */
  readonly redirectUri: string;
  readonly signedOutUri: string;
  /** Left out: nobody here is told when somebody signs out there. */
  readonly backchannelUri?: string;
  /** Does it hand out refresh tokens? Unless said, it does. */
  readonly refreshTokens?: boolean;
  /** How browsers know it, where a proxy in front ends TLS. */
  readonly publicIssuer?: string;
  readonly random: Random;
}

const CLIENT_ID = 'ostiary';
const LARGEST_FORM = 4096;

/** Starts it on a free port of 127.0.0.1: another site than `localhost`, with another cookie jar. */
export async function startProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = options.publicIssuer ?? address;
  const clientSecret = new Secret(randomToken(options.random));
  const provider = new Provider(issuer, configuration(options, clientSecret));
  provider.proxy = options.publicIssuer !== undefined;
  const oidc = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (options.publicIssuer === undefined) keepLax(response);
    if (!request.url?.startsWith('/login/')) return void oidc(request, response);
    login(provider, options.people, { request, response }).catch((thrown: unknown) => {
      response.statusCode = 400;
      response.end(thrown instanceof Error ? thrown.name : 'failed');
    });
  });
  return {
    issuer,
    address,
    clientId: CLIENT_ID,
    clientSecret,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/**
 * A sign-out by POST asks the provider for SameSite=None, which browsers keep
 * over https alone; on this machine's plain http its cookies stay Lax.
 */
function keepLax(response: ServerResponse): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const lax = (line: string) => line.replace(/samesite=none/i, 'samesite=lax');
    if (name.toLowerCase() !== 'set-cookie') return set(name, value);
    return set(name, Array.isArray(value) ? value.map(lax) : lax(String(value)));
  };
}

function configuration(
  { people, redirectUri, signedOutUri, backchannelUri, refreshTokens = true, random }: DemoProviderOptions,
  secret: Secret,
): Configuration {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return {
    adapter: createMemoryAdapter(),
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: secret.reveal(),
        redirect_uris: [redirectUri],
        post_logout_redirect_uris: [signedOutUri],
        ...(backchannelUri !== undefined && {
          backchannel_logout_uri: backchannelUri,
          backchannel_logout_session_required: true,
        }),
        grant_types: ['authorization_code', ...(refreshTokens ? ['refresh_token'] : [])],
      },
    ],
    jwks: { keys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: 'demo' }] },
    cookies: {
      keys: [randomToken(random)],
      names: { session: '_demo_session', interaction: '_demo_interaction', resume: '_demo_resume' },
      long: { sameSite: 'none' },
    },
    enableHttpPostMethods: true,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    responseTypes: ['code'],
    issueRefreshToken: async () => refreshTokens,
    findAccount: (_, sub) => {
      const person = people.find(({ username }) => username === sub);
      if (person === undefined) return undefined;
      const { name, email, groups } = person;
      return { accountId: sub, claims: async () => ({ sub, name, email, email_verified: true, groups }) };
    },
    interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile groups offline_access');
      await grant.save();
      return grant;
    },
    // Without the guard against private addresses, which would keep its back-channel from this very machine.
    fetch: (url, { dispatcher: _, ...rest }: RequestInit & { dispatcher?: unknown } = {}) => fetch(url, rest),
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, form) => {
          ctx.body = `<!doctype html><title>Signing out</title><body onload="document.forms[0].submit()">${form.replace('</form>', '<input type="hidden" name="logout" value="yes"><button>Sign out</button></form>')}`;
        },
      },
    },
    ttl: {
      AccessToken: 300,
      IdToken: 300,
      Session: 86_400,
      Grant: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
    },
    renderError: async (ctx, out) => {
      ctx.type = 'json';
      ctx.body = out;
    },
  };
}

async function login(
  provider: Provider,
  people: readonly DemoPerson[],
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { prompt } = await provider.interactionDetails(request, response);
  if (prompt.name === 'consent')
    return provider.interactionFinished(
      request,
      response,
      { consent: {} },
      { mergeWithLastSubmission: true },
    );
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  const person = people.find(
    ({ username, password }) => username === form?.get('login') && same(password, form.get('password') ?? ''),
  );
  if (person)
    return provider.interactionFinished(request, response, {
      login: { accountId: person.username, amr: ['pwd'] },
    });
  if (form?.has('cancel')) return provider.interactionFinished(request, response, { error: 'access_denied' });
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  response.end(String(loginPage(people, form !== undefined)));
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_FORM) throw new RangeError('form too large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function loginPage(people: readonly DemoPerson[], wrong: boolean) {
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Example Organisation – sign in</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:12vh auto;padding:0 1rem}
label{display:block;margin:.8rem 0 .2rem}input,button{font:inherit;padding:.5rem .7rem;width:100%;box-sizing:border-box}button{margin-top:1rem}small{opacity:.75}</style>
<main><h1>Example Organisation</h1>
<p><small>The demo's own sign-in service, with made-up people: ${people.map(({ username }) => username).join(', ')}. Their passwords stand in the terminal.</small></p>
${wrong ? html`<p role="alert">That was not right.</p>` : ''}
<form method="post"><label for="login">Name</label><input id="login" name="login" autocomplete="username" autofocus required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button></form>
<form method="post"><button name="cancel" value="1">Cancel</button></form></main></html>`;
}
