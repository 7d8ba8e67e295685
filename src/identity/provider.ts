/**
 * The port of a way to prove who you are. It never decides what you may do.
 */
import type { Person } from '../base/person.ts';
import type { Problem } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import type { Soon } from '../base/soon.ts';

/**
 * What one sign-in attempt must remember between leaving and coming back. It is
 * sealed into the browser's own cookie; the store hears of it at the callback only.
 */
export interface AttemptMemory {
  /** The `state` that comes back (OAuth 2.0, RFC 6749, section 10.12). */
  readonly state: string;
  readonly nonce: string;
  /** The PKCE code verifier (RFC 7636). */
  readonly verifier: string;
}

/** A request as it stands before us: what a proxy in front may have said in it. */
export interface Shown {
  /** The socket's own address. */
  readonly socket: string;
  /** Name, value, name, value, as they came; each byte one character. */
  readonly raw: readonly string[];
}

/** An attempt that came back: what it remembers, and how it was begun. */
export interface FinishedAttempt extends AttemptMemory {
  readonly redirectUri: string;
  /** The request it came back in, for a provider that speaks in headers. */
  readonly shown?: Shown;
  /** Did it ask without showing anything? Then a refusal that needs the person is an answer, no failure. */
  readonly silent?: boolean;
}

/** How somebody is sent to the provider. */
export interface StartOptions {
  /** The random values of this attempt, made by the caller. */
  readonly memory: AttemptMemory;
  /** The one address the provider may send the browser back to, from configuration, never from a header. */
  readonly redirectUri: string;
  /** Ask without showing anything (`prompt=none`); used for the hourly look. */
  readonly silent: boolean;
  /** Languages the person reads, for `ui_locales`. */
  readonly languages?: readonly string[];
  /** The address they typed, for `login_hint`; where the provider takes none it goes nowhere. */
  readonly hint?: string;
  /** Where a provider stands for many services: the one somebody chose, by the name it has among them. */
  readonly member?: string;
  /** The id of the person it is about, where it is known: of many services they go to their own. */
  readonly person?: string;
}

/** One of the services a provider stands for. */
export interface Member {
  readonly entityId: string;
  /** What people call it, by language in lower case (`en`, `pt-br`), as it was told: no page's text yet. */
  readonly names: Readonly<Record<string, string>>;
}

/** What a provider gave for a finished sign-in. */
export interface SignedIn {
  readonly person: Person;
  /** The provider's own session id, for back-channel logout. */
  readonly sid?: string;
  /**
   * The provider's own word for the person in what it says of signing out, as its adapter compares it. Where there is
   * an ID token, its `sub` is that word.
   */
  readonly subject?: string;
  /** How the provider wants the person to be called at sign-out, as its adapter wrote it. */
  readonly logoutName?: Secret;
  /** The newest one: providers that rotate take the last one back when it is used twice. */
  readonly refreshToken?: Secret;
  /** The ID token, kept as `id_token_hint` for sign-out. */
  readonly idToken?: Secret;
  /** Unix seconds at which the provider ends the session, if it says so ahead. */
  readonly until?: number;
}

/** What an hourly look at the provider found. */
export type Recheck =
  | { readonly kind: 'still'; readonly signedIn: SignedIn }
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'unreachable' };

/** What a valid logout token says (OpenID Connect Back-Channel Logout 1.0, section 2.4). */
export interface LogoutNotice {
  /** The provider's own word for the person, `sub`. */
  readonly subject?: string;
  readonly sid?: string;
  /** For refusing a replay; `expires` in Unix seconds. */
  readonly jti: string;
  readonly expires: number;
}

/** A form that a browser sends to the provider by POST, so that nothing stands in an address. */
export interface PostForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** A form that ends the session at the provider. */
export type LogoutForm = PostForm;

/** What is known of the session that ends. */
export interface LogoutOptions {
  /** Whose it is: of many services they leave their own. */
  readonly person?: string;
  readonly idToken?: Secret;
  readonly logoutName?: Secret;
  readonly sid?: string;
  readonly returnTo: string;
}

