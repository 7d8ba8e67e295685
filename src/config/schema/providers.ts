/**
 * Settings: the services people sign in at.
 *
 * Knows the names of the presets, not what is in them.
 */
import { z } from 'zod';
import { header } from './header.ts';
import {
  choice,
  filled,
  flag,
  hostName,
  list,
  nameGlob,
  path,
  queryAddress,
  seconds,
  secret,
  text,
  webAddress,
} from './kinds.ts';
import { ldap } from './ldap.ts';
import { prosody } from './prosody.ts';

const saml = z.strictObject({
  metadataUrl: queryAddress.exactOptional().meta({
    description: 'Where the metadata of this identity provider is; fetched every hour.',
    example: 'https://idp.example.org/idp/shibboleth',
  }),
  metadataFile: path.exactOptional().meta({
    description: 'The same as a file, instead; read every hour.',
    example: '/etc/ostiary/idp-metadata.xml',
  }),
  metadataQuery: webAddress.exactOptional().meta({
    description:
      'The base address of a metadata query service (MDQ), which is asked for one identity provider at a time. What it answers must be signed, and say until when it holds.',
    example: 'https://mdq.example.org/global',
  }),
  metadataCertFile: path.exactOptional().meta({
    description:
      'PEM file of the certificates of which one must have signed the metadata. Without it, whoever answers at metadataUrl is believed as far as TLS goes. **Required** with metadataQuery, and for a federation at metadataUrl.',
    example: '/etc/ostiary/federation.pem',
  }),
  entityId: text.exactOptional().meta({
    description: 'Which identity provider, where the metadata holds several.',
    example: 'https://idp.example.org/idp/shibboleth',
    otherwise: 'the only one there',
  }),
  federation: z
    .strictObject({
      discoveryUrl: queryAddress.exactOptional().meta({
        description:
          'The discovery service where people choose (Identity Provider Discovery Service Protocol). It has to know our metadata.',
        example: 'https://ds.example.org/disco',
        otherwise: 'a list of our own, of up to fifty',
      }),
      members: list(text, 1)
        .exactOptional()
        .meta({
          description: 'The only identity providers that are let in, by entity id.',
          example: ['https://idp.example.org/idp/shibboleth'],
          otherwise: 'whichever the metadata vouches for',
        }),
    })
    .exactOptional()
    .meta({
      section: 'Whoever is in the metadata, instead of one identity provider: people choose their own.',
    }),
  signed: choice('assertion', 'response', 'both').default('assertion').meta({
    description: 'What must be signed. Whatever else is signed must hold as well.',
    example: 'both',
  }),
  scopes: list(text, 1)
    .exactOptional()
    .meta({
      description:
        'Domains this identity provider may speak for in scoped attributes (eduPersonPrincipalName and its like), besides those its metadata names.',
      example: ['example.org'],
    }),
  nameIdFormat: text.exactOptional().meta({
    description: 'The format of NameID we ask for.',
    example: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    otherwise: 'none: the identity provider chooses',
  }),
  legacy: z
    .array(
      z.strictObject({
        algorithm: choice('sha1', 'cbc').meta({
          description: 'What is taken: SHA-1 in signatures, or AES-CBC, which is not authenticated.',
          example: 'cbc',
        }),
        until: z
          .string()
          .regex(/^\d{4}-\d\d-\d\d$/, 'is no date')
          .meta({
            description: 'The day on which that ends.',
            example: '2027-06-30',
            right: 'a date as 2027-06-30, in quotes',
          }),
      }),
    )
    .default([])
    .meta({
      section: 'Old algorithms to be taken from this identity provider, each until a day.',
      right: 'a list; each entry has algorithm and until',
    }),
});

