/**
 * What contradicts itself in the services people sign in at, one by one and beside each other.
 */
import { OWN_PROVIDERS } from '../base/person.ts';
import type { Complaint } from './complaints.ts';
import { headerComplaints } from './header.ts';
import { ldapComplaints } from './ldap.ts';
import { prosodyComplaints } from './prosody.ts';
import type { Said } from './provider-kinds.ts';
import { repeated } from './repeated.ts';
import { samlComplaints } from './saml.ts';
import type { Settings } from './schema/settings.ts';

/** Everything wrong with `providers`, beside what each setting says of itself. */
export function providerComplaints({ providers: list = [] }: Partial<Settings>): readonly Complaint[] {
  return [
    ...repeated(
      list.map(({ id }) => id),
      (at) => `providers[${at}].id`,
    ),
    ...repeated(
      list.flatMap(({ domains = [] }) => domains),
      (at) => domainPath(list, at),
    ),
    ...list.flatMap((said, at) => {
      const path = `providers[${at}]`;
      return [
        ...idComplaints(said, path),
        ...oidcComplaints(said, path),
        ...samlComplaints(said, path),
        ...ldapComplaints(said, path),
        ...prosodyComplaints(said, path),
        ...headerComplaints(said, path),
      ];
    }),
  ];
}

/** Every address that providers name, and where it stands. */
export function addressesOfProviders(
  list: readonly Said[],
): readonly (readonly [path: string, url: string])[] {
  return list.flatMap((said, at) =>
    Object.entries(addressesOf(said)).flatMap(([name, url]) =>
      url === undefined ? [] : [[`providers[${at}].${name}`, url] as const],
    ),
  );
}

function addressesOf({
  kind,
  issuer,
  internalIssuer,
  insecureInternalHttp,
  saml,
  header,
}: Said): Readonly<Record<string, string | undefined>> {
  switch (kind) {
    case 'oidc':
      return { issuer, internalIssuer: insecureInternalHttp ? undefined : internalIssuer };
    case 'saml':
      return {
        'saml.metadataUrl': saml.metadataUrl,
        'saml.metadataQuery': saml.metadataQuery,
        'saml.federation.discoveryUrl': saml.federation?.discoveryUrl,
      };
    case 'header':
      return { 'header.jwksUri': header.jwksUri };
    default:
      return {};
  }
}

/** Where this one of all providers' domains stands. */
function domainPath(list: readonly Said[], nth: number): string {
  const paths = list.flatMap(({ domains = [] }, at) =>
    domains.map((_, place) => `providers[${at}].domains[${place}]`),
  );
  return paths[nth] ?? 'providers';
}

/** `<id>#<subject>` must never name somebody who came without signing in. */
function idComplaints({ id }: Said, path: string): readonly Complaint[] {
  if (!OWN_PROVIDERS.has(id)) return [];
  return [
    { path: `${path}.id`, wrong: 'is our own name for who comes without signing in', right: 'another id' },
  ];
}

function oidcComplaints(said: Said, path: string): readonly Complaint[] {
  const { kind, issuer = '', scopes, tokenEndpointAuth: shows, clientSecret } = said;
  if (kind !== 'oidc') return [];
  const complaints: Complaint[] = [];
  if (/\/\.well-known\/openid-configuration\/?$/.test(issuer))
    complaints.push({
      path: `${path}.issuer`,
      wrong: 'ends in /.well-known/openid-configuration, which is where its metadata is found',
      right: 'the issuer alone: leave that ending out',
    });
  if (scopes !== undefined && !scopes.includes('openid'))
    complaints.push({
      path: `${path}.scopes`,
      wrong: 'lacks openid',
      right: 'openid among them: without it nobody is signed in',
    });
  if (shows !== undefined && (shows === 'none') !== (clientSecret === undefined))
    complaints.push({
      path: `${path}.tokenEndpointAuth`,
      wrong:
        shows === 'none'
          ? 'says there is no secret, but clientSecret is set'
          : 'shows a secret, but there is no clientSecret',
      right: 'both to agree',
    });
  return complaints;
}
