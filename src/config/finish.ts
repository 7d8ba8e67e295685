/**
 * What no single setting can know: what depends on another one is filled in, what contradicts another one is told.
 */
import { isIP } from 'node:net';
import type { Secret } from '../base/secret.ts';
import { appComplaints } from './apps.ts';
import { bearerComplaints } from './bearer.ts';
import type { Complaint } from './complaints.ts';
import { gatewayComplaints } from './gateway.ts';
import { issuerComplaints } from './issuers.ts';
import { isLoopback } from './loopback.ts';
import { inFolder } from './prepare.ts';
import { prosodyModuleComplaints } from './prosody-module.ts';
import type { ProviderSaid } from './provider-kinds.ts';
import { addressesOfProviders, providerComplaints } from './providers.ts';
import { ruleComplaints } from './rules.ts';
import { samlKeyComplaints } from './saml.ts';
import type { Settings } from './schema/settings.ts';
import { secretComplaints } from './shared-secret.ts';
import { stagesComplaints } from './stages.ts';
import { turnComplaints } from './turn.ts';

/** Read-only all the way down. */
type Frozen<T> = T extends Secret
  ? T
  : T extends readonly (infer E)[]
    ? readonly Frozen<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;

type Filled = Omit<Settings, 'jitsi' | 'tokens' | 'turn' | 'listen' | 'providers'> & {
  readonly jitsi: Settings['jitsi'] & { readonly url: string; readonly xmppDomain: string };
  readonly tokens: Settings['tokens'] & { readonly audience: string };
  readonly turn: Settings['turn'] & { readonly realm: string };
  readonly listen: {
    readonly public: Settings['listen']['public'];
    readonly inner: Settings['listen']['inner'] & { readonly url: string };
  };
  readonly providers: readonly ProviderSaid[];
  /** No setting: the files that secrets were read from, so that their modes can be judged. */
  readonly secretFiles: readonly string[];
};

/** Everything the operator said, complete and frozen. Spans of time are seconds, secrets are `Secret`. */
export type Config = Frozen<Filled>;

/** One provider of the configuration. */
export type ProviderConfig = Config['providers'][number];

/** The sections of a file that hold, each alone. */
export type Judged = Partial<Settings>;

function plainHttp(path: string, address: string, allowed: boolean): Complaint[] {
  const url = new URL(address);
  if (url.protocol === 'https:' || (allowed && isLoopback(url.hostname))) return [];
  const wrong = isLoopback(url.hostname) ? 'is http, not https' : 'is http on a host others can reach';
  return [
    { path, wrong, right: 'an https address; http is for this machine itself, with insecureHttp: true' },
  ];
}

function addresses({
  publicUrl,
  aliases = [],
  jitsi,
  providers: list = [],
  issuers = [],
  apps = [],
  bearer,
  insecureHttp = false,
}: Judged): Complaint[] {
  const all: (readonly [path: string, url: string])[] = aliases.map((alias, at) => [`aliases[${at}]`, alias]);
  if (publicUrl !== undefined) all.push(['publicUrl', publicUrl]);
  if (jitsi?.url !== undefined) all.push(['jitsi.url', jitsi.url]);
  for (const [at, { jwksUri }] of issuers.entries())
    if (jwksUri !== undefined) all.push([`issuers[${at}].jwksUri`, jwksUri]);
  for (const [at, { jwksUri }] of (bearer?.issuers ?? []).entries())
    if (jwksUri !== undefined) all.push([`bearer.issuers[${at}].jwksUri`, jwksUri]);
  for (const [at, { jwksUri, origins }] of apps.entries()) {
    if (jwksUri !== undefined) all.push([`apps[${at}].jwksUri`, jwksUri]);
    for (const [place, where] of origins.entries()) all.push([`apps[${at}].origins[${place}]`, where]);
  }
  all.push(...addressesOfProviders(list));
  return all.flatMap(([path, address]) => plainHttp(path, address, insecureHttp));
}

