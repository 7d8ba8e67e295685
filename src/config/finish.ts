/**
 * What no single setting can know: what depends on another one is filled in, what contradicts another one is told.
 */
import { isIP } from 'node:net';
import type { Secret } from '../base/secret.ts';
import { appComplaints } from './apps.ts';
import type { Complaint } from './complaints.ts';
import { gatewayComplaints } from './gateway.ts';
import { headerComplaints } from './header.ts';
import { issuerComplaints } from './issuers.ts';
import { ldapComplaints } from './ldap.ts';
import { inFolder } from './prepare.ts';
import { prosodyComplaints } from './prosody.ts';
import { repeated } from './repeated.ts';
import { ruleComplaints } from './rules.ts';
import type { Settings } from './schema/settings.ts';
import { secretComplaints } from './shared-secret.ts';

/** Read-only all the way down. */
type Frozen<T> = T extends Secret
  ? T
  : T extends readonly (infer E)[]
    ? readonly Frozen<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;

type Said = Settings['providers'][number];
type OidcSaid = Said & {
  readonly kind: 'oidc';
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
};
type SamlSaid = Said & { readonly kind: 'saml'; readonly name: string };
type FileSaid = Said & { readonly kind: 'file'; readonly name: string; readonly usersFile: string };
type HeaderSaid = Said & {
  readonly kind: 'header';
  readonly name: string;
  readonly header: Said['header'] & { readonly from: readonly string[] };
};

type LdapSaid = Said & {
  readonly kind: 'ldap';
  readonly name: string;
  readonly ldap: { readonly base: string };
};
type ProsodySaid = Said & {
  readonly kind: 'prosody';
  readonly name: string;
  readonly prosody: { readonly domain: string };
};
type ProviderSaid = OidcSaid | SamlSaid | LdapSaid | ProsodySaid | FileSaid | HeaderSaid;

