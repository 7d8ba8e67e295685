/**
 * Adapter: a sign-in service that speaks OpenID Connect.
 *
 * The files `oidc-*.ts` beside it are parts of it; together they are the only door to
 * `openid-client`. Code flow with PKCE, state and nonce, always. It proves who somebody
 * is; it keeps no session and decides nothing.
 *
 * @see OpenID Connect Core 1.0, section 3.1; RFC 9700, section 2.1
 */
import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client';
import type { Person } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { type RemoteKeys, remoteKeys } from '../keys/jwt.ts';
import { judgeCallback } from './oidc-checks.ts';
import { configure, converse } from './oidc-client.ts';
import { createKeySource, type KeySource } from './oidc-jwks.ts';
import { readLogoutToken } from './oidc-logout.ts';
import { createMetadataSource, type MetadataSource } from './oidc-metadata.ts';
import { LEEWAY, type OidcOptions, SIGNATURE_ALGORITHMS } from './oidc-options.ts';
import { authorizationParameters, refuseReserved } from './oidc-request.ts';
import { judgeTokens, profileOf, refuseSkew, toSignedIn } from './oidc-sign-in.ts';
import { tryClient } from './oidc-trial.ts';
import { createWire, internalAddress, type Wire } from './oidc-wire.ts';
import type {
  ClientTrial,
  FinishedAttempt,
  LogoutForm,
  Provider,
  Recheck,
  SignedIn,
  StartOptions,
} from './provider.ts';
import { createHealth, type Health, watched } from './provider-health.ts';

/** Answers to a refresh that mean: this person has to sign in again. */
const GONE = ['consent_required', 'interaction_required', 'invalid_grant', 'login_required'];

/** Failures of a refresh that say nothing about the person. */
const NOT_THEIR_FAULT = [
  'provider.unreachable',
  'provider.misconfigured',
  'provider.refused',
  'provider.clock',
];

/** What one provider is made of. */
interface Parts {
  readonly options: OidcOptions;
  readonly health: Health;
  readonly wire: Wire;
  readonly source: MetadataSource;
  readonly keys: KeySource;
  readonly logoutKeys: RemoteKeys;
}

/**
 * Makes a provider of these settings. Asks nothing yet: a provider that is down keeps nobody from starting.
 * Throws `config.unusable` where an extra parameter would change what we must say ourselves.
 */
export function createOidcProvider(options: OidcOptions): Provider {
  refuseReserved(options);
  const parts = assemble(options);
  const { health, source } = parts;
  return {
    id: options.id,
    name: options.name,
    origins() {
      const { authorization_endpoint: start, end_session_endpoint: end } = source.known() ?? {};
      const pages = [start ?? options.issuer, end].filter((url) => url !== undefined);
      return [...new Set(pages.map((url) => new URL(url).origin))];
    },
    start: (started) => start(parts, started),
    finish: (query, memory) => watched(health, () => finish(parts, query, memory)),
    recheck: (refreshToken, person) => recheck(parts, refreshToken, person),
    logoutForm: (asked) => logoutForm(parts, asked),
    readLogoutToken(token) {
      const { id, issuer, clientId, clock, algorithms = SIGNATURE_ALGORITHMS, leeway = LEEWAY } = options;
      return readLogoutToken(token, {
        id,
        issuer,
        clientId,
        clock,
        algorithms,
        leeway,
        keys: parts.logoutKeys,
      });
    },
    state: () => health.state(),
    tryClient: (redirectUri) => tryIt(parts, redirectUri),
    // The answer is in `state()`, and was logged there.
    warm: async () => void (await source.renew().catch(problemOnly)),
  };
}

function assemble(options: OidcOptions): Parts {
  const {
    id,
    issuer,
    internalIssuer,
    clientId,
    outbound,
    clock,
    log,
    metrics,
    algorithms = SIGNATURE_ALGORITHMS,
  } = options;
  const health = createHealth({ id, clock, log, metrics });
  const wire = createWire({ id, internal: internalAddress(issuer, internalIssuer), outbound, clock, health });
  const source = createMetadataSource({
    id,
    issuer,
    internalIssuer,
    clientId,
    algorithms,
    wire,
    clock,
    health,
    log,
  });
  const fetchKeys = async () => wire((await source.current()).jwks_uri ?? '', 'jwks');
  const keys = createKeySource({ id, clock, fetch: fetchKeys });
  const logoutKeys = remoteKeys({ fetchJwks: () => keys.read(), clock });
  return { options, health, wire, source, keys, logoutKeys };
}