function listeners({ listen, trustedProxies, insecurePlainHttp }: Judged): Complaint[] {
  const complaints: Complaint[] = [];
  if (listen === undefined || trustedProxies === undefined) return complaints;
  if (
    !isLoopback(listen.public.host) &&
    listen.public.tls.certFile === undefined &&
    trustedProxies.length === 0 &&
    !insecurePlainHttp
  )
    complaints.push({
      path: 'listen.public.host',
      wrong: 'lets others reach us over plain HTTP',
      right: '127.0.0.1, or trustedProxies naming the proxy that speaks TLS for us, or listen.public.tls',
    });
  const { certFile, keyFile } = listen.public.tls;
  if ((certFile === undefined) !== (keyFile === undefined))
    complaints.push({
      path: `listen.public.tls.${certFile === undefined ? 'certFile' : 'keyFile'}`,
      wrong: 'is missing',
      right: 'both files, or neither',
    });
  if (listen.public.port !== 0 && listen.public.port === listen.inner.port)
    complaints.push({
      path: 'listen.inner.port',
      wrong: 'is the port of the public listener',
      right: 'another port: keys and metrics are not for everybody',
    });
  return complaints;
}

function spans({ session, tokens }: Judged): Complaint[] {
  const complaints: Complaint[] = [];
  if (session !== undefined && session.idle > session.absolute)
    complaints.push({
      path: 'session.idle',
      wrong: 'is longer than session.absolute',
      right: 'at most as long as session.absolute',
    });
  if (tokens !== undefined && tokens.rotateEvery < 86_400)
    complaints.push({
      path: 'tokens.rotateEvery',
      wrong: 'is less than a day',
      right: 'a day or more: Prosody keeps every key it ever fetched',
    });
  return complaints;
}

function pages({ pages: said }: Judged): Complaint[] {
  if (said?.errorPage === undefined || said.errorFile === undefined) return [];
  return [{ path: 'pages.errorFile', wrong: 'stands beside errorPage', right: 'one of the two' }];
}

/** Everything that contradicts itself in sections that are each right alone, at this time (milliseconds since 1970); those that are not are absent. */
export function contradictions(said: Judged, now: number): readonly Complaint[] {
  return [
    ...addresses(said),
    ...listeners(said),
    ...providerComplaints(said),
    ...appComplaints(said),
    ...ruleComplaints(said),
    ...spans(said),
    ...gatewayComplaints(said),
    ...stagesComplaints(said, now),
    ...prosodyModuleComplaints(said),
    ...pages(said),
    ...samlKeyComplaints(said),
    ...issuerComplaints(said),
    ...turnComplaints(said),
    ...bearerComplaints(said),
    ...(said.tokens === undefined ? [] : secretComplaints(said.tokens)),
  ];
}

function freeze<T>(value: T): Frozen<T> {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value as Frozen<T>;
}

function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Fills in what depends on other settings, and freezes the whole. `folder` is where a relative default starts from. */
export function complete(
  said: Settings,
  { folder, secretFiles }: { readonly folder?: string; readonly secretFiles: readonly string[] },
): Config {
  const jitsiUrl = said.jitsi.url ?? said.publicUrl;
  return freeze({
    ...said,
    ...(said.rules === undefined ? { access: said.access ?? 'members' } : {}),
    listen: {
      ...said.listen,
      inner: { ...said.listen.inner, url: said.listen.inner.url ?? urlOf(said.listen.inner) },
    },
    store: { path: inFolder(said.store.path, folder) },
    jitsi: { ...said.jitsi, url: jitsiUrl, xmppDomain: said.jitsi.xmppDomain ?? new URL(jitsiUrl).hostname },
    tokens: { ...said.tokens, audience: said.tokens.audience ?? said.tokens.appId },
    turn: { ...said.turn, realm: said.turn.realm ?? new URL(said.publicUrl).hostname },
    // That each has what its kind needs was judged above.
    providers: said.providers.map(
      (provider) => ({ ...provider, name: provider.name ?? provider.id }) as ProviderSaid,
    ),
    secretFiles: [...secretFiles],
  } satisfies Filled);
}
