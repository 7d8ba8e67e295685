/**
 * What the modules are told, made out of what the operator said: one reading of
 * the configuration in, small options of each module out. Knows no adapter, and
 * opens nothing.
 */
import type { MintParts } from '../admission/mint.ts';
import type { TurnParts } from '../admission/turn.ts';
import type { Config, ProviderConfig } from '../config/load.ts';
import { frontOf } from '../gateway/headers.ts';
import type { JitsiLookParts } from '../gateway/jitsi-look.ts';
import type { GatewayParts } from '../gateway/parts.ts';
import type { UsersFileOptions } from '../identity/accounts/users-file.ts';
import type { OidcOptions } from '../identity/oidc-options.ts';
import { type OidcPreset, PRESETS } from '../identity/presets.ts';
import type { ProfileMapping } from '../identity/profile.ts';
import type { SessionLimits } from '../identity/session.ts';
import type { OutboundParts } from '../outbound/fetch.ts';
import { expandAccess } from '../policy/access.ts';
import type { Rule } from '../policy/rule.ts';
import type { LimitOptions } from '../web/limits.ts';
import type { WebParts } from '../web/parts.ts';
import { EXTRA_CSS } from '../web/routes/assets.ts';

/** What a provider is told, but for the parts it works with. */
type OidcWords = Omit<OidcOptions, 'outbound' | 'clock' | 'log' | 'metrics'>;

/** Every provider: its preset, and what the operator said otherwise. Groups are required only where a rule speaks of them. */
export function oidcOptionsOf(config: Config): readonly OidcWords[] {
  const grouped = speaksOfGroups(config);
  return config.providers.filter((said) => said.kind === 'oidc').map((said) => oidcOptions(said, grouped));
}

/** Every file of accounts. */
export function usersFileOptionsOf(
  config: Config,
): readonly Pick<UsersFileOptions, 'id' | 'name' | 'file' | 'emailVerified'>[] {
  return config.providers
    .filter((said) => said.kind === 'file')
    .map(({ id, name, usersFile, emailVerified }) => ({
      id,
      name,
      file: usersFile,
      // The operator wrote the addresses there.
      emailVerified: emailVerified ?? true,
    }));
}

/** A service of OpenID Connect, as the operator described it. */
export type OidcConfig = Extract<ProviderConfig, { readonly kind: 'oidc' }>;

function oidcOptions(said: OidcConfig, grouped: boolean): OidcWords {
  const preset: OidcPreset = PRESETS[said.preset];
  const { userinfo } = said;
  return {
    ...defined(said, [
      'internalIssuer',
      'clientSecret',
      'acrValues',
      'maxAge',
      'prompt',
      'responseMode',
      'extraAuthParams',
    ]),
    ...defined(preset, ['tokenEndpointAuth', 'signOutThere']),
    ...defined(said, ['tokenEndpointAuth']),
    id: said.id,
    name: said.name,
    issuer: said.issuer,
    clientId: said.clientId,
    scopes: said.scopes ?? preset.scopes,
    userinfo: userinfo === undefined ? preset.userinfo : userinfo ? 'always' : 'never',
    mapping: oidcMapping(said, grouped),
  };
}

/** Which claims of this service make a person. */
export function oidcMapping(said: OidcConfig, grouped: boolean): ProfileMapping {
  const { mapping }: OidcPreset = PRESETS[said.preset];
  const { groups, subject, emailVerified } = said;
  const claim = groups?.claim ?? mapping.groups?.claim;
  const required = groups?.required ?? (grouped && (mapping.groups?.required ?? true));
  return {
    ...mapping,
    ...(subject && { id: subject }),
    ...(emailVerified !== undefined && { emailVerified: emailVerified ? 'always' : 'never' }),
    ...(claim !== undefined && { groups: { claim, required } }),
    ...defined(said, ['attributes']),
  };
}

/** These members of an object, those left out that are not there. */
export function defined<T extends object, K extends keyof T>(
  from: T,
  names: readonly K[],
): { [P in K]?: Exclude<T[P], undefined> } {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  ) as never;
}

