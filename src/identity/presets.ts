/**
 * What is particular about each sign-in service people run: settings, not code.
 *
 * A preset is a starting point; every value can be set otherwise. It holds no
 * address, no id and no secret.
 */
import type { ProfileMapping } from './profile.ts';

/** How a client proves itself at the token endpoint. @see OpenID Connect Core 1.0, section 9 */
export type TokenEndpointAuth = 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'none';

/** When the userinfo endpoint is asked. @see OpenID Connect Core 1.0, section 5.3 */
export type UserinfoUse = 'always' | 'if-needed' | 'never';

/** The settings that follow from the kind of service. */
export interface OidcPreset {
  /** What the service is called. */
  readonly title: string;
  /** What an issuer looks like there; it has to match to the letter. */
  readonly issuerExample: string;
  readonly scopes: readonly string[];
  readonly mapping: ProfileMapping;
  readonly userinfo: UserinfoUse;
  /** Left out: basic where the service offers it, otherwise post. */
  readonly tokenEndpointAuth?: TokenEndpointAuth;
  /** False: its sign-out takes no form, and a token shall not stand in an address. */
  readonly signOutThere: boolean;
  /** What has to be switched on at the service before rules can speak of groups. */
  readonly groupsHint: string;
}

/** The claims of OpenID Connect Core 1.0, section 5.1. */
const STANDARD = {
  id: ['sub'],
  name: ['name', 'preferred_username', 'nickname'],
  email: 'email',
  emailVerified: { claim: 'email_verified' },
  avatar: 'picture',
} as const satisfies ProfileMapping;

const GROUPS = { ...STANDARD, groups: { claim: 'groups', required: true } } as const;

/** Every preset by the word that stands in the configuration. */
export const PRESETS = {
  keycloak: {
    title: 'Keycloak',
    issuerExample: 'https://sso.example.org/realms/example',
    scopes: ['openid', 'profile', 'email'],
    mapping: GROUPS,
    userinfo: 'if-needed',
    signOutThere: true,
    groupsHint:
      'Add a mapper of the type "Group Membership" to the client\'s dedicated scope: token claim name "groups", "Full group path" off, "Add to ID token" on. With the full path on, a group is called "/staff". For realm roles use the claim "realm_access.roles" and switch "Add to ID token" on in the mapper "realm roles" of the client scope "roles".',
  },
  entra: {
    title: 'Microsoft Entra ID',
    issuerExample: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0',
    scopes: ['openid', 'profile', 'email'],
    // `sub` differs from application to application there, and an address can be
    // given to somebody else; tenant and object id together never are.
    mapping: {
      id: ['tid', 'oid'],
      name: ['name', 'preferred_username'],
      email: 'email',
      // An administrator may write any address into an account: only this optional
      // claim says that the tenant owns the domain.
      emailVerified: { claim: 'xms_edov', says: [true, 'true', 1, '1'] },
      // Absent for somebody in no group; "too many for a token" is told otherwise.
      groups: { claim: 'groups', required: false },
    },
    userinfo: 'never',
    signOutThere: true,
    groupsHint:
      'Under "Token configuration" add the groups claim to the ID token, best as "Groups assigned to the application": above 200 groups Entra leaves them all out, and the sign-in stops with a message that says so. A group is known by its object id. For rules about e-mail add the optional claims "email" and "xms_edov" too. The issuer holds the id of your tenant, never "common".',
  },
  google: {
    title: 'Google',
    issuerExample: 'https://accounts.google.com',
    scopes: ['openid', 'profile', 'email'],
    mapping: STANDARD,
    userinfo: 'if-needed',
    signOutThere: false,
    groupsHint:
      'Google tells no groups. Write rules about the domain of the e-mail address, and keep the consent screen "internal" so that only accounts of your organisation sign in.',
  },
  authentik: {
    title: 'authentik',
    issuerExample: 'https://auth.example.org/application/o/jitsi/',
    scopes: ['openid', 'profile', 'email'],
    mapping: GROUPS,
    userinfo: 'if-needed',
    signOutThere: true,
    groupsHint:
      'The scope "profile" brings the groups without more. The issuer ends in a slash. Newer versions say of every address that it is not verified: rules about e-mail need a scope mapping of your own for "email" that says what is true.',
  },
  authelia: {
    title: 'Authelia',
    issuerExample: 'https://auth.example.org',
    scopes: ['openid', 'profile', 'email', 'groups'],
    mapping: GROUPS,
    // Its ID token holds nearly nothing, on purpose.
    userinfo: 'always',
    signOutThere: false,
    groupsHint:
      'List the scopes openid, profile, email and groups at the client, and set "consent_mode: implicit" if nobody shall be asked at each sign-in.',
  },
  nextcloud: {
    title: 'Nextcloud',
    issuerExample: 'https://cloud.example.org',
    scopes: ['openid', 'profile', 'email', 'groups'],
    mapping: GROUPS,
    userinfo: 'if-needed',
    // Nextcloud takes the Authorization header for itself before the app sees it.
    tokenEndpointAuth: 'client_secret_post',
    signOutThere: false,
    groupsHint:
      'Install the app "OIDC Identity Provider" and let /.well-known/openid-configuration be answered by /index.php/apps/oidc/openid-configuration. The scope "groups" brings the internal ids of the groups; "occ config:app:set oidc group_claim_type --value displayname" brings their names.',
  },
  zitadel: {
    title: 'ZITADEL',
    issuerExample: 'https://example.zitadel.cloud',
    scopes: ['openid', 'profile', 'email'],
    // Roles are the keys of an object, and the claim is absent for somebody without any.
    mapping: { ...STANDARD, groups: { claim: 'urn:zitadel:iam:org:project:roles', required: false } },
    userinfo: 'if-needed',
    signOutThere: true,
    groupsHint:
      'Switch "Assert Roles on Authentication" on in the project, and "User roles inside ID Token" in the application. The roles of the project are the groups.',
  },
  generic: {
    title: 'OpenID Connect',
    issuerExample: 'https://sso.example.org',
    scopes: ['openid', 'profile', 'email'],
    mapping: GROUPS,
    userinfo: 'if-needed',
    signOutThere: true,
    groupsHint:
      'Name the claim that holds the groups, and the scope that brings it. A list, a single text or an object whose keys are the groups are all understood.',
  },
} as const satisfies Record<string, OidcPreset>;

/** The words a configuration may use. */
export type PresetName = keyof typeof PRESETS;