async function start({ options, source, keys, wire }: Parts, started: StartOptions): Promise<string> {
  const config = configure({ options, metadata: await source.current(), keys, wire });
  const challenge = await calculatePKCECodeChallenge(started.memory.verifier);
  const url = buildAuthorizationUrl(config, authorizationParameters(options, started, challenge));
  url.hash = '';
  return `${url.href}#`;
}

async function tryIt(parts: Parts, redirectUri: string): Promise<ClientTrial> {
  const { options, source, keys, wire } = parts;
  const conversation = converse({ options, metadata: await source.current(), keys, wire });
  return tryClient(redirectUri, {
    start: (memory) => start(parts, { memory, redirectUri, silent: true }),
    redeem: conversation.redeem,
    wire,
  });
}

async function finish(
  parts: Parts,
  query: URLSearchParams,
  memory: FinishedAttempt,
): Promise<SignedIn | 'needs-person'> {
  const { options, source, keys, wire, health } = parts;
  const metadata = await source.current();
  const { state, silent = false } = memory;
  const issuerPromised = metadata.authorization_response_iss_parameter_supported === true;
  const answer = judgeCallback(query, {
    provider: options.id,
    state,
    issuer: options.issuer,
    issuerPromised,
    silent,
  });
  if (answer === 'needs-person') return answer;

  const conversation = converse({ options, metadata, keys, wire });
  const tokens = await conversation.redeem(answer.code, memory).catch((thrown: unknown) => {
    // A token's dates tell less of the clocks than the date of the answer does.
    if (isProblem(thrown, 'provider.clock')) refuseSkew(options, health);
    throw thrown;
  });
  refuseSkew(options, health);
  judgeTokens(tokens, options, options);
  const signedIn = toSignedIn(await profileOf(tokens, options, { conversation, metadata }), tokens, {
    options,
  });
  health.good();
  return signedIn;
}

async function recheck(parts: Parts, refreshToken: Secret, person: Person): Promise<Recheck> {
  const { id, log } = parts.options;
  try {
    return await watched(parts.health, () => refresh(parts, refreshToken, person));
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    const error = String(thrown.facts['error'] ?? '');
    if (thrown.code === 'provider.refused' && GONE.includes(error)) return { kind: 'gone', why: error };
    if (!NOT_THEIR_FAULT.includes(thrown.code)) throw thrown;
    log.warn('provider.recheck-failed', { ...thrown.facts, provider: id, code: thrown.code }, thrown);
    return { kind: 'unreachable' };
  }
}

async function refresh(
  { options, source, keys, wire, health }: Parts,
  refreshToken: Secret,
  person: Person,
): Promise<Recheck> {
  const metadata = await source.current();
  const conversation = converse({ options, metadata, keys, wire });
  const fresh = await conversation.refresh(refreshToken.reveal());
  refuseSkew(options, health);
  judgeTokens(fresh, options, {});
  const tokens = { ...fresh, refreshToken: fresh.refreshToken ?? refreshToken.reveal() };
  const profile = await profileOf(tokens, options, { conversation, metadata });
  health.good();
  // Some providers tell nothing about the person at a refresh; that the grant still stands is the answer then.
  if (Object.keys(profile).length === 0)
    return { kind: 'still', signedIn: { person, refreshToken: new Secret(tokens.refreshToken) } };
  const signedIn = toSignedIn(profile, tokens, { options, before: person });
  return signedIn.person.id === person.id
    ? { kind: 'still', signedIn }
    : { kind: 'gone', why: 'other-person' };
}

/** Signing out here must not fail because the provider is down. @see OpenID Connect RP-Initiated Logout 1.0, section 2 */
async function logoutForm(
  { options, source }: Parts,
  { idToken, returnTo }: { readonly idToken?: Secret; readonly returnTo: string },
): Promise<LogoutForm | undefined> {
  if (options.signOutThere === false) return undefined;
  const metadata = source.known() ?? (await source.current().catch(problemOnly));
  const action = metadata?.end_session_endpoint;
  if (action === undefined) return undefined;
  const hint = idToken === undefined ? {} : { id_token_hint: idToken.reveal() };
  return { action, fields: { ...hint, client_id: options.clientId, post_logout_redirect_uri: returnTo } };
}

function problemOnly(thrown: unknown): undefined {
  if (!isProblem(thrown)) throw thrown;
  return undefined;
}