const provider = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'is no short id')
    .meta({
      description: 'A short name that never changes: it is part of the id of everybody who signs in here.',
      example: 'keycloak',
      right: 'up to 32 lower-case letters, digits and hyphens',
    }),
  kind: choice('oidc', 'saml', 'ldap', 'prosody', 'file', 'header').default('oidc').meta({
    description:
      'How people sign in there: OpenID Connect; SAML 2.0 with what stands under `saml`; on a page of ours, with the accounts of a directory (`ldap`), of Prosody (`prosody`) or those in `usersFile`; or before a proxy in front, with what stands under `header`.',
    example: 'oidc',
  }),
  name: text
    .exactOptional()
    .meta({ description: 'What the button says.', example: 'University account', otherwise: 'the id' }),
  preset: choice('generic', 'keycloak', 'entra', 'google', 'authentik', 'authelia', 'nextcloud', 'zitadel')
    .default('generic')
    .meta({
      description:
        'What kind of service it is: where groups are, what the id is, whether e-mail addresses are verified.',
      example: 'keycloak',
    }),
  issuer: webAddress.exactOptional().meta({
    otherwise: '**required** for OpenID Connect',
    description:
      'The issuer exactly as the service writes it, a slash at the end included; its metadata is found below.',
    example: 'https://id.example.org/realms/staff',
    env: 'OIDC_ISSUER_URL',
  }),
  internalIssuer: webAddress.exactOptional().meta({
    description: 'Where we reach the same service from here, if not under its public name.',
    example: 'https://keycloak.internal:8443/realms/staff',
  }),
  insecureInternalHttp: flag.default(false).meta({
    description: 'Allow http:// for internalIssuer. Whoever can listen or answer there can be anybody here.',
    example: true,
  }),
  clientId: text.exactOptional().meta({
    otherwise: '**required** for OpenID Connect',
    description: 'The id this service gave us.',
    example: 'jitsi',
    env: 'OIDC_CLIENT_ID',
  }),
  clientSecret: secret.exactOptional().meta({
    description: 'The secret this service gave us. Leave it out for a public client.',
    example: { file: '/run/secrets/oidc' },
    env: 'OIDC_CLIENT_SECRET',
  }),
  tokenEndpointAuth: choice('client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none')
    .exactOptional()
    .meta({
      description: 'How the secret is shown (OpenID Connect Core 9).',
      example: 'client_secret_post',
      otherwise: 'what the service offers; none without a secret',
    }),
  scopes: list(text)
    .exactOptional()
    .meta({
      description: 'What we ask for.',
      example: ['openid', 'profile', 'email', 'groups'],
      env: 'OIDC_SCOPES',
      otherwise: 'what the preset needs',
    }),
  responseMode: choice('query', 'form_post').exactOptional().meta({
    description: 'How the answer comes back, if the service insists.',
    example: 'form_post',
    otherwise: 'what the preset says',
  }),
  acrValues: list(text, 1)
    .exactOptional()
    .meta({
      description: 'How strongly people must sign in; an answer that names none of these is refused.',
      example: ['urn:example:mfa'],
      env: 'ACR_VALUES',
    }),
  maxAge: seconds
    .exactOptional()
    .meta({ description: 'How old the sign-in at the service may be.', example: '8h' }),
  prompt: choice('login', 'consent', 'select_account')
    .exactOptional()
    .meta({ description: 'What the service shall always show.', example: 'select_account' }),
  groups: z
    .strictObject({
      claim: text.exactOptional().meta({
        description: 'Where the groups are; dots lead inside.',
        example: 'realm_access.roles',
        otherwise: 'what the preset says',
      }),
      required: flag.exactOptional().meta({
        description: 'Refuse a sign-in that brings no groups, instead of taking it for "in no group".',
        example: true,
        otherwise: 'what the preset says',
      }),
    })
    .exactOptional()
    .meta({ section: 'Where rules find the groups of a person.' }),
  attributes: z
    .record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,31}$/), text)
    .refine((named) => Object.keys(named).length <= 20, 'are more than twenty')
    .exactOptional()
    .meta({
      description:
        'What else rules may speak of, from OpenID Connect and SAML: the name they call it, and the claim or attribute it stands in.',
      example: { affiliation: 'eduperson_affiliation' },
      right: 'up to twenty names, each with a claim',
    }),
  domains: list(hostName, 1)
    .exactOptional()
    .meta({
      description:
        'Domains of the e-mail addresses of its people: whoever types such an address on the sign-in page is taken here.',
      example: ['example.org'],
    }),
  tenants: list(nameGlob, 1)
    .exactOptional()
    .meta({
      description:
        'Offered in the rooms of these tenants alone; and where a tenant has services of its own, only those are offered. Who may enter is for `rules` to say.',
      example: ['acme'],
    }),
  subject: list(text, 1)
    .exactOptional()
    .meta({
      description: 'The claims that together never change and are never given to somebody else.',
      example: ['tid', 'oid'],
      otherwise: 'what the preset says (`sub`)',
    }),
  emailVerified: flag.exactOptional().meta({
    description:
      'Promise that every e-mail address from here belongs to the person (true) or to nobody in particular (false), whatever the service says.',
    example: true,
    otherwise: 'what the service says',
  }),
  ldap: ldap.prefault({}).meta({ section: 'For kind: ldap, the directory.' }),
  prosody: prosody.prefault({}).meta({ section: 'For kind: prosody, the accounts it keeps.' }),
  usersFile: path.exactOptional().meta({
    otherwise: '**required** for kind: file',
    description: 'The file of the accounts, which `ostiary user` writes; read again whenever it changes.',
    example: '/etc/ostiary/users.yaml',
  }),
  saml: saml.prefault({}).meta({ section: 'For kind: saml, the identity provider.' }),
  header: header.prefault({}).meta({ section: 'For kind: header, the proxy in front that is believed.' }),
  userinfo: flag.exactOptional().meta({
    description: 'Ask the userinfo endpoint for what the ID token leaves out.',
    example: true,
    otherwise: 'what the preset says',
  }),
  extraAuthParams: z
    .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_.-]*$/), text)
    .exactOptional()
    .meta({
      description: 'Further parameters for the address people are sent to.',
      example: { kc_idp_hint: 'saml' },
      right: 'names and texts',
    }),
});

/** Told beside whatever else is wrong with the same provider. */
const always = {
  error: 'is missing',
  when: ({ value }: { readonly value: unknown }) => typeof value === 'object' && value !== null,
};

const whole = provider
  .refine(({ kind, issuer }) => kind !== 'oidc' || issuer !== undefined, { path: ['issuer'], ...always })
  .refine(({ kind, usersFile }) => kind !== 'file' || usersFile !== undefined, {
    path: ['usersFile'],
    ...always,
  })
  .refine(({ kind, clientId }) => kind !== 'oidc' || clientId !== undefined, {
    path: ['clientId'],
    ...always,
  });

/** The settings under `providers`. */
export const providers = filled(z.array(whole)).meta({
  section: 'Where people sign in; the order is that of the buttons.',
  right:
    'a list; each entry begins with a hyphen and has id, issuer, clientId and mostly clientSecret, or id, kind and what that kind needs',
});