type Filled = Omit<Settings, 'jitsi' | 'tokens' | 'listen' | 'providers'> & {
  readonly jitsi: Settings['jitsi'] & { readonly url: string; readonly xmppDomain: string };
  readonly tokens: Settings['tokens'] & { readonly audience: string };
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

/** Is this host the machine itself, whatever the name says elsewhere? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    (isIP(bare) === 4 && bare.startsWith('127.'))
  );
}

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
  insecureHttp = false,
}: Judged): Complaint[] {
  const all = aliases.map((alias, at): [string, string] => [`aliases[${at}]`, alias]);
  if (publicUrl !== undefined) all.push(['publicUrl', publicUrl]);
  if (jitsi?.url !== undefined) all.push(['jitsi.url', jitsi.url]);
  for (const [at, { jwksUri }] of issuers.entries())
    if (jwksUri !== undefined) all.push([`issuers[${at}].jwksUri`, jwksUri]);
  for (const [at, { jwksUri, origins }] of apps.entries()) {
    if (jwksUri !== undefined) all.push([`apps[${at}].jwksUri`, jwksUri]);
    for (const [place, where] of origins.entries()) all.push([`apps[${at}].origins[${place}]`, where]);
  }
  for (const [at, provider] of list.entries()) {
    if (provider.issuer !== undefined) all.push([`providers[${at}].issuer`, provider.issuer]);
    const keys = provider.header.jwksUri;
    if (keys !== undefined) all.push([`providers[${at}].header.jwksUri`, keys]);
    const { metadataUrl, metadataQuery, federation } = provider.saml;
    for (const [name, url] of Object.entries({
      metadataUrl,
      metadataQuery,
      'federation.discoveryUrl': federation?.discoveryUrl,
    }))
      if (url !== undefined) all.push([`providers[${at}].saml.${name}`, url]);
    if (provider.internalIssuer !== undefined && !provider.insecureInternalHttp)
      all.push([`providers[${at}].internalIssuer`, provider.internalIssuer]);
  }
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

/** One identity provider, or one federation, has one place of metadata. */
function metadataComplaints(said: Said, path: string): Complaint[] {
  const { kind, saml } = said;
  if (kind !== 'saml') return [];
  const { metadataUrl, metadataFile, metadataQuery, metadataCertFile, entityId, federation } = saml;
  const complaints: Complaint[] = [];
  const complain = (name: string, wrong: string, right: string) =>
    complaints.push({ path: `${path}${name}`, wrong, right });
  const places = [metadataUrl, metadataFile, metadataQuery].filter((place) => place !== undefined).length;
  if (places !== 1) {
    const wrong = places === 0 ? 'does not say where the metadata is' : 'names two places of metadata';
    complain('.saml', wrong, 'one of metadataUrl, metadataFile and metadataQuery');
  }
  if (metadataQuery !== undefined && entityId === undefined && federation === undefined)
    complain('.saml.entityId', 'is missing', 'whom metadataQuery is asked for, or federation');
  if (
    metadataCertFile === undefined &&
    (metadataQuery !== undefined || (federation && metadataUrl !== undefined))
  )
    complain(
      '.saml.metadataCertFile',
      'is missing',
      'the certificate of whoever signs the metadata: in their name anybody could be anybody',
    );
  if (federation !== undefined) complaints.push(...federationComplaints(said, path));
  return complaints;
}

/** Nobody looks through a longer list of buttons. */
const MOST_LISTED = 50;

/** What is promised of one identity provider is not promised of all. */
function federationComplaints({ saml, emailVerified }: Said, path: string): Complaint[] {
  const { federation = {}, metadataQuery, entityId, scopes } = saml;
  const { discoveryUrl, members } = federation;
  const complaints: Complaint[] = [];
  const complain = (name: string, wrong: string, right: string) =>
    complaints.push({ path: `${path}.${name}`, wrong, right });
  if (entityId !== undefined)
    complain(
      'saml.entityId',
      'names one identity provider of a federation',
      'federation.members, or no federation',
    );
  if (scopes !== undefined)
    complain(
      'saml.scopes',
      'lets every member speak for these domains',
      'nothing: the metadata says who may',
    );
  if (emailVerified === true)
    complain(
      'emailVerified',
      'promises the addresses of every member',
      'nothing: the metadata says whose domains are whose',
    );
  if (discoveryUrl === undefined && metadataQuery !== undefined && members === undefined)
    complain('saml.federation', 'does not say who can be chosen', 'discoveryUrl, or up to fifty members');
  if (discoveryUrl === undefined && (members?.length ?? 0) > MOST_LISTED)
    complain(
      'saml.federation.members',
      'is longer than a list people look through',
      'up to fifty, or discoveryUrl',
    );
  for (const [at, member] of (members ?? []).entries())
    if (member.length > 256)
      complain(
        `saml.federation.members[${at}]`,
        'is longer than an entity id we take',
        'up to 256 characters',
      );
  return complaints;
}

/** Where this one of all providers' domains stands. */
function domainPath(list: readonly Said[], nth: number): string {
  const paths = list.flatMap(({ domains = [] }, at) =>
    domains.map((_, place) => `providers[${at}].domains[${place}]`),
  );
  return paths[nth] ?? 'providers';
}

function providers({ providers: list = [] }: Judged): Complaint[] {
  const complaints = repeated(
    list.map(({ id }) => id),
    (at) => `providers[${at}].id`,
  );
  complaints.push(
    ...repeated(
      list.flatMap(({ domains = [] }) => domains),
      (at) => domainPath(list, at),
    ),
  );
  for (const [at, provider] of list.entries()) {
    complaints.push(...metadataComplaints(provider, `providers[${at}]`));
    complaints.push(...ldapComplaints(provider, `providers[${at}]`, isLoopback));
    complaints.push(...prosodyComplaints(provider, `providers[${at}]`, isLoopback));
    complaints.push(...headerComplaints(provider, `providers[${at}]`));
    if (/\/\.well-known\/openid-configuration\/?$/.test(provider.issuer ?? ''))
      complaints.push({
        path: `providers[${at}].issuer`,
        wrong: 'ends in /.well-known/openid-configuration, which is where its metadata is found',
        right: 'the issuer alone: leave that ending out',
      });
    if (provider.scopes !== undefined && !provider.scopes.includes('openid'))
      complaints.push({
        path: `providers[${at}].scopes`,
        wrong: 'lacks openid',
        right: 'openid among them: without it nobody is signed in',
      });
    const shows = provider.tokenEndpointAuth;
    if (shows !== undefined && (shows === 'none') !== (provider.clientSecret === undefined))
      complaints.push({
        path: `providers[${at}].tokenEndpointAuth`,
        wrong:
          shows === 'none'
            ? 'says there is no secret, but clientSecret is set'
            : 'shows a secret, but there is no clientSecret',
        right: 'both to agree',
      });
  }
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

function samlKeys({ saml }: Judged): Complaint[] {
  const keys = saml?.keys ?? [];
  if (keys.length === 0 || keys.some(({ use }) => use !== 'encryption')) return [];
  return [{ path: 'saml.keys', wrong: 'holds no key that may sign', right: 'one with use: signing or both' }];
}

function pages({ pages: said }: Judged): Complaint[] {
  if (said?.errorPage === undefined || said.errorFile === undefined) return [];
  return [{ path: 'pages.errorFile', wrong: 'stands beside errorPage', right: 'one of the two' }];
}

/** Everything that contradicts itself in sections that are each right alone; those that are not are absent. */
export function contradictions(said: Judged): readonly Complaint[] {
  return [
    ...addresses(said),
    ...listeners(said),
    ...providers(said),
    ...appComplaints(said),
    ...ruleComplaints(said),
    ...spans(said),
    ...gatewayComplaints(said),
    ...pages(said),
    ...samlKeys(said),
    ...issuerComplaints(said),
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
    // That each has what its kind needs was judged above.
    providers: said.providers.map(
      (provider) => ({ ...provider, name: provider.name ?? provider.id }) as ProviderSaid,
    ),
    secretFiles: [...secretFiles],
  } satisfies Filled);
}