/** A provider's health, for `ready`, metrics and `check`. */
export interface ProviderState {
  readonly up: boolean;
  /** Problem code of the last failure. */
  readonly code?: string;
  /** Our clock less theirs, in seconds, as far as an HTTP `Date` tells it. */
  readonly clockSkew?: number;
}

/** What a provider let us know of its client without a person. What its answers did not tell is left out. */
export interface ClientTrial {
  /** Did it take client id and secret? */
  readonly taken?: boolean;
  /** The OAuth error with which it did not. */
  readonly error?: string;
  /** Does it know the client id, and the redirect address as one of this client? */
  readonly sendsBack?: boolean;
  /** Of several servers, what those failed with that did not answer while another one did; `server` in the facts. */
  readonly away?: readonly Problem[];
}

/**
 * One sign-in service that people are sent to and come back from.
 * Every method may throw `provider.unreachable`, `provider.misconfigured` or what is named with it.
 */
export interface Provider {
  /** The id in our configuration: `a-z 0-9 -`. */
  readonly id: string;
  /** What the button says. */
  readonly name: string;
  /** Where, below our prefix, its answers come, if not at the callback of its own. */
  readonly answersAt?: string;
  /** True where nobody here knows to whose pages people are sent: then no form may lead there by redirects. */
  readonly leadsAnywhere?: true;
  /** Where the provider's pages live, for `form-action`, for this person where it stands for many; until its metadata is known, the issuer's origin. */
  origins(person?: string): readonly string[];
  /**
   * The address to send the browser to. Ends in `#`, because a browser carries an old fragment across redirects.
   * A provider that stands for many leads to where one is chosen, until `member` or `person` says which.
   * Throws `provider.member-unknown`.
   */
  start(options: StartOptions): Promise<string>;
  /** In its place, where the provider wants to be asked by a form; otherwise absent, or undefined. */
  startForm?(options: StartOptions): Promise<PostForm | undefined>;
  /** The services it stands for, where people choose one from a list of ours. Throws as `start`. */
  members?(): Promise<readonly Member[]>;
  /**
   * Judges what came back. `query` is the callback's query, single values only.
   * Throws `sign-in.cancelled`, `provider.refused`, `provider.response-invalid`, `provider.groups-missing`,
   * `provider.id-missing`, `provider.reauthentication`, `provider.clock`.
   * A silent attempt that needs the person returns `'needs-person'`.
   */
  finish(query: URLSearchParams, memory: FinishedAttempt): Promise<SignedIn | 'needs-person'>;
  /** Does this request say that somebody else sits there now? Only where a proxy says with each who it is. */
  readonly contradicts?: (shown: Shown, person: Person) => Soon<boolean>;
  /** Asks whether the person is still there; without a refresh token `undefined`: ask the browser instead. */
  recheck(refreshToken: Secret, person: Person): Promise<Recheck>;
  /** The same of somebody who is not here, where the accounts are ours to look at. */
  knows?(person: Person): Promise<Recheck>;
  /** How to sign out there too, if the provider can. */
  logoutForm(options: LogoutOptions): Promise<LogoutForm | undefined>;
  /** In its place, where the provider wants to be told by an address; otherwise absent, or undefined. */
  logoutAddress?(options: LogoutOptions): Promise<string | undefined>;
  /** Judges a back-channel logout token. Throws `logout-token.unacceptable`. */
  readLogoutToken(token: string): Promise<LogoutNotice>;
  state(): ProviderState;
  /** Tries client id, secret and redirect address where the provider lets itself be asked without a person: for `check`. */
  tryClient(redirectUri: string): Promise<ClientTrial>;
  /** Asks for the metadata now, unless that failed a moment ago: for `check`, at start, and to know whether anybody is there. For somebody of its people, also what is known of the one service of many that is theirs. Never throws, the answer is in `state()`. */
  warm(person?: string): Promise<void>;
}
