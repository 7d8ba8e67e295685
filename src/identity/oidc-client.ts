/**
 * One conversation with a provider, by the library's means.
 *
 * Each gets a configuration of its own, because the library takes the difference of the
 * clocks once and for all; what is dear to fetch is kept outside and handed in.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretJwt,
  ClientSecretPost,
  Configuration,
  clockSkew,
  clockTolerance,
  customFetch,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  refreshTokenGrant,
  type ServerMetadata,
  setJwksCache,
  skipSubjectCheck,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
} from 'openid-client';
import { unixSeconds } from '../base/clock.ts';
import { toProblem } from './oidc-errors.ts';
import type { KeySource } from './oidc-jwks.ts';
import { LIBRARY_TIMEOUT } from './oidc-metadata.ts';
import { LEEWAY, type OidcOptions } from './oidc-options.ts';
import type { Purpose, Wire } from './oidc-wire.ts';
import type { Claims } from './profile.ts';
import type { FinishedAttempt } from './provider.ts';

/** What the token endpoint gave, its ID token checked by the library. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** The ID token's claims; absent where a refresh brought none. */
  readonly claims?: Claims;
}

/** What a conversation needs. */
export interface ConversationParts {
  readonly options: OidcOptions;
  readonly metadata: ServerMetadata;
  readonly keys: KeySource;
  readonly wire: Wire;
}

/** What can be asked of a provider. Every verb throws the problems of `toProblem`. */
export interface Conversation {
  /** Redeems a code (RFC 6749, section 4.1.3) whose callback was judged. */
  redeem(code: string, memory: FinishedAttempt): Promise<Tokens>;
  /** Asks for new tokens (RFC 6749, section 6). */
  refresh(refreshToken: string): Promise<Tokens>;
  /** What the provider says about the owner of the access token, who must be `subject` if that is known. */
  userinfo(accessToken: string, subject: string | undefined): Promise<Claims>;
}

/** Opens a conversation. */
export function converse(parts: ConversationParts): Conversation {
  const { options, metadata } = parts;
  const config = configure(parts);

  async function asking<T>(asked: 'token' | 'userinfo', work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      throw toProblem(thrown, { provider: options.id, asked });
    }
  }

  return {
    async redeem(code, { redirectUri, state, nonce, verifier }) {
      const callback = new URL(redirectUri);
      callback.search = new URLSearchParams({ code, state, iss: metadata.issuer }).toString();
      const checks = {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      };
      return toTokens(await asking('token', authorizationCodeGrant(config, callback, checks)));
    },
    async refresh(refreshToken) {
      return toTokens(await asking('token', refreshTokenGrant(config, refreshToken)));
    },
    async userinfo(accessToken, subject) {
      return {
        ...(await asking('userinfo', fetchUserInfo(config, accessToken, subject ?? skipSubjectCheck))),
      };
    },
  };
}

function toTokens(answer: TokenEndpointResponse & TokenEndpointResponseHelpers): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = answer;
  const claims = answer.claims();
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
    ...(claims !== undefined && { claims: { ...claims } }),
  };
}

/** The library's configuration for somebody who sends the browser away. */
export function configure({ options, metadata, keys, wire }: ConversationParts): Configuration {
  // The library tells the time by itself; our clock differs from that one in tests, and
  // nowhere else.
  const machine = Math.floor(Date.now() / 1000);
  const client = {
    [clockSkew]: unixSeconds(options.clock) - machine,
    [clockTolerance]: options.leeway ?? LEEWAY,
  };
  const config = new Configuration(metadata, options.clientId, client, clientAuth(options, metadata));
  config.timeout = LIBRARY_TIMEOUT;
  config[customFetch] = async (url, request) => {
    const purpose = purposeOf(url, metadata);
    if (purpose !== 'jwks') return wire(url, purpose, request);
    return Response.json(await keys.read());
  };
  if (!isHttps(options.issuer) || !isHttps(options.internalIssuer)) allowInsecureRequests(config);
  enableNonRepudiationChecks(config);
  const held = keys.held();
  // The library reads them again where they are too old or lack a key: through `keys`, which knows when it may.
  if (held !== undefined)
    setJwksCache(config, {
      jwks: structuredClone({ keys: [...held.document.keys] }),
      uat: machine - Math.ceil(held.age),
    });
  return config;
}

function purposeOf(url: string, metadata: ServerMetadata): Purpose {
  if (url === metadata.jwks_uri) return 'jwks';
  return url === metadata.userinfo_endpoint ? 'userinfo' : 'token';
}

function isHttps(address: string | undefined): boolean {
  return address === undefined || new URL(address).protocol === 'https:';
}

/**
 * How we prove who we are.
 *
 * @see OpenID Connect Discovery 1.0, section 3, `token_endpoint_auth_methods_supported`
 */
function clientAuth({ clientSecret, tokenEndpointAuth }: OidcOptions, metadata: ServerMetadata): ClientAuth {
  if (clientSecret === undefined || tokenEndpointAuth === 'none') return None();
  const secret = clientSecret.reveal();
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const offeredOnlyPost = !offered.includes('client_secret_basic') && offered.includes('client_secret_post');
  switch (tokenEndpointAuth ?? (offeredOnlyPost ? 'client_secret_post' : 'client_secret_basic')) {
    case 'client_secret_post':
      return ClientSecretPost(secret);
    case 'client_secret_jwt':
      return ClientSecretJwt(secret);
    default:
      return ClientSecretBasic(secret);
  }
}
