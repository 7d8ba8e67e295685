/**
 * The kinds of providers: what each cannot be without, and which settings it reads.
 *
 * A setting that nobody reads is a mistake about what happens, so it is told. Only what was said counts: sections that
 * are filled with defaults say nothing, and so the tree is judged as it was written.
 */
import type { Complaint } from './complaints.ts';
import type { Settings } from './schema/settings.ts';
import { isSection } from './walk.ts';

/** One provider as the schema gives it, whatever its kind. */
export type Said = Settings['providers'][number];

type Kind = Said['kind'];

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

/** One provider with what its kind needs. */
export type ProviderSaid = OidcSaid | SamlSaid | LdapSaid | ProsodySaid | FileSaid | HeaderSaid;

/** What is read of every provider. */
export const READ_OF_ALL = [
  'id',
  'kind',
  'name',
  'domains',
  'tenants',
] as const satisfies readonly (keyof Said)[];

/** What else each kind reads: a setting, a whole section, or one setting of it. */
export const READ_BY_KIND: Readonly<
  Record<Kind, readonly (keyof Said | `groups.${keyof NonNullable<Said['groups']>}`)[]>
> = {
  oidc: [
    'preset',
    'issuer',
    'internalIssuer',
    'insecureInternalHttp',
    'clientId',
    'clientSecret',
    'tokenEndpointAuth',
    'scopes',
    'responseMode',
    'acrValues',
    'maxAge',
    'prompt',
    'groups',
    'attributes',
    'subject',
    'emailVerified',
    'userinfo',
    'extraAuthParams',
  ],
  saml: ['saml', 'acrValues', 'maxAge', 'prompt', 'groups', 'attributes', 'subject', 'emailVerified'],
  ldap: ['ldap', 'groups.required', 'subject', 'emailVerified'],
  prosody: ['prosody'],
  file: ['usersFile', 'emailVerified'],
  header: ['header', 'groups', 'subject', 'emailVerified'],
};

const covers = (setting: string, path: string) => path === setting || path.startsWith(`${setting}.`);

function reads(kind: Kind, path: string): boolean {
  return [...READ_OF_ALL, ...READ_BY_KIND[kind]].some((setting) => covers(setting, path));
}

/** The kinds that read this setting: `scopes`, `ldap.urls`. */
function readersOf(path: string): readonly Kind[] {
  return (Object.keys(READ_BY_KIND) as Kind[]).filter((kind) => reads(kind, path));
}

/** The kind of a provider as it was written; undefined for one that is not known. */
function writtenKind({ kind = 'oidc' }: Readonly<Record<string, unknown>>): Kind | undefined {
  return typeof kind === 'string' && Object.hasOwn(READ_BY_KIND, kind) ? (kind as Kind) : undefined;
}

/** Does one of the providers read this setting, as far as they can be told apart? `providers` is as it was written. */
export function isReadBySome(providers: unknown, path: string): boolean {
  if (!Array.isArray(providers)) return true;
  return providers.some((one) => {
    const kind = isSection(one) ? writtenKind(one) : undefined;
    return kind === undefined || reads(kind, path);
  });
}

/** Every setting that stands beside a kind that does not read it. `providers` is as it was written, before any default. */
export function unreadComplaints(providers: unknown): readonly Complaint[] {
  if (!Array.isArray(providers)) return [];
  return providers.flatMap((one, at) => {
    const kind = isSection(one) ? writtenKind(one) : undefined;
    if (kind === undefined) return [];
    return saidIn(one, kind).flatMap((path): readonly Complaint[] => {
      const readers = readersOf(path);
      // What no kind reads is no setting, and is told as that.
      if (readers.length === 0 || reads(kind, path)) return [];
      return [
        {
          path: `providers[${at}].${path}`,
          wrong: `is not read for kind: ${kind}`,
          right: `no ${path} here; it is for kind: ${readers.join(', ')}`,
        },
      ];
    });
  });
}

/** What was said, by name; of a section that this kind reads in part, what stands in it. */
function saidIn(one: Readonly<Record<string, unknown>>, kind: Kind): readonly string[] {
  return Object.entries(one).flatMap(([name, value]) => {
    if (value === null || value === undefined) return [];
    const inPart = READ_BY_KIND[kind].some((setting) => setting.startsWith(`${name}.`));
    return inPart && isSection(value) ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name];
  });
}