/** Who may enter where: the operator's rules, or what their short `access` stands for. */
export function rulesOf(config: Config): readonly Rule[] {
  return expandAccess({
    ...(config.access && { access: config.access }),
    hosts: config.hosts,
    vouched: config.apps.length + config.issuers.length > 0,
    ...(config.rules && { rules: config.rules }),
  });
}

/** Does a rule speak of groups? Then a provider has to tell them, unless the operator says otherwise. */
export function speaksOfGroups(config: Config): boolean {
  return rulesOf(config).some(({ when }) => when.groups !== undefined);
}

/** How we speak with the world outside. */
export function outboundOptions(
  config: Config,
): Pick<OutboundParts, 'insecureHttp' | 'caFile' | 'proxy' | 'timeoutMs'> {
  const { caFile, proxy, timeout } = config.outbound;
  return {
    insecureHttp:
      config.insecureHttp || config.providers.some(({ insecureInternalHttp }) => insecureInternalHttp),
    ...(caFile !== undefined && { caFile }),
    ...(proxy !== undefined && { proxy }),
    timeoutMs: timeout * 1000,
  };
}

/** Towards Prosody, made for each connection: minutes are enough for its start. */
const BEARER = 300;

/**
 * How long sessions live. What time alone ended is kept for running meetings, where somebody sees them, the gateway or
 * our module in Prosody, or coturn is told of their sessions: elsewhere nobody would ask for it.
 */
export function sessionLimitsOf({ session, ...config }: Config): SessionLimits {
  const { idle, absolute, recheck, meetingGrace, strict } = session;
  const isAskedFor = seesMeetings(config) || config.turn.database !== undefined;
  return { idle, absolute, recheck, grace: isAskedFor && !strict ? meetingGrace : 0 };
}

/** Do we learn who is in a meeting: as the gateway, or from our module in Prosody? */
export function seesMeetings({
  upstream,
  prosodyModule,
}: Pick<Config, 'upstream' | 'prosodyModule'>): boolean {
  return upstream.url !== undefined || prosodyModule.secret !== undefined;
}

/** What a gate ticket says it is for: this gate and no other. */
export function gateOf({ publicUrl, prefix }: Config): string {
  return `${publicUrl}${prefix}`;
}

/** What every token of this installation says, and how long it lasts. */
export function mintOptions({
  tokens,
  jitsi,
  guests,
}: Config): Pick<MintParts, 'claims' | 'features' | 'lifetimes'> {
  return {
    claims: {
      issuer: tokens.appId,
      audience: tokens.audience,
      xmppDomain: jitsi.xmppDomain,
      email: tokens.email,
      guestMark: guests.mark,
    },
    ...(tokens.features && { features: tokens.features }),
    lifetimes: { client: tokens.lifetime, app: tokens.appLifetime, bearer: BEARER },
  };
}

/** What the TURN server and we share; nothing where there is none. */
export function turnOptionsOf({ turn }: Config): Omit<TurnParts, 'clock' | 'keeper'> | undefined {
  const { urls, secret, lifetime } = turn;
  return urls.length === 0 || secret === undefined ? undefined : { urls, secret, lifetime };
}

/** How long the page of whoever waits does so. */
export function waitingOf({ waiting }: Config): Pick<WebParts, 'waitsFor'> {
  return { waitsFor: waiting.giveUp * 1000 };
}

/** How often somebody may try. */
export function limitsOf({ limits }: Config): LimitOptions {
  return {
    perBrowser: limits.signInsPerBrowser,
    perAddress: limits.signInsPerAddress,
    passes: limits.passTriesPerAddress,
    guesses: limits.appGuessesPerAddress,
    wrongPerAccount: limits.wrongPasswordsPerAccount,
    wrongPerAddress: limits.wrongPasswordsPerAddress,
    perApp: limits.tokensPerApp,
  };
}

/** Does nobody come to Jitsi but by our word: through us, or through a proxy that asks us each time? */
export function standsInFront({ upstream, forwardAuth }: Config): boolean {
  return upstream.url !== undefined || forwardAuth.enabled;
}

