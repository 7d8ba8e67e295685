/**
 * Which headers each kind of proxy writes about a person: settings, not code.
 *
 * Every name can be set otherwise. It holds no address and no secret.
 */
import type { HeaderEncoding, Separated } from './header-values.ts';
import type { EmailVerifiedMapping } from './profile.ts';

/** What a proxy of this kind writes, and where. */
export interface HeaderPreset extends Separated {
  /** What the proxy is called. */
  readonly title: string;
  /** One header for each value; one that holds a certificate; or one that holds a signed JWT. */
  readonly reads: 'headers' | 'certificate' | 'assertion';
  /** Names of headers. For a certificate or a JWT, of what stands in it. */
  readonly names: HeaderNames;
  /** The header that holds the certificate or the JWT. */
  readonly carrier?: string;
  /** The header that says whether the certificate was verified. */
  readonly verify?: string;
  readonly encoding: HeaderEncoding;
  readonly emailVerified: EmailVerifiedMapping;
  /** What to know before one relies on it. */
  readonly hint: string;
}

/** Where each part of a person stands. */
export interface HeaderNames {
  /** What never changes and is never given to somebody else, together. */
  readonly id: readonly string[];
  /** The first that is there. */
  readonly name?: readonly string[];
  readonly email?: string;
  readonly emailVerified?: string;
  readonly groups?: string;
  /** How they proved who they are. */
  readonly acr?: string;
}

const PLAIN = {
  reads: 'headers',
  encoding: 'utf-8',
  separator: ',',
  escaped: false,
  emailVerified: 'never',
} as const;

const OURS = {
  id: ['X-Ostiary-Id'],
  name: ['X-Ostiary-Name'],
  email: 'X-Ostiary-Email',
  groups: 'X-Ostiary-Groups',
} as const satisfies HeaderNames;

/** Every preset by the word that stands in the configuration. */
export const HEADER_PRESETS = {
  generic: {
    ...PLAIN,
    title: 'Any proxy',
    names: OURS,
    hint: 'Have the proxy set these names, each on every request, empty where it knows nothing: what it sets replaces what a caller wrote.',
  },
  'mod-shib': {
    ...PLAIN,
    title: 'Apache with mod_shib (`ShibUseHeaders On`)',
    names: {
      id: ['eppn'],
      name: ['displayName', 'cn'],
      email: 'mail',
      groups: 'affiliation',
      acr: 'Shib-AuthnContext-Class',
    },
    separator: ';',
    escaped: true,
    hint: 'The names are the ids in attribute-map.xml; a header that is not in that file is not protected by mod_shib. Where the federation sends `subject-id` or `pairwise-id`, say `subject: [subject-id]`.',
  },
  'mod-shib-env': {
    ...PLAIN,
    title: 'Apache with mod_shib (attributes as variables)',
    names: OURS,
    separator: ';',
    escaped: true,
    hint: 'For `ShibUseHeaders Off`: each name is set with RequestHeader from the variable of an attribute.',
  },
  'mod-auth-openidc': {
    ...PLAIN,
    title: 'Apache with mod_auth_openidc',
    names: {
      id: ['OIDC_CLAIM_sub'],
      name: ['OIDC_CLAIM_name', 'OIDC_CLAIM_preferred_username'],
      email: 'OIDC_CLAIM_email',
      emailVerified: 'OIDC_CLAIM_email_verified',
      groups: 'OIDC_CLAIM_groups',
      acr: 'OIDC_CLAIM_acr',
    },
    emailVerified: { claim: 'emailVerified', says: ['1', 'true'] },
    hint: 'The separator is `OIDCClaimDelimiter`, a comma unless set otherwise. nginx between Apache and us drops names with underscores.',
  },
  'client-certificate': {
    ...PLAIN,
    title: 'Client certificates that the web server verified',
    reads: 'certificate',
    carrier: 'X-SSL-Client-Cert',
    verify: 'X-SSL-Client-Verify',
    names: { id: ['fingerprint'], name: ['name'], email: 'email', groups: 'groups' },
    hint: 'A person is the fingerprint of the certificate, and somebody new with a new certificate. `subject: [issuer, serial]` says the same by other means; `subject: [email]` outlives a certificate, where your authority never gives an address to somebody else. `email` is the one in subjectAltName, `groups` are the OUs.',
  },
  lemonldap: {
    ...PLAIN,
    title: 'LemonLDAP::NG',
    names: { id: ['Auth-User'], name: ['Auth-Cn'], email: 'Auth-Mail', groups: 'Auth-Groups' },
    separator: '; ',
    hint: 'The names are those of "Exported headers" of the virtual host; set Auth-User to what never changes, Auth-Groups to `$groups`.',
  },
  'oauth2-proxy': {
    ...PLAIN,
    title: 'oauth2-proxy as the proxy in front',
    names: {
      id: ['X-Forwarded-User'],
      name: ['X-Forwarded-Preferred-Username'],
      email: 'X-Forwarded-Email',
      groups: 'X-Forwarded-Groups',
    },
    hint: 'X-Forwarded-User is `sub` of the service behind it.',
  },
  'oauth2-proxy-auth-request': {
    ...PLAIN,
    title: 'oauth2-proxy asked by a web server',
    names: {
      id: ['X-Auth-Request-User'],
      name: ['X-Auth-Request-Preferred-Username'],
      email: 'X-Auth-Request-Email',
      groups: 'X-Auth-Request-Groups',
    },
    hint: 'For `--set-xauthrequest`: the web server copies the names from the answer of oauth2-proxy.',
  },
  authelia: {
    ...PLAIN,
    title: 'Authelia',
    names: { id: ['Remote-User'], name: ['Remote-Name'], email: 'Remote-Email', groups: 'Remote-Groups' },
    hint: 'Remote-User is the name people sign in with: never give one to somebody else.',
  },
  pomerium: {
    ...PLAIN,
    title: 'Pomerium',
    reads: 'assertion',
    carrier: 'X-Pomerium-Jwt-Assertion',
    names: { id: ['sub'], name: ['name'], email: 'email', groups: 'groups' },
    hint: 'The assertion is signed: name `jwksUri`, `issuer` and `audience`; a secret is not needed. Switch `pass_identity_headers` on in the route.',
  },
} as const satisfies Record<string, HeaderPreset>;

/** The words a configuration may use. */
export type HeaderPresetName = keyof typeof HEADER_PRESETS;