/** Beside Jitsi we are asked when a connection begins; what is open then ends by our module in Prosody, or not at all. */
export function callsGoOn(config: Config): boolean {
  return !seesMeetings(config);
}

/** Where we stand, and where Jitsi does. */
export function placesOf(config: Config): WebParts['places'] {
  return {
    publicUrl: config.publicUrl,
    origins: new Set([config.publicUrl, ...config.aliases]),
    prefix: config.prefix,
    jitsiUrl: config.jitsi.url,
    ...(config.jitsi.clientBefore !== undefined && { clientBefore: config.jitsi.clientBefore }),
    ...(standsInFront(config) && { gateway: true }),
    ...(callsGoOn(config) && { callsGoOn: true }),
    ...(config.saml.shibbolethPaths && { shibboleth: true }),
    ...(config.jitsi.oldLoginPaths && { oldLoginPaths: true }),
  };
}

/** What the pages look like. `extraCss` is the operator's stylesheet, read already. */
export function brandingOf(config: Config, extraCss: string | undefined): WebParts['branding'] {
  const { name, logo, colour } = config.pages;
  return {
    name,
    ...(logo !== undefined && { logoUrl: logo }),
    ...(colour !== undefined && { colour }),
    ...(extraCss !== undefined && { extraCssPath: `${config.prefix}${EXTRA_CSS}` }),
  };
}

/** The operator's own page for problems. `file` is what stands in it, read already. */
export function errorPageOf(
  { pages, publicUrl, aliases }: Config,
  file: string | undefined,
): Pick<WebParts, 'errorPage'> {
  if (file !== undefined) return { errorPage: { kind: 'file', html: file } };
  const { errorPage } = pages;
  if (errorPage === undefined) return {};
  const url = new URL(errorPage, publicUrl);
  return [publicUrl, ...aliases].includes(url.origin)
    ? { errorPage: { kind: 'here', path: url.pathname } }
    : { errorPage: { kind: 'elsewhere', url: url.href } };
}

/** How Jitsi behind us is reached; nothing where we stand in front of none. */
export function upstreamOptions({ upstream, publicUrl }: Config):
  | {
      readonly origins: { readonly web: string; readonly xmpp?: string };
      readonly servername: string;
      readonly timeout: number;
    }
  | undefined {
  const { url, xmpp, timeout } = upstream;
  if (url === undefined) return undefined;
  return {
    origins: { web: url, ...(xmpp !== undefined && { xmpp }) },
    servername: new URL(publicUrl).hostname,
    timeout,
  };
}

/** What the gateway is told beside its parts. `forUs` are names of further headers that go no further. */
export function gatewayOptions(
  { upstream, open, jitsi, publicUrl, machines, tokenServices }: Config,
  forUs: readonly string[],
): Pick<GatewayParts, 'options' | 'front' | 'xmppDomain' | 'open' | 'tokenServices'> {
  return {
    options: { xmpp: upstream.xmpp !== undefined, carry: upstream.carry, visitors: upstream.visitors },
    front: frontOf(publicUrl, [
      ...machines.flatMap(({ header }) => (header === undefined ? [] : [header.name])),
      ...forUs,
    ]),
    xmppDomain: jitsi.xmppDomain,
    open,
    tokenServices,
  };
}

/** What the Jitsi behind us is held against. */
export function jitsiLookOptions({
  upstream,
  publicUrl,
  aliases,
  prefix,
  jitsi,
}: Config): Pick<JitsiLookParts, 'xmppTo' | 'about' | 'said'> {
  return {
    xmppTo: upstream.xmpp === undefined ? 'web' : 'xmpp',
    about: { publicUrl, origins: [publicUrl, ...aliases], prefix, xmppDomain: jitsi.xmppDomain },
    said: {
      carry: upstream.carry,
      ...(jitsi.clientBefore !== undefined && { clientBefore: jitsi.clientBefore }),
    },
  };
}
